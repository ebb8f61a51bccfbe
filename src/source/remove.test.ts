import { describe, expect, it } from "vitest";
import { applyEdits } from "./edit.ts";
import { parseChunk } from "./parse.ts";
import { type Child, removeChildren } from "./remove.ts";
import { entryOf, type MapNode, resolve } from "./tree.ts";

const PRUNABLE = new Set(["env", "securityContext"]);

/** Removes the entries or items that the dotted paths name. */
function remove(text: string, ...paths: string[]): string {
  const root = parseChunk({ file: "t.yaml", text, start: 0, end: text.length }) as MapNode;
  const victims = paths.map(
    (path) =>
      path.split(".").reduce<Child | undefined>((child, step) => {
        const node = child === undefined ? root : resolve(child.value);
        return node.kind === "seq" ? node.items[Number(step)] : entryOf(node, step);
      }, undefined) as Child,
  );
  return applyEdits(text, removeChildren(text, victims, PRUNABLE));
}

describe("removeChildren", () => {
  it.each<[string, string, string[], string]>([
    ["a line", "a: 1\nb: 2\nc: 3\n", ["b"], "a: 1\nc: 3\n"],
    ["the comment behind it", "a: 1\nb: 2 # x\nc: 3\n", ["b"], "a: 1\nc: 3\n"],
    ["not the comment above it", "a: 1\n# x\nb: 2\n", ["b"], "a: 1\n# x\n"],
    ["not full-line comments inside", "a: 1\nb:\n  # x\n  c: 2\nd: 3\n", ["b"], "a: 1\n  # x\nd: 3\n"],
    ["hash lines of a script", "a: 1\nb: |\n  # x\n  c\nd: 3\n", ["b"], "a: 1\nd: 3\n"],
    ["the last line, none of whose like had a line break", "a: 1\nb: 2", ["b"], "a: 1"],
    ["CRLF lines", "a: 1\r\nb: 2\r\nc: 3\r\n", ["b"], "a: 1\r\nc: 3\r\n"],
    ["a first entry behind its dash", "- a: 1\n  b: 2\n", ["0.a"], "- b: 2\n"],
    ["a first entry with a comment behind it", "- a: 1\n  # x\n  b: 2\n", ["0.a"], "-\n  # x\n  b: 2\n"],
    ["flow: first, middle, last", "{a: 1, b: 2, c: 3}", ["a"], "{b: 2, c: 3}"],
    ["flow: middle", "{a: 1, b: 2, c: 3}", ["b"], "{a: 1, c: 3}"],
    ["flow: last", "{ a: 1, b: 2 }", ["b"], "{ a: 1 }"],
    ["flow: first two", "{a: 1, b: 2, c: 3}", ["a", "b"], "{c: 3}"],
    ["flow: a comment between keeps its place", "{\n a: 1, # one\n b: 2\n}", ["b"], "{\n a: 1 # one\n \n}"],
    ["pretty JSON", '{\n  "a": 1,\n  "b": 2\n}\n', ["b"], '{\n  "a": 1\n}\n'],
    ["an emptied prunable map", "x:\n  env:\n    a: 1\n  y: 2\n", ["x.env.a"], "x:\n  y: 2\n"],
    ["an emptied other map", "x:\n  m:\n    a: 1\n  y: 2\n", ["x.m.a"], "x:\n  m: {}\n  y: 2\n"],
    ["an emptied other map with an anchor and a comment", "m: &a # c\n  a: 1\n", ["m.a"], "m: &a {} # c\n"],
    ["an emptied prunable flow list", "x: {env: [1], y: 2}", ["x.env.0"], "x: {y: 2}"],
    ["items with the dash at the key's column", "env:\n- a: 1\n  b: 2\n- c: 3\n", ["env.0"], "env:\n- c: 3\n"],
    [
      "a kept comment must not become text of the script before it",
      "a:\n  s: |\n    x\n  b:\n      # c\n      d: 1\n  e: 2\n",
      ["a.b"],
      "a:\n  s: |\n    x\n  # c\n  e: 2\n",
    ],
  ])("%s", (_, text, paths, expected) => {
    expect(remove(text, ...paths)).toBe(expected);
  });
});
