// What junit, github, gitlab and markdown must keep to, whatever the input says.

import { Ajv } from "ajv";
import { describe, expect, it } from "vitest";
import { githubReport } from "./github.ts";
import { gitlabReport } from "./gitlab.ts";
import { junitReport } from "./junit.ts";
import { markdownReport } from "./markdown.ts";
import type { Report } from "./report.ts";
import { hostileFiles, jobWith, QUIT, reportOf } from "./sample.test-data.ts";

const hostile = reportOf(hostileFiles());
const [fileName = ""] = Object.keys(hostileFiles());
/** What is left of the name of the file in a report. */
const shownName = [..."\n\u001b\u202e"].reduce((name, char) => name.replaceAll(char, "\ufffd"), fileName);
const many = (n: number): Report =>
  reportOf(
    Object.fromEntries(Array.from({ length: n }, (_, i) => [`f${i}.yaml`, jobWith(["work", QUIT], `job-${i}`)])),
  );

/** An element as `<name a="b">`; strict: anything else that XML would not take for markup throws. */
interface Element {
  name: string;
  attributes: Record<string, string>;
  children: Element[];
  text: string;
}

const ENTITIES: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"' };

function parseXml(xml: string): Element {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: XML 1.0 has no place for them
  if (/[\x00-\x08\x0b\x0c\x0e-\x1f]/.test(xml)) throw new Error("not XML: control character");
  const decode = (text: string): string => {
    if (/&(?!(?:lt|gt|amp|quot|#\d+);)/.test(text) || text.includes("<")) throw new Error(`not XML: ${text}`);
    return text.replace(/&(?:#(\d+)|(\w+));/g, (_, code, name) =>
      code ? String.fromCodePoint(Number(code)) : (ENTITIES[name] ?? ""),
    );
  };
  const root: Element = { name: "", attributes: {}, children: [], text: "" };
  const open = [root];
  let at = xml.indexOf("?>") + 2;
  for (const tag of xml.matchAll(/<(\/?)([a-z-]+)((?: [a-z]+="[^"<]*")*)(\/?)>/g)) {
    const parent = open.at(-1) as Element;
    parent.text += decode(xml.slice(at, tag.index));
    at = tag.index + tag[0].length;
    if (tag[1] === "/") {
      expect(open.pop()?.name).toBe(tag[2]);
      continue;
    }
    const pairs = [...(tag[3] ?? "").matchAll(/ ([a-z]+)="([^"]*)"/g)].map(([, key = "", value = ""]) => [
      key,
      decode(value),
    ]);
    const element: Element = { name: tag[2] ?? "", attributes: Object.fromEntries(pairs), children: [], text: "" };
    parent.children.push(element);
    if (tag[4] !== "/") open.push(element);
  }
  expect(open).toEqual([root]);
  expect(xml.slice(at).trim()).toBe("");
  return root.children[0] as Element;
}

describe("junitReport", () => {
  it("is well-formed and says the same whatever names hold", () => {
    const suites = parseXml(junitReport(hostile));
    const [suite] = suites.children;
    expect(suite?.attributes.name).toBe(shownName);
    expect(suite?.children[0]?.attributes.classname).toBe(shownName);
    expect(suite?.children[0]?.children[0]?.name).toBe("failure");
  });

  // jenkinsci/xunit-plugin, junit-10.xsd: elements, and attributes (required ones first, up to the null).
  it("has the elements and attributes of Jenkins's schema", () => {
    const known: Record<string, [string[], (string | null)[]]> = {
      testsuites: [["testsuite"], [null, "name", "tests", "failures", "errors"]],
      testsuite: [["testcase"], ["name", "tests", "failures", "errors", null, "skipped"]],
      testcase: [
        ["failure", "system-out"],
        ["name", null, "classname"],
      ],
      failure: [[], [null, "type", "message"]],
      "system-out": [[], [null]],
    };
    const visit = ({ name, attributes, children }: Element): void => {
      const [elements = [], allowed = []] = known[name] ?? [];
      expect(known, name).toHaveProperty([name]);
      for (const key of Object.keys(attributes)) expect(allowed).toContain(key);
      for (const key of allowed.slice(0, allowed.indexOf(null))) expect(Object.keys(attributes)).toContain(key);
      for (const child of children) {
        expect(elements).toContain(child.name);
        visit(child);
      }
    };
    visit(parseXml(junitReport(many(3))));
    visit(parseXml(junitReport(hostile)));
    visit(parseXml(junitReport(reportOf({ "a.yaml": "" }))));
  });

  it("counts what it holds, and fails from --fail-on on", () => {
    const report = many(3);
    const suites = parseXml(junitReport(report));
    expect(suites.attributes).toMatchObject({ tests: "3", failures: "3" });
    const counts = (failOn: Report["failOn"]): string | undefined =>
      parseXml(junitReport({ ...report, failOn })).attributes.failures;
    expect([counts("info"), counts("error"), counts("never")]).toEqual(["3", "0", "3"]);
  });
});

describe("githubReport", () => {
  const COMMAND = /^::(error|warning|notice) ((?:[a-zA-Z]+=[^,:\n\r]*,?)*)::([^\n\r]*)$/;

  it("keeps each annotation on a line, with its values escaped", () => {
    const [line = "", summary] = githubReport(hostile).split("\n");
    const [, level, properties = "", message] = COMMAND.exec(line) ?? [];
    expect(level).toBe("warning");
    const unescaped = Object.fromEntries(
      properties.split(",").map((pair) => {
        const [key = "", value = ""] = pair.split("=", 1).concat(pair.slice(pair.indexOf("=") + 1));
        return [key, value.replaceAll("%2C", ",").replaceAll("%3A", ":").replaceAll("%25", "%")];
      }),
    );
    expect(unescaped.file).toBe(shownName);
    expect(unescaped).toMatchObject({ line: "13", endLine: "13", col: "15" });
    expect(message).toContain("%0Aremove the call [fixable]");
    expect(summary).toMatch(/^1 finding/);
  });

  it("gives no columns over several lines, no file for stdin, and a word where GitHub shows not all", () => {
    const loop = ["until curl -fs localhost:15021/healthz/ready; do", "  sleep 1", "done", "work"];
    expect(githubReport(reportOf({ "a.yaml": jobWith(loop) }))).toMatch(
      /^::warning file=a.yaml,line=12,endLine=14,title=/,
    );
    expect(githubReport(reportOf({ "<stdin>": jobWith(loop) }))).toMatch(/^::warning title=/);
    expect(githubReport(many(11))).toMatch(/\nGitHub shows 10 annotations of each kind a step; all are in this log\n$/);
    expect(githubReport(many(10))).not.toContain("GitHub shows");
  });
});

describe("gitlabReport", () => {
  // gitlabhq, app/validators/json_schemas/codeclimate.json, and the severities that GitLab's documentation names.
  const isIssue = new Ajv().compile({
    type: "object",
    required: ["description", "check_name", "fingerprint", "severity", "location"],
    properties: {
      description: { type: "string", minLength: 1 },
      check_name: { type: "string" },
      fingerprint: { type: "string", pattern: "^[0-9a-f]{64}$" },
      severity: { enum: ["info", "minor", "major", "critical", "blocker"] },
      location: {
        type: "object",
        required: ["path", "lines"],
        properties: {
          path: { type: "string", pattern: "^[^/.]" },
          lines: {
            type: "object",
            required: ["begin"],
            properties: { begin: { type: "integer", minimum: 1 }, end: { type: "integer" } },
          },
        },
      },
    },
  });

  it("is an array of issues, each with a fingerprint of its own", () => {
    for (const report of [hostile, many(3), reportOf({ "a.yaml": jobWith([QUIT, QUIT, QUIT, "work"]) })]) {
      const issues = JSON.parse(gitlabReport(report)) as { fingerprint: string }[];
      for (const issue of issues) expect(isIssue(issue), JSON.stringify(isIssue.errors)).toBe(true);
      expect(new Set(issues.map(({ fingerprint }) => fingerprint)).size).toBe(report.items.length);
    }
  });
});

describe("markdownReport", () => {
  it("keeps names of the input from ending cells, making tags or calling people", () => {
    const written = markdownReport(hostile);
    expect(written).not.toMatch(/<img|@team|\]\]>/);
    const [row = ""] = written.split("\n").filter((line) => line.startsWith("| 13 "));
    expect(row.replace(/\\./g, "").split("|").length).toBe(7);
  });

  it("fits into a comment, whatever is found", () => {
    const report = many(300);
    const written = markdownReport(report);
    expect(written.length).toBeLessThan(65_536);
    const rows = written.split("\n").filter((line) => /^\| \d/.test(line)).length;
    const [, left] = /… and (\d+) findings more/.exec(written) ?? [];
    expect(rows + Number(left)).toBe(300);
    expect(written.split("<details").length).toBe(written.split("</details>").length);
  });
});
