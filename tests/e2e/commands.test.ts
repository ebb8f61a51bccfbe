// Every folder of testdata/cli: a command on input files, and all that it says and does.

import { cpSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { caseFolders, diffOfFiles, emptyDirectory, expectGolden, filesIn } from "./case-folder.ts";
import { type Run, runProgram } from "./program.ts";

/** case.json */
interface CommandCase {
  /** Arguments of the program, run inside of a copy of `input/`. */
  args: string[];
  /** File of `input/` that is piped in. */
  stdin?: string;
  /** Lines on stderr of a case that must be refused, default 1: several files are bad. */
  lines?: number;
}

for (const { name, path } of caseFolders("cli", "case.json")) {
  const { args, stdin, lines = 1 } = JSON.parse(readFileSync(join(path, "case.json"), "utf8")) as CommandCase;

  describe(name, () => {
    const directory = emptyDirectory();
    if (existsSync(join(path, "input"))) cpSync(join(path, "input"), directory, { recursive: true });
    const input = stdin === undefined ? "" : readFileSync(join(directory, stdin));
    const before = filesIn(directory);
    const first = runProgram(args, directory, input);
    const after = filesIn(directory);

    test("says and does what its golden holds", () => {
      expectGolden(join(path, "expected.txt"), transcript(args, stdin, first, diffOfFiles(before, after)));
    });

    test("does nothing more the second time", () => {
      const isFilter = stdin !== undefined && first.status === 0 && /^(?:fix|render)$/.test(args[0] ?? "function");
      const second = runProgram(args, directory, isFilter ? first.stdout : input);
      expect(diffOfFiles(after, filesIn(directory))).toBe("");
      if (isFilter) expect(second.stdout).toBe(first.stdout);
    });

    if (name.startsWith("bad-")) {
      test(`is refused in ${lines === 1 ? "one line" : `${lines} lines`}, with nothing written`, () => {
        expect(first.status).toBe(2);
        expect(first.stdout).toBe("");
        expect(first.stderr).toMatch(/^(?:native-sidecar: [^\n]+\n)+$/);
        expect(first.stderr.split("\n")).toHaveLength(lines + 1);
        expect(first.stderr).not.toMatch(/internal error|\bat .*:\d+:\d+\)/);
        expect(diffOfFiles(before, after)).toBe("");
      });
    }
  });
}

function transcript(
  args: readonly string[],
  stdin: string | undefined,
  { status, stdout, stderr }: Run,
  diff: string,
): string {
  const command = ["native-sidecar", ...args, ...(stdin === undefined ? [] : ["<", stdin])].join(" ");
  const sections = [`$ ${command}`, `exit status ${status}`];
  for (const [heading, text] of Object.entries({ stdout, stderr, files: diff })) {
    if (text !== "") sections.push(`--- ${heading}`, text.replace(/\n$/, ""));
  }
  return `${sections.join("\n")}\n`;
}
