import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { analyseScript } from "./analyse.ts";

// The judge is bash: a script and its edit run with programs that only log, and must do the same but for the calls.

const RUNS = Number(process.env.SHELL_RUNS ?? 60);

const quit = fc.constantFrom(
  "curl -s -X POST http://localhost:15020/quitquitquit",
  'wget -qO- --post-data="" http://127.0.0.1:15000/quitquitquit',
  "curl -fsS http://localhost:15020/quitquitquit >/dev/null 2>&1",
  "curl -s \\\n  -X POST http://[::1]:15020/quitquitquit",
);
const kill = fc.constantFrom("pkill -f pilot-agent", "killall -q envoy");
const wait = fc.constantFrom(
  "until curl -sf http://localhost:15021/healthz/ready; do sleep 1; done",
  "while ! curl -s http://localhost:15020/healthz/ready; do\n  echo waiting\n  sleep 1\ndone",
  "curl --retry 5 -s http://localhost:15021/healthz/ready",
  "for i in 1 2 3; do curl -s localhost:15021/healthz/ready && break; sleep 1; done",
);
const call = fc.oneof(
  { weight: 4, arbitrary: quit },
  { weight: 2, arbitrary: kill },
  { weight: 2, arbitrary: wait },
  { weight: 1, arbitrary: quit.map((text) => `${text} || true`) },
  { weight: 1, arbitrary: quit.map((text) => `${text} | tee /dev/null`) },
);
const work = fc.oneof(
  { weight: 2, arbitrary: fc.constant("main") },
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 9 }).map((n) => `work ${n}`) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 9 }).map((n) => `work ${n} 1`) },
);
const condition = fc.oneof(
  fc.constantFrom('[ -n "$X" ]', '[ -z "$X" ]', "[[ 1 -eq 1 ]]", "true", "command -v sh >/dev/null"),
  work,
);
const separator = fc.constantFrom("; ", "\n  ", " # note\n  ", "\n  # full line\n  ");

function joined(statements: readonly string[], between: string): string {
  return statements.reduce((text, statement) =>
    text.endsWith("&") && between === "; " ? `${text} ${statement}` : text + between + statement,
  );
}

function ended(text: string): string {
  return text.endsWith("&") ? text : `${text};`;
}

const { statement } = fc.letrec<{ statement: string; list: string; simple: string }>((tie) => ({
  simple: fc.oneof({ weight: 3, arbitrary: work }, { weight: 3, arbitrary: call }),
  list: fc
    .tuple(fc.array(tie("statement"), { minLength: 1, maxLength: 3 }), separator)
    .map(([statements, between]) => joined(statements, between)),
  statement: fc.oneof(
    { maxDepth: 3, depthSize: "small" },
    tie("simple"),
    tie("simple"),
    fc
      .tuple(tie("simple"), fc.constantFrom(" && ", " || ", " &&\n  ", " \\\n  || "), tie("simple"))
      .map(([a, operator, b]) => a + operator + b),
    fc
      .tuple(tie("simple"), fc.constantFrom("&&", "||"), tie("simple"), fc.constantFrom("&&", "||"), tie("simple"))
      .map((parts) => parts.join(" ")),
    fc.tuple(condition, fc.constantFrom(" && ", " || "), call).map((parts) => parts.join("")),
    fc.tuple(condition, tie("list")).map(([test, body]) => `if ${test}; then\n  ${body}\nfi`),
    fc
      .tuple(condition, tie("list"), tie("list"))
      .map(([test, a, b]) => `if ${test}; then ${ended(a)} else ${ended(b)} fi`),
    fc.tuple(condition, tie("list"), tie("list")).map(([test, a, b]) => `if ${test}; then\n  ${a}\nelse\n  ${b}\nfi`),
    tie("list").map((body) => `for x in a b; do\n  ${body}\ndone`),
    tie("list").map((body) => `for x in a b; do ${ended(body)} done`),
    tie("list").map((body) => `{ ${ended(body)} }`),
    tie("list").map((body) => `(${body})`),
    fc.tuple(tie("list"), tie("list")).map(([a, b]) => `case $X in\n  q) ${a} ;;\n  *)\n    ${b}\n    ;;\nesac`),
    fc.tuple(work, fc.constantFrom("exit 3", "true")).map(([main, end]) => `${main} || { work 8; ${end}; }`),
    fc.tuple(work, call).map(([main, text]) => `${main} || (${text}; exit 1)`),
    quit.map((text) => `${text} &`),
    fc.constantFrom("rc=$?", "set -e", "set +e", "work $?"),
    quit.map((text) => `code=$(${text})`),
    fc.tuple(work, quit).map(([main, text]) => `bash -c '${main}; ${text}'`),
  ),
}));

const script = fc
  .record({
    head: fc.constantFrom("", "#!/bin/bash\n", "set -e\n", "# start\n", "main\nrc=$?\n"),
    define: fc.option(fc.tuple(fc.array(fc.oneof(call, work), { minLength: 1, maxLength: 2 }), fc.boolean()), {
      nil: undefined,
    }),
    trap: fc.option(fc.tuple(fc.constantFrom("work 7; ", "rc=$?; ", ""), quit, fc.constantFrom("", "; exit $rc")), {
      nil: undefined,
    }),
    body: fc.array(statement, { minLength: 1, maxLength: 5 }),
    between: fc.constantFrom("\n", "; ", "\n\n", "\n# comment\n"),
    tail: fc.constantFrom("", "\n", "\nexit $rc\n", "; exit $?", " # end\n"),
  })
  .map(({ head, define, trap, body, between, tail }) => {
    const parts = [...body];
    if (trap) parts.unshift(`trap '${trap[0]}${trap[1]}${trap[0].startsWith("rc") ? trap[2] : ""}' EXIT`);
    if (define) {
      parts.unshift(`finish() {\n  ${define[0].join("\n  ")}\n}`);
      parts.push("finish");
      if (define[1]) parts.push("work 5", "finish");
    }
    const text = joined(parts, between);
    return `${head}rc=0\n${text}${text.endsWith("&") ? tail.replace(/^;/, "") : tail}`;
  });

let dir = "";
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "shell-"));
  const stub = (name: string, status: string): void => {
    writeFileSync(join(dir, name), `#!/bin/sh\necho "${name} $*" >> "$LOG"\nexit ${status}\n`);
    chmodSync(join(dir, name), 0o755);
  };
  stub("main", "$MAIN");
  stub("work", "$2");
  for (const name of ["curl", "wget", "pkill", "killall", "sleep"]) stub(name, "0");
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function run(text: string, main: number): { log: string[]; status: number | null } {
  const log = join(dir, "log");
  writeFileSync(log, "");
  const env = { PATH: `${dir}:${process.env.PATH}`, LOG: log, MAIN: String(main) };
  const { status } = spawnSync("bash", ["-c", `${text}\n`], { env, timeout: 10_000, stdio: "ignore" });
  const lines = readFileSync(log, "utf8").split("\n");
  return { log: lines.filter((line) => line && !/^(?:curl|wget|pkill|killall|sleep) /.test(line)), status };
}

test("an edited script runs the same programs but for the calls", { timeout: 600_000 }, () => {
  fc.assert(
    fc.property(script, (text) => {
      fc.pre(spawnSync("bash", ["-n", "-c", text]).status === 0);
      const analysis = analyseScript({ text, errexit: false, env: new Map(), role: "main" });
      expect(analysis.error).toBeUndefined();
      const safe = analysis.fix(analysis.findings.filter((finding) => finding.level === "safe"));
      const review = analysis.fix(analysis.findings);
      for (const edited of [safe.text, review.text]) {
        expect(spawnSync("bash", ["-n", "-c", edited], { encoding: "utf8" }).stderr).toBe("");
      }
      const ownStatus = analysis.findings.some((finding) => finding.effect) || /exit \$\?/.test(text);
      for (const main of [0, 7]) {
        const before = run(text, main);
        if (safe.text !== text) {
          const after = run(safe.text, main);
          expect(after.log, `safe, main ${main}:\n${safe.text}`).toEqual(before.log);
          if (!ownStatus) expect(after.status, `safe, main ${main}:\n${safe.text}`).toBe(before.status);
        }
        if (review.text !== safe.text && !/set -e/.test(text) && main === 0) {
          expect(run(review.text, main).log, `review:\n${review.text}`).toEqual(before.log);
        }
      }
    }),
    { numRuns: RUNS },
  );
});

test("a second fix finds nothing more to do", () => {
  fc.assert(
    fc.property(script, (text) => {
      const context = { errexit: false, env: new Map<string, string>(), role: "main" as const };
      const first = analyseScript({ ...context, text });
      const once = first.fix(first.findings.filter((finding) => finding.level === "safe")).text;
      const second = analyseScript({ ...context, text: once });
      expect(
        second.findings.filter((finding) => finding.level === "safe"),
        once,
      ).toEqual([]);
    }),
    { numRuns: RUNS },
  );
});
