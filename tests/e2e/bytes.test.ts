// Forms that a YAML round trip would lose: every byte outside of an edit stays.

import { chmodSync, lstatSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { emptyDirectory } from "./case-folder.ts";
import { MODULE_1_22, runProgram } from "./program.ts";

const CALL = "              curl -fsS -X POST http://localhost:15020/quitquitquit\n";
const JOB = `# A Job of the team.
apiVersion:   batch/v1   # odd spaces
kind: 'Job'
metadata: {name: "send", namespace: test, labels: {"a": &a 'b', c: *a}}
spec:
  template:
    spec:
      restartPolicy: Never
      containers:
        - name: main
          image: alpine:3.20
          command: ["/bin/sh", "-c"]
          args:
            - |
              send-mail
${CALL}`;
const AFTER = JOB.replace(CALL, "");
const JSON_JOB = `{"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "send", "namespace": "test"},
 "spec": {"template": {"spec": {"restartPolicy": "Never", "containers": [
   {"name": "main", "image": "alpine:3.20", "command": ["/bin/sh", "-c"], "args": ["send-mail\\ncurl -X POST http://localhost:15020/quitquitquit\\n"]}
 ]}}}}`;

const crlf = (text: string): string => text.replaceAll("\n", "\r\n");
const FORMS: Record<string, [before: string, after: string]> = {
  plain: [JOB, AFTER],
  CRLF: [crlf(JOB), crlf(AFTER)],
  "byte order mark": [`\uFEFF${JOB}`, `\uFEFF${AFTER}`],
  "byte order mark and CRLF": [crlf(`\uFEFF${JOB}`), crlf(`\uFEFF${AFTER}`)],
  "no final newline": [`${JOB}      # the end`, `${AFTER}      # the end`],
  "document markers": [
    `%YAML 1.2\n--- # first\n${JOB}...\n---\n${JOB}--- {}\n`,
    `%YAML 1.2\n--- # first\n${AFTER}...\n---\n${AFTER}--- {}\n`,
  ],
  JSON: [JSON_JOB, JSON_JOB.replace("curl -X POST http://localhost:15020/quitquitquit\\n", "")],
};

describe.each(Object.entries(FORMS))("%s", (_, [before, after]) => {
  test("survives fix in a file", () => {
    const directory = emptyDirectory();
    const file = join(directory, "job.yaml");
    writeFileSync(file, before);
    chmodSync(file, 0o640);
    const { status, stderr } = runProgram(["fix", "job.yaml", ...MODULE_1_22], directory);
    expect(status, stderr).toBe(0);
    expect(readFileSync(file, "utf8")).toBe(after);
    expect(statSync(file).mode & 0o777).toBe(0o640);
  });

  test("survives fix on a stream", () => {
    const { status, stdout } = runProgram(["fix", "-", "--quiet", ...MODULE_1_22], emptyDirectory(), before);
    expect(status).toBe(0);
    expect(stdout).toBe(after);
  });

  test("survives a render: what was there is still there, in order, and a second render changes nothing", () => {
    const directory = emptyDirectory();
    const file = join(directory, "job.yaml");
    writeFileSync(file, after);
    const { status, stderr } = runProgram(["render", "job.yaml", "--in-place", ...MODULE_1_22], directory);
    expect(status, stderr).toBe(0);
    const rendered = readFileSync(file, "utf8");
    expect(rendered).toContain("istio-proxy");
    expect(withoutRender(after, rendered)).toEqual([]);
    if (after.includes("\r\n")) expect(rendered.replaceAll("\r\n", "")).not.toMatch(/[\r\n]/);
    expect(runProgram(["render", "job.yaml", "--in-place", ...MODULE_1_22], directory).status).toBe(0);
    expect(readFileSync(file, "utf8")).toBe(rendered);
  });
});

/** Lines of a text that another text does not hold in the same order; for one-line forms, the values. */
function withoutRender(text: string, rendered: string): string[] {
  const parts = text.trimStart().startsWith("{") ? text.split(/[[\]{},\n]+/) : text.split("\n");
  let at = 0;
  return parts.filter((part) => {
    const found = rendered.indexOf(part, at);
    if (found >= 0) at = found + part.length;
    return found < 0;
  });
}

describe("symbolic links", () => {
  test("inside of the given paths are followed and stay links; those that lead out are left alone", () => {
    const directory = emptyDirectory();
    const outside = join(emptyDirectory(), "outside.yaml");
    writeFileSync(outside, JOB);
    mkdirSync(join(directory, "given", "real"), { recursive: true });
    writeFileSync(join(directory, "given", "real", "job.yaml"), JOB);
    symlinkSync("real/job.yaml", join(directory, "given", "link.yaml"));
    symlinkSync(outside, join(directory, "given", "out.yaml"));
    const { status, stderr } = runProgram(["fix", "given", ...MODULE_1_22], directory);
    expect(status, stderr).toBe(0);
    expect(readFileSync(join(directory, "given", "link.yaml"), "utf8")).toBe(AFTER);
    expect(lstatSync(join(directory, "given", "link.yaml")).isSymbolicLink()).toBe(true);
    expect(readFileSync(outside, "utf8")).toBe(JOB);
    expect(stderr).toContain("given/out.yaml: a symbolic link that leads out of the given paths is left out");
  });
});
