// The preset's patterns on what they are for: every configuration of the examples and of README.md.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { copyOf, ROOT } from "./example.ts";

interface Preset {
  customManagers: {
    managerFilePatterns: string[];
    matchStrings: string[];
    matchStringsStrategy: string;
    depNameTemplate: string;
  }[];
}

const PRESET = JSON.parse(readFileSync(join(ROOT, "renovate/native-sidecar.json"), "utf8")) as Preset;

/** What Renovate finds in a file: `/…/` is a regular expression; "recursive" looks for each string in what the one before matched, globally and without multi-line mode (lib/modules/manager/custom/regex/strategies.ts). */
function found(file: string, text: string): string[] {
  return PRESET.customManagers
    .filter(({ managerFilePatterns }) =>
      managerFilePatterns.some((pattern) => new RegExp(pattern.slice(1, -1)).test(file)),
    )
    .flatMap(({ matchStrings, depNameTemplate }) =>
      matchesWithin(text, matchStrings).map((version) => `${depNameTemplate} ${version}`),
    );
}

function matchesWithin(text: string, [first, ...others]: readonly string[]): (string | undefined)[] {
  const matches = [...text.matchAll(new RegExp(first ?? "", "g"))];
  return others.length === 0
    ? matches.map(({ groups }) => groups?.currentValue)
    : matches.flatMap(([match]) => matchesWithin(match, others));
}

test("RE2, which Renovate uses, knows all that the patterns use: it has no look-around and no back-references", () => {
  for (const { matchStrings, matchStringsStrategy } of PRESET.customManagers) {
    expect(matchStringsStrategy).toBe("recursive");
    for (const pattern of matchStrings) expect(pattern).not.toMatch(/\(\?<?[=!]|\\[1-9]|\\k/);
  }
});

describe("configurations of the examples", () => {
  const files = (readdirSync(join(ROOT, "examples"), { recursive: true }) as string[]).filter((name) =>
    /(?:^|\/)(?:\.?native-sidecar\.yaml|Kptfile)$/.test(name),
  );
  const naming = files.filter((file) => /module: "/.test(readFileSync(join(ROOT, "examples", file), "utf8")));
  test("there are some", () => expect(naming.length).toBeGreaterThan(4));

  test.each(naming)("%s", (file) => {
    expect(found(file, readFileSync(join(ROOT, "examples", file), "utf8"))).toEqual(["kyma-project/istio 1.22.0"]);
  });
});

test.each([
  ["module: 1.22.0", ["kyma-project/istio 1.22.0"]],
  ["target: {module: '1.25', kubernetes: \"1.33\"}", ["kyma-project/istio 1.25"]],
  ['    istio: "1.27.1" # the mesh', ["istio/istio 1.27.1"]],
  ['{"spec": {"target": {kubernetes: "1.33"}}}', []],
  ["- istio: 1.26.8\n- module: 1.25.0\n", ["kyma-project/istio 1.25.0", "istio/istio 1.26.8"]],
  ['{"spec": {"target": {"module": "1.22.0", "kubernetes": "1.33"}}}', ["kyma-project/istio 1.22.0"]],
  [
    "targets: [{module: 1.22.0}, {module: 1.25.0},{istio: 1.26.8}]",
    ["kyma-project/istio 1.22.0", "kyma-project/istio 1.25.0", "istio/istio 1.26.8"],
  ],
  ["# module: 1.20.0\nmodule: 1.22.0 # was module: 1.21.0\n", ["kyma-project/istio 1.22.0"]],
  ["other-module: 1.22.0\nmodules: 1.22.0\nmodule: main\nistio: 1.27.1-rc.0\n", []],
])("%s", (text, expected) => {
  expect(found(".native-sidecar.yaml", text)).toEqual(expected);
});

test("no other files are looked at", () => {
  expect(found("values.yaml", "module: 1.22.0")).toEqual([]);
  expect(found("native-sidecar.md", "module: 1.22.0")).toEqual([]);
});

test("the file that Renovate changes is one that the program reads", () => {
  const place = copyOf("renovate");
  place.write(".native-sidecar.yaml", place.read(".native-sidecar.yaml").replace("1.22.0", "1.25.0"));
  const { status, stdout } = place.shell(
    `native-sidecar check "${join(ROOT, "examples/quick-start/manifests")}" --fail-on never --format json`,
  );
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toHaveProperty("target.module", "1.25.0");
  place.write(".native-sidecar.yaml", place.read(".native-sidecar.yaml").replace("1.25.0", "9.9.0"));
  const bad = place.shell(`native-sidecar check "${join(ROOT, "examples/quick-start/manifests")}"`);
  expect(bad.status).toBe(2);
  expect(bad.stderr).toMatch(
    /^native-sidecar: \.native-sidecar\.yaml:\d+:\d+: spec\.target\.module: unknown Kyma Istio module 9\.9\.0; the nearest known are /,
  );
  expect(bad.stdout).toBe("");
});
