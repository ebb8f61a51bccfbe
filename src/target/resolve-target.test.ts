import { describe, expect, it } from "vitest";
import type { Json, JsonObject } from "../json.ts";
import { resolveTarget } from "./resolve-target.ts";
import {
  type ClusterFacts,
  type InputObject,
  type ResolvedTarget,
  type TargetRequest,
  UNKNOWN_CLUSTER,
} from "./target.ts";
import { TargetError } from "./target-error.ts";
import { valueAt } from "./value-path.ts";

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

/** An object of the input; errors at its fields show as TargetErrors. */
function object(data: JsonObject, place = "a.yaml:1"): InputObject {
  const name = valueAt(data, "metadata", "name");
  return {
    name: typeof name === "string" ? name : "",
    data,
    place,
    errorAt: (field, message) => new TargetError(message, [...field]),
  };
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
    [{ istio: "1.19" }, ["target", "istio"], "1.20.8, 1.21.6, 1.22.8, 1.23.6"],
    [{ istio: "2.0.0" }, ["target", "istio"], "1.31.0-rc.0, 1.30.3, 1.29."],
    [{ module: "9.9.9" }, ["target", "module"], "1.30.0, 1.29.0, 1.28.0, 1.27.4"],
    [{ module: "1.30.1" }, ["target", "module"], "1.30.0, 1.29.0, 1.28.0, 1.27.4"],
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
  const kymaIstio = [object({ kind: "Istio", spec })];

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
  const sail: JsonObject = {
    metadata: { name: "default" },
    spec: {
      version: "v1.26.3",
      values: { pilot: { env: { ENABLE_NATIVE_SIDECARS: "true" } }, meshConfig: { trustDomain: "sail" } },
    },
  };
  const operator: JsonObject = {
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
  const sailIstio = [object(sail)];
  const istioOperator = [object(operator)];

  it("reads Sail's Istio", () => {
    const target = resolved({}, { sailIstio });
    expect(target).toMatchObject({ istio: "1.26.3", nativeSidecars: true, revision: "" });
    expect(mesh(target, "trustDomain")).toBe("sail");
    expect(target.notes.join()).toContain("sailoperator.io");
    expect(
      resolved({}, { sailIstio: [object({ metadata: { name: "prod" }, spec: { version: "v1.27-latest" } })] }),
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
    const values = object({ global: { tag: "1.28.3" } });
    const target = resolved({}, { injectors: [{ revision: "", values, meshConfig: object({ trustDomain: "live" }) }] });
    expect({ ...target.meshConfig }).toEqual({ trustDomain: "live" });
    expect(target.istio).toBe("1.28.3");
  });

  it("gives way to an explicit target, values and all", () => {
    const target = resolved({ istio: "1.27.1" }, { sailIstio, istioOperator });
    expect(target).toMatchObject({ istio: "1.27.1", nativeSidecars: "auto", revision: "" });
    expect(mesh(target, "trustDomain")).toBe("cluster.local");
    const [note, ...others] = target.notes;
    expect(note).toMatch(
      /^the Istio resource default \(sailoperator\.io, a\.yaml:1\), the IstioOperator \(a\.yaml:1\): not used, as the target/,
    );
    expect(others).toEqual([]);
    expect(resolved({ module: "1.25.0" }, { sailIstio }).notes.join()).toContain("Istio resource default");
  });

  it("passes over no CR of Kyma silently", () => {
    const kymaIstio = [object({ spec: {} }, "cr.yaml:4")];
    expect(resolved({ istio: "1.28.3" }, { kymaIstio }).notes.join()).toContain("the Istio CR of Kyma (cr.yaml:4)");
    expect(resolved({ module: "1.25.0" }, { kymaIstio }).notes).toEqual([]);
  });

  it("refuses several installs that no revision tells apart", () => {
    const { message } = refusal({}, { sailIstio, istioOperator });
    expect(message).toContain("the Istio resource default (sailoperator.io, a.yaml:1): v1.26.3, revision default");
    expect(message).toContain("the IstioOperator (a.yaml:1): 1.25.3-distroless, revision canary");
    expect(message).toContain("--revision default or canary");
    expect(refusal({ revision: "other" }, { sailIstio, istioOperator }).message).toContain("none of revision other");
    expect(resolved({ revision: "canary" }, { sailIstio, istioOperator }).istio).toBe("1.25.3");
    const ofSail = resolved({ revision: "default" }, { sailIstio, istioOperator });
    expect(ofSail).toMatchObject({ istio: "1.26.3", revision: "" });
    const twins = [object({ spec: { tag: "1.27.1" } }, "a.yaml:1"), object({ spec: { tag: "1.27.2" } }, "b.yaml:1")];
    expect(refusal({}, { istioOperator: twins }).message).not.toContain("--revision");
    expect(refusal({ revision: "default" }, { istioOperator: twins }).message).toContain("b.yaml:1");
  });

  it("tells Sail's installs apart by the names of their revisions", () => {
    const named = (name: string, version: string, updateStrategy = "InPlace") =>
      object({ metadata: { name }, spec: { version, updateStrategy: { type: updateStrategy } } });
    const two = [named("blue", "v1.27.1"), named("green", "v1.28.3", "RevisionBased")];
    expect(refusal({}, { sailIstio: two }).message).toContain("--revision blue or green-v1-28-3");
    expect(resolved({ revision: "green-v1-28-3" }, { sailIstio: two })).toMatchObject({ istio: "1.28.3" });
    expect(resolved({ revision: "blue" }, { sailIstio: two })).toMatchObject({ istio: "1.27.1", revision: "blue" });
    expect(refusal({}, { sailIstio: [named("blue", "v1.27.1"), named("green", "v1.27.1")] }).message).toContain(
      "several",
    );
    expect(resolved({}, { sailIstio: [named("blue", "v1.27.1"), named("blue", "v1.27.1")] }).istio).toBe("1.27.1");
  });

  it("takes a cluster's ConfigMaps and the object they were made of as one", () => {
    const injectors = (tag: string) => [
      { revision: "", values: object({ global: { tag } }, "cm.yaml:1"), meshConfig: object({}) },
    ];
    expect(resolved({}, { sailIstio, injectors: injectors("1.26.3") }).istio).toBe("1.26.3");
    expect(refusal({}, { sailIstio, injectors: injectors("1.28.3") }).message).toContain("the ConfigMap (cm.yaml:1)");
  });

  it("takes an IstioOperator that installs gateways alone for no install beside others", () => {
    const gateways = object({ spec: { profile: "empty", tag: "1.25.3", components: { ingressGateways: [] } } });
    expect(resolved({}, { istioOperator: [...istioOperator, gateways] }).istio).toBe("1.25.3");
  });

  it("refuses a tag that is no version", () => {
    expect(refusal({}, { istioOperator: [object({ spec: { tag: "latest" } })] }).message).toContain('"latest"');
  });
});

describe("settings of a shape that cannot be read", () => {
  it.each<[TargetRequest, string[], string]>([
    [{ values: { global: { proxy: 5 } } }, ["values", "global", "proxy"], "a map was expected, got the number 5"],
    [{ values: { global: [1] } }, ["values", "global"], "a map was expected, got a list"],
    [{ values: { global: { proxy: { image: ["x"] } } } }, ["values", "global", "proxy", "image"], "a single value"],
    [{ values: { global: { imagePullSecrets: "x" } } }, ["values", "global", "imagePullSecrets"], "a list was"],
    [{ values: { meshConfig: 5 } }, ["values", "meshConfig"], "a map was expected, got the number 5"],
    [{ values: { meshConfig: { defaultConfig: [] } } }, ["values", "meshConfig", "defaultConfig"], "got a list"],
    [
      { meshConfig: { defaultConfig: { concurrency: "x" } } },
      ["meshConfig", "defaultConfig", "concurrency"],
      "integer",
    ],
    [{ meshConfig: { default_config: 5 } }, ["meshConfig", "default_config"], "a map was expected"],
    [{ meshConfig: { enablePrometheusMerge: "no" } }, ["meshConfig", "enablePrometheusMerge"], "a boolean"],
    [{ meshConfig: { enable_auto_mtls: "true" } }, ["meshConfig", "enable_auto_mtls"], "a boolean was expected"],
    [{ meshConfig: { accessLogFile: false } }, ["meshConfig", "accessLogFile"], "a string was expected"],
    [{ meshConfig: { connectTimeout: 10 } }, ["meshConfig", "connectTimeout"], "a duration"],
    [{ meshConfig: { accessLogEncoding: true } }, ["meshConfig", "accessLogEncoding"], "a word"],
    [{ meshConfig: { trustDomainAliases: "a" } }, ["meshConfig", "trustDomainAliases"], "a list was expected"],
    [{ values: { global: { logAsJson: "true" } } }, ["values", "global", "logAsJson"], "true or false without quotes"],
    [
      { values: { sidecarInjectorWebhook: { rewriteAppHTTPProbe: "no" } } },
      ["values", "sidecarInjectorWebhook", "rewriteAppHTTPProbe"],
      'true or false was expected, got the string "no"',
    ],
    [
      { values: { global: { proxy: { clusterDomain: true } } } },
      ["values", "global", "proxy", "clusterDomain"],
      "a string was expected, got the boolean true",
    ],
  ])("%o", (settings, field, part) => {
    for (const version of [{ istio: "1.28.3" }, { module: "1.25.0" }]) {
      const found = refusal({ ...version, ...settings });
      expect(found.field).toEqual(["target", ...field]);
      expect(found.message).toContain(`${field.join(".")}: `);
      expect(found.message).toContain(part);
    }
  });

  it("are not settings that nobody types, or that may be either", () => {
    const env = { ENABLE_NATIVE_SIDECARS: true, OTHER: "true" };
    const values = { pilot: { env, autoscaleEnabled: "true" }, global: { proxy: { privileged: true } }, mine: "true" };
    const meshConfig = { accessLogEncoding: 1, proxyListenPort: "15001", enableTracing: false, own: "true" };
    expect(resolved({ istio: "1.28.3", values, meshConfig }).nativeSidecars).toBe(true);
  });

  it("are shown at the object that holds them", () => {
    const sail = (values: Json) => ({ sailIstio: [object({ spec: { version: "v1.28.3", values } })] });
    expect(refusal({}, sail(5)).field).toEqual(["spec", "values"]);
    expect(refusal({}, sail({ global: { proxy: [] } }))).toEqual({
      field: ["spec", "values", "global", "proxy"],
      message: "spec.values.global.proxy: a map was expected, got a list",
    });
    const istioOperator = [object({ spec: { tag: "1.28.3", meshConfig: { defaultConfig: { concurrency: "x" } } } })];
    expect(refusal({}, { istioOperator }).field).toEqual(["spec", "meshConfig", "defaultConfig", "concurrency"]);
  });

  it.each<[JsonObject, string[], string]>([
    [{ config: { numTrustedProxies: "lots" } }, ["config", "numTrustedProxies"], "an integer from 0"],
    [{ config: 5 }, ["config"], "a map was expected"],
    [{ components: { proxy: { k8s: { resources: { limits: { cpu: "lots" } } } } } }, ["components"], "a quantity"],
    [{ compatibilityMode: "true" }, ["compatibilityMode"], "a boolean"],
    [{ config: { proxyStatsMatcher: { inclusionRegexps: ".*" } } }, ["config", "proxyStatsMatcher"], "a list of"],
  ])("at the CR of Kyma: %o", (spec, field, part) => {
    const found = refusal({ module: "1.30.0" }, { kymaIstio: [object({ spec })] });
    expect(found.field.slice(0, field.length + 1)).toEqual(["spec", ...field]);
    expect(found.message).toContain(part);
  });

  it("at a ProxyConfig", () => {
    const spec = { image: { imageType: 5 } };
    const { errorAt } = object({});
    const found = refusal({ istio: "1.28.3" }, { proxyConfigs: [{ name: "p", namespace: "shop", spec, errorAt }] });
    expect(found.field).toEqual(["spec", "image", "imageType"]);
    expect(found.message).toMatch(/^spec\.image\.imageType: a string was expected/);
  });
});

describe("settings that nothing knows, in the input's objects", () => {
  it("of Sail and IstioOperators", () => {
    const sailIstio = [object({ spec: { version: "v1.28.3", values: { globl: {} } } })];
    expect(resolved({}, { sailIstio }).notes.join()).toContain(
      "the Istio resource (sailoperator.io, a.yaml:1): spec.values.globl is a setting that no",
    );
    const istioOperator = [object({ spec: { tag: "1.28.3", meshConfig: { trustdomain: "x" } } })];
    expect(resolved({}, { istioOperator }).notes.join()).toContain("spec.meshConfig.trustdomain is a setting");
  });

  it("of Kyma", () => {
    const kymaIstio = [object({ spec: { config: { numTrustedProxy: 1 } } })];
    expect(resolved({ module: "1.30.0" }, { kymaIstio }).notes.join()).toContain("did you mean numTrustedProxies?");
  });

  it("of a ProxyConfig", () => {
    const proxyConfigs = [{ name: "p", namespace: "shop", spec: { targetRef: {}, concurrency: 1 } }];
    const { notes } = resolved({ istio: "1.28.3" }, { proxyConfigs });
    expect(notes).toEqual([
      "spec.targetRef is no field of a ProxyConfig (shop/p) and changes nothing, and this one holds for all of its namespace",
    ]);
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
    const note = "lowest kubelet 1.32), not Kubernetes v1.34.0";
    expect(resolved({ istio: "1.28.3", kubernetes: "v1.34.0" }, { nodes }).notes.join()).toContain(note);
    expect(resolved({ istio: "1.26.8", kubernetes: "v1.34.0" }, { nodes }).notes).toEqual([]);
    const usedNamespaces = new Set(["shop", "other"]);
    expect(resolved({ istio: "1.28.3" }, { nodes, namespaces, usedNamespaces }).assumed).toEqual(["namespaces"]);
  });
});
