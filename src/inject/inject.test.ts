import { describe, expect, it } from "vitest";
import type { JsonObject } from "../json.ts";
import { createInjector } from "./inject.ts";
import { type InjectedWorkload, InjectionError, type InjectionSettings, type PodTemplate } from "./model.ts";

const VALUES: JsonObject = {
  global: {
    hub: "docker.io/istio",
    tag: "1.28.10",
    imagePullSecrets: [],
    proxy: {
      image: "proxyv2",
      clusterDomain: "cluster.local",
      logLevel: "warning",
      componentLogLevel: "misc:error",
      autoInject: "enabled",
      resources: { requests: { cpu: "100m", memory: "128Mi" } },
      statusPort: 15020,
      readinessInitialDelaySeconds: 0,
      readinessPeriodSeconds: 15,
      readinessFailureThreshold: 4,
      excludeIPRanges: "",
      includeOutboundPorts: "",
      excludeInboundPorts: "",
      excludeOutboundPorts: "",
      privileged: false,
      enableCoreDump: false,
      includeIPRanges: "*",
      includeInboundPorts: "*",
      startupProbe: { enabled: true, failureThreshold: 600 },
    },
    proxy_init: { image: "proxyv2" },
    multiCluster: { clusterName: "" },
    pilotCertProvider: "istiod",
    logging: { level: "default:info" },
    sds: { token: { aud: "istio-ca" } },
    caAddress: "",
    network: "",
    meshID: "",
  },
  istio_cni: { enabled: false },
  pilot: { cni: { enabled: false }, env: {} },
  sidecarInjectorWebhook: { rewriteAppHTTPProbe: true, templates: {} },
  revision: "",
};

function settings(change: Partial<InjectionSettings> = {}): InjectionSettings {
  return { istio: "1.28.10", values: VALUES, meshConfig: {}, revision: "", nativeByDefault: true, ...change };
}

function workload(metadata: JsonObject, spec: JsonObject): InjectedWorkload {
  const template = { metadata, spec } as PodTemplate;
  return { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "web", namespace: "shop" }, template };
}

const APP = { name: "app", image: "app:1" };

function items(template: PodTemplate, list: string): JsonObject[] {
  return (template.spec?.[list] ?? []) as JsonObject[];
}

function names(template: PodTemplate, list: string): string {
  return items(template, list)
    .map((item) => item.name)
    .join(" ");
}

function proxyEnv(template: PodTemplate): JsonObject[] {
  return items(template, "initContainers")[1]?.env as JsonObject[];
}

function refusal(change: Partial<InjectionSettings>, given: InjectedWorkload): InjectionError {
  try {
    createInjector(settings(change)).inject(given);
  } catch (error) {
    if (error instanceof InjectionError) return error;
    throw error;
  }
  throw new Error("not refused");
}

describe("createInjector", () => {
  it("adds a native sidecar before the user's init containers", () => {
    const given = workload({ labels: { app: "web" } }, { initContainers: [{ name: "seed" }], containers: [APP] });
    const pod = createInjector(settings()).inject(given);
    expect(names(pod, "initContainers")).toBe("istio-init istio-proxy seed");
    expect(names(pod, "containers")).toBe("app");
    expect(JSON.parse(pod.metadata?.annotations?.["sidecar.istio.io/status"] ?? "")).toMatchObject({
      initContainers: ["istio-init", "istio-proxy"],
      containers: null,
      revision: "default",
    });
  });

  it("adds a regular one behind the containers, or before them when they wait for it", () => {
    const regular = settings({ nativeByDefault: false });
    const given = workload({}, { initContainers: [{ name: "seed" }], containers: [APP] });
    const pod = createInjector(regular).inject(given);
    expect(names(pod, "initContainers")).toBe("seed istio-init");
    expect(names(pod, "containers")).toBe("app istio-proxy");
    const annotations = { "proxy.istio.io/config": "holdApplicationUntilProxyStarts: true" };
    const holding = workload({ annotations }, { containers: [APP] });
    expect(names(createInjector(regular).inject(holding), "containers")).toBe("istio-proxy app");
  });

  it("shares the user's values and changes nothing that it was given", () => {
    const given = workload(
      { labels: { version: 1.1, on: true } as never, annotations: { none: null } as never, other: [1] },
      { containers: [{ ...APP, env: [{ name: "N", value: 5 }], future: { a: 0 } }], priority: 0 },
    );
    const before = JSON.stringify(given);
    const pod = createInjector(settings()).inject(given);
    expect(JSON.stringify(given)).toBe(before);
    expect(pod.metadata?.labels).toMatchObject({
      version: 1.1,
      on: true,
      "service.istio.io/canonical-revision": "1.1",
    });
    expect(pod.metadata?.annotations?.none).toBe("");
    expect(items(given.template, "containers")).toContain(items(pod, "containers")[0]);
    expect(pod.spec?.priority).toBe(0);
  });

  it("is at rest on its own result", () => {
    const injector = createInjector(settings());
    const own = { name: "istio-proxy", image: "auto", resources: { requests: { cpu: 0.2 } } };
    const probed = { ...APP, readinessProbe: { httpGet: { path: "/r", port: 80 } } };
    const annotations = { "prometheus.io/port": "80" };
    const once = injector.inject(workload({ annotations }, { containers: [probed, own] }));
    const again = injector.inject(workload(once.metadata as JsonObject, once.spec as JsonObject));
    expect(again).toEqual(once);
  });

  it("removes a native injection that a regular target cannot lie over", () => {
    const native = createInjector(settings()).inject(workload({}, { containers: [APP] }));
    const regular = createInjector(settings({ nativeByDefault: false }));
    const pod = regular.inject(workload(native.metadata as JsonObject, native.spec as JsonObject));
    expect(names(pod, "initContainers")).toBe("istio-init");
    expect(names(pod, "containers")).toBe("app istio-proxy");
    expect(pod).toEqual(regular.inject(workload({}, { containers: [APP] })));
  });

  it("refuses an own init container istio-proxy where the sidecar is regular", () => {
    const given = workload({}, { initContainers: [{ name: "istio-proxy" }], containers: [APP] });
    expect(refusal({ nativeByDefault: false }, given).path).toEqual(["spec", "initContainers", 0]);
    expect(names(createInjector(settings()).inject(given), "initContainers")).toBe("istio-init istio-proxy");
  });

  it.each([
    ["inject.istio.io/templates", "waypoint"],
    ["proxy.istio.io/config", "concurrency: many"],
    ["sidecar.istio.io/proxyCPU", "lots"],
    ["proxy.istio.io/overrides", "no json"],
  ])("refuses a bad %s and says where", (name, value) => {
    for (const istio of ["1.20.0", "1.28.10"]) {
      const error = refusal({ istio }, workload({ annotations: { [name]: value } }, { containers: [APP] }));
      expect(error.path).toEqual(["metadata", "annotations", name]);
      expect(error.message).toContain(name);
    }
  });

  it("runs templates that the values define", () => {
    const templates = { mine: "metadata:\n  labels:\n    team: {{ .Values.team | quote }}\n", broken: "{{ .Nope" };
    const values = {
      ...VALUES,
      team: "ours",
      sidecarInjectorWebhook: { defaultTemplates: ["sidecar", "mine"], templates },
    };
    const pod = createInjector(settings({ values })).inject(workload({}, { containers: [APP] }));
    expect(pod.metadata?.labels?.team).toBe("ours");
    expect(proxyEnv(pod)).not.toEqual([]);
    const asked = workload({ annotations: { "inject.istio.io/templates": "broken" } }, { containers: [APP] });
    expect(refusal({ values }, asked).message).toMatch(
      /^values\.sidecarInjectorWebhook\.templates: injection template "broken", line 1: unclosed action/,
    );
  });

  it("adds what the values say to every Pod", () => {
    const values = {
      ...VALUES,
      global: { ...(VALUES.global as JsonObject), network: "net-1", multiCluster: { clusterName: "east" } },
      sidecarInjectorWebhook: { injectedAnnotations: { a: "b" } },
    };
    const pod = createInjector(settings({ values })).inject(workload({}, { containers: [APP] }));
    expect(pod.metadata?.annotations?.a).toBe("b");
    expect(pod.metadata?.labels?.["topology.istio.io/network"]).toBe("net-1");
    expect(proxyEnv(pod).slice(-2)).toEqual([
      { name: "ISTIO_META_CLUSTER_ID", value: "east" },
      { name: "ISTIO_META_NETWORK", value: "net-1" },
    ]);
  });

  it("lays ProxyConfig resources around the annotation", () => {
    const proxyConfigs = [
      {
        name: "root",
        namespace: "istio-system",
        spec: { concurrency: 1, environmentVariables: { A: "root", R: "root" } },
      },
      { name: "ns", namespace: "shop", spec: { environmentVariables: { A: "ns" } } },
      { name: "other", namespace: "bank", spec: { environmentVariables: { A: "bank" } } },
      {
        name: "app",
        namespace: "shop",
        spec: { selector: { matchLabels: { app: "web" } }, environmentVariables: { B: "app" } },
      },
    ];
    const annotations = { "proxy.istio.io/config": "proxyMetadata: {B: own, C: own}" };
    const given = workload({ labels: { app: "web" }, annotations }, { containers: [APP] });
    const pod = createInjector(settings({ proxyConfigs })).inject(given);
    const config = proxyEnv(pod).find((entry) => entry.name === "PROXY_CONFIG")?.value;
    expect(JSON.parse(String(config))).toEqual({
      concurrency: 1,
      proxyMetadata: { A: "ns", B: "app", C: "own", R: "root" },
    });
  });
});
