// Every folder of testdata/function: kustomize and kpt run the built file over its input, as their users would.

import { chmodSync, copyFileSync, cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseDocument } from "yaml";
import { caseFolders, diffOfFiles, diffOfTexts, emptyDirectory, expectGolden, filesIn } from "./case-folder.ts";
import { BUNDLE, findTool, type Run, run } from "./program.ts";

const KUSTOMIZE = findTool("kustomize", "KUSTOMIZE", ["version"]);
const KPT = findTool("kpt", "KPT", ["version"]);
if (KUSTOMIZE === undefined) console.warn("kustomize is not installed: its function tests are skipped");
if (KPT === undefined) console.warn("kpt is not installed: its function tests are skipped");

for (const { name, path } of caseFolders("function", "config.yaml")) {
  describe(name, () => {
    test.skipIf(KUSTOMIZE === undefined)("kustomize build with an exec transformer", () => {
      const directory = kustomization(path);
      const plain = build(directory, "resources");
      expect(plain.stderr).toBe("");
      const built = build(directory, "transformed");
      const diff = built.status === 0 ? diffOfTexts("build", plain.stdout, built.stdout) : "";
      expectGolden(join(path, "kustomize.txt"), transcript(built, diff, ownLines(built.stderr)));
    });

    test.skipIf(KPT === undefined)("kpt fn eval --exec, and once more", () => {
      const directory = packageOf(path);
      const before = filesIn(join(directory, "input"));
      const first = evaluate(directory);
      const after = filesIn(join(directory, "input"));
      const results = readFileSync(join(directory, "results", "results.yaml"), "utf8");
      expectGolden(join(path, "kpt.txt"), transcript(first, diffOfFiles(before, after), stderrIn(results)));
      const again = evaluate(directory);
      expect(again.status).toBe(first.status);
      expect(diffOfFiles(after, filesIn(join(directory, "input")))).toBe("");
    });
  });
}

/** The case's input as a kustomization, and another one with the built file as transformer over it. */
function kustomization(path: string): string {
  const directory = packageOf(path);
  const resources = readdirSync(join(directory, "input")).sort();
  writeFileSync(join(directory, "input", "kustomization.yaml"), JSON.stringify({ resources }));
  mkdirSync(join(directory, "transformed"));
  const config = parseDocument(readFileSync(join(path, "config.yaml"), "utf8"));
  config.setIn(["metadata", "annotations", "config.kubernetes.io/function"], "exec: {path: ./native-sidecar}\n");
  writeFileSync(join(directory, "transformed", "function.yaml"), config.toString());
  cpSync(join(directory, "native-sidecar"), join(directory, "transformed", "native-sidecar"));
  const transformed = { resources: ["../input"], transformers: ["function.yaml"] };
  writeFileSync(join(directory, "transformed", "kustomization.yaml"), JSON.stringify(transformed));
  return directory;
}

function packageOf(path: string): string {
  const directory = emptyDirectory();
  cpSync(join(path, "input"), join(directory, "input"), { recursive: true });
  copyFileSync(BUNDLE, join(directory, "native-sidecar"));
  chmodSync(join(directory, "native-sidecar"), 0o755);
  copyFileSync(join(path, "config.yaml"), join(directory, "config.yaml"));
  return directory;
}

function build(directory: string, which: "resources" | "transformed"): Run {
  const folder = which === "resources" ? "input" : "transformed";
  return run(KUSTOMIZE ?? "", ["build", "--enable-alpha-plugins", "--enable-exec", folder], directory);
}

function evaluate(directory: string): Run {
  const flags = ["--exec", "./native-sidecar", "--fn-config", "config.yaml", "--results-dir", "results"];
  return run(KPT ?? "", ["fn", "eval", "input", ...flags], directory);
}

/** What the function itself said, without kustomize's own words around it. */
function ownLines(stderr: string): string {
  const lines = stderr.split("\n").filter((line) => /^(?:info|warning|error|native-sidecar): /.test(line));
  return lines.map((line) => `${line}\n`).join("");
}

/** What the function said as kpt recorded it. */
function stderrIn(results: string): string {
  return (parseDocument(results).getIn(["items", 0, "stderr"]) as string | undefined) ?? "";
}

function transcript({ status }: Run, diff: string, said: string): string {
  // Where the functionConfig stands in the ResourceList is the tool's affair.
  const steady = said.replace(/<stdin>:\d+:\d+/g, "<stdin>:LINE:COLUMN");
  return `exit status ${status}\n--- stderr\n${steady}--- changes\n${diff}`;
}
