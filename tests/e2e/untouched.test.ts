// What `fix` and `render --in-place` have no edit for is not opened for writing.

import { mkdirSync, readdirSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { emptyDirectory, filesIn } from "./case-folder.ts";
import { BUNDLE, findTool, MODULE_1_22, run, runProgram } from "./program.ts";

const STRACE = findTool("strace", "STRACE", ["-V"]);
if (STRACE === undefined)
  console.warn("strace is not installed: only times and inodes of untouched files are compared");

const QUIT = "              curl -fsS -X POST http://localhost:15020/quitquitquit\n";

function job(name: string, end: string): string {
  return `apiVersion: batch/v1
kind: Job
metadata:
  name: ${name}
  namespace: test
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
${end}`;
}

/** 200 files without a hack, and one with. */
function manifests(): string {
  const directory = emptyDirectory();
  for (let n = 0; n < 200; n++) {
    const folder = join(directory, `team-${n % 10}`);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `job-${n}.yaml`), job(`job-${n}`, n % 3 === 0 ? "              echo quit\n" : ""));
  }
  writeFileSync(join(directory, "hack.yaml"), job("hack", QUIT));
  const yesterday = new Date(Date.now() - 86_400_000);
  for (const name of yamlFiles(directory)) utimesSync(join(directory, name), yesterday, yesterday);
  return directory;
}

function yamlFiles(directory: string): string[] {
  return (readdirSync(directory, { recursive: true }) as string[]).filter((name) => name.endsWith(".yaml")).sort();
}

function marks(directory: string): Map<string, string> {
  return new Map(
    yamlFiles(directory).map((name) => {
      const { ino, mtimeNs, ctimeNs, size } = statSync(join(directory, name), { bigint: true });
      return [name, `${ino} ${mtimeNs} ${ctimeNs} ${size}`];
    }),
  );
}

function changedMarks(before: Map<string, string>, after: Map<string, string>): string[] {
  return [...after].filter(([name, mark]) => before.get(name) !== mark).map(([name]) => name);
}

describe("over 201 files of which one holds a hack", () => {
  test("fix writes that one, and none the second time", () => {
    const directory = manifests();
    const before = marks(directory);
    expect(runProgram(["fix", ".", ...MODULE_1_22], directory).status).toBe(0);
    const after = marks(directory);
    expect(after.size).toBe(201);
    expect(changedMarks(before, after)).toEqual(["hack.yaml"]);
    expect(runProgram(["fix", ".", "--opt-out", "auto", "--unsafe", ...MODULE_1_22], directory).status).toBe(0);
    expect(changedMarks(after, marks(directory))).toEqual([]);
  });

  test.skipIf(STRACE === undefined)("fix opens no other file for writing", () => {
    const directory = manifests();
    const trace = join(emptyDirectory(), "trace");
    const calls = "trace=open,openat,creat,rename,renameat,renameat2,truncate,unlink,unlinkat";
    const args = ["-f", "-qq", "-e", calls, "-o", trace, process.execPath, BUNDLE, "fix", ".", ...MODULE_1_22];
    expect(run(STRACE ?? "", args, directory).status).toBe(0);
    const lines = run("grep", ["-E", "\\.yaml", trace], directory).stdout.split("\n");
    const writing = lines.filter((line) => /O_WRONLY|O_RDWR|O_CREAT|rename|unlink|truncate/.test(line));
    expect(lines.length).toBeGreaterThan(200);
    expect(writing.length).toBeGreaterThan(0);
    expect(writing.filter((line) => !line.includes("hack.yaml"))).toEqual([]);
  });

  test("fix --diff and check write nothing", () => {
    const directory = manifests();
    const before = marks(directory);
    const files = filesIn(directory);
    for (const args of [
      ["fix", "--diff", "."],
      ["check", "."],
      ["render", "."],
      ["explain", "--workload", "."],
    ]) {
      runProgram([...args, ...MODULE_1_22], directory);
    }
    expect(changedMarks(before, marks(directory))).toEqual([]);
    expect(filesIn(directory)).toEqual(files);
  });
});
