import { describe, expect, it } from "vitest";
import { resolveTarget, UNKNOWN_CLUSTER } from "../target/index.ts";
import { readStream } from "./input.ts";
import { type Inspection, inspect, transform } from "./transform.ts";

const target = resolveTarget({ istio: "1.28", kubernetes: "1.33" }, UNKNOWN_CLUSTER);
const setting = { target, cluster: UNKNOWN_CLUSTER, podTemplates: [] };
const strip = { level: "review" as const, rules: {} };

function job(annotation: string, script: string): string {
  const annotations = annotation === "" ? "" : `  annotations:\n    native-sidecar.io/ignore: ${annotation}\n`;
  return `apiVersion: batch/v1
kind: Job
metadata:
  name: a
${annotations}spec:
  template:
    spec:
      containers:
        - name: a
          command: [sh, -c]
          args:
${script}
`;
}

const LITERAL = `            - |
              run
              # native-sidecar-ignore quit-call: old clusters need it
              curl -X POST localhost:15020/quitquitquit
              curl -X POST localhost:15000/quitquitquit`;

function inspected(text: string): Inspection {
  return inspect(readStream("a.yaml", text), setting, strip);
}

function rules({ findings }: Inspection): string[] {
  return findings.map(({ rule }) => rule.name);
}

function messages({ notes }: Inspection): string[] {
  return notes.map(({ line, message }) => `${line}: ${message}`);
}

describe("suppressions", () => {
  it("keep the call below a comment in the script, and only that", () => {
    const text = job("", LITERAL);
    const result = inspected(text);
    expect([rules(result), result.suppressed.length, result.notes]).toEqual([["quit-call"], 1, []]);
    const { input } = transform(readStream("a.yaml", text), setting, {
      strip,
      optOut: { mode: "off", selectors: [] },
      renderer: undefined,
    });
    expect(input.text).toBe(text.replace(/.*15000.*\n/, ""));
  });

  it.each([
    ["wait-for-proxy", "none", /only together with another call, which stays/],
    ["other-rule", "safe", /^$/],
  ])("of a call that takes another along lower that one (%s)", (rule, level, remark) => {
    const script = `            - |
              c=$(curl -s localhost:15021/healthz/ready)
              run; r=$?
              # native-sidecar-ignore ${rule === "other-rule" ? "kill-proxy" : "quit-call"}: old clusters need it
              if [ "$c" = 200 ]; then curl -X POST localhost:15020/quitquitquit; fi
              exit $r`;
    const [finding] = inspected(job("", script)).findings;
    expect(finding).toMatchObject({ rule: { name: "wait-for-proxy" }, level });
    expect(finding?.remark ?? "").toMatch(remark);
    if (level === "none") expect(finding?.site.advice).toBe("keep the call as long as the other one stays");
  });

  it.each([
    [
      "above a string",
      '            # native-sidecar-ignore quit-call: yes\n            - "run; curl localhost:15020/quitquitquit"',
    ],
    ["on its line", '            - "run; curl localhost:15020/quitquitquit" # native-sidecar-ignore quit-call: yes'],
    [
      "in a quoted script",
      '            - "run\\n# native-sidecar-ignore quit-call: yes\\ncurl localhost:15020/quitquitquit"',
    ],
    [
      "behind the command",
      '            - "run; curl localhost:15020/quitquitquit # native-sidecar-ignore quit-call: yes"',
    ],
    [
      "above other comments",
      "            # native-sidecar-ignore quit-call: yes\n            # more\n            - run; curl localhost:15020/quitquitquit",
    ],
  ])("stand %s", (_where, script) => {
    const result = inspected(job("", script));
    expect([rules(result), result.suppressed.length, messages(result)]).toEqual([[], 1, []]);
  });

  it.each([
    ["above the key of its list", "          # native-sidecar-ignore quit-call: yes\n          args:"],
    ["on the key's line", "          args: # native-sidecar-ignore quit-call: yes"],
  ])("stand %s", (_where, key) => {
    const script = '            - "x"\n            - "run; curl localhost:15020/quitquitquit"';
    const text = job("", script).replace("[sh, -c]", "[sh]").replace("          args:", key).replace('"x"', "-c");
    const result = inspected(text);
    expect([rules(result), result.suppressed.length, messages(result)]).toEqual([[], 1, []]);
  });

  it("above the container or another key speak for nothing in its script", () => {
    const script = "            - run; curl localhost:15020/quitquitquit";
    const text = job("", script).replace(
      "        - name: a",
      "        # native-sidecar-ignore quit-call: yes\n        - name: a",
    );
    const result = inspected(text);
    expect([rules(result), result.suppressed.length, messages(result)]).toEqual([
      ["quit-call"],
      0,
      ["9: the suppression of quit-call is not used: there is no such finding; remove it"],
    ]);
  });

  it("of an annotation speak for the whole workload, one a line or between semicolons", () => {
    const script = "            - run; curl localhost:15020/quitquitquit; pkill pilot-agent";
    const result = inspected(job('"quit-call: a; with more; kill-proxy: b"', script));
    expect([rules(result), result.suppressed.length, messages(result)]).toEqual([[], 2, []]);
  });

  it("are told of where they name no rule, give no reason or are not used", () => {
    const script =
      "            # native-sidecar-ignore quit-call\n            - run; curl localhost:15020/quitquitquit";
    const result = inspected(job('"no-rule: a; wait-for-proxy: b"', script));
    expect(rules(result)).toEqual(["quit-call"]);
    expect(messages(result)).toEqual([
      '6: the suppression names no rule: "no-rule"',
      "6: the suppression of wait-for-proxy is not used: there is no such finding; remove it",
      "14: the suppression of quit-call gives no reason and is not heeded",
    ]);
  });

  it("keep a workload from opting out, and its process namespace shared", () => {
    const script = "            - run; pkill pilot-agent # native-sidecar-ignore kill-proxy: yes";
    const text = job("", script).replace("    spec:\n", "    spec:\n      shareProcessNamespace: true\n");
    const result = inspected(text);
    expect(result.findings.map(({ level, site }) => [level, site.path.at(-1)])).toEqual([
      ["none", "shareProcessNamespace"],
    ]);
    const opted = transform(readStream("a.yaml", job("", script)), setting, {
      strip,
      optOut: { mode: "auto", selectors: [] },
      renderer: undefined,
    });
    expect(opted.optedOut).toEqual([]);
  });
});
