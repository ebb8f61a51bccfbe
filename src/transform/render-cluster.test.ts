import { expect, test } from "vitest";
import { resolveTarget, type TargetRequest } from "../target/index.ts";
import { readCluster } from "./cluster.ts";
import { readStream } from "./input.ts";
import { Renderer } from "./render.ts";

const POD =
  "apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: shop}\nspec: {containers: [{name: app, image: x}]}\n";

function render(text: string, request: TargetRequest): string {
  const input = readStream("a.yaml", text);
  const cluster = readCluster([input]);
  const target = resolveTarget({ istio: "1.28.3", kubernetes: "1.33", ...request }, cluster);
  return new Renderer(target, "pods").render(input, { target, cluster, podTemplates: [] }).input.text;
}

test("ProxyConfig resources of the input reach the Pods of their namespace", () => {
  const proxyConfig = (namespace: string): string =>
    `---\napiVersion: networking.istio.io/v1beta1\nkind: ProxyConfig\nmetadata: {name: p, namespace: ${namespace}}\nspec: {concurrency: 7}\n`;
  expect(render(POD + proxyConfig("shop"), {})).toContain('\\"concurrency\\":7');
  expect(render(POD + proxyConfig("istio-system"), {})).toContain('\\"concurrency\\":7');
  expect(render(POD + proxyConfig("other"), {})).not.toContain("concurrency\\");
});

test("OpenShift gives the proxy the last user of its Namespace's range", () => {
  const namespace =
    "---\napiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Namespace\n  metadata:\n    name: shop\n    labels: {istio-injection: enabled}\n    annotations: {openshift.io/sa.scc.uid-range: 1000650000/10000}\n";
  const openshift = { values: { global: { platform: "openshift" } } };
  expect(render(POD + namespace, openshift)).toContain("runAsUser: 1000659999");
  expect(render(POD, openshift)).not.toContain("runAsUser: 1000659999");
});
