import { applyPatch, createTwoFilesPatch, FILE_HEADERS_ONLY } from "diff";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { unifiedDiff } from "./unified-diff.ts";

const whole = (before: string, after: string): string =>
  createTwoFilesPatch("f", "f", before, after, undefined, undefined, { context: 3, headerOptions: FILE_HEADERS_ONLY });
const lines = (count: number, from = 0): string => Array.from({ length: count }, (_, n) => `${n + from}\n`).join("");

describe("unifiedDiff", () => {
  it.each([
    ["a line in the middle", `${lines(20)}x\n${lines(20, 30)}`, lines(20) + lines(20, 30)],
    ["the first line", `x\n${lines(5)}`, lines(5)],
    ["the last line", `${lines(5)}x\n`, lines(5)],
    ["everything", "a\nb\n", "c\n"],
    ["the line break at the end", "a\nb", "a\nb\n"],
    ["a line before one without a line break", "a\nb\nc", "b\nc"],
    ["two places", `a\n${lines(50)}b\n`, `c\n${lines(50)}d\n`],
    ["huge texts", `${lines(40_000)}x\n${lines(40_000, 50_000)}`, `${lines(40_000)}y\nz\n${lines(40_000, 50_000)}`],
    ["an empty text", "", "a\n"],
  ])("tells of %s what a comparison of all lines tells", (_, before, after) => {
    expect(unifiedDiff("f", before, after)).toBe(whole(before, after));
  });

  it("leads from one text to the other", () => {
    const text = fc.array(fc.constantFrom("a\n", "b\n", "c\n", "\n"), { maxLength: 30 }).map((parts) => parts.join(""));
    const ended = fc.tuple(text, fc.constantFrom("", "a", "b")).map((parts) => parts.join(""));
    fc.assert(
      fc.property(ended, ended, (before, after) => {
        fc.pre(before !== after);
        expect(applyPatch(before, unifiedDiff("f", before, after))).toBe(after);
      }),
    );
  });
});
