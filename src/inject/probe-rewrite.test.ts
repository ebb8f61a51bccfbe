import { describe, expect, it } from "vitest";
import type { JsonObject } from "../json.ts";
import type { Pod } from "./containers.ts";
import { rewriteProbes } from "./probe-rewrite.ts";

const SETTINGS = { enabled: true, statusPort: 15020, lifecycleHandlers: true, appendOnReinjection: true };

function rewrite(app: JsonObject, annotations: JsonObject = {}, settings = {}, env: JsonObject[] = [], before = false) {
  const given = JSON.stringify(app);
  const pod: Pod = {
    metadata: {},
    spec: {
      containers: [
        { name: "app", ...app },
        { name: "istio-proxy", env },
      ],
    },
  };
  rewriteProbes(pod, annotations, before, { ...SETTINGS, ...settings });
  const [container, proxy] = pod.spec.containers as [JsonObject, JsonObject];
  expect(JSON.stringify(app)).toBe(given);
  const told = (proxy.env as JsonObject[]).find((entry) => entry.name === "ISTIO_KUBE_APP_PROBERS")?.value;
  return { container, told: told as string | undefined };
}

describe("rewriteProbes", () => {
  it("keeps everything but path, port and scheme", () => {
    const { container, told } = rewrite({
      ports: [{ name: "http", containerPort: 8080 }],
      readinessProbe: {
        httpGet: { path: "/r?a=1&b", port: "http", scheme: "HTTPS" },
        periodSeconds: 3,
        timeoutSeconds: 2,
      },
    });
    expect(container.readinessProbe).toEqual({
      httpGet: { path: "/app-health/app/readyz", port: 15020, scheme: "HTTP" },
      periodSeconds: 3,
      timeoutSeconds: 2,
    });
    expect(told).toBe(
      '{"/app-health/app/readyz":{"httpGet":{"path":"/r?a=1\\u0026b","port":8080,"scheme":"HTTPS"},"timeoutSeconds":2}}',
    );
  });

  it("turns tcpSocket and grpc into httpGet and leaves exec", () => {
    const exec = { exec: { command: ["true"] } };
    const { container, told } = rewrite({
      livenessProbe: { tcpSocket: { port: 1 } },
      startupProbe: { grpc: { port: 2 } },
      readinessProbe: exec,
    });
    expect(container.livenessProbe).toEqual({ httpGet: { path: "/app-health/app/livez", port: 15020 } });
    expect(container.startupProbe).toEqual({ httpGet: { path: "/app-health/app/startupz", port: 15020 } });
    expect(container.readinessProbe).toBe(exec);
    expect(JSON.parse(told ?? "")).toEqual({
      "/app-health/app/livez": { tcpSocket: { port: 1 } },
      "/app-health/app/startupz": { grpc: { port: 2, service: null } },
    });
  });

  it("rewrites a probe of an unknown port without a prober", () => {
    const { container, told } = rewrite({ readinessProbe: { httpGet: { port: "nowhere" } } });
    expect(container.readinessProbe).toEqual({ httpGet: { path: "/app-health/app/readyz", port: 15020 } });
    expect(told).toBeUndefined();
  });

  it("sends probes to the annotated status port", () => {
    const { container } = rewrite(
      { readinessProbe: { httpGet: { port: 80 } } },
      { "status.sidecar.istio.io/port": "15021" },
    );
    expect(container.readinessProbe).toMatchObject({ httpGet: { port: 15021 } });
  });

  it("rewrites lifecycle handlers only from 1.25 on", () => {
    const app = {
      lifecycle: { preStop: { httpGet: { path: "/bye", port: 80 } }, postStart: { exec: { command: ["x"] } } },
    };
    expect(rewrite(app).container.lifecycle).toEqual({
      preStop: { httpGet: { path: "/app-lifecycle/app/prestopz", port: 15020 } },
      postStart: { exec: { command: ["x"] } },
    });
    expect(rewrite(app, {}, { lifecycleHandlers: false }).container.lifecycle).toBe(app.lifecycle);
  });

  it("does nothing when switched off", () => {
    const app = { readinessProbe: { httpGet: { port: 80 } } };
    expect(rewrite(app, {}, { enabled: false }).container.readinessProbe).toBe(app.readinessProbe);
    const annotations = { "sidecar.istio.io/rewriteAppHTTPProbers": "false" };
    expect(rewrite(app, annotations).container.readinessProbe).toBe(app.readinessProbe);
  });

  it("keeps the probers of an earlier injection", () => {
    const path = "/app-health/app/readyz";
    const env = [{ name: "ISTIO_KUBE_APP_PROBERS", value: `{"${path}":{"httpGet":{"port":80}}}` }];
    const app = {
      readinessProbe: { httpGet: { path, port: 15020 } },
      livenessProbe: { httpGet: { path: "/l", port: 81 } },
    };
    expect(JSON.parse(rewrite(app, {}, {}, env, true).told ?? "")).toEqual({
      "/app-health/app/livez": { httpGet: { path: "/l", port: 81 } },
      [path]: { httpGet: { port: 80 } },
    });
    expect(rewrite(app, {}, { appendOnReinjection: false }, [], true).told).toBeUndefined();
    expect(rewrite(app, {}, {}, [], true).told).toContain("livez");
  });
});
