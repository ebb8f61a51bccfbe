import { describe, expect, it } from "vitest";
import { applyEdits } from "./edit.ts";
import { withTidyEnds } from "./text-edges.ts";

/** Takes pieces out of a text. */
function without(text: string, ...pieces: string[]): string {
  const edits = pieces.map((piece) => ({
    start: text.indexOf(piece),
    end: text.indexOf(piece) + piece.length,
    text: "",
  }));
  return applyEdits(text, withTidyEnds(text, edits));
}

describe("withTidyEnds", () => {
  it.each<[string, string[], string]>([
    ["a\n\ncall\n", ["call\n"], "a\n"],
    ["a\n\ncall", ["\ncall"], "a"],
    ["a\n \n\t\ncall\n", ["call\n"], "a\n"],
    ["a\n\nx\n\ny\n", ["x\n", "y\n"], "a\n"],
    ["a\n\ncall\n\n", ["call\n"], "a\n\n"],
    ["a; call\n", ["; call"], "a\n"],
    ["a\ncall\n\nb\n", ["call\n"], "a\n\nb\n"],
    ["call\n", ["call\n"], ""],
    ["a \ncall\n", ["call\n"], "a \n"],
    ["if x\n  # c\n  call\nfi\nb\n", ["if x\n", "  call\nfi\n"], "# c\nb\n"],
    ["if x\n\n  # c\n\n    # d\n  call\nfi\nb\n", ["if x\n", "  call\nfi\n"], "\n# c\n\n# d\nb\n"],
    ["if x\n# b\n  # c\n  call\nfi\nb\n", ["if x\n", "  call\nfi\n"], "# b\n  # c\nb\n"],
    ["  # c\ncall\nb\n", ["call\n"], "  # c\nb\n"],
    ["a\nif x\n  # c\n  call\nfi\n", ["if x\n", "  call\nfi\n"], "a\n  # c\n"],
  ])("%j without %j", (text, pieces, expected) => {
    expect(without(text, ...pieces)).toBe(expected);
  });

  it("keeps what an edit puts in", () => {
    expect(applyEdits("a\nb\n", withTidyEnds("a\nb\n", [{ start: 2, end: 4, text: "c\n\n" }]))).toBe("a\nc\n\n");
    expect(applyEdits("a\nb\n", withTidyEnds("a\nb\n", [{ start: 0, end: 2, text: "  # c\n" }]))).toBe("  # c\nb\n");
  });
});
