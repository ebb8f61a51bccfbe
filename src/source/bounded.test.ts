import { describe, expect, test } from "vitest";
import { TargetError } from "../target/index.ts";
import { bounded } from "./bounded.ts";
import { SourceError, UsageError } from "./failure.ts";

const LONG = "x".repeat(100_000);

describe("messages are bounded, whatever they quote", () => {
  test.each([
    ["a quotation", `${JSON.stringify(LONG)} is no Istio version; write it as "1.27.1"`],
    ["a quotation with blanks", `nativeSidecars is not ${JSON.stringify("no ".repeat(50_000))} but true`],
    ["a word", `unknown Istio version ${LONG}; the nearest known are 1.27.1`],
    ["many words", `no command '${"no ".repeat(50_000)}'`],
    ["line breaks in a quotation", `not ${JSON.stringify("\n".repeat(10_000))} but true`],
    ["an emoji where it is cut", `not ${JSON.stringify("😀".repeat(10_000))} but true`],
  ])("%s", (_, message) => {
    for (const error of [new UsageError(message), new TargetError(message, []), new SourceError("a", "", 0, message)]) {
      expect(error.message.length).toBeLessThan(4100);
      expect(error.message).not.toMatch(/[\ud800-\udbff](?![\udc00-\udfff])/);
      expect(error.message.slice(0, 8)).toBe(message.slice(0, 8));
      expect(error.message.slice(-8)).toBe(message.slice(-8));
    }
  });

  test("what stands around a quotation stays", () => {
    expect(bounded(`data.x: "${LONG}" is no port, "80" is one`)).toBe(
      `data.x: "${"x".repeat(199)}…" is no port, "80" is one`,
    );
  });

  test("a long path keeps its end", () => {
    expect(bounded(`${"deep/".repeat(80)}a.yaml: cannot be read`)).toMatch(/^deep.*…\S*deep\/a\.yaml: cannot be read$/);
  });

  test("a quotation without end costs no more than any other", () => {
    const started = performance.now();
    expect(bounded(`no ${'\\\\" '.repeat(1_000_000)}`).length).toBeLessThan(4100);
    expect(bounded(`no "${'\\" '.repeat(1_000_000)}`).length).toBeLessThan(4100);
    expect(performance.now() - started).toBeLessThan(2000);
  });

  test("others stay as they are", () => {
    const list = `known are ${"1.27.1, ".repeat(60)}`;
    expect(bounded(list)).toBe(list);
  });
});
