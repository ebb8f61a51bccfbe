import { describe, expect, test } from "vitest";
import { meansTheSame } from "../inject/injection-removal.ts";
import type { Json } from "../json.ts";
import { SourceError } from "../source/failure.ts";
import { parseChunk } from "../source/parse.ts";
import { splitDocuments } from "../source/split.ts";
import { type Node, toData } from "../source/tree.ts";
import { parseTargetWords, resolveTarget, UNKNOWN_CLUSTER } from "../target/index.ts";
import { readStream } from "./input.ts";
import { Renderer } from "./render.ts";

const TARGETS = [
  "module=1.21.1",
  "module=1.22.0,kubernetes=1.33",
  "istio=1.22.8",
  "istio=1.24.6,nativeSidecars=true",
  "istio=1.26.8",
  "istio=1.28.10,kubernetes=1.33",
  "istio=1.28.10,nativeSidecars=false",
  "istio=1.28.10,kubernetes=1.33,profile=openshift",
  "istio=1.30.3,kubernetes=1.33",
];

const renderers = TARGETS.map((words) => {
  const target = resolveTarget(parseTargetWords(words), UNKNOWN_CLUSTER);
  const renderer = new Renderer(target, "pods");
  const setting = { target, cluster: UNKNOWN_CLUSTER, podTemplates: [] };
  /** Undefined where the injector refuses the text. */
  const render = (text: string): string | undefined => {
    try {
      return renderer.render(readStream("a.yaml", text), setting).input.text;
    } catch (error) {
      if (error instanceof SourceError) return undefined;
      throw error;
    }
  };
  return { words, render };
});

function deployment(template: string): string {
  const indented = template.trim().replace(/^(?=.)/gm, "    ");
  return `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: shop, namespace: shop}\nspec:\n  template:\n${indented}\n`;
}

/** By name; a second render gives these back to the letter, as if there had been no first. */
const INPUTS: Record<string, string> = {
  plain: deployment(`
metadata:
  labels: {app: shop}
spec:
  containers:
  # the app
  - name: app
    image: app:1
`),
  "own proxy behind the app": deployment(`
spec:
  containers:
  - name: app
    image: app:1
  # ours
  - name: istio-proxy # tuned
    # let Istio choose
    image: auto
    env:
    # for the support
    - {name: LEVEL, value: debug} # loud
    resources:
      requests: {cpu: 50m} # small
    # args: []
  volumes: []
`),
  "own proxy behind an init container": deployment(`
metadata:
  annotations:
    # ours
    sidecar.istio.io/proxyMemory: 99Mi
spec:
  initContainers:
    # first of all
    - name: wait
      image: wait:1
  containers:
    - name: app
      image: app:1
    # ours
    - name: istio-proxy
      image: auto
      securityContext: {runAsUser: 2000, runAsGroup: 2001}
`),
  "own init and validation": deployment(`
spec:
  initContainers:
  - name: istio-init
    image: auto
    env: [{name: LOG, value: debug}]
  - name: istio-validation
    image: auto
    resources: {requests: {cpu: 5m}}
  containers: [{name: app, image: "app:1"}]
`),
  "nulls that say nothing": deployment(`
metadata:
  annotations:
spec:
  initContainers: ~
  containers:
  - name: app
    image: app:1
    env:
    volumeMounts: null
  volumes: ~
`),
  "volumes without value": deployment("spec:\n  volumes:\n  containers:\n  - name: app\n    image: app:1"),
  "Prometheus sent to the agent by hand": deployment(`
metadata:
  annotations:
    prometheus.io/scrape: "true"
    prometheus.io/port: "15020"
    prometheus.io/path: /custom
spec:
  containers:
  - name: app
    image: app:1
`),
  "excluded ports": deployment(`
metadata:
  annotations:
    traffic.sidecar.istio.io/excludeInboundPorts: "24224,9000" # logs
spec:
  containers:
  - name: app
    image: app:1
`),
  "network of its own": deployment(`
metadata:
  labels: {app: shop, topology.istio.io/network: vpc-7}
spec:
  containers:
  - name: app
    image: app:1
  - name: istio-proxy
    image: auto
    env: [{name: ISTIO_META_NETWORK, value: by-hand}]
`),
};

/** A second render gives these back in meaning: comments and order of the text may show that there was a first. */
const LIKE_INPUTS: Record<string, string> = {
  "own image and probes": deployment(`
spec:
  containers:
  - name: app
    image: app:1
    readinessProbe: {httpGet: {path: /ready, port: 8080}}
  - name: istio-proxy
    image: mirror.shop.example/proxyv2:debug
    readinessProbe: {httpGet: {path: /healthz/ready, port: 15021}, periodSeconds: 1}
    lifecycle: {preStop: {exec: {command: [sleep, "20"]}}}
`),
  "own proxy before the app": deployment(`
spec:
  containers:
  # ours
  - name: istio-proxy
    image: auto
    # little
    resources: {requests: {memory: 200Mi}}
  # the app
  - name: app
    image: app:1
`),
  "own proxy among the init containers": deployment(`
spec:
  initContainers:
  # first
  - name: wait
    image: wait:1
  # ours
  - name: istio-proxy
    image: auto
    restartPolicy: Always
  containers:
  - name: app
    image: app:1
`),
  "own proxy by annotation": deployment(`
metadata:
  annotations: {sidecar.istio.io/nativeSidecar: "yes"}
spec:
  containers:
  - {name: app, image: "app:1"}
  # ours
  - name: istio-proxy
    image: auto
    resources: {requests: {cpu: 33m}}
`),
  "in flow style": `{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {containers: [{name: istio-proxy, image: auto}, {name: app, image: "app:1"}]}}\n`,
  "Prometheus merge": deployment(`
metadata:
  annotations:
    prometheus.io/scrape: "true"
    prometheus.io/port: "9090" # ours
spec:
  containers: [{name: app, image: "app:1"}]
`),
};

function data(text: string): Json[] {
  return splitDocuments(text).map((range) => toData(parseChunk({ file: "", text, ...range }) as Node));
}

function comments(text: string): string[] {
  return [...text.matchAll(/#.*$/gm)].map(([comment]) => comment.trim()).sort();
}

/** Pairs of targets that both render the input, with what came of one after the other and of the second alone. */
function* repeated(input: string): Generator<{ pair: string; again: string | undefined; fresh: string }> {
  for (const first of renderers) {
    const once = first.render(input);
    if (once === undefined) continue;
    for (const second of renderers) {
      const fresh = second.render(input);
      if (fresh !== undefined)
        yield { pair: `${first.words}, then ${second.words}`, again: second.render(once), fresh };
    }
  }
}

describe("a render over an earlier one is a render of the original", () => {
  test.each(Object.entries(INPUTS))("to the letter: %s", (_, input) => {
    for (const { pair, again, fresh } of repeated(input)) expect(again, pair).toBe(fresh);
  });

  test.each(Object.entries(LIKE_INPUTS))("in meaning: %s", (_, input) => {
    for (const { pair, again, fresh } of repeated(input)) {
      expect(again, pair).toBeDefined();
      expect(meansTheSame(data(again ?? ""), data(fresh)), pair).toBe(true);
      expect(comments(again ?? ""), pair).toEqual(comments(input));
    }
  });
});

test.each(Object.entries({ ...INPUTS, ...LIKE_INPUTS }))("rendering twice changes nothing: %s", (_, input) => {
  for (const { words, render } of renderers) {
    const once = render(input);
    if (once !== undefined) expect(render(once), words).toBe(once);
  }
});

test("an own proxy that its author made native himself is refused where it has no place, rendered before or not", () => {
  const input = LIKE_INPUTS["own proxy among the init containers"] as string;
  const [native, regular] = ["istio=1.28.10,kubernetes=1.33", "istio=1.26.8"].map((words) =>
    renderers.find((one) => one.words === words),
  );
  const once = native?.render(input);
  expect(once).toBeDefined();
  expect(regular?.render(input)).toBeUndefined();
  expect(regular?.render(once ?? "")).toBeUndefined();
});

test("settings that changed since are rendered, whatever the earlier proxy was", () => {
  const [first, second] = ["istio=1.28.10,kubernetes=1.33", "istio=1.28.10,nativeSidecars=false"].map((words) =>
    renderers.find((one) => one.words === words),
  );
  const once = first?.render(INPUTS.plain as string) ?? "";
  const edited = once.replace("annotations:\n", "annotations:\n        sidecar.istio.io/proxyCPU: 77m\n");
  for (const one of [first, second]) {
    const again = one?.render(edited) ?? "";
    expect(again).toContain("cpu: 77m");
    expect(one?.render(again)).toBe(again);
  }
});
