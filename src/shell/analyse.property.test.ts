import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { analyseScript } from "./analyse.ts";
import { script } from "./script.test-data.ts";

// The judges are bash and dash: a script and its edit run with programs that only log, and must do the same but for the calls.

const RUNS = Number(process.env.SHELL_RUNS ?? 60);

let dir = "";
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "shell-"));
  const stub = (name: string, status: string): void => {
    writeFileSync(
      join(dir, name),
      `#!/bin/sh\necho "${name} $*" >> "$LOG"\n[ -z "$WORKS" ] || exit 0\nexit ${status}\n`,
    );
    chmodSync(join(dir, name), 0o755);
  };
  stub("main", "$MAIN");
  stub("work", "$2");
  for (const name of ["curl", "wget", "pkill", "killall", "sleep"]) stub(name, "0");
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** @param works whether `work` always succeeds: a fix at level review may let a failure of the script's own work through. */
function run(text: string, main: number, works = false): { log: string[]; status: number | null; stdout: string } {
  const log = join(dir, "log");
  writeFileSync(log, "");
  const env = { PATH: `${dir}:${process.env.PATH}`, LOG: log, MAIN: String(main), ...(works && { WORKS: "0" }) };
  const { status, stdout } = spawnSync("bash", ["-c", `${text}\n`], { env, timeout: 10_000, encoding: "utf8" });
  const lines = readFileSync(log, "utf8").split("\n");
  return { log: lines.filter((line) => line && !/^(?:curl|wget|pkill|killall|sleep) /.test(line)), status, stdout };
}

test("an edited script runs the same programs but for the calls", { timeout: 600_000 }, () => {
  fc.assert(
    fc.property(script, (text) => {
      fc.pre(spawnSync("bash", ["-n", "-c", text]).status === 0);
      const analysis = analyseScript({ text, errexit: false, env: new Map(), role: "main" });
      expect(analysis.error).toBeUndefined();
      const safe = analysis.fix(analysis.findings.filter((finding) => finding.level === "safe"));
      const review = analysis.fix(analysis.findings);
      const shells = ["bash", "dash"].filter((shell) => spawnSync(shell, ["-n", "-c", text]).status === 0);
      for (const edited of [safe.text, review.text]) {
        for (const shell of shells)
          expect(spawnSync(shell, ["-n", "-c", edited], { encoding: "utf8" }).stderr, `${shell}:\n${edited}`).toBe("");
      }
      const ownStatus = analysis.findings.some((finding) => finding.effect);
      for (const main of [0, 7]) {
        const before = run(text, main);
        if (safe.text !== text) {
          const after = run(safe.text, main);
          expect(after.log, `safe, main ${main}:\n${safe.text}`).toEqual(before.log);
          expect(after.stdout, `safe, main ${main}:\n${safe.text}`).toBe(before.stdout);
          if (!ownStatus) expect(after.status, `safe, main ${main}:\n${safe.text}`).toBe(before.status);
        }
        if (review.text !== safe.text && !/set -e|ERR/.test(text) && main === 0) {
          expect(run(review.text, main, true).log, `review:\n${review.text}`).toEqual(run(text, main, true).log);
        }
      }
    }),
    { numRuns: RUNS },
  );
});

test("no edit takes away a finding that it does not deal with", () => {
  fc.assert(
    fc.property(script, (text) => {
      const { findings, fix } = analyseScript({ text, errexit: false, env: new Map(), role: "main" });
      for (const levels of [["safe"], ["safe", "review"]]) {
        const { edits, applied } = fix(findings.filter(({ level }) => levels.includes(level)));
        for (const { start, end, level, kind } of findings.filter((finding) => !applied.includes(finding))) {
          const taker = edits.find((edit) => edit.start <= start && end <= edit.end && edit.end > edit.start);
          expect(taker, `${kind} ${level}: ${text.slice(start, end)}`).toBeUndefined();
        }
      }
    }),
    { numRuns: 5 * RUNS },
  );
});

test("a choice of the findings runs the same programs but for the calls too", { timeout: 600_000 }, () => {
  fc.assert(
    fc.property(script, fc.array(fc.boolean(), { minLength: 8, maxLength: 8 }), (text, choice) => {
      fc.pre(spawnSync("bash", ["-n", "-c", text]).status === 0);
      const { findings, fix } = analyseScript({ text, errexit: false, env: new Map(), role: "main" });
      const safe = fix(findings.filter(({ level }, i) => level === "safe" && choice[i % choice.length]));
      if (safe.text === text) return;
      for (const main of [0, 7]) {
        const before = run(text, main);
        const after = run(safe.text, main);
        expect(after.log, `main ${main}:\n${text}\n-- to\n${safe.text}`).toEqual(before.log);
        expect(after.stdout, `main ${main}:\n${text}\n-- to\n${safe.text}`).toBe(before.stdout);
      }
    }),
    { numRuns: RUNS },
  );
});

test("all that can be fixed is fixed at once", () => {
  fc.assert(
    fc.property(script, (text) => {
      const { findings, fix } = analyseScript({ text, errexit: false, env: new Map(), role: "main" });
      for (const levels of [["safe"], ["safe", "review"]]) {
        const chosen = findings.filter(({ level }) => levels.includes(level));
        expect(new Set(fix(chosen).applied)).toEqual(new Set(chosen));
      }
    }),
    { numRuns: 5 * RUNS },
  );
});

test("fixing again and again comes to an end", () => {
  fc.assert(
    fc.property(script, (text) => {
      const context = { errexit: false, env: new Map<string, string>(), role: "main" as const };
      let left = text;
      for (let round = 0; round < 10; round++) {
        const { findings, fix } = analyseScript({ ...context, text: left });
        const fixed = fix(findings.filter((finding) => finding.level === "safe")).text;
        if (fixed === left) return;
        left = fixed;
      }
      expect.fail(left);
    }),
    { numRuns: RUNS },
  );
});
