import { describe, expect, it } from "vitest";
import { applyEdits } from "./edit.ts";
import { RawScalar, type Written } from "./emit.ts";
import { insertEntry, insertItem, rawScalar, setValue } from "./insert.ts";
import { parseChunk } from "./parse.ts";
import { at, entryOf, type MapNode, type Node, type ScalarNode, type SeqNode } from "./tree.ts";

function parse(text: string): Node {
  return parseChunk({ file: "t.yaml", text, start: 0, end: text.length }) as Node;
}

function node(text: string, path: string): Node {
  const steps = path === "" ? [] : path.split(".").map((step) => (/^\d+$/.test(step) ? Number(step) : step));
  return at(parse(text), steps) as Node;
}

function addEntry(text: string, path: string, key: string, value: Written, before?: string): string {
  return applyEdits(
    text,
    insertEntry(text, node(text, path) as MapNode, key, value, before === undefined ? {} : { before }),
  );
}

function addItem(text: string, path: string, value: Written, index?: number): string {
  return applyEdits(text, insertItem(text, node(text, path) as SeqNode, value, index));
}

const KEY = "sidecar.istio.io/nativeSidecar";
const ADDED = `${KEY}: "false"`;

describe("insertEntry", () => {
  it.each<[string, string, string, string]>([
    ["behind the last entry", "m:\n  a: 1\nb: 2\n", "m", `m:\n  a: 1\n  ${ADDED}\nb: 2\n`],
    ["a comment stays on its line", "m:\n  a: 1 # x\n# y\nb: 2\n", "m", `m:\n  a: 1 # x\n  ${ADDED}\n# y\nb: 2\n`],
    ["behind a block scalar", "m:\n  a: |\n    x\n\nb: 2\n", "m", `m:\n  a: |\n    x\n  ${ADDED}\n\nb: 2\n`],
    ["behind kept blank lines", "m:\n  a: |+\n    x\n\nb: 2\n", "m", `m:\n  a: |+\n    x\n\n  ${ADDED}\nb: 2\n`],
    [
      "behind a string over two lines",
      'm:\n  a: "x\n    y" # z\nb: 2\n',
      "m",
      `m:\n  a: "x\n    y" # z\n  ${ADDED}\nb: 2\n`,
    ],
    ["no final line break", "m:\n    a: 1", "m", `m:\n    a: 1\n    ${ADDED}`],
    ["CRLF", "m:\r\n  a: 1\r\nb: 2\r\n", "m", `m:\r\n  a: 1\r\n  ${ADDED}\r\nb: 2\r\n`],
    ["flow", "m: {a: 1}\n", "m", `m: {a: 1, ${ADDED}}\n`],
    ["flow with blanks inside", "m: { a: 1 } # x\n", "m", `m: { a: 1, ${ADDED} } # x\n`],
    ["flow with a closing comma", "m: {a: 1,}\n", "m", `m: {a: 1, ${ADDED},}\n`],
    ["flow over lines", "m: {\n  a: 1 # x\n}\n", "m", `m: {\n  a: 1, # x\n  ${ADDED}\n}\n`],
    ["compact JSON", '{"m":{"a":1}}', "m", `{"m":{"a":1,"${KEY}":"false"}}`],
    [
      "pretty JSON",
      '{\n  "m": {\n    "a": 1\n  }\n}\n',
      "m",
      `{\n  "m": {\n    "a": 1,\n    "${KEY}": "false"\n  }\n}\n`,
    ],
    ["an empty map", "m: {}\nb: 2\n", "m", `m:\n  ${ADDED}\nb: 2\n`],
    ["an empty map in pretty JSON", '{\n  "m": {}\n}\n', "m", `{\n  "m": {\n    "${KEY}": "false"\n  }\n}\n`],
    ["no value", "m: # x\nb:\n    c: 2\n", "m", `m: # x\n    ${ADDED}\nb:\n    c: 2\n`],
    ["null", "m: ~\n", "m", `m:\n  ${ADDED}\n`],
    ["no value in flow", "{m: , b: 1}\n", "m", `{m: {${ADDED}}, b: 1}\n`],
    ["a map behind its dash", "- a: 1\n  b: 2\n- c: 3\n", "0", `- a: 1\n  b: 2\n  ${ADDED}\n- c: 3\n`],
    ["an explicit key", "? m\n: a: 1\n", "m", `? m\n: a: 1\n  ${ADDED}\n`],
  ])("%s", (_, text, path, expected) => {
    expect(addEntry(text, path, KEY, "false")).toBe(expected);
  });

  it.each<[string, string, string]>([
    [
      "before another",
      "t:\n  # x\n  spec:\n    a: 1\n",
      `t:\n  # x\n  metadata:\n    annotations:\n      k: v\n  spec:\n    a: 1\n`,
    ],
    [
      "before the first behind a dash",
      "t:\n  - spec:\n      a: 1\n",
      `t:\n  - metadata:\n      annotations:\n        k: v\n    spec:\n      a: 1\n`,
    ],
    ["before another in flow", "t: {spec: {a: 1}}\n", "t: {metadata: {annotations: {k: v}}, spec: {a: 1}}\n"],
    [
      "before another in JSON",
      '{\n  "t": {\n    "spec": {}\n  }\n}\n',
      '{\n  "t": {\n    "metadata": {\n      "annotations": {\n        "k": "v"\n      }\n    },\n    "spec": {}\n  }\n}\n',
    ],
  ])("%s", (_, text, expected) => {
    const path = text.includes("- spec") ? "t.0" : "t";
    expect(addEntry(text, path, "metadata", { annotations: { k: "v" } }, "spec")).toBe(expected);
  });

  it("moves a notation", () => {
    const text = "a:\n  x: >-\n     one\n     two\n  z: 0440\nb:\n    c: 1\n";
    const move = (key: string): Written => rawScalar(text, entryOf(node(text, "a"), key)?.value as ScalarNode);
    expect(addEntry(text, "b", "x", move("x"))).toBe(`${text}    x: >-\n      one\n      two\n`);
    expect(addEntry(text, "b", "z", move("z"))).toBe(`${text}    z: 0440\n`);
    expect(addEntry('{"b": {"c": 1}}', "b", "z", move("z"))).toBe('{"b": {"c": 1, "z": 288}}');
    expect(addEntry("m:\n  a: 1\n", "m", "k", { l: new RawScalar("'q'", "q") })).toBe("m:\n  a: 1\n  k:\n    l: 'q'\n");
  });
});

describe("insertItem", () => {
  it.each<[string, string, number | undefined, Written, string]>([
    ["at the end", "l:\n  - a # x\nb: 2\n", undefined, "c", "l:\n  - a # x\n  - c\nb: 2\n"],
    ["dash below the key", "l:\n- a\nb: 2\n", undefined, { x: { z: [1] } }, "l:\n- a\n- x:\n    z:\n    - 1\nb: 2\n"],
    ["first, above its comment", "l: # k\n  # x\n  - a\n", 0, "c", "l: # k\n  - c\n  # x\n  - a\n"],
    ["between", "l:\n  - a\n    # of a\n  # of b\n  - b\n", 1, "c", "l:\n  - a\n    # of a\n  - c\n  # of b\n  - b\n"],
    ["flow", "l: [a, b]\n", undefined, "c: d", 'l: [a, b, "c: d"]\n'],
    ["flow in double quotes", 'l: ["a"]\n', 0, "c", 'l: ["c", "a"]\n'],
    [
      "JSON over lines",
      '{\n  "l": [\n    "a"\n  ]\n}',
      undefined,
      { b: [] },
      '{\n  "l": [\n    "a",\n    {\n      "b": []\n    }\n  ]\n}',
    ],
    ["an empty list", "l: []\n", undefined, "c", "l:\n  - c\n"],
    ["a list in a list", "l:\n  - - a\n", undefined, ["c"], "l:\n  - - a\n  - - c\n"],
    [
      "a wide dash",
      "l:\n-   a: 1\n    b: 2\n",
      undefined,
      { c: 1, d: 2 },
      "l:\n-   a: 1\n    b: 2\n-   c: 1\n    d: 2\n",
    ],
  ])("%s", (_, text, index, value, expected) => {
    expect(addItem(text, "l", value, index)).toBe(expected);
  });
});

describe("setValue", () => {
  it.each<[string, string, Written, string]>([
    ["plain", "a: x # c\nb: 1\n", "z", "a: z # c\nb: 1\n"],
    ["the quotes that stood there", "a: 'x'\n", "y", "a: 'y'\n"],
    ["a plain one that needs quotes", "a: x\n", "no", 'a: "no"\n'],
    ["a script behind a comment", "a: x # c\nb: 1\n", "y\nz\n", "a: | # c\n  y\n  z\nb: 1\n"],
    ["no literal before a deeper comment", "a: x\n    # c\nb: 1\n", "y\nz\n", 'a: "y\\nz\\n"\n    # c\nb: 1\n'],
    ["a map for a scalar", "a: x # c\nb: 1\n", { c: 1 }, "a: # c\n  c: 1\nb: 1\n"],
    ["a scalar for a map", "a: # c\n  # d\n  e: 1\n  # f\n  g: 2\nb: 1\n", 3, "a: 3 # c\n  # d\n  # f\nb: 1\n"],
    ["JSON", '{"a": {"b": 1}}', ["x"], '{"a": ["x"]}'],
  ])("%s", (_, text, value, expected) => {
    expect(applyEdits(text, setValue(text, node(text, "a"), value))).toBe(expected);
  });
});
