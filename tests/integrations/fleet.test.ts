import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import type { Run } from "../e2e/program.ts";
import { copyOf, followReadme, type Workplace } from "./example.ts";
import { IMAGE_WITH_SHELL } from "./image.ts";
import { needTools } from "./tools.ts";

needTools("argo-lint");

test("README, followed literally", () => {
  followReadme("fleet");
});

describe("the WorkflowTemplate", () => {
  test("passes Argo Workflows' own validation", () => {
    const { status, stderr } = copyOf("fleet").shell("argo-lint check-fleet.yaml");
    expect(status, stderr).toBe(0);
  });

  test("which is one that finds mistakes", () => {
    const place = copyOf("fleet");
    place.write("check-fleet.yaml", place.read("check-fleet.yaml").replace("template: gather", "template: gathr"));
    expect(place.shell("argo-lint check-fleet.yaml").stderr).toContain("'gathr' undefined");
  });
});

interface Step {
  name: string;
  container?: { command: string[]; args: string[]; env?: { name: string }[] };
}

/** Runs a step's command in the image with /work and /tmp as the workflow gives them. */
function runStep(place: Workplace, name: string, parameters: Record<string, string>): Run {
  const { spec } = parse(place.read("check-fleet.yaml")) as { spec: { templates: Step[] } };
  const container = spec.templates.find((template) => template.name === name)?.container;
  const words = [...(container?.command ?? []), ...(container?.args ?? [])];
  const [entrypoint, ...rest] = words.map((word) => `'${word}'`);
  const set = (container?.env ?? []).map((variable) => `--env ${variable.name}='${parameters[variable.name]}'`);
  const mounts = '-v "$PWD/repository:/work:ro" -v "$PWD/tmp:/tmp" -w /work';
  const flags = `--rm --network none --read-only --user 0:0 ${mounts} ${set.join(" ")}`;
  return place.shell(
    `mkdir -p tmp/reports; docker run ${flags} --entrypoint ${entrypoint} ${IMAGE_WITH_SHELL} ${rest.join(" ")}`,
  );
}

const TARGET = { MODULE: "1.22.0", KUBERNETES: "1.33" };

/** Runs the step of a directory, and keeps what it leaves as the artifact repository does. */
function check(place: Workplace, directory: string): Run {
  const run = runStep(place, "check", { ...TARGET, DIRECTORY: directory });
  place.shell(`! [ -e tmp/native-sidecar.sarif ] || mv tmp/native-sidecar.sarif tmp/reports/${directory}.sarif`);
  return run;
}

const gather = (place: Workplace, ...directories: string[]): Run =>
  runStep(place, "gather", { DIRECTORIES: JSON.stringify(directories) });

interface Sarif {
  version: string;
  runs: {
    results: { ruleIndex: number; ruleId: string }[];
    automationDetails: { id: string };
    invocations: unknown[];
  }[];
}

test("a step a directory, and one SARIF run of all", () => {
  const place = copyOf("fleet");
  place.shell("cp -R repository/team-a repository/team-c");
  for (const directory of ["team-a", "team-b", "team-c"]) {
    const { status, stderr } = check(place, directory);
    expect(status, stderr).toBe(0);
  }
  const { status, stdout, stderr } = gather(place, "team-a", "team-b", "team-c");
  expect(status, stderr).toBe(0);
  expect(stderr).toBe("");
  expect(stdout).toBe("findings: 2, directories: 3\n");
  const { version, runs } = JSON.parse(place.read("tmp/fleet.sarif")) as Sarif;
  expect(version).toBe("2.1.0");
  expect(runs.map(({ results }) => results.map(({ ruleId }) => ruleId))).toEqual([["quit-call", "quit-call"]]);
  expect(runs[0]?.automationDetails).toEqual({ id: "native-sidecar/" });
  expect(runs[0]?.invocations).toHaveLength(3);
});

test("a directory that cannot be read: our line, a failed step, no report; the others' are gathered", () => {
  const place = copyOf("fleet");
  expect(check(place, "team-a").status).toBe(0);
  const { status, stderr } = check(place, "team-c");
  expect(status).toBe(2);
  expect(stderr).toMatch(/^native-sidecar: team-c/m);
  expect(place.shell("ls tmp/reports").stdout).toBe("team-a.sarif\n");
  // Empty, and cut off: as an artifact repository of before may hold them.
  place.write("tmp/reports/team-d.sarif", "");
  place.write("tmp/reports/team-e.sarif", '{"version": ');
  const gathered = gather(place, "team-a", "team-c", "team-d", "team-e");
  expect(gathered.status, gathered.stderr).toBe(0);
  expect(gathered.stdout).toBe("findings: 1, directories: 1\n");
  expect(gathered.stderr).toMatch(/^team-c: no report.*\nteam-d: no report.*\nteam-e: no SARIF: .*\n$/);
});

test("no directory that can be read: a failed step that says so", () => {
  const { status, stdout, stderr } = gather(copyOf("fleet"), "team-c");
  expect(status).toBe(1);
  expect(stdout).toBe("");
  expect(stderr).toContain("no directory was checked");
});

test("a step without a report fails as its program does: the artifact is optional", () => {
  const { spec } = parse(copyOf("fleet").read("check-fleet.yaml")) as {
    spec: { templates: { name: string; outputs?: { artifacts: { name: string; optional?: boolean }[] } }[] };
  };
  const sarif = spec.templates.find(({ name }) => name === "check")?.outputs?.artifacts[0];
  expect(sarif).toMatchObject({ name: "sarif", optional: true });
});
