// Shapes that real repositories are full of: they are no faults of ours to complain about, and nothing in them changes.

import { describe, expect, test } from "vitest";
import { emptyDirectory } from "./case-folder.ts";
import { MODULE_1_22, runProgram } from "./program.ts";

/** A literal of the byte scan, so that each is really parsed. */
const MARK = "# quitquitquit 15020 kill 1337 Job sidecar.istio.io/\n";

const SHAPES: Record<string, string> = {
  "no containers key":
    "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec:\n  template:\n    metadata: {labels: {a: b}}\n    spec: {nodeName: x}\n",
  "containers: null": "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n",
  "containers as a map": "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers: {name: x}\n",
  "containers of scalars and null":
    "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n    - x\n    -\n    - 1\n    - []\n",
  "a template without metadata":
    "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec:\n  template:\n    spec: {containers: [{name: a, image: b}]}\n",
  "metadata: null":
    "apiVersion: apps/v1\nkind: Deployment\nmetadata:\nspec:\n  template:\n    metadata:\n    spec: {containers: [{name: a, image: b}]}\n",
  "annotations: null":
    "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n  annotations:\n  labels: ~\nspec: {containers: [{name: a, image: b}]}\n",
  "annotations as a list":
    "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n  annotations: [sidecar.istio.io/inject]\nspec: {containers: [{name: a, image: b}]}\n",
  "args: null":
    "apiVersion: batch/v1\nkind: Job\nmetadata: {name: a}\nspec:\n  template:\n    spec:\n      containers:\n        - {name: a, image: b, args: null, command: ~, env:, lifecycle: null}\n",
  "command as a string":
    "apiVersion: batch/v1\nkind: Job\nmetadata: {name: a}\nspec:\n  template:\n    spec:\n      containers:\n        - name: a\n          image: b\n          command: sh -c 'curl -X POST localhost:15020/quitquitquit'\n          args: quitquitquit\n",
  "numbers as arguments":
    "apiVersion: batch/v1\nkind: Job\nmetadata: {name: a}\nspec:\n  template:\n    spec:\n      containers:\n        - name: a\n          image: b\n          command: [sleep, 15020, true, 1.5, null]\n",
  "a workload without spec": "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\n",
  "spec: null": "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec:\n",
  "spec as a string": "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec: x\n",
  "a patch without kind":
    "spec:\n  template:\n    spec:\n      containers:\n        - name: a\n          command: [sh, -c, 'run; curl -X POST localhost:15020/quitquitquit']\n",
  "a JSON patch": '[{"op": "add", "path": "/spec/template/spec/containers/0/args", "value": ["quitquitquit"]}]\n',
  "a patch with directives":
    "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec:\n  template:\n    spec:\n      containers:\n        - name: a\n          $patch: delete\n        - $patch: replace\n",
  "kind as a list": "apiVersion: v1\nkind: [Job]\nmetadata: {name: a}\n",
  "name as a number":
    "apiVersion: batch/v1\nkind: Job\nmetadata: {name: 1337, namespace: 0x1}\nspec: {template: {spec: {containers: [{name: 1, image: 2}]}}}\n",
  "no apiVersion": "kind: Job\nmetadata: {name: a}\nspec: {template: {spec: {containers: [{name: a, image: b}]}}}\n",
  "values in quoted braces":
    'apiVersion: batch/v1\nkind: Job\nmetadata: {name: "{{ .Release.Name }}"}\nspec:\n  template:\n    spec:\n      containers:\n        - name: a\n          image: "{{ .Values.image }}"\n          args: ["{{ tpl .Values.args . }}"]\n',
  "shell variables":
    "apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: $" +
    "{NAME}\n  namespace: $" +
    "{NAMESPACE:=default}\nspec:\n  template:\n    spec:\n      containers:\n        - name: a\n          image: $" +
    '{IMAGE}\n          args: ["$(ARG)", "$' +
    '{X:-15020}"]\n',
  "a List of anything":
    "apiVersion: v1\nkind: List\nitems:\n  - null\n  - {}\n  - x\n  - {kind: Job}\n  - {apiVersion: batch/v1, kind: Job, metadata: {name: a}}\n",
  "items: null": "apiVersion: v1\nkind: List\nitems:\n",
  "a CronJob that is half written":
    "apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: a}\nspec:\n  jobTemplate:\n    spec:\n      template:\n",
  "a ConfigMap with binary data":
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\nbinaryData: {x: aGk=}\ndata:\n",
  "a Secret": "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData:\n  run.txt: quitquitquit\n",
  "values of a chart": "quitquitquit:\n  sidecar.istio.io/inject: false\n  kill: [1337]\nkind: Job\n",
  "no manifest at all": "version: '3'\nservices:\n  web:\n    command: kill -9 1\n",
};

const TEMPLATED: Record<string, string> = {
  "actions between lines": `${MARK}apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: a\n{{- if .Values.x }}\nspec:\n  template: {}\n{{- end }}\n`,
  "an action as a value": `${MARK}apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: {{ .Release.Name }}-a\n  labels:\n    {{- include "labels" . | nindent 4 }}\nspec: {}\n`,
};

describe.each(Object.entries(SHAPES))("%s", (_, shape) => {
  const text = MARK + shape;

  test("fix changes nothing and check ends well", () => {
    for (const unsafe of [[], ["--unsafe"]]) {
      const { status, stdout, stderr } = runProgram(
        ["fix", "-", "--quiet", ...unsafe, ...MODULE_1_22],
        emptyDirectory(),
        text,
      );
      expect(status, stderr).toBe(0);
      expect(stdout).toBe(text);
    }
    const { status, stderr } = runProgram(["check", "-", "--fail-on", "never", ...MODULE_1_22], emptyDirectory(), text);
    expect(status, stderr).toBe(0);
  });

  test("a render ends well, and leaves what it cannot render", () => {
    const { status, stdout, stderr } = runProgram(["render", "-", "--quiet", ...MODULE_1_22], emptyDirectory(), text);
    expect([0, 2], stderr).toContain(status);
    expect(stderr).not.toContain("internal error");
    if (status === 2) expect(stderr).toMatch(/^native-sidecar: <stdin>:\d+:\d+: [^\n]+\n$/);
    else if (!stdout.includes("istio-proxy")) expect(stdout).toBe(text);
  });
});

test.each(Object.entries(TEMPLATED))("%s: refused in one line that tells what to do", (_, text) => {
  const { status, stdout, stderr } = runProgram(["fix", "-", ...MODULE_1_22], emptyDirectory(), text);
  expect(status).toBe(2);
  expect(stdout).toBe("");
  expect(stderr).toMatch(/^native-sidecar: <stdin>:\d+:\d+: [^\n]*render it \(helm template\) first\n$/);
});

test("a CRD of 3.7 MB with every literal in its descriptions comes out as it went in", () => {
  const property = (n: number): string =>
    `              field${n}:\n                description: |-\n                  a Job that must not kill 1337, see sidecar.istio.io/inject and localhost:15020/quitquitquit\n                type: string\n`;
  const text = `apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata:\n  name: big.example.com\nspec:\n  versions:\n    - name: v1\n      schema:\n        openAPIV3Schema:\n          properties:\n            spec:\n              properties:\n${Array.from({ length: 20_000 }, (_, n) => property(n)).join("")}`;
  expect(text.length).toBeGreaterThan(3_700_000);
  const { status, stdout } = runProgram(["fix", "-", "--quiet", ...MODULE_1_22], emptyDirectory(), text);
  expect(status).toBe(0);
  expect(stdout === text).toBe(true);
});
