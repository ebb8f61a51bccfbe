import { describe, expect, it } from "vitest";
import type { JsonObject } from "../json.ts";
import { meshFields } from "./mesh-config.ts";
import { InjectionError } from "./model.ts";
import {
  meshProxyConfig,
  overlaid,
  proxyConfigOverlay,
  proxyConfigResource,
  validateProxyConfig,
} from "./proxy-config.ts";
import { durationText, parseDuration } from "./proxy-config-duration.ts";
import { proxyConfigJson } from "./proxy-config-json.ts";

const ISTIO = "1.28.10";
const mergeProxyConfig = (over: JsonObject, text: string, istio: string) =>
  overlaid(over, proxyConfigOverlay(text, istio));
const base = meshProxyConfig({}, ISTIO);
const written = (text: string, over: JsonObject = base, istio = ISTIO) =>
  proxyConfigJson(mergeProxyConfig(over, text, istio), istio);

describe("PROXY_CONFIG", () => {
  it.each([
    ["", "{}"],
    ["drainDuration: 45s\nstatusPort: 15020", "{}"],
    ["drain_duration: 2m", '{"drainDuration":"120s"}'],
    ["interceptionMode: 1", '{"interceptionMode":"TPROXY"}'],
    ['{"concurrency": 0, "unknown": [1]}', '{"concurrency":0}'],
    ["holdApplicationUntilProxyStarts: no", '{"holdApplicationUntilProxyStarts":false}'],
    ["proxyMetadata: {B: '<&>', A: null}", '{"proxyMetadata":{"A":"","B":"\\u003c\\u0026\\u003e"}}'],
    ["tracingServiceName: CANONICAL_NAME_ONLY", '{"tracingServiceName":"CANONICAL_NAME_ONLY"}'],
    ["tracing: {}", '{"tracing":{}}'],
    ["tracing: {stackdriver: {maxNumberOfAttributes: 5}}", '{"tracing":{"stackdriver":{"maxNumberOfAttributes":"5"}}}'],
  ])("for %j is %s", (text, json) => expect(written(text)).toBe(json));

  it("keeps the order of protobuf's fields", () => {
    expect(written("image: {imageType: debug}\nconcurrency: 2")).toBe(
      '{"concurrency":2,"image":{"imageType":"debug"}}',
    );
  });

  it("knows Zipkin as the default until 1.21 and each field from its release on", () => {
    const zipkin = "tracing: {zipkin: {address: 'zipkin.istio-system:9411'}}";
    expect(written(zipkin, meshProxyConfig({}, "1.21.6"), "1.21.6")).toBe("{}");
    expect(written(zipkin)).toBe('{"tracing":{"zipkin":{"address":"zipkin.istio-system:9411"}}}');
    expect(written("statsCompression: false")).toBe("{}");
    expect(written("statsCompression: false", meshProxyConfig({}, "1.29.0"), "1.29.0")).toBe(
      '{"statsCompression":false}',
    );
  });
});

describe("merging", () => {
  const mesh = meshProxyConfig(
    {
      interceptionMode: "TPROXY",
      proxyMetadata: { A: "1", B: "2" },
      tracing: { sampling: 5, zipkin: { address: "z:1" } },
      proxyHeaders: { requestId: { disabled: true }, metadataExchangeHeaders: { mode: "IN_MESH" } },
    },
    ISTIO,
  );

  it("lays metadata and some headers over, and replaces other messages whole", () => {
    const merged = mergeProxyConfig(
      mesh,
      "proxyMetadata: {B: '3'}\ntracing: {sampling: 9}\nproxyHeaders: {server: {}}",
      ISTIO,
    );
    expect(JSON.parse(proxyConfigJson(merged, ISTIO))).toEqual({
      interceptionMode: "TPROXY",
      tracing: { sampling: 9 },
      proxyMetadata: { A: "1", B: "3" },
      proxyHeaders: { requestId: { disabled: true }, server: {} },
    });
  });

  it("overrides nothing with a zero, as istiod merges by way of protobuf's JSON", () => {
    expect(mergeProxyConfig(mesh, "interceptionMode: REDIRECT", ISTIO).interceptionMode).toBe("TPROXY");
  });

  it("takes ProxyConfig resources", () => {
    const overlay = proxyConfigResource(
      { concurrency: 2, environmentVariables: { A: "9" }, image: { imageType: "debug" } },
      ISTIO,
    );
    const merged = overlaid(meshProxyConfig({ proxyMetadata: { A: "1", B: "2" } }, ISTIO), overlay);
    expect(JSON.parse(proxyConfigJson(merged, ISTIO))).toEqual({
      concurrency: 2,
      proxyMetadata: { A: "9", B: "2" },
      image: { imageType: "debug" },
    });
  });

  it("changes neither of its sides", () => {
    const before = JSON.stringify(mesh);
    mergeProxyConfig(mesh, "proxyMetadata: {C: x}", ISTIO);
    expect(JSON.stringify(mesh)).toBe(before);
  });
});

describe("refusals", () => {
  it.each([
    ["proxyMetadata: {A: true}", "proxyMetadata.A: a string was expected, got a boolean (quote the value)"],
    ["interceptionMode: tproxy", 'interceptionMode: unknown value "tproxy" for InboundInterceptionMode'],
    ["discoveryAddress: istiod", 'discoveryAddress: "istiod" is not HOST:PORT'],
    ["discoveryAddress: 'istiod:0'", "discoveryAddress: the port"],
    ["discoveryAddress: 'is_tiod:1'", "is not a valid hostname"],
    ["drainDuration: 45", "drainDuration: a duration"],
    ["drainDuration: 1500ms", "drainDuration must be whole seconds"],
    ["statusPort: 0", "statusPort: 0 is not 1 to 65535"],
    ["concurrency: two", "concurrency: an integer"],
    ["tracing: {lightstep: {address: 'l:1'}}", "tracing.lightstep.accessToken"],
    ["tracing: {zipkin: {address: '$(HOST_IP)'}}", "tracing.zipkin.address"],
    ["privateKeyProvider: {cryptomb: {}}", "pollDelay"],
    ["controlPlaneAuthPolicy: INHERIT", "controlPlaneAuthPolicy"],
    ["- a", "an object was expected, got a list"],
    ["{", ""],
  ])("names the field of %j", (text, message) => expect(validateProxyConfig(text, ISTIO)).toContain(message));

  it.each([
    "",
    "discoveryAddress: '[::1]:15012'",
    "tracing: {zipkin: {address: '$(HOST_IP):9411'}}",
    "unknown: {a: [b]}",
  ])("lets %j pass", (text) => expect(validateProxyConfig(text, ISTIO)).toBeUndefined());

  it("carry the annotation's path", () => {
    const merge = () => mergeProxyConfig(base, "statusPort: x", ISTIO);
    expect(merge).toThrow(InjectionError);
    expect(merge).toThrow("proxy.istio.io/config");
  });

  it("name the mesh's field", () => {
    expect(() => meshProxyConfig({ proxy_metadata: { A: 1 } }, ISTIO)).toThrow(
      "meshConfig.defaultConfig: proxy_metadata.A",
    );
  });
});

describe("durations", () => {
  it.each([
    ["2m", "120s"],
    ["1h30m0.5s", "5400.500s"],
    ["1us", "0.000001s"],
    ["-1.5s", "-1.500s"],
    ["0", "0s"],
    ["1ns", "0.000000001s"],
  ])("%s is %s", (text, seconds) => expect(durationText(parseDuration(text) ?? -1n)).toBe(seconds));

  it.each(["", "5", "s", "5 s", "1d", "9999999999h", "."])("%j is none", (text) =>
    expect(parseDuration(text)).toBeUndefined(),
  );
});

describe("meshFields", () => {
  it("fills in the defaults", () => {
    expect(meshFields({})).toMatchObject({
      proxyListenPort: 15001,
      proxyInboundListenPort: 15006,
      trustDomain: "cluster.local",
      inboundTrafficPolicyMode: "passthrough",
      enablePrometheusMerge: true,
      otelSemanticConventions: false,
    });
  });

  it("reads either spelling and enums by number", () => {
    const mesh = {
      proxy_listen_port: 15011,
      inbound_traffic_policy: { mode: 1 },
      enable_prometheus_merge: false,
      trustDomain: "",
    };
    expect(meshFields(mesh)).toMatchObject({
      proxyListenPort: 15011,
      trustDomain: "",
      inboundTrafficPolicyMode: "localhost",
      enablePrometheusMerge: false,
    });
  });
});
