import { describe, expect, it } from "vitest";
import type { JsonObject } from "../json.ts";
import type { Pod } from "./containers.ts";
import { InjectionError } from "./model.ts";
import { announceSecurePort, mergePrometheus } from "./prometheus-merge.ts";

function merge(annotations: JsonObject, settings = {}) {
  const pod: Pod = { metadata: {}, spec: { containers: [{ name: "istio-proxy", env: [{ name: "A" }] }] } };
  mergePrometheus(pod, annotations, { enabled: true, statusPort: "15020", scrapeTargets: false, ...settings });
  const [proxy] = pod.spec.containers as [JsonObject];
  const told = (proxy.env as JsonObject[]).find((entry) => entry.name === "ISTIO_PROMETHEUS_ANNOTATIONS");
  return { annotations, told: told?.value };
}

const MERGED = {
  "prometheus.io/port": "15020",
  "prometheus.io/path": "/stats/prometheus",
  "prometheus.io/scrape": "true",
};

describe("mergePrometheus", () => {
  it("points Prometheus at the agent", () => {
    expect(merge({})).toEqual({ annotations: MERGED, told: undefined });
  });

  it("tells the agent what was to be scraped, in whatever spelling", () => {
    const { annotations, told } = merge({ "prometheus.io.port": 9090, "prometheus-io/path": "/m", other: "x" });
    expect(told).toBe('{"scrape":"","path":"/m","port":"9090"}');
    expect(annotations).toEqual({ other: "x", ...MERGED });
  });

  it.each([
    [{ "prometheus.io/scrape": "false" }],
    [{ "prometheus.io/port": "15020" }],
    [{ "prometheus.istio.io/merge-metrics": "false" }],
  ])("leaves %j alone", (annotations) => {
    expect(merge({ ...annotations })).toEqual({ annotations, told: undefined });
  });

  it("lets the annotation win over the mesh", () => {
    expect(merge({}, { enabled: false }).annotations).toEqual({});
    expect(merge({ "prometheus.istio.io/merge-metrics": "1" }, { enabled: false }).annotations).toMatchObject(MERGED);
  });

  it("takes targets and checks ports since 1.31", () => {
    const settings = { scrapeTargets: true };
    const { annotations, told } = merge({ "prometheus.istio.io/scrape-targets": "8080:/a, 8081" }, settings);
    expect(annotations).toEqual(MERGED);
    expect(told).toBe(
      '{"scrape":"","path":"/a","port":"8080","targets":[{"port":"8080","path":"/a"},{"port":"8081","path":"/metrics"}]}',
    );
    expect(() => merge({ "prometheus.io/port": "15090" }, settings)).toThrow(InjectionError);
    expect(() => merge({ "prometheus.io/port": "http" }, settings)).toThrow("prometheus.io/port");
    expect(merge({ "prometheus.io/port": "15090" }).told).toContain("15090");
  });
});

describe("announceSecurePort", () => {
  it("names the port that the proxy serves, unless the user did", () => {
    const env = [{ name: "ENVOY_SECURE_MERGED_METRICS_PORT", value: "15091" }];
    const pod: Pod = { metadata: {}, spec: { initContainers: [{ name: "istio-proxy", env }] } };
    const annotations: JsonObject = {};
    announceSecurePort(pod, annotations);
    expect(annotations).toEqual({ "prometheus.istio.io/secure-port": "15091" });
    const own = { "prometheus.istio.io/secure-port": "1" };
    announceSecurePort(pod, own);
    expect(own).toEqual({ "prometheus.istio.io/secure-port": "1" });
  });
});
