import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { applyEdits } from "./edit.ts";
import { pushFlowLines } from "./low-flow-lines.ts";
import { parseChunk } from "./parse.ts";
import { editScalar } from "./scalar-text.ts";
import { at, type Node, type ScalarNode, toData } from "./tree.ts";

const parse = (text: string): Node => parseChunk({ file: "t", text, start: 0, end: text.length }) as Node;

// Each as sigs.k8s.io/yaml 1.6.0 reads it.
describe("flow notations whose lines are not far enough in", () => {
  it.each<[string, unknown]>([
    ['a:\n  b:\n    - c: ["\n      d;\n      e\n    "]\n', { a: { b: [{ c: [" d; e "] }] } }],
    ["x:\n  a: [\nb: c,\n{d: e}\n]\n", { x: { a: [{ b: "c" }, { d: "e" }] } }],
    ["x:\n  a: [ # h]\nb, # 'ho\n# hu\nc\n]\nf: g\n", { x: { a: ["b", "c"] }, f: "g" }],
    [
      "x:\n  a: {b: [\n1\n], c: \"x\ny\", d: 'it''s\nz'}\n  e: f\n",
      { x: { a: { b: [1], c: "x y", d: "it's z" }, e: "f" } },
    ],
    ["x:\n  a: [it's\n, b'c\n]\n", { x: { a: ["it's", "b'c"] } }],
    ["x:\n  a: [b\nc d\ne, f]\n", { x: { a: ["b c d e", "f"] } }],
    ['a:\n    "b\n  c\n\n d\n"\n', { a: "b c\nd " }],
    ["a: 'b\nc\n\nd'\ne: |\n  ]\n", { a: "b c\nd", e: "]\n" }],
    ['a: "b\\\nc"\n', { a: "bc" }],
    ['x:\r\n  a: ["\r\n  b\r\n  "]\r\n', { x: { a: [" b "] } }],
    ['x:\n  a: "b\nc: d\\"\n"\n  e: ["\n"]\n', { x: { a: 'b c: d" ', e: [" "] } }],
    ["a: {\n\tb: c,\n\td: [\n\t\te]\n  }\n", { a: { b: "c", d: ["e"] } }],
  ])("reads %j", (text, expected) => {
    expect(JSON.parse(JSON.stringify(toData(parse(text))))).toEqual(expected);
  });

  it("places everything in the text as it is", () => {
    const text = 'a:\n  b: ["\n c\n", {d: "e\nf", g: h\n}\n]\n  i: j\n';
    const shown: string[] = [];
    const visit = (node: Node): void => {
      shown.push(text.slice(node.start, node.end));
      if (node.kind === "map") for (const { key, value } of node.entries) [key, value].forEach(visit);
      if (node.kind === "seq") for (const { value } of node.items) visit(value);
    };
    visit(at(parse(text), ["a"]) as Node);
    expect(shown.slice(1)).toEqual([
      "b",
      '["\n c\n", {d: "e\nf", g: h\n}\n]',
      '"\n c\n"',
      '{d: "e\nf", g: h\n}',
      "d",
      '"e\nf"',
      "g",
      "h",
      "i",
      "j",
    ]);
  });

  it("says where the text is wrong, not where the pushed text is", () => {
    const text = "a:\n  b: [\nc\n]\nd: 1\nd: 2\n";
    expect(() => parse(text)).toThrow(expect.objectContaining({ offset: text.lastIndexOf("d:") }));
  });

  it.each(["a: [b\nc: d\n", 'a: "b\nc: d\n', "a: [b}\n", "a: {\n- b\n}\n", "x:\n  a: [\nb\n] c\n", "a: b: c\n"])(
    "still refuses %j",
    (text) => {
      expect(() => parse(text)).toThrow();
    },
  );

  it.each<[string, string, string]>([
    ['x:\n  s: "\n a;\ncall;\n b"\n', "call; ", 'x:\n  s: "\n a;\n b"\n'],
    ["x:\n  s: ['a;\n  call'\n]\n", "; call", "x:\n  s: ['a'\n]\n"],
  ])("edits a scalar in %j", (text, piece, expected) => {
    const tree = parse(text);
    const node = (at(tree, ["x", "s", 0]) ?? at(tree, ["x", "s"])) as ScalarNode;
    const start = node.text.indexOf(piece);
    const edits = editScalar(text, node, [{ start, end: start + piece.length, text: "" }]);
    expect(applyEdits(text, edits ?? [])).toBe(expected);
  });

  it("gives a document the same data, wherever its flow lines begin", () => {
    const piece = fc.constantFrom("b", "'c'", '"d"', "e f", "[g]", "{h: i}", '"j k"', "it's", "# l", "'#'", "'it''s'");
    const breaks = fc.constantFrom("", "", "\n", "\n ", "\n      ", "\n            ");
    fc.assert(
      fc.property(fc.array(fc.tuple(breaks, piece, breaks), { minLength: 1, maxLength: 6 }), (parts) => {
        const write = (indent: boolean): string => {
          const push = (text: string): string => (indent ? text.replace("\n", "\n          ") : text);
          const items = parts.map(([before, text, after]) => {
            const comment = text.startsWith("#") ? ` ${text}\n` : "";
            return (
              push(before) + (comment ? push(`m${comment}`) : push(text.replace(" ", before || " "))) + push(after)
            );
          });
          return `x:\n  y:\n    a: [${items.join(",")}]\n    z: |\n      ]\n`;
        };
        expect(toData(parse(write(false)))).toEqual(toData(parse(write(true))));
      }),
      { numRuns: 2_000 },
    );
  });

  it("takes time that grows with the text alone", () => {
    const text = `a:\n${"  - [\nb\n]\n".repeat(20_000)}`;
    const begin = performance.now();
    expect(pushFlowLines(text)).toBeDefined();
    expect(performance.now() - begin).toBeLessThan(3000);
  });

  it("does not let a text grow beyond measure", () => {
    const deep = `a: ${"[".repeat(5_000)}${"\nb,".repeat(5_000)}`;
    expect(() => parse(`${deep}${"]".repeat(5_000)}\n`)).toThrow();
    const wide = `${"k".repeat(900)}: ${" ".repeat(50_000)}[${"\nb,".repeat(50_000)}\n]\n`;
    expect(pushFlowLines(wide)).toBeUndefined();
  });
});
