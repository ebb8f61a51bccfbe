// What the program does with its standard streams.

import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { emptyDirectory } from "./case-folder.ts";
import { BUNDLE, MODULE_1_22, runProgram } from "./program.ts";

const LIST = readFileSync(
  fileURLToPath(new URL("../../examples/quick-start/resource-list.yaml", import.meta.url)),
  "utf8",
);

test("a reader that leaves early is no failure", () => {
  const command = `"${process.execPath}" "${BUNDLE}" schema | true; echo "\${PIPESTATUS[0]}"`;
  for (let n = 0; n < 3; n++) {
    const { stdout, stderr } = spawnSync("bash", ["-c", command], { encoding: "utf8" });
    expect(stderr).toBe("");
    expect(stdout).toBe("0\n");
  }
});

test("a large output reaches a pipe whole", () => {
  const documents = Array.from(
    { length: 400 },
    (_, n) => `apiVersion: v1\nkind: Pod\nmetadata: {name: p${n}}\nspec:\n  containers: [{name: main, image: a}]\n`,
  );
  const { status, stdout } = runProgram(
    ["render", "-", "--quiet", ...MODULE_1_22],
    emptyDirectory(),
    documents.join("---\n"),
  );
  expect(status).toBe(0);
  expect(stdout.length).toBeGreaterThan(1_000_000);
  expect(stdout.match(/^kind: Pod$/gm)).toHaveLength(400);
});

test("the function's stdout is a ResourceList and nothing else; a second run has nothing to fix", () => {
  const first = runProgram([], emptyDirectory(), LIST);
  expect(first.status).toBe(0);
  const list = parse(first.stdout) as { kind: string; items: unknown[]; results: { severity: string }[] };
  expect(list.kind).toBe("ResourceList");
  expect(list.items).toHaveLength(3);
  expect(first.stderr.trimEnd().split("\n")).toHaveLength(list.results.length);
  const second = runProgram([], emptyDirectory(), first.stdout);
  expect((parse(second.stdout) as { items: unknown[] }).items).toEqual(list.items);
  expect(second.stderr).toBe("");
});

test("with nothing on stdin and no command there is help, and status 2", () => {
  const { status, stderr } = spawnSync(process.execPath, [BUNDLE], {
    stdio: ["ignore", "pipe", "pipe"],
    encoding: "utf8",
  });
  expect(status).toBe(2);
  expect(stderr).toContain("Usage: native-sidecar");
});

test("every rule has a documentation", () => {
  const { stderr } = runProgram(["explain", "no-such-rule"], emptyDirectory());
  const rules = /rules: (.*)$/m.exec(stderr)?.[1]?.split(", ") ?? [];
  expect(rules.length).toBeGreaterThan(3);
  for (const rule of rules) expect(runProgram(["explain", rule], emptyDirectory()).stdout).toMatch(`# ${rule}\n`);
});

const isLinux = existsSync("/dev/full");

test.runIf(isLinux)("a full disk behind stdout is told in one line", () => {
  const command = `printf %s "$LIST" | "${process.execPath}" "${BUNDLE}" >/dev/full`;
  const { status, stderr } = spawnSync("bash", ["-c", command], { encoding: "utf8", env: { ...process.env, LIST } });
  expect(status).toBe(2);
  expect(stderr).toContain("native-sidecar: stdout: cannot be written: no space left on the device\n");
  expect(stderr).not.toContain("    at ");
});

test.runIf(isLinux)("a full disk behind stderr keeps no result back", () => {
  const command = `printf %s "$LIST" | "${process.execPath}" "${BUNDLE}" 2>/dev/full`;
  const { status, stdout } = spawnSync("bash", ["-c", command], { encoding: "utf8", env: { ...process.env, LIST } });
  expect({ status, stdout }).toMatchObject({ status: 0, stdout: runProgram([], ".", LIST).stdout });
});

test("input that comes in pieces, and output whose reader is slow, are whole", () => {
  const noise = `# ${"é\u{1f600}".repeat(40)}\n`.repeat(40_000);
  const input = LIST.replace("items:\n", `items:\n${noise}`);
  const command = `(head -c 100000; sleep 0.2; cat) | "${process.execPath}" "${BUNDLE}" 2>/dev/null | (sleep 0.5; cat)`;
  const { stdout } = spawnSync("bash", ["-c", command], { encoding: "utf8", input, maxBuffer: 2 ** 28 });
  expect(stdout).toContain(noise);
  expect(stdout).toBe(runProgram([], ".", input).stdout);
});
