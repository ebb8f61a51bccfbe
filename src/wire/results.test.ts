import { describe, expect, test } from "vitest";
import type { Json } from "../json.ts";
import { resourcesOf } from "../kube/resource.ts";
import { parseChunk } from "../source/parse.ts";
import { at, toData } from "../source/tree.ts";
import { originOf, type Result, writeResults } from "./results.ts";

const HEAD = "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\n";
const ONE: Result[] = [{ message: "a: b", severity: "info" }];
const ONE_LINES = 'results:\n- message: "a: b"\n  severity: info\n';

function resultsOf(text: string): Json | undefined {
  const node = at(parseChunk({ file: "", text, start: text.startsWith("\ufeff") ? 1 : 0, end: text.length }), [
    "results",
  ]);
  return node && toData(node);
}

test("no results: the text itself", () => {
  const text = `${HEAD}items: []\nresults:\n- message: earlier\n`;
  expect(writeResults(text, [])).toBe(text);
});

test("every field, read back as it was", () => {
  const all: Result[] = [
    {
      message: 'line\nbreak "quoted" \u2028 \u0085 é: # yes',
      severity: "warning",
      resourceRef: { apiVersion: "batch/v1", kind: "Job", name: "yes", namespace: "0123" },
      field: {
        path: "spec.template.spec.containers[0].args[0]",
        currentValue: ["- x", { a: [], b: {}, c: [[1, null], [true]] }],
        proposedValue: "",
      },
      file: { path: "a/b.yaml", index: 2 },
      tags: { rule: "quit-call", __proto: "n" },
    },
    { message: "second", severity: "error", field: { path: "x", proposedValue: null } },
  ];
  const text = writeResults(`${HEAD}items: []\n`, all);
  expect(JSON.parse(JSON.stringify(resultsOf(text)))).toEqual(JSON.parse(JSON.stringify(all)));
  expect(text).toContain('    name: "yes"\n    namespace: "0123"\n');
  expect(writeResults(text, all)).toBe(text);
});

describe("the block section", () => {
  test.each([
    ["at the end", `${HEAD}items: []\n`, `${HEAD}items: []\n${ONE_LINES}`],
    ["before a marker", `---\n${HEAD}items: []\n...\n# tail\n`, `---\n${HEAD}items: []\n${ONE_LINES}...\n# tail\n`],
    ["no final newline", `${HEAD}items: []`, `${HEAD}items: []\n${ONE_LINES.trimEnd()}`],
    ["CRLF", `${HEAD}items: []\n`.replaceAll("\n", "\r\n"), `${HEAD}items: []\n${ONE_LINES}`.replaceAll("\n", "\r\n")],
    ["BOM", `\ufeff${HEAD}items: []\n`, `\ufeff${HEAD}items: []\n${ONE_LINES}`],
    [
      "in place of earlier ones",
      `${HEAD}results: # old\n- message: x\n\n# of the items\nitems: []\n`,
      `${HEAD}${ONE_LINES}\n# of the items\nitems: []\n`,
    ],
    ["in place of none", `${HEAD}results: []\nitems: []`, `${HEAD}${ONE_LINES}items: []`],
    ["in place of null", `${HEAD}items: []\nresults:\n`, `${HEAD}items: []\n${ONE_LINES}`],
    [
      "in the list's own indentation",
      `${HEAD}items:\n  - a: 1\n`,
      `${HEAD}items:\n  - a: 1\n${ONE_LINES.replaceAll("\n-", "\n  -").replaceAll("\n  s", "\n    s")}`,
    ],
    ["parsed whole", `kind: ResourceList\n"items": []\n`, `kind: ResourceList\n"items": []\n${ONE_LINES}`],
    [
      "parsed whole, replaced",
      `"kind": ResourceList\nresults: null\nitems: []\n`,
      `"kind": ResourceList\n${ONE_LINES}items: []\n`,
    ],
    [
      "indented keys",
      ` kind: ResourceList\n items: []\n`,
      ` kind: ResourceList\n items: []\n ${ONE_LINES.replaceAll(/\n(?=.)/g, "\n ")}`,
    ],
  ])("%s", (_, before, after) => {
    expect(writeResults(before, ONE)).toBe(after);
    expect(resultsOf(after)).toBeDefined();
  });

  test.each(["|", ">", "|+"])("a text that ends inside of a %s scalar keeps its value", (style) => {
    const text = `${HEAD}items:\n- data:\n    a: ${style}\n      last`;
    expect(writeResults(text, ONE)).toBe(`${ONE_LINES}${text}`);
  });
});

describe("flow style", () => {
  const json = '[{"message": "a: b", "severity": "info"}]';
  test.each([
    [
      "one line",
      '{"kind": "ResourceList", "items": []}\n',
      `{"kind": "ResourceList", "items": [], "results": ${json}}\n`,
    ],
    [
      "minified",
      '{"kind":"ResourceList","items":[]}',
      `{"kind":"ResourceList","items":[],"results":${json.replaceAll(": ", ":").replaceAll(", ", ",").replace("a:b", "a: b")}}`,
    ],
    [
      "replaced",
      '{"results": [1, 2], "kind": "ResourceList", "items": []}',
      `{"results": ${json}, "kind": "ResourceList", "items": []}`,
    ],
    ["trailing comma", "{kind: ResourceList, items: [],}", `{kind: ResourceList, items: [], "results": ${json}}`],
    [
      "in lines",
      '{\r\n  "kind": "ResourceList",\r\n  "items": []\r\n}\r\n',
      '{\r\n  "kind": "ResourceList",\r\n  "items": [],\r\n  "results": [\r\n    {\r\n      "message": "a: b",\r\n      "severity": "info"\r\n    }\r\n  ]\r\n}\r\n',
    ],
  ])("%s", (_, before, after) => {
    expect(writeResults(before, ONE)).toBe(after);
    expect(JSON.parse(JSON.stringify(resultsOf(after)))).toEqual(ONE);
  });
});

describe("the file of a result", () => {
  const origin = (annotations: string): unknown => {
    const text = `kind: Job\nmetadata:\n  annotations: {${annotations}}\n`;
    const [resource] = resourcesOf(
      { file: "", text, document: 0 },
      parseChunk({ file: "", text, start: 0, end: text.length }),
    );
    return resource && originOf(resource);
  };
  test.each([
    [
      "internal.config.kubernetes.io/path: a.yaml, internal.config.kubernetes.io/index: '1'",
      { path: "a.yaml", index: 1 },
    ],
    ["config.kubernetes.io/path: a.yaml, config.kubernetes.io/index: 0", { path: "a.yaml", index: 0 }],
    ["internal.config.kubernetes.io/path: new.yaml, config.kubernetes.io/path: old.yaml", { path: "new.yaml" }],
    ["config.kubernetes.io/index: '1'", undefined],
    ["config.kubernetes.io/path: a.yaml, config.kubernetes.io/index: x", { path: "a.yaml" }],
  ])("%s", (annotations, expected) => {
    expect(origin(annotations)).toEqual(expected);
  });
});
