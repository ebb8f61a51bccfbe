import { describe, expect, test } from "vitest";
import type { JsonObject } from "../json.ts";
import { readInjectorConfig } from "./cluster/injector-config.ts";
import { clusterInjector } from "./cluster-injector.ts";
import { InjectionError } from "./model.ts";
import type { TemplateData } from "./template-data.ts";
import { parseGoYaml } from "./templates/go-yaml.ts";

const CONFIG = `
policy: enabled
aliases: {both: [sidecar, extra]}
injectedAnnotations: {"example.com/by": us}
neverInjectSelector:
- matchLabels: {job: "true"}
templates:
  sidecar: |
    metadata:
      labels:
        app: {{ index .ObjectMeta.Labels "app" | default .DeploymentMeta.Name | quote }}
    spec:
      containers:
      {{- range $index, $container := .Spec.Containers }}
      - name: {{ $container.Name }}
        env:
        - name: PORTS
          value: {{ structToJSON (index $container.Ports 0) | quote }}
        - name: MODE
          value: {{ .ProxyConfig.InterceptionMode }}
      {{- end }}
  config: |
    spec:
      containers:
      - name: istio-proxy
        image: {{ .ProxyImage }}
        args: ["{{ .MeshConfig.ProxyListenPort }}", "{{ includeInboundPorts .Spec.Containers }}", "{{ .ProxyUID }}"]
        resources:
          {{- toYaml .Values.global.proxy.resources | nindent 6 }}
        env:
        - name: PROXY_CONFIG
          value: |
             {{ protoToJSON .ProxyConfig }}
        - name: HOLD
          value: "{{ .ProxyConfig.HoldApplicationUntilProxyStarts.GetValue }}/{{ .ProxyConfig.GetTracing.GetTlsSettings.GetCaCertificates }}"
  broken: |
    {{ if }}
  number: |
    spec: {containers: [{name: 12}]}
  word: |
    spec: {containers: [{name: n}]}
  unknown: "{{ .Spec.ServiceAccountName }}{{ .MeshConfig.Nope }}"
`;

const DATA: TemplateData = {
  istio: "1.28.6",
  typeMeta: { kind: "Deployment", apiVersion: "apps/v1" },
  deploymentMeta: { name: "web", namespace: "shop" },
  objectMeta: { labels: {}, annotations: {} },
  spec: {
    containers: [
      {
        name: "app",
        ports: [
          { containerPort: 8080, protocol: "TCP" },
          { containerPort: 53, protocol: "UDP" },
        ],
      },
    ],
  },
  proxyConfig: { interceptionMode: "TPROXY", concurrency: 3, holdApplicationUntilProxyStarts: true },
  meshConfig: {},
  values: {
    global: { hub: "example.com/istio", tag: "1.28.6-distroless", proxy: { resources: { limits: { cpu: "1" } } } },
  },
  revision: "",
  nativeSidecars: false,
  proxyUID: 1337,
  proxyGID: 1337,
  inboundTrafficPolicyMode: "passthrough",
  compliancePolicy: "",
};

const injector = clusterInjector(readInjectorConfig(parseGoYaml(CONFIG) as JsonObject), {
  name: "ConfigMap istio-system/istio-sidecar-injector",
  istio: "1.28.6",
});
function run(name: string): unknown {
  return injector.templates.get(name)?.(DATA);
}

describe("the cluster's own injector", () => {
  test("config", () => {
    expect(injector.defaultTemplates).toEqual(["sidecar"]);
    expect(injector.policy).toBe("enabled");
    expect(injector.aliases.get("both")).toEqual(["sidecar", "extra"]);
    expect(injector.injectedAnnotations).toEqual([["example.com/by", "us"]]);
    expect(injector.neverInjectSelector).toHaveLength(1);
  });

  test("a template sees the data as Go does", () => {
    // `.` is the container within the range; the ProxyConfig is the root's.
    expect(() => run("sidecar")).toThrow(/line 12, column 29: .*can't evaluate field ProxyConfig in type v1.Container/);
    expect(run("config")).toEqual({
      spec: {
        containers: [
          {
            name: "istio-proxy",
            image: "example.com/istio/proxyv2:1.28.6-distroless",
            args: ["15001", "8080", "1337"],
            resources: { limits: { cpu: "1" } },
            env: [
              {
                name: "PROXY_CONFIG",
                value: '{"concurrency":3,"interceptionMode":"TPROXY","holdApplicationUntilProxyStarts":true}\n',
              },
              { name: "HOLD", value: "true/" },
            ],
          },
        ],
      },
    });
  });

  test.each([
    [
      "broken",
      /^ConfigMap istio-system\/istio-sidecar-injector: injection template "broken", line 1: .*missing value for if/,
    ],
    ["number", /injection template "number" makes no Pod: spec.containers\[0\].name must be a string$/],
    ["word", /template "word" makes no Pod: spec.containers\[0\].name must be a string, got false, as .* reads y, n,/],
    [
      "unknown",
      /injection template "unknown", line 1, column \d+: .*can't evaluate field Nope in type \*meshconfig.MeshConfig/,
    ],
  ])("an error names ConfigMap, template and line: %s", (name, message) => {
    expect(() => run(name)).toThrow(message);
    expect(() => run(name)).toThrow(InjectionError);
  });
});
