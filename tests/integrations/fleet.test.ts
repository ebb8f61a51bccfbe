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

test("a step a directory, and one SARIF file of all", () => {
  const place = copyOf("fleet");
  for (const directory of ["team-a", "team-b"]) {
    const { status, stderr } = runStep(place, "check", { ...TARGET, DIRECTORY: directory });
    expect(status, stderr).toBe(0);
    place.shell(`mv tmp/native-sidecar.sarif tmp/reports/${directory}.sarif`);
  }
  const { status, stdout, stderr } = runStep(place, "gather", {});
  expect(status, stderr).toBe(0);
  expect(stdout).toBe("findings: 1, directories: 2\n");
  const sarif = JSON.parse(place.read("tmp/fleet.sarif")) as { version: string; runs: { results: unknown[] }[] };
  expect(sarif.version).toBe("2.1.0");
  expect(sarif.runs.map(({ results }) => results.length)).toEqual([1, 0]);
});

test("a directory that cannot be read: our line, a failed step, no report", () => {
  const place = copyOf("fleet");
  const { status, stderr } = runStep(place, "check", { ...TARGET, DIRECTORY: "team-c" });
  expect(status).toBe(2);
  expect(stderr).toMatch(/^native-sidecar: team-c/m);
  expect(place.read("tmp/native-sidecar.sarif")).toBe("");
});
