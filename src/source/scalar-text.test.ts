import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { applyEdits } from "./edit.ts";
import { parseChunk } from "./parse.ts";
import { editScalar } from "./scalar-text.ts";
import { withTidyEnds } from "./text-edges.ts";
import { at, type ScalarNode } from "./tree.ts";

const scalarOf = (text: string): ScalarNode =>
  at(parseChunk({ file: "t.yaml", text, start: 0, end: text.length }), ["s"]) as ScalarNode;

/** Cuts the first occurrence of `piece` out of the scalar's string. */
function cut(text: string, piece: string, by = ""): string {
  const node = scalarOf(text);
  const start = node.text.indexOf(piece);
  const edits = editScalar(text, node, [{ start, end: start + piece.length, text: by }]);
  return applyEdits(text, edits ?? []);
}

describe("editScalar", () => {
  it.each<[string, string, string, string]>([
    ["a line of a literal", "s: |\n  a\n  call\n  b\n", "call\n", "s: |\n  a\n  b\n"],
    ["the last line of a literal", "s: |-\n    a\n    call\nt: 1\n", "\ncall", "s: |-\n    a\nt: 1\n"],
    ["inside a line of a literal", "s: |\n  call; a\n", "call; ", "s: |\n  a\n"],
    ["across lines of a literal", "s: |\n  a && \\\n    call\n  b\n", " && \\\n  call", "s: |\n  a\n  b\n"],
    ["a literal with CRLF", "s: |\r\n  a\r\n  call\r\n  b\r\n", "call\n", "s: |\r\n  a\r\n  b\r\n"],
    ["a line of a folded scalar", "s: >-\n  a;\n  call;\n  b\n", "call; ", "s: >-\n  a;\n  b\n"],
    ["blank lines of a folded scalar", "s: >\n  a\n\n  call\n\n  b\n", "call\n", "s: >\n  a\n\n  b\n"],
    ["escapes of a double-quoted scalar", 's: "a\\ncall \\"x\\"\\nb"\n', 'call "x"\n', 's: "a\\nb"\n'],
    ["a double-quoted scalar over lines", 's: "a;\n  call;\n  b"\n', "call; ", 's: "a;\n  b"\n'],
    ["doubled quotes", "s: 'it''s; call ''x'''\n", "; call 'x'", "s: 'it''s'\n"],
    ["a last line behind a blank one", "s: |\n  a\n\n  call\nt: 1\n", "call\n", "s: |\n  a\nt: 1\n"],
    ["the same where no line break ends the string", "s: |-\n  a\n\n  call\nt: 1\n", "\ncall", "s: |-\n  a\nt: 1\n"],
    ["the same where all of them do", "s: |+\n  a\n\n  call\n\nt: 1\n", "call\n", "s: |+\n  a\n\nt: 1\n"],
    ["the same at the end of a file", "s: |\n  a\n\n  call", "call", "s: |\n  a"],
    ["the same with CRLF", "s: |\r\n  a\r\n\r\n  call\r\nt: 1\r\n", "call\n", "s: |\r\n  a\r\nt: 1\r\n"],
    ["the same in double quotes", 's: "a\\n\\ncall\\n"\n', "call\n", 's: "a\\n"\n'],
    ["the same in a folded scalar, but for lines it skips", "s: >\n  a\n\n\n  call\n", "call\n", "s: >\n  a\n\n"],
    ["the same in flow", '{s: "a\\n\\ncall"}\n', "\ncall", '{s: "a"}\n'],
    ["the same in JSON", '{"s": "a\\n\\ncall\\n"}\n', "call\n", '{"s": "a\\n"}\n'],
    [
      "what stood above comments that are further in",
      "s: |\n  f() {\n    # c\n    # d\n    call\n  }\n  a\n",
      "f() {\n",
      "s: |\n  # c\n  # d\n    call\n  }\n  a\n",
    ],
    ["a plain scalar", "s: a; call\n", "; call", "s: a\n"],
    ["a plain scalar over lines", "s: a;\n  call;\n  b\n", "call; ", "s: a;\n  b\n"],
    ["a plain scalar that then needs quotes", "s: a; 7\n", "a; ", "s: '7'\n"],
    ["a plain scalar in flow", "{s: a; call}\n", "; call", "{s: a}\n"],
  ])("%s", (_, text, piece, expected) => {
    expect(cut(text, piece)).toBe(expected);
  });

  it("keeps the closing quote of a folded string in a flow list indented", () => {
    const text = 'a:\n  s:\n    [\n      "x\n\n        call\\n",\n    ]\n';
    const root = parseChunk({ file: "t.yaml", text, start: 0, end: text.length });
    const node = at(root, ["a", "s", 0]) as ScalarNode;
    const edits = editScalar(text, node, [{ start: 2, end: 7, text: "" }]) ?? [];
    expect(parse(applyEdits(text, edits))).toEqual({ a: { s: ["x\n"] } });
  });

  it("takes neighbouring lines out of a folded string", () => {
    const text = 's: "x\n\n  one\n\n  two\n\n  y"\n';
    const edits = editScalar(text, scalarOf(text), [
      { start: 2, end: 6, text: "" },
      { start: 6, end: 10, text: "" },
    ]);
    expect(parse(applyEdits(text, edits ?? []))).toEqual({ s: "x\ny" });
  });

  it("gives the string that the edit gives, in every style", () => {
    const line = fc.stringMatching(/^[a-z"'#$\\ ]{0,12}$/);
    const style = fc.constantFrom("PLAIN", "BLOCK_LITERAL", "BLOCK_FOLDED", "QUOTE_DOUBLE", "QUOTE_SINGLE");
    let made = 0;
    const width = fc.constantFrom(0, 20);
    fc.assert(
      fc.property(
        fc.array(line, { minLength: 1, maxLength: 6 }),
        style,
        width,
        fc.nat(),
        fc.nat(),
        (lines, defaultStringType, lineWidth, a, b) => {
          const string = lines.join("\n");
          const text = stringify(
            { s: string, t: 1 },
            { defaultStringType: defaultStringType as "PLAIN", lineWidth, version: "1.1" },
          );
          const node = scalarOf(text);
          fc.pre(node.text === string);
          const [start, end] = [a % (string.length + 1), b % (string.length + 1)].sort((x, y) => x - y) as [
            number,
            number,
          ];
          const edits = editScalar(text, node, [{ start, end, text: "" }]);
          const wanted = string.slice(0, start) + string.slice(end);
          // A block scalar cannot hold every string under the header it has, nor a folded one blank ends.
          const mayRefuse = defaultStringType.startsWith("BLOCK") || /\s/.test(string);
          if (edits === undefined) {
            expect(mayRefuse).toBe(true);
            return;
          }
          made++;
          const tidy = applyEdits(string, withTidyEnds(string, [{ start, end, text: "" }]));
          expect([wanted, tidy]).toContain(scalarOf(applyEdits(text, edits))?.text);
        },
      ),
      { numRuns: 3000 },
    );
    expect(made).toBeGreaterThan(1500);
  });
});
