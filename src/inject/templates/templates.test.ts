import { describe, expect, it } from "vitest";
import { isObject, type Json, type JsonObject } from "../../json.ts";
import { meshFields } from "../mesh-config.ts";
import { InjectionError } from "../model.ts";
import { meshProxyConfig } from "../proxy-config.ts";
import type { TemplateData } from "../template-data.ts";
import { templates } from "./index.ts";

interface Pod {
  istio?: string;
  annotations?: Record<string, string>;
  labels?: Record<string, string>;
  spec?: JsonObject;
  values?: JsonObject;
  meshConfig?: JsonObject;
  native?: boolean;
  name?: string;
}

const PROXY = {
  image: "proxyv2",
  clusterDomain: "cluster.local",
  logLevel: "warning",
  componentLogLevel: "misc:error",
  includeIPRanges: "*",
  excludeIPRanges: "",
  includeInboundPorts: "*",
  excludeInboundPorts: "",
  includeOutboundPorts: "",
  excludeOutboundPorts: "",
  privileged: false,
  statusPort: 15020,
  readinessInitialDelaySeconds: 0,
  readinessPeriodSeconds: 15,
  readinessFailureThreshold: 4,
  resources: { requests: { cpu: "100m", memory: null } },
};

function valuesWith(more: JsonObject): JsonObject {
  const { proxy, ...globals } = more;
  return {
    global: {
      hub: "docker.io/istio",
      tag: "1.28.10",
      logging: { level: "default:info" },
      istioNamespace: "istio-system",
      pilotCertProvider: "istiod",
      sds: { token: { aud: "istio-ca" } },
      proxy_init: { image: "proxyv2" },
      ...globals,
      proxy: { ...PROXY, ...(isObject(proxy) ? proxy : {}) },
    },
    pilot: { cni: { enabled: more.cni === true, provider: "default" }, env: {} },
    istio_cni: { enabled: false, chained: true },
    revision: "",
  };
}

function render(template: string, pod: Pod) {
  const istio = pod.istio ?? "1.28.10";
  const meshConfig = pod.meshConfig ?? {};
  const data: TemplateData = {
    istio,
    typeMeta: { kind: "Deployment", apiVersion: "apps/v1" },
    deploymentMeta: { name: pod.name ?? "web", namespace: "shop" },
    objectMeta: { annotations: pod.annotations ?? {}, labels: pod.labels ?? {} },
    spec: pod.spec ?? { containers: [{ name: "app", image: "app:1" }] },
    proxyConfig: meshProxyConfig(meshFields(meshConfig).defaultConfig, istio),
    meshConfig,
    values: valuesWith(pod.values ?? {}),
    revision: "",
    nativeSidecars: pod.native ?? false,
    proxyUID: 1337,
    proxyGID: 1337,
    inboundTrafficPolicyMode: "passthrough",
    compliancePolicy: "",
  };
  const output = templates[template]?.(data);
  const spec = output?.spec ?? {};
  const named = (list: Json | undefined) => (Array.isArray(list) ? list.filter(isObject) : []);
  const all = [...named(spec.initContainers), ...named(spec.containers)];
  const container = (name: string): JsonObject => all.find((entry) => entry.name === name) ?? {};
  const proxy = container("istio-proxy");
  const env = Object.fromEntries(named(proxy.env).map((entry) => [entry.name, entry.value ?? entry.valueFrom]));
  return { metadata: output?.metadata ?? {}, spec, proxy, env, container, volumes: named(spec.volumes) };
}

function refusal(template: string, pod: Pod): InjectionError {
  try {
    render(template, pod);
  } catch (error) {
    if (error instanceof InjectionError) return error;
    throw error;
  }
  throw new Error("not refused");
}

describe("sidecar", () => {
  it.each([
    ["1.23.6", "true", false],
    ["1.24.0", "true", true],
    ["1.26.8", "True", false],
    ["1.27.0", "True", true],
    ["1.27.0", "false", false],
  ])("%s reads nativeSidecar %j as native %s", (istio, value, native) => {
    const { spec } = render("sidecar", { istio, annotations: { "sidecar.istio.io/nativeSidecar": value } });
    expect(Object.hasOwn(spec, "containers")).toBe(!native);
  });

  it.each([
    ["1.24.0", "", false],
    ["1.27.0", "", true],
  ])("%s takes an empty nativeSidecar as native %s where istiod is", (istio, value, native) => {
    const { spec } = render("sidecar", {
      istio,
      native: true,
      annotations: { "sidecar.istio.io/nativeSidecar": value },
    });
    expect(Object.hasOwn(spec, "containers")).toBe(!native);
  });

  it("drains a native proxy and holds the application for a regular one", () => {
    const meshConfig = { defaultConfig: { holdApplicationUntilProxyStarts: true } };
    expect(render("sidecar", { native: true, meshConfig }).proxy.lifecycle).toEqual({
      preStop: { exec: { command: ["pilot-agent", "request", "--debug-port=15020", "POST", "drain"] } },
    });
    expect(render("sidecar", { meshConfig }).proxy.lifecycle).toEqual({
      postStart: { exec: { command: ["pilot-agent", "wait"] } },
    });
  });

  it("leaves a null list of init containers before 1.26 where nothing is intercepted", () => {
    const annotations = { "sidecar.istio.io/interceptionMode": "NONE" };
    expect(render("sidecar", { istio: "1.25.5", annotations }).spec.initContainers).toBeNull();
    expect(render("sidecar", { istio: "1.26.0", annotations }).spec.initContainers).toEqual([]);
  });

  it.each([
    ["1.26.4", ["-k", "net1", "-k", "net0"]],
    ["1.26.5", ["-k", "net0"]],
    ["1.27.1", ["-k", "net1", "-k", "net0"]],
    ["1.27.2", ["-k", "net0"]],
  ])("%s passes the interfaces %j", (istio, flags) => {
    const annotations = {
      "istio.io/reroute-virtual-interfaces": "net0",
      "traffic.sidecar.istio.io/kubevirtInterfaces": "net1",
    };
    const { args } = render("sidecar", { istio, annotations }).container("istio-init");
    expect((args as string[]).slice(17, -1)).toEqual(flags);
  });

  it("cuts a canonical name to 63 bytes", () => {
    const name = `${"a".repeat(61)}-.b`;
    const canonical = (istio: string) =>
      (render("sidecar", { istio, name }).metadata.labels as JsonObject)["service.istio.io/canonical-name"];
    expect(canonical("1.20.8")).toBe(name);
    expect(canonical("1.30.3")).toBe(`${"a".repeat(61)}-.`);
    expect(canonical("1.31.0-rc.0")).toBe("a".repeat(61));
  });

  it("drops null resources from 1.28.6 and 1.29.1 on", () => {
    const requests = (istio: string) => render("sidecar", { istio }).proxy.resources;
    expect(requests("1.28.5")).toEqual({ requests: { cpu: "100m", memory: null } });
    expect(requests("1.28.6")).toEqual({ requests: { cpu: "100m" } });
    expect(requests("1.29.0")).toEqual({ requests: { cpu: "100m", memory: null } });
  });

  it("writes the ports of all containers as Go does", () => {
    const ports = [
      { containerPort: 80, name: "<http>" },
      { protocol: "UDP", hostPort: 53, containerPort: 53 },
    ];
    const { env } = render("sidecar", { spec: { containers: [{ name: "app", ports }] } });
    expect(env.ISTIO_META_POD_PORTS).toBe(
      '[\n    {"name":"\\u003chttp\\u003e","containerPort":80}\n    ,{"hostPort":53,"containerPort":53,"protocol":"UDP"}\n]',
    );
  });

  it("reads octals in readiness annotations", () => {
    const annotations = { "readiness.status.sidecar.istio.io/periodSeconds": "010" };
    expect(render("sidecar", { annotations }).proxy.readinessProbe).toMatchObject({ periodSeconds: 8 });
  });

  it("has no probes with status port 0, and does not exclude it", () => {
    const { proxy, container } = render("sidecar", { annotations: { "status.sidecar.istio.io/port": "0" } });
    expect(proxy.readinessProbe).toBeUndefined();
    expect(container("istio-init").args).toContain("15090,15021");
  });

  it("tells CNI what istio-init would be told", () => {
    const annotations = { "traffic.sidecar.istio.io/excludeInboundPorts": "80, 90" };
    const { metadata, container } = render("sidecar", { annotations, values: { cni: true } });
    expect(metadata.annotations).toMatchObject({
      "sidecar.istio.io/interceptionMode": "REDIRECT",
      "traffic.sidecar.istio.io/includeOutboundIPRanges": "*",
      "traffic.sidecar.istio.io/excludeInboundPorts": "80,90,15020",
    });
    expect(container("istio-validation").securityContext).toMatchObject({
      runAsUser: 1337,
      readOnlyRootFilesystem: true,
    });
  });

  it("runs as root with TPROXY, the gid fixed from 1.26.2 on", () => {
    const annotations = { "sidecar.istio.io/interceptionMode": "TPROXY" };
    const { proxy } = render("sidecar", { annotations });
    expect(proxy.securityContext).toMatchObject({
      runAsUser: 0,
      runAsGroup: 1337,
      capabilities: { add: ["NET_ADMIN"], drop: ["ALL"] },
    });
  });

  it("adds the user's volumes; a name inside wins over its key", () => {
    const annotations = {
      "sidecar.istio.io/userVolume": '{"b":{"emptyDir":{}},"a":{"name":"z","secret":{"secretName":"s"}}}',
    };
    const { volumes } = render("sidecar", { annotations });
    expect(volumes.slice(-2)).toEqual([
      { name: "z", secret: { secretName: "s" } },
      { name: "b", emptyDir: {} },
    ]);
  });

  it.each(["{", '"text"', '{"v": null}', '{"v": {}}'])("refuses userVolume %s", (text) => {
    const error = refusal("sidecar", { annotations: { "sidecar.istio.io/userVolume": text } });
    expect(error.message).toContain("sidecar.istio.io/userVolume");
    expect(error.path).toEqual(["metadata", "annotations", "sidecar.istio.io/userVolume"]);
  });

  it.each(['a"b', "a\\"])("refuses %j, which would end the template's quotes", (text) => {
    const name = "traffic.sidecar.istio.io/excludeInterfaces";
    expect(refusal("sidecar", { annotations: { [name]: text } }).path).toEqual(["metadata", "annotations", name]);
  });

  it("refuses values of a kind that the template cannot compare", () => {
    expect(refusal("sidecar", { values: { proxy: { includeOutboundPorts: 9090 } } }).message).toContain(
      "values.global.proxy.includeOutboundPorts",
    );
  });

  it("adds OpenTelemetry's attributes from 1.30 on, where the mesh asks", () => {
    const opentelemetry = { service: "otel", port: 4317, serviceAttributeEnrichment: "OTEL_SEMANTIC_CONVENTIONS" };
    const meshConfig = { extensionProviders: [{ name: "otel", opentelemetry }] };
    expect(render("sidecar", { istio: "1.30.0", meshConfig }).env.OTEL_RESOURCE_ATTRIBUTES).toBe(
      "service.namespace=shop,service.version=1,service.instance.id=shop.$(POD_NAME).app",
    );
    expect(render("sidecar", { istio: "1.29.6", meshConfig }).env.OTEL_RESOURCE_ATTRIBUTES).toBeUndefined();
  });
});

describe("images", () => {
  it.each<[string, Record<string, string>, JsonObject, string]>([
    ["an annotation with a registry", { "sidecar.istio.io/proxyImage": "r.io/p:2" }, {}, "r.io/p:2"],
    ["an annotation without one", { "sidecar.istio.io/proxyImage": "p" }, {}, "docker.io/istio/proxyv2:1.28.10"],
    ["a type", { "sidecar.istio.io/proxyImageType": "debug" }, {}, "docker.io/istio/proxyv2:1.28.10-debug"],
    ["a variant", {}, { variant: "distroless" }, "docker.io/istio/proxyv2:1.28.10-distroless"],
    [
      "the default type",
      { "sidecar.istio.io/proxyImageType": "default" },
      { tag: "1-distroless" },
      "docker.io/istio/proxyv2:1",
    ],
  ])("follow %s", (_, annotations, values, image) => {
    expect(render("sidecar", { annotations, values }).proxy.image).toBe(image);
  });

  it("name the init container's own from 1.31 on", () => {
    const init = (istio: string) =>
      render("sidecar", { istio, values: { proxy_init: { image: "init" } } }).container("istio-init").image;
    expect(init("1.30.3")).toBe("docker.io/istio/proxyv2:1.28.10");
    expect(init("1.31.0-rc.0")).toBe("docker.io/istio/init:1.28.10");
  });
});

describe("gateway", () => {
  it("binds low ports from 1.20.3 on", () => {
    expect(render("gateway", { istio: "1.20.2" }).spec.securityContext).toBeUndefined();
    expect(render("gateway", {}).spec.securityContext).toEqual({
      sysctls: [{ name: "net.ipv4.ip_unprivileged_port_start", value: "0" }],
    });
  });

  it("names the default container of several only from 1.23.6 and its backports on", () => {
    const spec = { containers: [{ name: "a" }, { name: "b" }] };
    const named = (istio: string) =>
      Object.keys(render("gateway", { istio, spec }).metadata.annotations as JsonObject).length;
    expect([named("1.23.5"), named("1.23.6"), named("1.24.3"), named("1.24.4")]).toEqual([1, 3, 1, 3]);
  });
});

describe("grpc-agent", () => {
  it("gives every application its bootstrap file", () => {
    const { container, metadata } = render("grpc-agent", { spec: { containers: [{ name: "a" }, { name: "b" }] } });
    expect(container("b").env).toContainEqual({
      name: "GRPC_XDS_BOOTSTRAP",
      value: "/etc/istio/proxy/grpc-bootstrap.json",
    });
    expect(metadata.annotations).toMatchObject({ "sidecar.istio.io/rewriteAppHTTPProbers": "false" });
  });

  it("loses resources and mounts with status port 0", () => {
    const { proxy } = render("grpc-agent", { annotations: { "status.sidecar.istio.io/port": "0" } });
    expect(Object.keys(proxy)).not.toContain("volumeMounts");
    expect(Object.keys(proxy)).not.toContain("resources");
  });
});

describe("grpc-simple", () => {
  it("writes the bootstrap file in an init container", () => {
    const { container } = render("grpc-simple", {});
    expect(container("grpc-bootstrap-init").env).toContainEqual({ name: "ISTIO_NAMESPACE", value: "istio-system\n" });
  });
});
