import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { Ajv } from "ajv";
import { describe, expect, it } from "vitest";
import { RULE_NAMES } from "../rules/index.ts";
import { applyEdits } from "../source/edit.ts";
import { lineHashes } from "./line-hash.ts";
import type { Replacement, Report } from "./report.ts";
import { filesBelow, hostileFiles, jobWith, QUIT, reportOf } from "./sample.test-data.ts";
import { sarifReport } from "./sarif.ts";

/** The parts of a log that the tests look at. */
interface Result {
  ruleId: string;
  level: string;
  ruleIndex: number;
  message: { text: string };
  locations: [{ physicalLocation: { artifactLocation: { uri: string }; region: Replacement["deletedRegion"] } }];
  partialFingerprints: Record<string, string>;
  fixes?: [{ artifactChanges: [{ replacements: Replacement[] }] }];
}
interface Run {
  tool: { driver: { rules: { id: string; helpUri?: string; help: { text: string; markdown?: string } }[] } };
  invocations: [{ toolExecutionNotifications: { message: { text: string } }[] }];
  results: Result[];
}

const INPUT = fileURLToPath(new URL("../../testdata/report/input", import.meta.url));

function runOf(report: Report): Run {
  return JSON.parse(sarifReport(report)).runs[0];
}

/** OASIS's schema as the package carries it; it is written in a draft whose other words mean the same since. */
const {
  $schema: _draft,
  id: _id,
  ...schema
} = JSON.parse(
  readFileSync(
    createRequire(import.meta.url).resolve("@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json"),
    "utf8",
  ),
);
const uri = (text: string): boolean => URL.canParse(text);
const uriReference = (text: string): boolean => URL.canParse(text, "file:///") && !/[\s<>"{}|\\^`]/.test(text);
const isValid = new Ajv({
  strict: false,
  // One of its patterns is none in Unicode mode.
  unicodeRegExp: false,
  allErrors: true,
  formats: { uri, "uri-reference": uriReference, "date-time": true },
}).compile(schema);

describe("sarifReport", () => {
  it.each<[string, Report]>([
    ["findings of all kinds", reportOf(filesBelow(INPUT))],
    ["no findings", reportOf({ "a.yaml": "" })],
    ["hostile names", reportOf(hostileFiles())],
    ["a path from the root", reportOf({ "/a b/ü.yaml": jobWith([QUIT, "work"]) })],
    ["stdin", reportOf({ "<stdin>": jobWith([QUIT, "work"]) })],
  ])("is valid for %s", (_, report) => {
    isValid(JSON.parse(sarifReport(report)));
    expect(isValid.errors).toBe(null);
  });

  it("describes every rule, with its documentation", () => {
    const { rules } = runOf(reportOf({})).tool.driver;
    expect(rules.map(({ id }) => id)).toEqual(RULE_NAMES);
    for (const { id, helpUri, help } of rules) {
      expect(help.markdown, id).toMatch(/^## What it does/);
      expect(help.text, id).toMatch(/^What it does: /);
      expect(helpUri, id).toMatch(/^https:/);
    }
  });

  it("has no results where nothing is found", () => {
    expect(runOf(reportOf({ "a.yaml": "" })).results).toEqual([]);
  });

  it("gives fixes that do away with their finding and no other", () => {
    const files = filesBelow(INPUT);
    const { results } = runOf(reportOf(files));
    expect(results.filter(({ fixes }) => fixes !== undefined).length).toBeGreaterThan(4);
    for (const result of results) {
      const [fix] = result.fixes ?? [];
      if (fix === undefined) continue;
      const file = decodeURIComponent(result.locations[0].physicalLocation.artifactLocation.uri);
      const fixed = applied(files[file] ?? "", fix.artifactChanges[0].replacements);
      const left = reportOf({ ...files, [file]: fixed }).items.map(({ rule }) => rule);
      const others = results.filter((other) => other !== result).map(({ ruleId }) => ruleId);
      expect(left, result.ruleId).toEqual(others);
    }
  });

  it("gives the fix with what it needs: a process namespace goes with the call that uses it", () => {
    const text = jobWith(["work", "pkill pilot-agent"]).replace(
      "    spec:\n",
      "    spec:\n      shareProcessNamespace: true\n",
    );
    const { results } = runOf(reportOf({ "a.yaml": text }));
    expect(results.map(({ ruleId }) => ruleId)).toEqual(["kill-proxy", "kill-proxy"]);
    const changed = results.map(({ fixes }) => applied(text, fixes?.[0].artifactChanges[0].replacements ?? []));
    for (const one of changed) expect(one).not.toContain("pkill");
    expect(changed.filter((one) => one.includes("shareProcessNamespace")).length).toBe(1);
  });

  it("gives calls that only go together one fix", () => {
    const text = jobWith(["work", `${QUIT} || pkill pilot-agent`, "exit 0"]);
    const { results } = runOf(reportOf({ "a.yaml": text }));
    expect(results.map(({ ruleId }) => ruleId)).toEqual(["quit-call", "kill-proxy"]);
    for (const { fixes } of results) expect(fixes).toBeDefined();
    const fixed = applied(text, results[0]?.fixes?.[0].artifactChanges[0].replacements ?? []);
    expect(fixed).not.toContain("quitquitquit");
  });

  it("writes no secret into a fix", () => {
    const scalar = `work --password hunter2; ${QUIT}`;
    const text = jobWith([]).replace(/- \|\n$/, `- ${scalar}; '- x'\n`);
    expect(sarifReport(reportOf({ "a.yaml": text }))).not.toContain("hunter2");
  });

  it("keeps fingerprints where lines and list items shift", () => {
    const text = jobWith(["work", QUIT, `sleep 1; ${QUIT}`, QUIT]);
    const container = "        - name: other\n          image: example/other:1\n";
    const shifted = `# a comment\n\n${text.replace("        - name: main\n", `${container}        - name: main\n`)}`;
    const prints = (source: string): string[] =>
      runOf(reportOf({ "a.yaml": source })).results.map(
        (result) => result.partialFingerprints["nativeSidecarFinding/v1"] ?? "",
      );
    expect(prints(shifted)).toEqual(prints(text));
    expect(new Set(prints(text)).size).toBe(3);
  });

  it("keeps within GitHub's limits", () => {
    const report = reportOf(filesBelow(INPUT));
    const many = (n: number): Report => ({
      ...report,
      items: Array.from({ length: n }, (_, i) => ({
        ...(report.items[i % 7] as Report["items"][number]),
        fix: "none",
        ownFix: undefined,
      })),
    });
    const noted = runOf(many(5_001));
    expect(noted.results.length).toBe(5_001);
    expect(noted.invocations[0].toolExecutionNotifications[0]?.message.text).toBe(
      "5001 findings; GitHub shows the 5000 most severe ones",
    );
    const cut = runOf(many(25_010));
    expect(cut.results.length).toBe(25_000);
    expect(cut.results.filter(({ level }) => level === "error").length).toBe(Math.ceil(25_010 / 7));
    expect(cut.invocations[0].toolExecutionNotifications[0]?.message.text).toContain("the 25000 most severe of them");
    for (const { message } of cut.results) expect(message.text.length).toBeLessThanOrEqual(1024);
  });
});

function applied(text: string, replacements: readonly Replacement[]): string {
  const starts = [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)];
  const edits = replacements.map(({ deletedRegion, insertedContent }) => ({
    start: (starts[deletedRegion.startLine - 1] ?? text.length) + deletedRegion.startColumn - 1,
    end: (starts[deletedRegion.endLine - 1] ?? text.length) + deletedRegion.endColumn - 1,
    text: insertedContent.text,
  }));
  return applyEdits(text, edits);
}

describe("lineHashes", () => {
  // Values that github/codeql-action (src/fingerprints.test.ts, v3) holds its own against.
  it.each<[string, string[]]>([
    ["", ["c129715d7a2bc9a3:1"]],
    [" a\nb\n  \t\tc\n d", ["271789c17abda88f:1", "54703d4cd895b18:1", "180aee12dab6264:1", "a23a3dc5e078b07b:1"]],
    [
      " hello; \t\r\nworld!!!\r\n\n\r  \t\tGreetings\r End\r\n",
      [
        "e9496ae3ebfced30:1",
        "fb7c023a8b9ccb3f:1",
        "ce8ba1a563dcdaca:1",
        "e20e36e16fcb0cc8:1",
        "b3edc88f2938467e:1",
        "c8e28b0b4002a3a0:1",
        "c129715d7a2bc9a3:1",
      ],
    ],
    [
      "Lorem ipsum dolor sit amet.\n".repeat(10),
      [
        ...[1, 2, 3, 4, 5, 6].map((n) => `a7f2ff13bc495cf2:${n}`),
        "a7f2ff1481e87703:1",
        "a9cf91f7bbf1862b:1",
        "55ec222b86bcae53:1",
        "cc97dc7b1d7d8f7b:1",
        "c129715d7a2bc9a3:1",
      ],
    ],
  ])("of %j are those of GitHub's upload action", (text, expected) => {
    expect(lineHashes(text)).toEqual(expected);
  });
});
