import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import type { Run } from "../e2e/program.ts";
import { ownRepository } from "./checkout.ts";
import { copyOf, followReadme, ROOT, type Workplace } from "./example.ts";
import { IMAGE_WITH_SHELL } from "./image.ts";

test("README, followed literally", () => {
  followReadme("ci");
});

describe("the GitHub action", () => {
  interface Action {
    inputs: Record<string, { default: string }>;
    runs: { using: string; steps: { run: string; shell: string; env?: Record<string, string> }[] };
  }
  let checkout: string;
  beforeAll(() => {
    checkout = ownRepository();
  });

  /** The steps as the runner runs them: `bash -e -o pipefail`, one after the other until one fails. */
  function runAction(place: Workplace, given: Record<string, string>): Run {
    const { inputs, runs } = parse(readFileSync(join(checkout, "action.yml"), "utf8")) as Action;
    expect(runs.using).toBe("composite");
    expect(Object.keys(inputs)).toEqual(expect.arrayContaining(Object.keys(given)));
    const value = (name: string): string => given[name] ?? inputs[name]?.default ?? "";
    let last: Run = { status: 0, stdout: "", stderr: "" };
    for (const { run, shell, env = {} } of runs.steps) {
      expect(shell).toBe("bash");
      expect(run).not.toContain("${{");
      const expand = (text: string): string => text.replace(/\$\{\{ inputs\.([\w-]+) \}\}/g, (_, name) => value(name));
      const variables = Object.fromEntries(Object.entries(env).map(([name, text]) => [name, expand(text)]));
      const runner = { GITHUB_ACTION_PATH: checkout, GITHUB_STEP_SUMMARY: join(place.directory, "summary.md") };
      last = place.shell(run, { ...runner, ...variables });
      if (last.status !== 0) break;
    }
    return last;
  }

  test("annotates, writes SARIF and a summary, and fails at a warning", () => {
    const place = copyOf("ci");
    const { with: given } = (
      parse(place.read(".github/workflows/native-sidecar.yaml")) as {
        jobs: { check: { steps: { uses: string; with: Record<string, string> }[] } };
      }
    ).jobs.check.steps.find(({ uses }) => uses.includes("native-sidecar@")) ?? { with: {} };
    const { status, stdout } = runAction(place, given);
    expect(status).toBe(1);
    expect(stdout).toMatch(/^::warning file=manifests\/invoices\.yaml,line=20,/m);
    const sarif = JSON.parse(place.read("native-sidecar.sarif")) as { runs: { results: { ruleId: string }[] }[] };
    expect(sarif.runs[0]?.results.map(({ ruleId }) => ruleId)).toEqual(["quit-call"]);
    expect(place.read("summary.md")).toContain("### native-sidecar");
  });

  test("a clean directory passes", () => {
    const place = copyOf("ci");
    place.shell("rm manifests/invoices.yaml");
    const { status, stderr } = runAction(place, { module: "1.22.0", kubernetes: "1.33" });
    expect(status, stderr).toBe(0);
  });

  test("a bad target: our line, a failed step, no annotation, no SARIF file", () => {
    const place = copyOf("ci");
    place.write("report.sarif", "of an earlier run");
    const { status, stdout, stderr } = runAction(place, { module: "9.9", "sarif-file": "report.sarif" });
    expect(status).toBe(2);
    expect(stdout).toBe("");
    expect(existsSync(join(place.directory, "report.sarif"))).toBe(false);
    expect(stderr).toContain("native-sidecar: unknown Kyma Istio module 9.9");
  });

  test("the upload waits for a SARIF file, which the action leaves whole or not at all", () => {
    const { jobs } = parse(copyOf("ci").read(".github/workflows/native-sidecar.yaml")) as {
      jobs: { check: { steps: { uses: string; if?: string; with: Record<string, string> }[] } };
    };
    const upload = jobs.check.steps.find(({ uses }) => uses.includes("upload-sarif"));
    expect(upload?.if).toContain(`hashFiles('${upload?.with.sarif_file}') != ''`);
  });

  test("what stands in an input is never run", () => {
    const place = copyOf("ci");
    runAction(place, { module: '"; touch ran; "', paths: "$(touch ran) `touch ran`" });
    expect(place.shell("ls").stdout).not.toContain("ran\n");
  });
});

describe("the GitLab component", () => {
  interface Job {
    image: { name: string; entrypoint: string[] };
    script: string[];
    artifacts: { reports: { codequality: string } };
  }

  /** The job with the inputs of .gitlab-ci.yml, run in its image as GitLab's runner does, by a shell. */
  function runJob(place: Workplace, given: Record<string, string>): { run: Run; report: string | undefined } {
    const [header, jobs] = parseAllDocuments(readFileSync(join(ROOT, "templates/native-sidecar.yml"), "utf8"));
    const { spec } = (header?.toJS() ?? {}) as { spec: { inputs: Record<string, { default: string }> } };
    const value = (name: string): string => given[name] ?? spec.inputs[name]?.default ?? "";
    const text = String(jobs).replace(/\$\[\[ inputs\.(\w+) \]\]/g, (_, name) => value(name));
    const job = (parse(text) as { "native-sidecar": Job })["native-sidecar"];
    expect(job.image).toEqual({ name: given.image, entrypoint: [""] });
    const script = job.script.join("\n");
    const run = place.shell(
      `docker run --rm --user 0:0 --network none -v "$PWD:/builds" -w /builds --entrypoint sh ${IMAGE_WITH_SHELL} -ec '${script}'`,
    );
    const { codequality } = job.artifacts.reports;
    return { run, report: existsSync(join(place.directory, codequality)) ? place.read(codequality) : undefined };
  }

  const inputsOf = (place: Workplace): Record<string, string> =>
    (parse(place.read(".gitlab-ci.yml")) as { include: { inputs: Record<string, string> }[] }).include[0]?.inputs ?? {};

  test("writes the code quality report and fails at a warning", () => {
    const place = copyOf("ci");
    const { run, report } = runJob(place, inputsOf(place));
    expect(run.status, run.stderr).toBe(1);
    expect(JSON.parse(report ?? "")).toEqual([
      expect.objectContaining({
        check_name: "quit-call",
        location: expect.objectContaining({ path: "manifests/invoices.yaml" }),
      }),
    ]);
  });

  test("a bad target: our line, a failed job, no report", () => {
    const place = copyOf("ci");
    const { run, report } = runJob(place, { ...inputsOf(place), arguments: "--module 9.9" });
    expect(run.status).toBe(2);
    expect(run.stderr).toContain("native-sidecar: unknown Kyma Istio module 9.9");
    expect(report).toBeUndefined();
  });
});
