import { describe, expect, it } from "vitest";
import type { JsonObject } from "../json.ts";
import { valueAt } from "./helm-merge.ts";
import { resolveTarget } from "./resolve-target.ts";
import { type ClusterFacts, type ResolvedTarget, type TargetRequest, UNKNOWN_CLUSTER } from "./target.ts";
import { TargetError } from "./target-error.ts";

function resolved(request: TargetRequest, cluster: Partial<ClusterFacts> = {}): ResolvedTarget {
  return resolveTarget(request, { ...UNKNOWN_CLUSTER, ...cluster });
}

function refusal(request: TargetRequest, cluster: Partial<ClusterFacts> = {}): { message: string; field: string[] } {
  try {
    resolved(request, cluster);
  } catch (error) {
    if (error instanceof TargetError) return { message: error.message, field: error.field };
    throw error;
  }
  throw new Error("not refused");
}

const value = (target: ResolvedTarget, ...path: string[]) => valueAt(target.values, ...path);
const mesh = (target: ResolvedTarget, ...path: string[]) => valueAt(target.meshConfig, ...path);

describe("version words", () => {
  it.each([
    [{ istio: "1.27" }, "1.27.9"],
    [{ istio: "1.28" }, "1.28.10"],
    [{ istio: "v1.20.0" }, "1.20.0"],
    [{ istio: "1.31" }, "1.31.0-rc.0"],
    [{ module: "1.25" }, "1.28.3"],
  ])("%o is Istio %s", (request, istio) => {
    expect(resolved(request).istio).toBe(istio);
  });

  it("serves an unknown patch with the nearest known and says so", () => {
    const target = resolved({ istio: "1.27.20" });
    expect(target).toMatchObject({ istio: "1.27.20", factsIstio: "1.27.9" });
    expect(value(target, "global", "tag")).toBe("1.27.20");
    expect(target.notes.join()).toContain("facts of 1.27.9");
    expect(resolved({ istio: "1.31.0" })).toMatchObject({ istio: "1.31.0", factsIstio: "1.31.0-rc.0" });
  });

  it.each<[TargetRequest, string[], string]>([
    [{ istio: "1.32.0" }, ["target", "istio"], "1.31.0-rc.0"],
    [{ istio: "1.19" }, ["target", "istio"], "1.20.8"],
    [{ istio: "latest" }, ["target", "istio"], "no Istio version"],
    [{ module: "1.25.9" }, ["target", "module"], "1.25.6"],
    [{ module: "1.14.0" }, ["target", "module"], "1.15.0"],
    [{ module: "1.25.0-experimental" }, ["target", "module"], "no Kyma Istio module version"],
    [{ module: "1.25.0", istio: "1.27.1" }, ["target", "module"], "not both"],
    [{ istio: "1.27.1", kubernetes: "1.3" }, ["target", "kubernetes"], '"1.30"'],
    [{ istio: "1.27.1", kubernetes: "new" }, ["target", "kubernetes"], "no Kubernetes version"],
    [{ istio: "1.27.1", profile: "kyma" }, ["target", "profile"], "Kyma's"],
    [{ module: "1.25.0", profile: "demo" }, ["target", "profile"], "kyma or kyma-light"],
    [{ istio: "1.27.1", profile: "huge" }, ["target", "profile"], "demo"],
    [{ istio: "1.26.8", nativeSidecars: "auto" }, ["target", "nativeSidecars"], "1.27"],
    [{ istio: "1.27.1", nativeSidecars: "yes" }, ["target", "nativeSidecars"], "auto, true or false"],
    [
      { istio: "1.28.3", values: { compatibilityVersion: "1.20" } },
      ["target", "values", "compatibilityVersion"],
      "1.25",
    ],
    [{}, ["target"], "--istio"],
  ])("refuses %o", (request, field, part) => {
    const { message, field: at } = refusal(request);
    expect(at).toEqual(field);
    expect(message).toContain(part);
  });
});

describe("native setting", () => {
  it.each<[TargetRequest, "auto" | boolean]>([
    [{ istio: "1.26.8" }, false],
    [{ istio: "1.27.0" }, "auto"],
    [{ istio: "1.26.8", nativeSidecars: true }, true],
    [{ istio: "1.28.3", nativeSidecars: "false" }, false],
    [{ istio: "1.24.6", values: { pilot: { env: { ENABLE_NATIVE_SIDECARS: true } } } }, true],
    [{ istio: "1.28.3", values: { pilot: { env: { ENABLE_NATIVE_SIDECARS: "false" } } } }, false],
    [{ istio: "1.28.3", values: { pilot: { env: { ENABLE_NATIVE_SIDECARS: "True" } } } }, false],
    [{ istio: "1.26.8", values: { pilot: { env: { ENABLE_NATIVE_SIDECARS: "auto" } } } }, false],
    [{ istio: "1.28.3", values: { compatibilityVersion: "1.26" } }, false],
    [{ istio: "1.28.3", values: { compatibilityVersion: "1.27" } }, "auto"],
    [{ istio: "1.27.1", profile: "compatibility-version-1.24" }, false],
    [{ istio: "1.27.1", profile: "compatibility-version-1.26", nativeSidecars: "auto" }, "auto"],
    [{ module: "1.20.2" }, false],
    [{ module: "1.21.1" }, false],
    [{ module: "1.21.1", nativeSidecars: "auto" }, "auto"],
    [{ module: "1.22.0" }, "auto"],
    [{ module: "1.22.0", compatibilityMode: true }, false],
    [{ module: "1.24.3", compatibilityMode: true }, false],
    [{ module: "1.25.0", compatibilityMode: true }, "auto"],
  ])("%o → %s", (request, setting) => {
    expect(resolved(request).nativeSidecars).toBe(setting);
  });
});

describe("values", () => {
  it("merges as Helm does and leaves the argument alone", () => {
    const values: JsonObject = { global: { proxy: { resources: { limits: null } }, imagePullSecrets: ["own"] } };
    const target = resolved({ istio: "1.28.3", values });
    expect(Object.keys(value(target, "global", "proxy", "resources") as JsonObject)).toEqual(["requests"]);
    expect(value(target, "global", "imagePullSecrets")).toEqual(["own"]);
    expect(values).toEqual({ global: { proxy: { resources: { limits: null } }, imagePullSecrets: ["own"] } });
  });

  it("makes MeshConfig of values as the chart does", () => {
    const values: JsonObject = { global: { variant: "distroless", meshID: "m", proxy: { tracer: "datadog" } } };
    const target = resolved({ istio: "1.28.3", values, revision: "canary" });
    expect(target.revision).toBe("canary");
    expect(mesh(target, "defaultConfig", "discoveryAddress")).toBe("istiod-canary.istio-system.svc:15012");
    expect(mesh(target, "defaultConfig", "image", "imageType")).toBe("distroless");
    expect(mesh(target, "defaultConfig", "tracing", "datadog", "address")).toBe("$(HOST_IP):8126");
    expect(mesh(target, "defaultConfig", "meshId")).toBe("m");
  });

  it("lets an empty map replace in MeshConfig, and reads snake_case as the same field", () => {
    const meshConfig: JsonObject = { defaultConfig: { tracing: {} }, enable_prometheus_merge: false };
    const target = resolved({ istio: "1.21.6", meshConfig });
    expect(mesh(target, "defaultConfig", "tracing")).toEqual({});
    expect(mesh(target, "enablePrometheusMerge")).toBe(false);
    expect(mesh(target, "enable_prometheus_merge")).toBeUndefined();
  });

  it("takes MeshConfig inside the values, the target's own over it", () => {
    const values: JsonObject = { meshConfig: { trustDomain: "a", enableTracing: true } };
    const target = resolved({ istio: "1.28.3", values, meshConfig: { trustDomain: "b" } });
    expect([mesh(target, "trustDomain"), mesh(target, "enableTracing")]).toEqual(["b", true]);
    expect(value(target, "meshConfig")).toBeUndefined();
  });

  it("keeps __proto__ a key like any other", () => {
    const values = JSON.parse('{"global": {"__proto__": {"polluted": true}}}') as JsonObject;
    const target = resolved({ istio: "1.28.3", values });
    expect(Object.hasOwn(value(target, "global") as JsonObject, "__proto__")).toBe(true);
    expect(({} as JsonObject).polluted).toBeUndefined();
  });
});

describe("profiles", () => {
  it.each([
    ["1.20.8", "openshift", ["istio_cni", "enabled"], true],
    ["1.22.8", "openshift", ["pilot", "cni", "provider"], "multus"],
    ["1.28.3", "openshift", ["pilot", "cni", "provider"], "multus"],
    ["1.28.3", "openshift", ["global", "platform"], "openshift"],
    ["1.28.3", "ambient", ["pilot", "cni", "enabled"], true],
    ["1.20.8", "demo", ["global", "proxy", "resources", "requests", "memory"], "40Mi"],
    ["1.30.3", "demo", ["global", "proxy", "resources", "requests", "memory"], "40Mi"],
    ["1.30.3", "minimal", ["global", "proxy", "resources", "requests", "memory"], "128Mi"],
    ["1.28.3", "platform-openshift", ["pilot", "cni", "enabled"], true],
  ])("%s %s sets %j", (istio, profile, path, expected) => {
    expect(value(resolved({ istio, profile }), ...path)).toBe(expected);
  });

  it("reaches MeshConfig", () => {
    const proxyMetadata = (istio: string, profile: string) => {
      const map = mesh(resolved({ istio, profile }), "defaultConfig", "proxyMetadata");
      return map && { ...(map as JsonObject) };
    };
    expect(proxyMetadata("1.20.8", "preview")).toEqual({ ISTIO_META_DNS_CAPTURE: "true", BOOTSTRAP_XDS_AGENT: "true" });
    expect(proxyMetadata("1.28.3", "preview")).toEqual({ ISTIO_META_DNS_CAPTURE: "true" });
    expect(proxyMetadata("1.28.3", "ambient")).toEqual({ ISTIO_META_ENABLE_HBONE: "true" });
    expect(proxyMetadata("1.24.6", "compatibility-version-1.23")).toHaveProperty(
      "ENABLE_DEFERRED_STATS_CREATION",
      "false",
    );
    expect(mesh(resolved({ istio: "1.28.3", profile: "ambient" }), "defaultConfig", "image", "imageType")).toBe(
      "distroless",
    );
  });

  it("is selected by the user's platform and profile values too", () => {
    const byPlatform = resolved({ istio: "1.28.3", values: { global: { platform: "openshift" } } });
    expect(value(byPlatform, "pilot", "cni", "provider")).toBe("multus");
    expect(
      mesh(resolved({ istio: "1.28.3", values: { profile: "preview" } }), "defaultConfig", "proxyMetadata"),
    ).toBeDefined();
  });
});

describe("Kyma Istio CR", () => {
  const spec: JsonObject = {
    compatibilityMode: true,
    components: { proxy: { k8s: { resources: { limits: { cpu: "2" }, requests: { memory: "100Mi" } } } } },
    config: {
      numTrustedProxies: 2,
      trustDomain: "corp",
      enableDNSProxying: true,
      forwardClientCertDetails: "SANITIZE",
      telemetry: { metrics: { prometheusMerge: true } },
      proxyStatsMatcher: { inclusionRegexps: [".*x"] },
    },
    experimental: { enableAmbient: true },
  };
  const kymaIstio: JsonObject = { kind: "Istio", spec };

  it("is laid over a module target", () => {
    const target = resolved({ module: "1.30.0" }, { kymaIstio });
    expect({ ...(value(target, "global", "proxy", "resources", "limits") as JsonObject) }).toEqual({
      cpu: "2",
      memory: "1024Mi",
    });
    expect({ ...(value(target, "global", "proxy", "resources", "requests") as JsonObject) }).toEqual({
      cpu: "10m",
      memory: "100Mi",
    });
    expect(mesh(target, "enablePrometheusMerge")).toBe(true);
    expect(mesh(target, "trustDomain")).toBe("corp");
    const defaults = mesh(target, "defaultConfig") as JsonObject;
    expect({ ...(defaults.gatewayTopology as JsonObject) }).toEqual({
      numTrustedProxies: 2,
      forwardClientCertDetails: "SANITIZE",
    });
    expect(defaults.proxyMetadata).toMatchObject({ ISTIO_META_DNS_CAPTURE: "true", ISTIO_META_ENABLE_HBONE: "true" });
    expect(valueAt(defaults, "proxyStatsMatcher", "inclusionRegexps")).toEqual([".*x"]);
    expect(target).toMatchObject({ compatibilityMode: true, nativeSidecars: "auto", notes: [] });
  });

  it("gives compatibilityMode, unless the target says it", () => {
    expect(resolved({ module: "1.22.0" }, { kymaIstio }).nativeSidecars).toBe(false);
    expect(resolved({ module: "1.22.0", compatibilityMode: false }, { kymaIstio }).nativeSidecars).toBe("auto");
    const metadata = mesh(resolved({ module: "1.16.1" }, { kymaIstio }), "defaultConfig", "proxyMetadata");
    expect(metadata).toHaveProperty("BYPASS_OVERLOAD_MANAGER_FOR_STATIC_LISTENERS", "false");
  });

  it("is read as the module reads it, with a note for what it does not know", () => {
    const target = resolved({ module: "1.23.1" }, { kymaIstio });
    expect(mesh(target, "trustDomain")).toBe("cluster.local");
    expect(mesh(target, "defaultConfig", "proxyMetadata", "ISTIO_META_ENABLE_HBONE")).toBeUndefined();
    expect(target.notes).toHaveLength(5);
  });

  it("changes nothing of an Istio target and names no version", () => {
    expect(mesh(resolved({ istio: "1.28.3" }, { kymaIstio }), "trustDomain")).toBe("cluster.local");
    expect(refusal({}, { kymaIstio }).message).toContain("--module");
  });
});

describe("discovery", () => {
  const sailIstio: JsonObject = {
    metadata: { name: "default" },
    spec: {
      version: "v1.26.3",
      values: { pilot: { env: { ENABLE_NATIVE_SIDECARS: "true" } }, meshConfig: { trustDomain: "sail" } },
    },
  };
  const istioOperator: JsonObject = {
    spec: {
      tag: "1.25.3-distroless",
      hub: "registry.example/istio",
      profile: "preview",
      revision: "canary",
      components: {
        cni: { enabled: true },
        pilot: { k8s: { env: [{ name: "ENABLE_NATIVE_SIDECARS", value: "true" }] } },
      },
      meshConfig: { trustDomain: "operator" },
    },
  };

  it("reads Sail's Istio", () => {
    const target = resolved({}, { sailIstio, istioOperator });
    expect(target).toMatchObject({ istio: "1.26.3", nativeSidecars: true, revision: "" });
    expect(mesh(target, "trustDomain")).toBe("sail");
    expect(target.notes.join()).toContain("sailoperator.io");
    expect(
      resolved({}, { sailIstio: { metadata: { name: "prod" }, spec: { version: "v1.27-latest" } } }),
    ).toMatchObject({
      istio: "1.27.9",
      revision: "prod",
    });
  });

  it("reads an IstioOperator", () => {
    const target = resolved({}, { istioOperator });
    expect(target).toMatchObject({ istio: "1.25.3", profile: "preview", revision: "canary", nativeSidecars: true });
    expect(value(target, "global", "tag")).toBe("1.25.3-distroless");
    expect(value(target, "global", "hub")).toBe("registry.example/istio");
    expect(value(target, "pilot", "cni", "enabled")).toBe(true);
    expect(mesh(target, "trustDomain")).toBe("operator");
    expect(mesh(target, "defaultConfig", "proxyMetadata", "ISTIO_META_DNS_CAPTURE")).toBe("true");
    expect(mesh(target, "defaultConfig", "discoveryAddress")).toBe("istiod-canary.istio-system.svc:15012");
  });

  it("reads the cluster's ConfigMaps as they are", () => {
    const injector = {
      values: { global: { tag: "1.28.3" } } as JsonObject,
      meshConfig: { trustDomain: "live" } as JsonObject,
    };
    const target = resolved({}, { injector });
    expect({ ...target.meshConfig }).toEqual({ trustDomain: "live" });
    expect(target.istio).toBe("1.28.3");
  });

  it("gives way to an explicit target, values and all", () => {
    const target = resolved({ istio: "1.27.1" }, { sailIstio, istioOperator });
    expect(target).toMatchObject({ istio: "1.27.1", nativeSidecars: "auto", revision: "" });
    expect(mesh(target, "trustDomain")).toBe("cluster.local");
  });

  it("refuses a tag that is no version", () => {
    expect(refusal({}, { istioOperator: { spec: { tag: "latest" } } }).message).toContain('"latest"');
  });
});

describe("assumptions", () => {
  const nodes = new Map([
    ["a", { kubeletVersion: "v1.34.1" }],
    ["b", { kubeletVersion: "v1.32.4-gke.100" }],
  ]);
  const namespaces = new Map([["shop", { labels: {}, annotations: {} }]]);

  it("are told, unless the input or the target says it", () => {
    expect(resolved({ istio: "1.28.3" })).toMatchObject({ kubernetes: "1.33", assumed: ["kubernetes", "namespaces"] });
    expect(resolved({ istio: "1.28.3" }, { nodes, namespaces })).toMatchObject({ kubernetes: "1.32", assumed: [] });
    expect(resolved({ istio: "1.28.3", kubernetes: "v1.34.0" }, { nodes }).kubernetesMinor).toBe(34);
    const usedNamespaces = new Set(["shop", "other"]);
    expect(resolved({ istio: "1.28.3" }, { nodes, namespaces, usedNamespaces }).assumed).toEqual(["namespaces"]);
  });
});
