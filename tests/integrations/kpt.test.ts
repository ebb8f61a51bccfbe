import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { diffOfFiles, filesIn } from "../e2e/case-folder.ts";
import type { Run } from "../e2e/program.ts";
import { copyOf, followReadme, type Workplace } from "./example.ts";
import { needTools } from "./tools.ts";

needTools("kpt");

const TARGET = "module=1.22.0 kubernetes=1.33";
const IMAGE = "--image localhost/native-sidecar:latest --image-pull-policy ifNotPresent";
const CONFIG = "--fn-config package/native-sidecar.yaml";

const WAYS: Record<string, string> = {
  "eval --exec": `kpt fn eval package --exec native-sidecar --results-dir results ${CONFIG}`,
  "eval --image": `kpt fn eval package ${IMAGE} --results-dir results ${CONFIG}`,
  render: "kpt fn render package --image-pull-policy ifNotPresent --results-dir results",
  "source and sink": `kpt fn source package ${CONFIG} | native-sidecar | kpt fn sink sunk`,
};

/** What a way does to the package's files. */
function changes(place: Workplace, command: string): { run: Run; diff: string } {
  const before = filesIn(join(place.directory, "package"));
  const run = place.shell(command);
  const written = command.includes("fn sink") && run.status === 0 ? "sunk" : "package";
  return { run, diff: diffOfFiles(before, filesIn(join(place.directory, written))) };
}

function changedLines(diff: string): string[] {
  return diff.split("\n").filter((line) => /^[-+](?![-+])/.test(line));
}

interface FunctionResults {
  exitCode: number;
  items: { exitCode: number; stderr?: string; results?: { severity: string; file?: { path: string } }[] }[];
}

const resultsOf = (place: Workplace): FunctionResults => parse(place.read("results/results.yaml")) as FunctionResults;

test("README, followed literally", () => {
  const { directory } = followReadme("kpt");
  const [program, ...others] = ["by-program", "by-image", "rendered", "sunk"].map((name) =>
    filesIn(join(directory, name)),
  );
  for (const other of others) expect(other).toEqual(program);
});

describe.each(Object.entries(WAYS))("%s", (way, command) => {
  test("takes out the call and no other byte, and nothing more the second time", () => {
    const place = copyOf("kpt");
    const { run, diff } = changes(place, command);
    expect(run.status, run.stderr).toBe(0);
    expect(changedLines(diff)).toEqual([expect.stringMatching(/^- .*quitquitquit {2}# or the Job never ends$/)]);
    if (way !== "source and sink") expect(changes(place, command).diff).toBe("");
  });

  test("a bad functionConfig: our line, kpt's failure, nothing written", () => {
    const place = copyOf("kpt");
    place.write("package/native-sidecar.yaml", place.read("package/native-sidecar.yaml").replace("safe", "saf"));
    const { run, diff } = changes(place, command);
    expect(run.status).not.toBe(0);
    expect(`${run.stdout}${run.stderr}`).toMatch(/native-sidecar: <stdin>:\d+:\d+: .*spec\.strip\.level.*safe/);
    expect(diff).toBe("");
  });
});

describe("--results-dir", () => {
  test.each(["eval --exec", "eval --image", "render"])("%s: holds the results with their files", (way) => {
    const place = copyOf("kpt");
    place.shell(WAYS[way] ?? "");
    const { exitCode, items } = resultsOf(place);
    expect(exitCode).toBe(0);
    expect(items[0]?.results).toEqual([
      expect.objectContaining({ severity: "info", file: { path: "invoices.yaml" }, tags: { rule: "quit-call" } }),
    ]);
  });
});

test("as validator it fails a render at an error, and nothing is written", () => {
  const place = copyOf("kpt");
  const wrong = 'template:\n    metadata: {annotations: {sidecar.istio.io/nativeSidecar: "no"}}';
  place.write("package/invoices.yaml", place.read("package/invoices.yaml").replace("template:", wrong));
  place.write("package/Kptfile", place.read("package/Kptfile").replace(/ {2}mutators:[\s\S]*(?= {2}validators)/, ""));
  const { run, diff } = changes(place, WAYS.render ?? "");
  expect(run.status).not.toBe(0);
  expect(`${run.stdout}${run.stderr}`).toContain("bad-opt-out");
  expect(diff).toBe("");
});

test("ConfigMap arguments that are wrong are named", () => {
  const place = copyOf("kpt");
  const { run, diff } = changes(place, `kpt fn eval package --exec native-sidecar -- ${TARGET} strp=safe`);
  expect(run.status).not.toBe(0);
  expect(`${run.stdout}${run.stderr}`).toMatch(/native-sidecar: .*strp.*strip/);
  expect(diff).toBe("");
});

test("between source and sink a failure is one for a shell without pipefail too", () => {
  const place = copyOf("kpt");
  place.write("package/native-sidecar.yaml", place.read("package/native-sidecar.yaml").replace("safe", "saf"));
  const [, block = ""] = /^```sh\n((?:(?!```)[\s\S])*fn sink[\s\S]*?)^```$/m.exec(place.read("README.md")) ?? [];
  const { status, stderr } = place.shell(`set +eu +o pipefail\n${block}`);
  expect(stderr).toContain("native-sidecar: ");
  expect(status).not.toBe(0);
});
