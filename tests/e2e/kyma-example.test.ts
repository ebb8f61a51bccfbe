// The example of Kyma's documentation on native sidecars ("Enable Istio native sidecar containers", test-job): which
// sidecar it gets from which module release, and where its proxy stands.

import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { emptyDirectory } from "./case-folder.ts";
import { runProgram } from "./program.ts";

const JOB = `apiVersion: batch/v1
kind: Job
metadata:
  name: test-job
  namespace: test
spec:
  template:
    spec:
      containers:
      - name: test-job
        image: alpine:latest
        command: [ "/bin/sleep", "10" ]
      restartPolicy: Never
`;
const OPTED_OUT = JOB.replace(
  "    spec:\n      containers",
  '    metadata:\n      annotations:\n        sidecar.istio.io/nativeSidecar: "false"\n    spec:\n      containers',
);
const COMPATIBLE = `apiVersion: operator.kyma-project.io/v1alpha2
kind: Istio
metadata:
  name: default
  namespace: kyma-system
spec:
  compatibilityMode: true
---
`;

interface Container {
  name: string;
  restartPolicy?: string;
}

function render(input: string, target: readonly string[]): { init: Container[]; main: Container[] } {
  const { status, stdout, stderr } = runProgram(["render", "-", ...target], emptyDirectory(), input);
  expect(status, stderr).toBe(0);
  const job = parse(stdout.slice(stdout.indexOf("apiVersion: batch/v1"))) as {
    spec: { template: { spec: { initContainers?: Container[]; containers: Container[] } } };
  };
  const { initContainers = [], containers } = job.spec.template.spec;
  return { init: initContainers, main: containers };
}

const names = (containers: readonly Container[]): string[] => containers.map(({ name }) => name);

describe("test-job", () => {
  test.each([
    ["module 1.22.0", JOB, ["--module", "1.22.0", "--kubernetes", "1.33"]],
    [
      "a module with Istio 1.28 in spite of compatibilityMode",
      COMPATIBLE + JOB,
      ["--module", "1.25.0", "--kubernetes", "1.33"],
    ],
  ])("gets a native proxy: %s", (_, input, target) => {
    const { init, main } = render(input, target);
    expect(names(init)).toEqual(["istio-validation", "istio-proxy"]);
    expect(init[1]?.restartPolicy).toBe("Always");
    expect(names(main)).toEqual(["test-job"]);
  });

  test.each([
    ["opted out", OPTED_OUT, ["--module", "1.22.0", "--kubernetes", "1.33"]],
    ["compatibilityMode given", JOB, ["--module", "1.22.0", "--kubernetes", "1.33", "--compatibility-mode"]],
    ["compatibilityMode in the input's Istio CR", COMPATIBLE + JOB, ["--module", "1.22.0", "--kubernetes", "1.33"]],
    ["module 1.21", JOB, ["--module", "1.21", "--kubernetes", "1.33"]],
    ["Kubernetes 1.32", JOB, ["--module", "1.22.0", "--kubernetes", "1.32"]],
  ])("gets a regular proxy: %s", (_, input, target) => {
    const { init, main } = render(input, target);
    expect(names(init)).toEqual(["istio-validation"]);
    // Kyma holds the app until the proxy is up, so the proxy comes first.
    expect(names(main)).toEqual(["istio-proxy", "test-job"]);
    expect(main[0]?.restartPolicy).toBeUndefined();
  });
});
