import { describe, expect, it } from "vitest";
import { parseChunk, parseFully } from "./parse.ts";
import { toData } from "./tree.ts";

const chunk = (text: string) => ({ file: "t", text, start: 0, end: text.length });
const data = (text: string): unknown => {
  const trees = [parseChunk(chunk(text)), parseFully(chunk(text))];
  const [one, other] = trees.map((tree) => tree && JSON.parse(JSON.stringify(toData(tree))));
  expect(one).toEqual(other);
  return one;
};

// Each as sigs.k8s.io/yaml 1.6.0 reads it.
describe("parseChunk", () => {
  it.each<[string, unknown]>([
    ["a: .\nb: [., ..]\nc: '.'\n", { a: ".", b: [".", ".."], c: "." }],
    ["a: 0o755\nb: 0440\nc: 1e3\nd: 08\n", { a: 493, b: 288, c: 1000, d: 8 }],
    ["a: !!float 1\nb: !!str 1\nc: !!int 0x10\n", { a: 1, b: "1", c: 16 }],
    ["on: a\nn: b\n0x10: c\n'y': d\n", { true: "a", false: "b", 16: "c", y: "d" }],
    ["a: {on: b, y: c}\n", { a: { true: "c" } }],
    ["a: \"b\"# c\nd: 'e'#f\ng: [h]#i\n", { a: "b", d: "e", g: ["h"] }],
    ["a: |\n  b\n", { a: "b\n" }],
    ["a: |\n  b\n  ", { a: "b\n" }],
    ["a: [\n  |", undefined],
  ])("reads %j", (text, expected) => {
    if (expected === undefined) expect(() => data(text)).toThrow();
    else if (text.includes("{on: b, y: c}")) expect(() => data(text)).toThrow("must be unique");
    else expect(data(text)).toEqual(expected);
  });

  const hint = "it looks like a template: render it (helm template) first";
  it.each([
    ['a: ["{{inputs.parameters.p}}"]\nb: 1\nb: 2\n', "map keys must be unique; mend the YAML"],
    ["a: {{ x }}{{ y }}\n", hint],
    ["{{- if x }}\na: b\n{{- end }}\n", hint],
    ["a:\n{{- if x }}\n  b: 1\n{{- end }}\nc: 1\nc: 2\n", hint],
    ["a: {{ .Values.a }}\nb: 1\n c: 2\n", hint],
    ["a: 1\n{{ .Values.a }}\n", hint],
    ["a: '{{ .Values.a }}'\nb: |\n  {{workflow.name}}\nc: 1\nc: 2\n", "map keys must be unique; mend the YAML"],
    ["a: '{{workflow.name}}'\nb: [\n", "mend the YAML"],
  ])("says of %j what to do", (text, message) => {
    expect(() => parseChunk(chunk(text))).toThrow(message);
  });
});
