import fc from "fast-check";

/*
 * Shell scripts as people write them round their proxy calls, for tests that run a script and its edit. Programs:
 * `main` (its status is the test's to choose), `work NAME [STATUS]`, and the calls' own.
 */

const quit = fc.constantFrom(
  "curl -s -X POST http://localhost:15020/quitquitquit",
  'wget -qO- --post-data="" http://127.0.0.1:15000/quitquitquit',
  "curl -fsS http://localhost:15020/quitquitquit >/dev/null 2>&1",
  "curl -s \\\n  -X POST http://[::1]:15020/quitquitquit",
  "timeout 5 curl -X POST localhost:15020/quitquitquit",
  "/usr/bin/env curl -X POST localhost:15020/quitquitquit",
  "echo localhost:15020/quitquitquit | xargs curl -X POST",
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
/** Loops with several calls, and with variables that may be used behind them. */
const callLoop = fc
  .tuple(
    fc.constantFrom("i=0; while [ $i -lt 2 ]; do", "for i in 1 2; do", "i=0\nuntil [ $i -ge 2 ]; do"),
    fc.constantFrom(
      "code=$(curl -s localhost:15021/healthz/ready)",
      "curl -s localhost:15021/healthz/ready && break",
      "curl -s localhost:15020/quitquitquit; code=$?",
      "python3 -c 'get(\"http://localhost:15021/healthz/ready\")'",
      "true",
    ),
    fc.constantFrom("if [ $i -ge 1 ]; then curl -X POST localhost:15020/quitquitquit; break; fi", "pkill envoy", ""),
    fc.constantFrom("i=$((i+1)); sleep 1", "i=$((i+1)); t=$i; echo waiting"),
    fc.constantFrom("", "work 1 $t", "t=0; work $t", "echo $code", "work $code", "exit $code"),
  )
  .map(([head, first, second, count, behind]) => {
    const body = [first, second, count].filter(Boolean).join("\n  ");
    return `${head}\n  ${body}\ndone${behind && `\n${behind}`}`;
  });
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
    callLoop,
    quit.map((text) => `${text} &`),
    fc.constantFrom("x=$(status)", "exit $(status)", "status && work 6", "x=$(finish)", 'work "$(finish)"'),
    quit.map((text) => `! ${text}`),
    fc.tuple(quit, fc.constantFrom("exit 0", "exit $?", "exit", "work $?")).map((parts) => parts.join(" && ")),
    fc
      .tuple(quit, fc.constantFrom("exit $?", "work $?", "rc=$?", "[ $? -eq 0 ] || work 9"))
      .map((parts) => parts.join("\n")),
    fc
      .tuple(tie("list"), fc.constantFrom("&&", "||"), work)
      .map(([a, operator, b]) => `{ ${ended(a)} } ${operator} ${b}`),
    fc.tuple(tie("list"), fc.constantFrom("&&", "||"), work).map(([a, operator, b]) => `(${a}) ${operator} ${b}`),
    fc
      .tuple(call, fc.constantFrom("EXIT", "TERM", "ERR", "EXIT TERM"))
      .map(([text, signals]) => `trap '${text.replaceAll("'", "")}' ${signals}`),
    quit.map((text) => `exec ${text.replace(/.* \| xargs/, "xargs")}`),
    fc.tuple(work, quit).map(([main, text]) => `exec sh -c '${main}; ${text}'`),
    fc.constantFrom("rc=$?", "set -e", "set +e", "work $?"),
    quit.map((text) => `code=$(${text})`),
    fc.tuple(work, quit).map(([main, text]) => `bash -c '${main}; ${text}'`),
  ),
}));

const functionParts = fc.tuple(
  fc.array(fc.oneof(call, work, fc.constantFrom("local r=$?", "return 0", "return $?", "[ $? -eq 0 ] || work 9")), {
    minLength: 1,
    maxLength: 3,
  }),
  fc.boolean(),
  fc.constantFrom("finish() {", "function finish {", "finish() {\n  local port=$1"),
  fc.constantFrom(
    "finish",
    "finish 15020",
    "main && finish",
    "trap finish EXIT",
    "if finish; then work 4; fi",
    "finish || true",
  ),
);

export const script = fc
  .record({
    head: fc.constantFrom(
      ...["", "#!/bin/bash\n", "set -e\n", "# start\n", "main\nrc=$?\n"],
      ...["status() { return $?; }\n", "status() { [ $? -eq 0 ] || work 5; }\n"],
    ),
    define: fc.option(functionParts, {
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
      parts.unshift(`${define[2]}\n  ${define[0].join("\n  ")}\n}`);
      parts.push(define[3]);
      if (define[1]) parts.push("work 5", "finish");
    }
    const text = joined(parts, between);
    return `${head}rc=0\n${text}${text.endsWith("&") ? tail.replace(/^;/, "") : tail}`;
  });
