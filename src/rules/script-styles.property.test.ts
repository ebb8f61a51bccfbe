import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { expect, test } from "vitest";
import { Document, parse, Scalar } from "yaml";
import { analyseScript } from "../shell/index.ts";
import { script } from "../shell/script.test-data.ts";
import { resolveTarget, UNKNOWN_CLUSTER } from "../target/index.ts";
import { readStream } from "../transform/input.ts";
import { inspect, transform } from "../transform/transform.ts";

// A script in any notation that YAML has for it: the fix must give the same script as on its bare text, and touch
// nothing else. The yaml package and the shells are the judges, not the tool's own readers.

const RUNS = Number(process.env.SHELL_RUNS ?? 60);
const target = resolveTarget({ istio: "1.28", kubernetes: "1.33" }, UNKNOWN_CLUSTER);
const setting = { target, cluster: UNKNOWN_CLUSTER, podTemplates: [] };
const strip = { level: "safe" as const, rules: {} };

const notation = fc.record({
  style: fc.constantFrom(
    Scalar.BLOCK_LITERAL,
    Scalar.BLOCK_FOLDED,
    Scalar.QUOTE_DOUBLE,
    Scalar.QUOTE_SINGLE,
    Scalar.PLAIN,
  ),
  isFlow: fc.boolean(),
  lineWidth: fc.constantFrom(0, 20, 80),
  indent: fc.constantFrom(2, 4),
  comment: fc.constantFrom(undefined, " a note"),
  lineBreak: fc.constantFrom("\n", "\n", "\r\n"),
});
type Notation = typeof notation extends fc.Arbitrary<infer T> ? T : never;

function manifest(text: string, { style, isFlow, lineWidth, indent, comment, lineBreak }: Notation): string {
  const containers = [
    { name: "a", command: ["sh", "-c"], args: [text] },
    { name: "b", image: "last" },
  ];
  const document = new Document({ apiVersion: "v1", kind: "Pod", metadata: { name: "p" }, spec: { containers } });
  const args = ["spec", "containers", 0, "args"];
  const node = document.getIn([...args, 0], true) as Scalar;
  node.type = style;
  if (comment !== undefined) node.comment = comment;
  if (isFlow) (document.getIn(args, true) as { flow?: boolean }).flow = true;
  return document.toString({ lineWidth, indent }).replaceAll("\n", lineBreak);
}

/** The script of a manifest, and all the rest. */
function read(text: string): { script: string; rest: unknown } {
  const pod = parse(text);
  const [own] = pod.spec.containers[0].args;
  pod.spec.containers[0].args = [];
  return { script: own, rest: pod };
}

/** What the byte scan looks for; text whose notation takes it apart (`15\\` and `021` on two lines) is not seen. */
const LITERALS = /15000|1502[01]|quitquitquit|pilot-agent|envoy/g;

/** Not every style can hold every text, and the yaml package folds some escapes wrongly. */
function holds(before: string, text: string): boolean {
  try {
    return read(before).script === text && before.match(LITERALS)?.length === text.match(LITERALS)?.length;
  } catch {
    return false;
  }
}

/** A part of the string cannot be taken out of its notation; that is told, and the rest is fixed. */
function isRefused(text: string): boolean {
  return inspect(readStream("a.yaml", text), setting, strip).findings.some(({ remark }) =>
    remark?.includes("notation"),
  );
}

/** Blank lines at a string's end do not go in every notation, and may go in another round then. */
function lines(text: string): string[] {
  return text.split("\n").filter((line) => line.trim() !== "");
}

function fixedScript(text: string): string {
  let left = text;
  for (let round = 0; round < 10; round++) {
    const { findings, fix } = analyseScript({ text: left, errexit: false, env: new Map(), role: "main" });
    left = fix(findings.filter((finding) => finding.level === "safe")).text;
  }
  return left;
}

test("what is told to be fixable is fixed, in every notation", { timeout: 600_000 }, () => {
  fc.assert(
    fc.property(script, notation, (text, form) => {
      const before = manifest(text, form);
      fc.pre(holds(before, text));
      for (const level of ["safe", "review"] as const) {
        const options = {
          strip: { level, rules: {} },
          optOut: { mode: "off" as const, selectors: [] },
          renderer: undefined,
        };
        const { input } = transform(readStream("a.yaml", before), setting, options);
        const left = inspect(input, setting, options.strip).findings.filter((finding) => finding.level !== "none");
        expect(left.filter((finding) => level === "review" || finding.level === "safe")).toEqual([]);
      }
    }),
    { numRuns: RUNS },
  );
});

test("a script is fixed alike in every notation, and nothing else changes", { timeout: 600_000 }, () => {
  fc.assert(
    fc.property(script, notation, (text, form) => {
      const before = manifest(text, form);
      fc.pre(holds(before, text));
      const options = { strip, optOut: { mode: "off" as const, selectors: [] }, renderer: undefined };
      const after = transform(readStream("a.yaml", before), setting, options).input.text;
      const result = read(after);
      expect(result.rest).toEqual(read(before).rest);
      const behind = before.slice(before.indexOf("name: b"));
      expect(after.endsWith(behind)).toBe(true);
      if (!isRefused(before) && !isRefused(after))
        expect(lines(result.script), before).toEqual(lines(fixedScript(text)));
      for (const shell of ["bash", "dash"]) {
        if (spawnSync(shell, ["-n", "-c", text]).status !== 0) continue;
        expect(spawnSync(shell, ["-n", "-c", result.script], { encoding: "utf8" }).stderr, after).toBe("");
      }
    }),
    { numRuns: RUNS },
  );
});
