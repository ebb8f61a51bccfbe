import { describe, expect, test } from "vitest";
import { meansTheSame } from "../inject/injection-removal.ts";
import { parseChunk } from "../source/parse.ts";
import { type Node, toData } from "../source/tree.ts";
import { parseTargetWords, resolveTarget, UNKNOWN_CLUSTER } from "../target/index.ts";
import { readStream } from "./input.ts";
import { Renderer } from "./render.ts";

const TEXT = `# the shop
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop, namespace: shop}
spec:
  template:
    metadata:
      labels: {app: shop}
      annotations:
        prometheus.io/scrape: "true" # ours
        prometheus.io/port: "9090"
    spec:
      initContainers:
      # first of all
      - {name: wait, image: w}
      containers:
      - name: app
        image: app:1
        readinessProbe: {httpGet: {path: /ready, port: 8080}}
      volumes:
      - {name: own, emptyDir: {}}
`;

function render(text: string, words: string): string {
  const target = resolveTarget(parseTargetWords(words), UNKNOWN_CLUSTER);
  const setting = { target, cluster: UNKNOWN_CLUSTER, podTemplates: [] };
  return new Renderer(target, "pods").render(readStream("a.yaml", text), setting).input.text;
}

function data(text: string) {
  return toData(parseChunk({ file: "", text, start: 0, end: text.length }) as Node);
}

const TARGETS = ["istio=1.20.8", "istio=1.26.8", "istio=1.28.10", "istio=1.30.3", "module=1.21.1", "module=1.27.0"];

describe("a render for another target takes the place of an earlier one", () => {
  for (const first of TARGETS) {
    test.each(TARGETS)(`${first}, then %s`, (second) => {
      const once = render(TEXT, first);
      const again = render(once, second);
      if (first === second) expect(again).toBe(once);
      expect(meansTheSame(data(again), data(render(TEXT, second)))).toBe(true);
      for (const comment of ["# the shop", "# ours", "# first of all"]) expect(again).toContain(comment);
    });
  }
});

test("what was rendered with other settings is left to the injector's own rules", () => {
  const other = render(TEXT, "istio=1.26.8").replaceAll("cpu: 100m", "cpu: 123m");
  expect(render(other, "istio=1.28.10")).toContain("cpu: 123m");
});
