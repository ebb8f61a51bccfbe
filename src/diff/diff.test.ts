// Every folder of testdata/diff: an input, two targets, and the reports. UPDATE=1 writes the reports anew.

import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { diffJson } from "../report/diff-json.ts";
import { diffMarkdown } from "../report/diff-markdown.ts";
import type { DiffReport } from "../report/diff-report.ts";
import { diffText } from "../report/diff-text.ts";
import { parseTargetWords, resolveTarget } from "../target/index.ts";
import { readCluster } from "../transform/cluster.ts";
import { type Input, readStream } from "../transform/input.ts";
import type { EffectName } from "./change.ts";
import { compareTargets } from "./upgrade.ts";

const FOLDER = new URL("../../testdata/diff/", import.meta.url);

async function* only(input: Input): AsyncGenerator<Input> {
  yield input;
}

async function report(text: string, from: string, to: string): Promise<DiffReport> {
  const input = readStream("input.yaml", text);
  const cluster = readCluster([input]);
  const [left, right] = [from, to].map((words) => resolveTarget(parseTargetWords(words), cluster));
  if (left === undefined || right === undefined) throw new Error("two targets");
  const setting = { cluster, podTemplates: [] };
  const upgrade = await compareTargets(only(input), { ...setting, target: left }, { ...setting, target: right });
  return { from: left, to: right, cluster, upgrade };
}

describe("reports", () => {
  for (const name of readdirSync(FOLDER)) {
    test(name, async () => {
      const file = (path: string): URL => new URL(`${name}/${path}`, FOLDER);
      const { from, to } = JSON.parse(readFileSync(file("case.json"), "utf8")) as { from: string; to: string };
      const found = await report(readFileSync(file("input.yaml"), "utf8"), from, to);
      const formats = { txt: diffText(found, false), md: diffMarkdown(found), json: diffJson(found) };
      for (const [ending, text] of Object.entries(formats)) {
        const golden = file(`expected.${ending}`);
        if (process.env.UPDATE || !existsSync(golden)) writeFileSync(golden, text);
        expect(text).toBe(readFileSync(golden, "utf8"));
      }
      expect(`${formats.txt}${formats.md}${formats.json}`).not.toContain("Basic xyz");
    });
  }
});

const workload = (kind: string, name: string, pod: string): string =>
  `apiVersion: ${kind === "Job" ? "batch/v1" : "apps/v1"}\nkind: ${kind}\nmetadata: {name: ${name}, namespace: shop}\nspec:\n  template:\n${pod}---\n`;
const SIMPLE = "    spec: {containers: [{name: app, image: x}]}\n";
const INIT = "    spec: {initContainers: [{name: wait, image: w}], containers: [{name: app, image: x}]}\n";

async function effects(text: string, from: string, to: string): Promise<EffectName[]> {
  const { upgrade } = await report(text, from, to);
  return upgrade.differing.flatMap((diff) => diff.effects.map(({ effect }) => effect));
}

describe("what changes beyond the text", () => {
  const [REGULAR, NATIVE] = ["istio=1.28.3,nativeSidecars=false", "istio=1.28.3,nativeSidecars=true"];

  test.each<[string, string, string, string, EffectName[]]>([
    ["native", workload("Deployment", "a", SIMPLE), REGULAR, NATIVE, ["app-held"]],
    ["init containers", workload("Deployment", "a", INIT), REGULAR, NATIVE, ["init-traffic-captured", "app-held"]],
    ["back again", workload("Deployment", "a", INIT), NATIVE, REGULAR, ["init-traffic-direct", "app-not-held"]],
    [
      "behind the CNI plugin",
      workload("Deployment", "a", INIT),
      "module=1.22.0",
      "module=1.21.1",
      ["init-traffic-blocked"],
    ],
    ["a Job", workload("Job", "a", SIMPLE), REGULAR, NATIVE, ["job-ends", "app-held"]],
    ["a Job back", workload("Job", "a", SIMPLE), NATIVE, REGULAR, ["job-never-ends", "app-not-held"]],
    [
      "as the proxy's user",
      workload("Deployment", "a", INIT.replace("image: w", "image: w, securityContext: {runAsUser: 1337}")),
      REGULAR,
      NATIVE,
      ["app-held"],
    ],
    [
      "an inject value that is read differently",
      workload("Deployment", "a", `    metadata: {labels: {sidecar.istio.io/inject: "no"}}\n${SIMPLE}`),
      "istio=1.26.8",
      "istio=1.27.9,kubernetes=1.32",
      ["gains-injection"],
    ],
    [
      "a value that only the newer one refuses",
      workload(
        "Deployment",
        "a",
        `    metadata: {annotations: {traffic.sidecar.istio.io/kubevirtInterfaces: "a b!"}}\n${SIMPLE}`,
      ),
      "istio=1.29.6,nativeSidecars=false",
      "istio=1.30.2,nativeSidecars=false",
      ["refused"],
    ],
  ])("%s", async (_, text, from, to, expected) => {
    expect(await effects(text, from, to)).toEqual(expected);
  });
});

test("changes of many are said once, with the exceptions", async () => {
  const many = Array.from({ length: 12 }, (_, n) => workload("Deployment", `d${n}`, SIMPLE)).join("");
  const own = workload(
    "Deployment",
    "own",
    `    metadata: {annotations: {sidecar.istio.io/proxyImage: "p:1"}}\n${SIMPLE}`,
  );
  const [from, to] = ["istio=1.27.1,nativeSidecars=false", "istio=1.27.4,nativeSidecars=false"];
  const all = diffText(await report(many, from, to), false);
  expect(all).toContain("All 12 workloads that differ\n  ~ istio-init, istio-proxy image: 1.27.1 → 1.27.4\n");
  expect(diffText(await report(many + own, from, to), false).match(/1\.27\.1 → 1\.27\.4/g)).toHaveLength(1);
});

const NODE = "apiVersion: v1\nkind: Node\nmetadata: {name: old}\nstatus: {nodeInfo: {kubeletVersion: v1.32.1}}\n---\n";

test("the head tells what the input's Nodes make of it", async () => {
  const text = `${NODE}${workload("Job", "a", "    spec: {containers: [{name: app, image: app}]}\n")}`;
  const [from, to] = diffText(await report(text, "istio=1.26.8", "istio=1.28.3"), false).split("\n");
  expect(from).toBe("from Istio 1.26.8, regular by default on Kubernetes 1.32");
  expect(to).toBe("to   Istio 1.28.3, regular by default on the input's nodes (kubelet v1.32.1)");
});

test.each([
  [1, "0 of 1 workload differs\n"],
  [2, "0 of 2 workloads differ\n"],
])("a count of %i agrees with its verb", async (count, line) => {
  const text = workload("Job", "a", "    spec: {containers: [{name: app, image: app}]}\n").repeat(count);
  expect(diffText(await report(text, "istio=1.28.3", "istio=1.28.3"), false)).toContain(line);
});
