import { describe, expect, test } from "vitest";
import { analyseScript, type ScriptContext } from "./analyse.ts";

// Q, W, K and P stand for a quit call, a wait, a kill and a port probe.
const CALLS: Record<string, string> = {
  Q: "curl -s -X POST http://localhost:15020/quitquitquit",
  W: "curl -sf http://localhost:15021/healthz/ready",
  K: "pkill -f pilot-agent",
  P: "nc -z localhost 15021",
};
const expand = (text: string): string => text.replace(/\b[QWKP]\b/g, (letter) => CALLS[letter] ?? letter);

interface Row {
  script: string;
  /** `kind level` of each finding. */
  found: string;
  /** Text after the safe fix; absent: unchanged. */
  safe?: string;
  /** Text after the review fix; absent: the same as safe. */
  review?: string;
}

function check({ script, found, safe = script, review = safe }: Row, more: Partial<ScriptContext> = {}): void {
  const analysis = analyseScript({ text: expand(script), errexit: false, env: new Map(), role: "main", ...more });
  expect(analysis.findings.map((finding) => `${finding.kind} ${finding.level}`).join(", ")).toBe(found);
  const fixSafe = analysis.fix(analysis.findings.filter((finding) => finding.level === "safe"));
  expect(fixSafe.text).toBe(expand(safe));
  expect(analysis.fix(analysis.findings).text).toBe(expand(review));
}

function table(name: string, rows: Row[]): void {
  describe(name, () => {
    test.each(rows.map((row) => [row.script, row] as const))("%s", (_, row) => check(row));
  });
}

table("statements and and-or lists", [
  { script: "main; Q", found: "quit safe", safe: "main" },
  { script: "main; Q;", found: "quit safe", safe: "main;" },
  { script: "main && Q", found: "quit safe", safe: "main" },
  { script: "main || Q", found: "quit safe", safe: "main" },
  { script: "main && Q && next", found: "quit safe", safe: "main && next" },
  { script: "main && Q || next", found: "quit safe", safe: "main || next" },
  { script: "main || Q && next", found: "quit none" },
  { script: "main || Q || true", found: "quit safe", safe: "main || true" },
  { script: "main || Q || exit 1", found: "quit none" },
  { script: "rc=$?; main; Q && exit $rc", found: "quit safe", safe: "rc=$?; main; exit $rc" },
  { script: "Q && exit 0; main", found: "quit none" },
  { script: "main; rc=$?; Q; exit $rc", found: "quit safe", safe: "main; rc=$?; exit $rc" },
  { script: "main; Q || true", found: "quit safe", safe: "main" },
  { script: "main; Q || exit 1", found: "quit none" },
  { script: "main; Q || K; next", found: "quit safe, kill safe", safe: "main; next" },
  { script: '[ -n "$X" ] && Q; main', found: "quit safe", safe: "main" },
  { script: "command -v curl >/dev/null && Q; main", found: "quit safe", safe: "main" },
  { script: "main && Q || (Q; exit 1)", found: "quit safe, quit safe", safe: "main || (exit 1)" },
  { script: "main & Q; wait", found: "quit safe", safe: "main & wait" },
  { script: "Q & main", found: "quit safe", safe: "main" },
  { script: "! Q; main", found: "quit safe", safe: "main" },
]);

table("lines and comments", [
  { script: "main\n  Q\nnext", found: "quit safe", safe: "main\nnext" },
  { script: "main\n# why\nQ # how\nnext", found: "quit safe", safe: "main\n# why\nnext" },
  { script: "main; Q # how\nnext", found: "quit safe", safe: "main\nnext" },
  { script: "main\n\nQ\n\nnext", found: "quit safe", safe: "main\n\n\nnext" },
  { script: "main\nQ", found: "quit safe", safe: "main" },
  { script: "main \\\n  && Q", found: "quit safe", safe: "main" },
  { script: "Q \\\n  --max-time 5 \\\n  -v\nmain", found: "quit safe", safe: "main" },
  { script: 'if [ "$X" ]; then\n  # why\n  Q\nfi\nmain', found: "quit safe", safe: "  # why\nmain" },
  {
    script: "main\ncurl -d @- localhost:15020/quitquitquit <<EOF\nx\nEOF\nnext",
    found: "quit safe",
    safe: "main\nnext",
  },
]);

table("constructs left empty", [
  { script: 'if [ "$X" ]; then Q; fi; main', found: "quit safe", safe: "main" },
  { script: "if main; then\n  Q\nfi", found: "quit safe", safe: "if main; then\n  :\nfi" },
  {
    script: "if main; then\n  next\nelse\n  Q\nfi",
    found: "quit safe",
    safe: "if main; then\n  next\nfi",
  },
  {
    script: "if main; then Q; else Q; exit 1; fi",
    found: "quit safe, quit safe",
    safe: "if main; then :; else exit 1; fi",
  },
  {
    script: "case $X in\n  0) Q ;;\n  *) main ;;\nesac",
    found: "quit safe",
    safe: "case $X in\n  0) ;;\n  *) main ;;\nesac",
  },
  { script: "trap 'Q' EXIT\nmain", found: "quit safe", safe: "main" },
  { script: "trap 'rm -f x; Q' EXIT\nmain", found: "quit safe", safe: "trap 'rm -f x' EXIT\nmain" },
  {
    script: "for p in 15000 15020; do curl -X POST localhost:$p/quitquitquit; done; main",
    found: "quit safe",
    safe: "main",
  },
  { script: "sh -c 'Q'; main", found: "quit safe", safe: "main" },
  { script: 'bash -c "main && Q"', found: "quit safe", safe: 'bash -c "main"' },
]);

table("functions", [
  { script: "quit() {\n  Q\n}\nmain\nquit\n", found: "quit safe", safe: "main\n" },
  { script: "quit() { Q; }\ntrap quit EXIT\nmain", found: "quit safe", safe: "main" },
  { script: "quit() { Q; }\nmain || { quit; exit 1; }\nquit", found: "quit review", review: "main || { exit 1; }" },
  {
    script: "end() {\n  echo bye\n  Q\n}\ntrap end EXIT\nmain",
    found: "quit review",
    review: "end() {\n  echo bye\n}\ntrap end EXIT\nmain",
  },
  { script: "quit() { Q; }; main; if quit; then exit 1; fi", found: "quit none" },
]);

table("answers", [
  { script: "main; Q || echo failed; next", found: "quit review", review: "main; next" },
  { script: "main; Q && echo ok || echo no; next", found: "quit review", review: "main; next" },
  { script: "if Q; then echo ok; else echo no; fi; main", found: "quit review", review: "main" },
  { script: "if Q; then next; fi; main", found: "quit none" },
  { script: 'code=$(Q); [ "$code" = 200 ] || exit 3; main', found: "quit none" },
  { script: 'code=$(Q); echo "$code"; main', found: "quit review", review: "main" },
  { script: "x=$(Q); main", found: "quit safe", safe: "main" },
  { script: "main; Q; rc=$?; exit $rc", found: "quit none" },
  { script: "main; Q; exit $?", found: "quit safe", safe: "main; exit $?" },
  { script: "main; Q > /tmp/a; cat /tmp/a", found: "quit none" },
]);

table("answers of functions, and conditions that read an answer", [
  { script: 's() { W; }; until [ "$(s)" = 200 ]; do sleep 1; done; main', found: "wait none" },
  { script: "s() { W && echo yes || echo no; }; while [ $(s) != yes ]; do sleep 1; done; main", found: "wait none" },
  { script: "s() { Q; echo $?; }; x=$(s); main $x", found: "quit none" },
  { script: "s() { return $?; }; main; Q; x=$(s); exit $?", found: "quit none" },
  { script: "s() { return $?; }; main; Q; exit $(s)", found: "quit none" },
  { script: "s() { work $?; }; main; Q && s", found: "quit none" },
  {
    script: 'c=$(W); main; r=$?; if [ "$c" = 200 ]; then Q; fi; exit $r',
    found: "wait safe, quit safe",
    safe: "main; r=$?; exit $r",
  },
  { script: 'main; r=$(Q); if [ "$r" != 200 ]; then echo no; exit 1; fi', found: "quit none" },
  { script: 'main; r=$(Q); if [ "$r" != 200 ]; then echo no; fi; next', found: "quit review", review: "main; next" },
]);

table("set -e", [
  { script: "set -e\nmain && Q\nnext", found: "quit review", review: "set -e\nmain\nnext" },
  {
    script: "set -e\neval 'main && next\nQ'\nlast",
    found: "quit review",
    review: "set -e\neval 'main && next'\nlast",
  },
  { script: "set -e\nmain && Q", found: "quit safe", safe: "set -e\nmain" },
  { script: 'set -euo pipefail\n[ -n "$X" ] && Q\nmain', found: "quit safe", safe: "set -euo pipefail\nmain" },
  { script: "set -e\nmain\nQ\nnext", found: "quit safe", safe: "set -e\nmain\nnext" },
]);

table("loops", [
  { script: "main; until Q; do sleep 1; done; next", found: "quit review", review: "main; next" },
  { script: "main; for i in 1 2 3; do Q && break; sleep 1; done", found: "quit review", review: "main" },
  { script: "for f in *; do work $f; Q; done", found: "quit safe", safe: "for f in *; do work $f; done" },
  { script: "until W; do sleep 1; done; main", found: "wait safe", safe: "main" },
  { script: "while ! W; do echo wait; sleep 1; done\nmain", found: "wait safe", safe: "main" },
  { script: "for i in $(seq 9); do W && break; sleep 1; done\nmain", found: "wait safe", safe: "main" },
  {
    script: 'n=0\nuntil W; do\n  n=$((n+1))\n  if [ "$n" -gt 9 ]; then exit 1; fi\n  sleep 1\ndone\nmain',
    found: "wait safe",
    safe: "n=0\nmain",
  },
  { script: 'until [ "$(W)" = 200 ]; do sleep 1; done; main', found: "wait safe", safe: "main" },
  { script: "until W | grep -q LIVE; do sleep 1; done; main", found: "wait safe", safe: "main" },
  {
    script: "until W && pg_isready; do sleep 1; done; main",
    found: "wait review",
    review: "until pg_isready; do sleep 1; done; main",
  },
  { script: "for i in 1 2; do W && exit 0; sleep 1; done; exit 1", found: "wait none" },
  { script: "timeout 9 sh -c 'until W; do sleep 1; done'; main", found: "wait safe", safe: "main" },
  { script: "until P; do sleep 1; done; main", found: "wait review", review: "main" },
  { script: "W && exec main", found: "wait safe", safe: "exec main" },
  { script: "if W; then main; else exit 1; fi", found: "wait none" },
]);

table("loops with several calls, and what they set", [
  {
    script: "main; c=0; while [ $c -ne 200 ]; do c=$(W); if [ $n -gt 9 ]; then Q; exit 1; fi; n=$((n+1)); done",
    found: "wait review, quit review",
    review: "main; c=0",
  },
  {
    script: "c=0; while [ $c -ne 200 ]; do c=$(W); if [ $n -gt 9 ]; then Q; exit 1; fi; done; main $c",
    found: "wait none, quit safe",
    safe: "c=0; while [ $c -ne 200 ]; do c=$(W); if [ $n -gt 9 ]; then exit 1; fi; done; main $c",
  },
  {
    script: "main; r=1; while [ $r -gt 0 ]; do Q; r=$?; t=$(date); echo $t; done; t=$(date); echo $t",
    found: "quit review",
    review: "main; r=1; t=$(date); echo $t",
  },
  { script: "main; r=1; while [ $r -gt 0 ]; do Q; r=$?; t=$(date); done; work $t", found: "quit none" },
  {
    script: "main; r=1; while [ $r -gt 0 ]; do Q; r=$?; t=$(date); done; if true; then t=1; fi; work $t",
    found: "quit none",
  },
  { script: "export t; main; r=1; while [ $r -gt 0 ]; do Q; r=$?; t=1; done; t=2; work $t", found: "quit none" },
  {
    script: "echo $n; main || for n in 1 2; do W && break; done; next",
    found: "wait review",
    review: "echo $n; main; next",
  },
  { script: "n=0; until W; do n=$((n+1)); done; n=3; work $n", found: "wait safe", safe: "n=0; n=3; work $n" },
  {
    script: "i=0; while [ $i -lt 2 ]; do c=$(W); i=$((i+1)); echo $i; done; main",
    found: "wait review",
    review: "i=0; main",
  },
]);

table("background jobs and subshells", [
  { script: "(sleep 9; Q) &\nmain", found: "quit review", review: "(sleep 9) &\nmain" },
  { script: "(Q); main", found: "quit safe", safe: "main" },
  { script: "{ main; Q; } 2>&1 | tee log", found: "quit review", review: "{ main; } 2>&1 | tee log" },
  { script: "(main; Q)", found: "quit review", review: "(main)" },
  { script: "(Q; (main); next)", found: "quit review", review: "( (main); next)" },
  { script: "(Q\n(main)\n)", found: "quit review", review: "(\n(main)\n)" },
]);

table("kinds of calls", [
  { script: "main; wget -qO- --post-data='' http://127.0.0.1:15000/quitquitquit", found: "quit safe", safe: "main" },
  { script: "main; http POST :15020/quitquitquit", found: "quit safe", safe: "main" },
  { script: "main; http --timeout 3 post localhost:15020/quitquitquit", found: "quit safe", safe: "main" },
  { script: "main; curl -X POST http://[::1]:15020/quitquitquit", found: "quit safe", safe: "main" },
  { script: "main; printf 'POST /quitquitquit HTTP/1.1\\r\\n' | nc localhost 15020", found: "quit safe", safe: "main" },
  { script: "main; echo 'POST /quitquitquit HTTP/1.0' > /dev/tcp/localhost/15020", found: "quit safe", safe: "main" },
  {
    script: "main\nexec 3<>/dev/tcp/localhost/15020\necho 'POST /quitquitquit HTTP/1.0' >&3\ncat <&3\nexec 3>&-",
    found: "quit safe",
    safe: "main",
  },
  { script: "main; kill $(pidof pilot-agent)", found: "kill safe", safe: "main" },
  {
    script: "main; PID=$(pgrep -f pilot-agent); kill $PID; next",
    found: "kill safe",
    safe: "main; PID=$(pgrep -f pilot-agent); next",
  },
  { script: "main; ps ax | grep '[e]nvoy' | awk '{print $1}' | xargs kill", found: "kill safe", safe: "main" },
  { script: "main; killall -q envoy nginx", found: "kill none" },
  { script: "exec scuttle main --x", found: "wrapper review", review: "exec main --x" },
  {
    script: "U=http://localhost:15020; main; curl -X POST $U/quitquitquit",
    found: "quit safe",
    safe: "U=http://localhost:15020; main",
  },
]);

table("programs named in other ways", [
  { script: "main; $(which curl) -X POST localhost:15020/quitquitquit", found: "quit safe", safe: "main" },
  { script: 'main; "$(command -v curl)" -X POST localhost:15020/quitquitquit', found: "quit safe", safe: "main" },
  {
    script: "C=`which curl`; main; $C -X POST localhost:15020/quitquitquit",
    found: "quit safe",
    safe: "C=`which curl`; main",
  },
  { script: "main; $(which curl wget) localhost:15020/quitquitquit", found: "" },
  { script: "main; su app -c 'Q'", found: "quit safe", safe: "main" },
  { script: 'su - app -c "main; Q"', found: "quit safe", safe: 'su - app -c "main"' },
  { script: "runuser -u app -- Q; main", found: "quit safe", safe: "main" },
  { script: "main; flock /tmp/lock Q", found: "quit safe", safe: "main" },
  { script: "wait-for-it db:5432 -- sh -c 'main; Q'", found: "quit safe", safe: "wait-for-it db:5432 -- sh -c 'main'" },
  {
    script: "dockerize -wait tcp://db:5432 -timeout 9s sh -c 'main; Q'",
    found: "quit safe",
    safe: "dockerize -wait tcp://db:5432 -timeout 9s sh -c 'main'",
  },
]);

table("addresses from elsewhere", [
  { script: "main; echo localhost:15020/quitquitquit | xargs curl -X POST", found: "quit safe", safe: "main" },
  {
    script: "main; echo 15020 | xargs -I{} curl -X POST localhost:{}/quitquitquit",
    found: "quit safe",
    safe: "main",
  },
  { script: "main; printf '%s\\n' 15020 9901 | xargs -I % curl -X POST localhost:%/quitquitquit", found: "quit none" },
  { script: "main; echo http://web/ | xargs Q", found: "quit none" },
  { script: "main; cat urls | xargs Q", found: "quit none" },
  { script: "main; xargs Q < urls", found: "quit none" },
  { script: "q() { curl -X POST localhost:$1/quitquitquit; }; main; q 15020", found: "quit safe", safe: "main" },
  {
    script: `q() { local p=\${1:-15020}; curl -X POST "localhost:$p/quitquitquit"; }; main; q; q 15000`,
    found: "quit review",
    review: "main",
  },
  { script: "q() { curl -X POST localhost:$1/quitquitquit; }; main; q 15020; q 9901", found: "quit none" },
  { script: "q() { curl -X POST localhost:$1/quitquitquit; }; main; q 9901", found: "" },
  { script: "q() { shift; curl -X POST localhost:$1/quitquitquit; }; main; q 15020 9901", found: "" },
  { script: 'c() { curl "$@"; }; main; c -X POST localhost:15020/quitquitquit', found: "quit safe", safe: "main" },
  {
    script: 'c() { curl "$@"; }; main; c http://web/; c -X POST localhost:15020/quitquitquit',
    found: "quit none",
  },
  { script: 'c() { curl "$@"; }; for u in localhost:15020/quitquitquit web; do c $u; done', found: "" },
  { script: "main; curl -X POST 0.0.0.0:15020/quitquitquit", found: "quit review", review: "main" },
  { script: "main; curl -X POST 10.0.0.1:15020/quitquitquit; curl $HOSTNAME:15020/quitquitquit", found: "" },
]);

table("loops that wait for a port of the proxy", [
  { script: "until curl --head localhost:15000\ndo\n  sleep 3\ndone\nmain", found: "wait review", review: "main" },
  {
    script: "while ! curl -s localhost:15000/config_dump; do sleep 1; done; main",
    found: "wait review",
    review: "main",
  },
  {
    script: "until wget -q --spider http://127.0.0.1:15021; do sleep 1; done; main",
    found: "wait review",
    review: "main",
  },
  {
    script: "until [ \"$(curl -s -o /dev/null -w '%{http_code}' localhost:15000)\" = 200 ]; do sleep 1; done; main",
    found: "wait review",
    review: "main",
  },
  {
    script: "until curl -sI localhost:15000 | grep -q 200; do sleep 1; done; main",
    found: "wait review",
    review: "main",
  },
  {
    script: "n=0; until curl -s localhost:15000 || [ $n -ge 9 ]; do n=$((n+1)); sleep 1; done; main",
    found: "wait review",
    review: "n=0; main",
  },
  {
    script: "until curl -s localhost:15000 && pg_isready; do sleep 1; done; main",
    found: "wait review",
    review: "until pg_isready; do sleep 1; done; main",
  },
  { script: "curl localhost:15000/config_dump; main", found: "" },
  { script: "if curl -s localhost:15000; then main; fi", found: "" },
  { script: "while curl -s localhost:15000; do sleep 1; done; main", found: "" },
  { script: "until curl -s localhost:15000/stats | grep 'cx_active: 0'; do sleep 1; done; main", found: "" },
  { script: "until main; do curl -s localhost:15000/clusters; done", found: "" },
  { script: "until curl -s localhost:15020/stats/prometheus; do sleep 1; done; main", found: "" },
  { script: "until curl -s localhost:8080; do sleep 1; done; main", found: "" },
]);

table("programs that wait", [
  {
    script: "dockerize -wait http://localhost:15021/healthz/ready -timeout 9s; main",
    found: "wait safe",
    safe: "main",
  },
  { script: "dockerize -wait http://localhost:15021/healthz/ready main", found: "wait none" },
  { script: "dockerize -wait http://localhost:15021/healthz/ready -wait tcp://db:1; main", found: "wait none" },
  { script: "wait-for-it.sh localhost:15021 -t 9 && main", found: "wait review", review: "main" },
  { script: "wait-for-it -h localhost -p 15021; main", found: "wait review", review: "main" },
  { script: "wait-for-it localhost:15021 -- main", found: "wait none" },
  { script: "wait4x http http://localhost:15021/healthz/ready; main", found: "wait safe", safe: "main" },
  { script: "wait-for-it db:15021; main", found: "" },
]);

table("signals by port", [
  { script: "main; fuser -k 15000/tcp", found: "kill safe", safe: "main" },
  { script: "main; fuser -k -TERM -n tcp 15020", found: "kill safe", safe: "main" },
  { script: "main; fuser -k 15000/tcp 8080/tcp", found: "kill none" },
  { script: "main; fuser 15000/tcp; fuser -k 8080/tcp", found: "" },
  { script: "main; kill $(lsof -ti :15000)", found: "kill safe", safe: "main" },
  { script: "main; lsof -t -i tcp:15000 | xargs kill", found: "kill safe", safe: "main" },
  { script: "main; kill $(lsof -ti :8080)", found: "" },
]);

table("exec", [
  { script: "main; exec Q", found: "quit safe", safe: "main" },
  { script: "exec Q; main", found: "quit none" },
  {
    script: "trap 'work; Q' EXIT; main; exec Q",
    found: "quit safe, quit none",
    safe: "trap 'work' EXIT; main; exec Q",
  },
  { script: "trap 'Q' EXIT; main; exec Q", found: "quit safe, quit safe", safe: "main" },
  { script: "exec sh -c 'Q'\nmain", found: "quit none" },
  { script: "main || exec Q; next", found: "quit none" },
  { script: "for x in a b; do exec Q; done; main", found: "quit none" },
]);

table("what a construct answers", [
  { script: "{ ! Q; } && next; main", found: "quit none" },
  { script: "(! Q); main", found: "quit none" },
  { script: "q() { ! Q; }; main; q && next", found: "quit none" },
  { script: "q() { local r=$?; ! Q; }; main; q && next", found: "quit none" },
  { script: "q() { Q; return 1; }; main; q", found: "quit review", review: "q() { return 1; }; main; q" },
  { script: "q() { Q; return $?; }; main; q", found: "quit safe", safe: "main" },
  { script: "q() { [ $? -eq 0 ] || next; } 2>/dev/null; main; ! Q; q", found: "quit none" },
  { script: "main; Q && work $?", found: "quit none" },
  { script: "trap 'main' EXIT; trap 'Q' EXIT", found: "quit none" },
  { script: "trap 'Q' EXIT; trap 'Q' EXIT; main", found: "quit safe, quit safe", safe: "main" },
  { script: "trap 'next' ERR; main || Q; last", found: "quit review", review: "trap 'next' ERR; main; last" },
  {
    script: "for x in a b; do until W; do sleep 1; done; echo $x; done; main",
    found: "wait safe",
    safe: "for x in a b; do echo $x; done; main",
  },
]);

table("reported only", [
  { script: "Q", found: "quit none" },
  { script: "alias q='Q'; main; q", found: "quit none" },
  { script: "set -e\nQ", found: "quit none" },
  { script: "if main; then\nQ", found: "quit none" },
  { script: 'CMD="Q"; main; $CMD', found: "quit none" },
  { script: "cat > run.sh <<'E'\nmain\nQ\nE\nsh run.sh", found: "quit none" },
  {
    script: "main; python3 -c \"import requests; requests.post('http://localhost:15020/quitquitquit')\"",
    found: "quit none",
  },
]);

table("no finding", [
  { script: "# Q\nmain", found: "" },
  { script: 'echo "Q"', found: "" },
  { script: "cat <<E\nQ\nE", found: "" },
  { script: "curl -X POST localhost:9091/quitquitquit; curl localhost:15020/stats/prometheus", found: "" },
  { script: "until curl -s ingress.istio-system:15021/healthz/ready; do sleep 1; done; main", found: "" },
  { script: "kubectl exec p -c istio-proxy -- Q", found: "" },
  { script: "pkill -f envoy-config-render; killall log-pilot", found: "" },
  { script: "envoy -c own.yaml & main; pkill envoy", found: "" },
  { script: 'curl -d \'{"url": "http://localhost:15020/quitquitquit"}\' http://web/', found: "" },
]);

test("a hook is empty where nothing but calls and settings stood in it", () => {
  const analysis = analyseScript({
    text: `set -e\n${expand("Q")}\nexit 0`,
    errexit: false,
    env: new Map(),
    role: "hook",
  });
  expect(analysis.findings.map((finding) => finding.level)).toEqual(["safe"]);
  expect(analysis.fix(analysis.findings)).toMatchObject({ empty: true, edits: [] });
});

test("env and the kubelet's variables resolve", () => {
  const env = new Map([["AGENT", "http://127.0.0.1:15020"]]);
  const row = { found: "quit safe", safe: "main" };
  check({ script: 'main; curl -X POST "$AGENT/quitquitquit"', ...row }, { env });
  check({ script: "main; curl -X POST $(AGENT)/quitquitquit", ...row }, { env });
  check(
    { script: `main; curl -X POST http://$HOST:\${PORT:-15020}/quitquitquit`, ...row },
    { env: new Map([["HOST", "localhost"]]) },
  );
});

test("a command in an environment variable is reported at the variable", () => {
  const context = { errexit: false, role: "main" as const, env: new Map([["ON_EXIT", expand("Q")]]) };
  const [finding, ...others] = analyseScript({ ...context, text: 'main; eval "$ON_EXIT"' }).findings;
  expect(others).toEqual([]);
  expect(finding).toMatchObject({ kind: "quit", level: "none", variable: "ON_EXIT" });
  expect(analyseScript({ ...context, text: 'help --text "$ON_EXIT"' }).findings).toEqual([]);
});

test("kinds that are not asked for count as other work", () => {
  const kinds = new Set(["quit"] as const);
  check(
    {
      script: "end() { Q; K; }; trap end EXIT; main",
      found: "quit review",
      review: "end() { K; }; trap end EXIT; main",
    },
    { kinds },
  );
});

test("errexit of the shell's own options counts", () => {
  check({ script: "main && Q; next", found: "quit review", review: "main; next" }, { errexit: true });
});

test("a finding says when the exit status becomes the program's", () => {
  const context = { errexit: false, env: new Map<string, string>(), role: "main" as const };
  expect(analyseScript({ ...context, text: expand("main; Q") }).findings[0]?.effect).toMatch(
    /fails when the program fails/,
  );
  expect(analyseScript({ ...context, text: expand("main; rc=$?; Q; exit $rc") }).findings[0]?.effect).toBeUndefined();
});

test.each([
  ["main && Q", /where the program succeeded/],
  ["main && Q; exit $?", /where the program succeeded/],
  ["if true; then main && Q; fi", /where the program succeeded/],
  ["main || Q", /fails when the program fails/],
  ["main && Q; next", undefined],
  ["main && Q || true", undefined],
  ["{ work; Q; } && next; last", /which it hid/],
  ["set -e; main && Q; next", /which it hid/],
  ["f() { work; Q; }; f && next; last", /which it hid/],
])("%s: tells what else changes: %s", (script, effect) => {
  const context = { errexit: false, env: new Map<string, string>(), role: "main" as const };
  const [finding] = analyseScript({ ...context, text: expand(script) }).findings;
  if (effect) expect(finding?.effect).toMatch(effect);
  else expect(finding?.effect).toBeUndefined();
});

test.each([
  ["if [ -f x ] || W; then Q; fi; main", /looked at by what goes with it/],
  ["main; Q || echo failed; next", /picks a message/],
])("%s: says what an answer is for: %s", (script, reason) => {
  const context = { errexit: false, env: new Map<string, string>(), role: "main" as const };
  expect(analyseScript({ ...context, text: expand(script) }).findings.at(-1)?.reason).toMatch(reason);
});

table("pages of the admin port", [
  { script: "curl -s localhost:15000/server_info > info.json; main", found: "" },
  { script: "v=$(curl -s localhost:15000/server_info | jq -r .version); main $v", found: "" },
  { script: "main && curl -s localhost:15000/ready || true", found: "" },
  { script: "if [ x ]; then curl -s localhost:15000/server_info | jq .; fi; main", found: "" },
  { script: "curl -sf localhost:15000/ready && main", found: "wait safe", safe: "main" },
  { script: "set -e; curl -sf localhost:15000/ready; main", found: "wait safe", safe: "set -e; main" },
  { script: "curl --retry 9 -sf localhost:15000/ready; main", found: "wait safe", safe: "main" },
  { script: 's=$(curl -s localhost:15000/server_info); [ "$s" ] || exit 1; main', found: "wait none" },
  {
    script: "c() { curl -sf localhost:15000/ready; }; until c; do sleep 1; done; main",
    found: "wait safe",
    safe: "main",
  },
  {
    script: "until curl -s localhost:15000/server_info | grep -q LIVE; do sleep 1; done; main",
    found: "wait safe",
    safe: "main",
  },
]);

table("connections kept open, and text for another shell", [
  {
    script:
      "main; r=$?\nexec 3<>/dev/tcp/localhost/15020\nprintf 'POST /quitquitquit HTTP/1.0' >&3\nexec 3>&-\nexit $r",
    found: "quit safe",
    safe: "main; r=$?\nexit $r",
  },
  {
    script: "main; { echo 'POST /quitquitquit HTTP/1.0' >&3; cat <&3; } 3<>/dev/tcp/localhost/15020; next",
    found: "quit safe",
    safe: "main; next",
  },
  { script: "main; { echo 'POST /quitquitquit HTTP/1.0' >&3; work; } 3<>/dev/tcp/localhost/15020", found: "quit none" },
  { script: 'main; echo "Q" | sh', found: "quit none" },
  { script: 'main; echo "Q" | sh run.sh; echo "Q" | tee log', found: "" },
]);

table("loops that count with one variable, and traps that go", [
  {
    script: "for i in 1 2; do W && break; done; main; for i in $(seq 5); do Q && break; sleep $i; done; next",
    found: "wait safe, quit review",
    safe: "main; for i in $(seq 5); do Q && break; sleep $i; done; next",
    review: "main; next",
  },
  {
    script: "for i in 1 2; do W && break; done; for i in $LIST; do work $i; done; main $i",
    found: "wait none",
  },
  {
    script: "for i in 1 2; do W && break; done; for i in a b; do work $i; done; main $i",
    found: "wait safe",
    safe: "for i in a b; do work $i; done; main $i",
  },
  { script: "trap 'Q' ERR; main && K; next", found: "quit safe, kill safe", safe: "main; next" },
]);

table("jobs addressed otherwise than by their ids", [
  { script: "Q & disown\nmain", found: "quit none" },
  { script: "main & Q & next & kill %3", found: "quit none" },
  { script: "Q & fg; main", found: "quit none" },
  { script: "Q & main; wait -n", found: "quit none" },
  { script: "Q & main; kill $(jobs -p)", found: "quit none" },
  { script: "Q & builtin wait %1; main", found: "quit none" },
  { script: "Q & main; wait", found: "quit safe", safe: "main; wait" },
]);

table("tests whose status the rest depends on", [
  { script: 'case "$X" in a) [ -f /x ] && Q ;; esac || main', found: "quit none" },
  { script: "if case $x in a) [ -f /x ] && Q ;; esac; then main; fi", found: "quit none" },
  { script: "case $x in a) [ -f /x ] && Q ;; esac; main $?", found: "quit none" },
  { script: "if work; then [ -f /x ] && Q; fi || main", found: "quit none" },
  { script: "f() { [ -f /x ] && Q; }; f && main", found: "quit none" },
  { script: "set -e; f() { [ -f /x ] && Q; }; f; main", found: "quit review", review: "set -e; main" },
  { script: "set -e; ( [ -f /x ] && Q ); main", found: "quit review", review: "set -e; main" },
  { script: "set -e; [ -f /x ] && Q; main", found: "quit safe", safe: "set -e; main" },
  { script: "f() { case $x in a) [ -f /x ] && Q ;; esac; }; f || main", found: "quit none" },
  { script: "{ [ -f /x ] && Q; } && main", found: "quit none" },
  { script: "main; f() { [ -f /x ] && Q; }; f || true", found: "quit safe", safe: "main" },
  { script: "work; (Q && exit) && main", found: "quit none" },
  { script: "f() { [ -f /x ] && Q; }; f; main", found: "quit safe", safe: "main" },
  { script: "case $x in a) Q ;; esac || main", found: "quit safe", safe: "case $x in a) ;; esac || main" },
]);

table("signals that end nothing", [
  { script: "main; pkill -0 -f pilot-agent", found: "" },
  { script: "main; pkill --signal=0 envoy", found: "" },
  { script: "main; pkill --signal 0 envoy", found: "" },
  { script: "main; pkill -s 0 envoy", found: "" },
  { script: "main; killall -s 0 envoy", found: "" },
  { script: "main; killall -l envoy", found: "" },
  { script: "main; pkill -l envoy", found: "" },
  { script: "main; kill -s 0 $(pidof envoy)", found: "" },
  { script: "main; kill -0 $(pidof envoy)", found: "" },
  { script: "main; pidof envoy | xargs kill -0", found: "" },
  { script: "main; pkill --signal=TERM envoy", found: "kill safe", safe: "main" },
]);

table("variables that something else may have set", [
  { script: "PORT=15020; . /env; main; curl localhost:$PORT/quitquitquit", found: "quit none" },
  { script: "PORT=15020; source /env; main; curl localhost:$PORT/quitquitquit", found: "quit none" },
  { script: "PORT=15020; command . /env; main; curl localhost:$PORT/quitquitquit", found: "quit none" },
  { script: "PORT=15020; eval $(cat /env); main; curl localhost:$PORT/quitquitquit", found: "quit none" },
  { script: "PORT=15020; export $(cat /env); main; curl localhost:$PORT/quitquitquit", found: "quit none" },
  { script: "PORT=15020; : $((PORT=1)); main; curl localhost:$PORT/quitquitquit", found: "quit none" },
  { script: "PORT=15020; ((PORT=1)); main; curl localhost:$PORT/quitquitquit", found: "quit none" },
  { script: "PORT=15020; ((PORT++)); main; curl localhost:$PORT/quitquitquit", found: "quit none" },
  { script: "PORT=15020; let PORT=1; main; curl localhost:$PORT/quitquitquit", found: "quit none" },
  { script: "PORT=15020; printf -v PORT 1; main; curl localhost:$PORT/quitquitquit", found: "quit none" },
  { script: "PORT=15020; mapfile PORT < x; main; curl localhost:$PORT/quitquitquit", found: "quit none" },
  { script: "PORT=15020; declare -n PORT=x; main; curl localhost:$PORT/quitquitquit", found: "quit none" },
  { script: "PORT=15020; unset PORT; main; curl localhost:$PORT/quitquitquit", found: "quit none" },
  { script: "PORT=15020; load() { . /env; }; load; main; curl localhost:$PORT/quitquitquit", found: "quit none" },
  { script: `. /env; main; curl localhost:\${PORT:-15020}/quitquitquit`, found: "quit none" },
  { script: ". /env; main; Q", found: "quit safe", safe: ". /env; main" },
  {
    script: ". /env; PORT=15020; main; curl localhost:$PORT/quitquitquit",
    found: "quit safe",
    safe: ". /env; PORT=15020; main",
  },
  { script: "PORT=15020; . /env; main; printf 'POST /quitquitquit HTTP/1.0' > /dev/tcp/localhost/$PORT", found: "" },
  { script: "PID=$(pidof envoy); . /env; main; kill $PID", found: "" },
  { script: "quit() { Q; }; . /env; main; quit", found: "quit review", review: ". /env; main" },
  { script: ". /env; quit() { Q; }; main; quit", found: "quit safe", safe: ". /env; main" },
  { script: "export $(cat /env); quit() { Q; }; main; quit", found: "quit safe", safe: "export $(cat /env); main" },
]);

table("files that others may wait for", [
  { script: "main; Q > /shared/done", found: "quit review", review: "main" },
  { script: "main; Q | tee /shared/done", found: "quit review", review: "main" },
  { script: "main; Q -o /shared/done", found: "quit review", review: "main" },
  { script: "main; { Q; } > /shared/done", found: "quit review", review: "main" },
  { script: "main; { Q; } | tee /shared/done", found: "quit review", review: "main" },
  { script: "main; sh -c 'Q' > /shared/done", found: "quit review", review: "main" },
  { script: "main; Q > /tmp/done 2>&1", found: "quit safe", safe: "main" },
  { script: "main; Q -so /dev/null", found: "quit safe", safe: "main" },
  { script: "main; Q >> /proc/self/fd/2", found: "quit safe", safe: "main" },
  { script: "main; stdbuf -oL Q", found: "quit safe", safe: "main" },
]);

describe("names that the container sets to what is not told", () => {
  const isUntold = (name: string): boolean => name === "URL" || name === "1";
  const more = { isUntold };
  test("the default of a variable", () =>
    check({ script: `main; curl \${URL:-localhost:15020}/quitquitquit`, found: "quit none" }, more));
  test("the default of an argument", () =>
    check({ script: `main; curl http://\${1:-localhost}:15020/quitquitquit`, found: "quit none" }, more));
  test("the default of another variable", () =>
    check({ script: `main; curl \${OWN:-localhost:15020}/quitquitquit`, found: "quit safe", safe: "main" }, more));
});

table("kills of the proxy among others", [
  { script: "main; pkill 'nginx|envoy'", found: "kill none" },
  { script: "main; kill $(pidof nginx envoy)", found: "kill none" },
  { script: "main; kill $(pidof nginx)", found: "" },
  { script: "main; curl localhost.:15020/quitquitquit", found: "quit review", review: "main" },
]);

describe("`&>` is no redirection to sh", () => {
  const text = "main; Q &> /dev/null";
  test("nor to dash", () => check({ script: text, found: "quit safe", safe: "main" }, { shell: "dash" }));
  test("whose job is asked for", () =>
    check(
      { script: "main & Q &> /tmp/x; wait $!", found: "quit review", review: "main & wait $!" },
      { shell: "dash" },
    ));
  test("in a list", () =>
    check({ script: "main && Q &> /dev/null", found: "quit review", review: "main" }, { shell: "sh" }));
  test("in a loop", () =>
    check({ script: "until W &> /tmp/x; do sleep 1; done; main", found: "wait safe", safe: "main" }, { shell: "ash" }));
  test("in bash", () => check({ script: text, found: "quit safe", safe: "main" }, { shell: "bash" }));
  test("in bash started by sh", () =>
    check({ script: "bash -c 'main; Q &> /tmp/x'", found: "quit safe", safe: "bash -c 'main'" }, { shell: "sh" }));
});

test.each([
  ["main; Q; exit $?", true],
  ["main; Q; exit", true],
  ["main; Q && exit $?", true],
  ["main; Q && exit 0", false],
  ["main; Q; exit 3", false],
  ["trap 'Q; exit $?' EXIT; main", true],
  ["exec sh -c 'main; Q'; next", true],
  ["main; Q || true; exit $?", true],
  ["q() { work; Q; }; main; q", true],
])("%s: tells whose exit status it was: %s", (script, isTold) => {
  const context = { errexit: false, env: new Map<string, string>(), role: "main" as const };
  const [finding] = analyseScript({ ...context, text: expand(script) }).findings;
  expect(finding?.effect !== undefined).toBe(isTold);
});

test("carriage returns at line ends are parts of words", () => {
  check({ script: "main\r\nQ\r\nnext\r\n", found: "quit none" });
  check({ script: "main\r\nif Q\r\n", found: "quit none" });
  check({ script: "main\r\n# Q\r\n", found: "" });
});

test("only some of the findings", () => {
  const analysis = analyseScript({
    text: expand("main && { Q; K; }; next"),
    errexit: false,
    env: new Map(),
    role: "main",
  });
  const kill = analysis.findings.filter((finding) => finding.kind === "kill");
  expect(analysis.fix(kill).text).toBe(expand("main && { Q; }; next"));
});
