import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { peekKind, splitDocuments } from "./split.ts";

const split = (text: string): string[] => splitDocuments(text).map(({ start, end }) => text.slice(start, end));

describe("splitDocuments", () => {
  it.each<[string, string, string[]]>([
    ["one document without a marker", "a: 1\n", ["a: 1\n"]],
    ["two documents", "a: 1\n---\nb: 2\n", ["a: 1\n", "---\nb: 2\n"]],
    ["a marker in a block scalar still ends it", "a: |\n  x\n---\nb: 2\n", ["a: |\n  x\n", "---\nb: 2\n"]],
    ["an indented marker is text", "a: |\n  ---\n  x\n", ["a: |\n  ---\n  x\n"]],
    ["a marker needs white space behind it", "---a\n--- b\n", ["---a\n", "--- b\n"]],
    ["content and comment on the marker line", "--- # c\na: 1\n--- {b: 2}\n", ["--- # c\na: 1\n", "--- {b: 2}\n"]],
    ["CRLF", "a: 1\r\n---\r\nb: 2\r\n", ["a: 1\r\n", "---\r\nb: 2\r\n"]],
    ["leading comments belong to the first document", "# c\n---\na: 1\n", ["# c\n---\na: 1\n"]],
    ["a byte order mark is outside", "\ufeffa: 1\n", ["a: 1\n"]],
    [
      "directives belong to the next document",
      "a: 1\n...\n%YAML 1.1\n---\nb: 2\n",
      ["a: 1\n...\n", "%YAML 1.1\n---\nb: 2\n"],
    ],
    ["comments behind the end marker are no document", "a: 1\n...\n# c\n", ["a: 1\n...\n"]],
    ["an empty document between two markers stays", "---\n---\na: 1\n", ["---\n", "---\na: 1\n"]],
    ["an empty file has none", "", []],
    ["white space that YAML takes for text is content", "\u00a0\n---\n\ufeff\n", ["\u00a0\n", "---\n\ufeff\n"]],
  ])("%s", (_, text, expected) => {
    expect(split(text)).toEqual(expected);
  });

  it("finds the documents that a full parse finds", () => {
    const line = fc.constantFrom(
      "a: 1",
      "b: |",
      "  x",
      "---",
      "...",
      "# c",
      "",
      "--- # d",
      "- 1",
      "k: [1,",
      "  2]",
      "\u2028---",
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 12 }), fc.constantFrom("\n", "\r\n"), (lines, lineBreak) => {
        const text = lines.join(lineBreak);
        const all = parseAllDocuments(text);
        const documents = Array.isArray(all) ? all : [];
        fc.pre(documents.every((document) => document.errors.length === 0));
        const pieces = split(text).map((piece) => parseAllDocuments(piece));
        expect(pieces.every((piece) => Array.isArray(piece) && piece.length <= 1)).toBe(true);
        const values = pieces.map((piece) => (piece[0] === undefined ? null : piece[0].toJS()));
        const expected = documents.map((document) => document.toJS());
        expect(values.filter((value) => value !== null)).toEqual(expected.filter((value) => value !== null));
      }),
      { numRuns: 2000 },
    );
  });
});

describe("peekKind", () => {
  const peek = (text: string): string | undefined => peekKind(text, { start: 0, end: text.length });
  it.each<[string, string | undefined]>([
    ["apiVersion: v1\nkind: Pod\n", "Pod"],
    ['kind: "Pod" # c\r\n', "Pod"],
    ["spec:\n  kind: Pod\n", undefined],
    ["kind: Pod\nkind: Job\n", undefined],
    ['{"kind": "Pod"}', undefined],
    ["data: |\n  kind: Job\nkind: ConfigMap\n", "ConfigMap"],
  ])("%j", (text, kind) => {
    expect(peek(text)).toBe(kind);
  });
});
