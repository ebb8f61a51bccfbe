import { describe, expect, it } from "vitest";
import { keyName, plainValue } from "./plain-value.ts";

// All of them as sigs.k8s.io/yaml 1.6.0 reads them.
describe("plainValue", () => {
  it.each<[string, null | boolean | number]>([
    ["", null],
    ["~", null],
    ["NULL", null],
    ["y", true],
    ["On", true],
    ["NO", false],
    ["1", 1],
    ["-0", 0],
    ["+1", 1],
    ["1_000", 1000],
    ["0440", 288],
    ["0o755", 493],
    ["-010", -8],
    ["0b11", 3],
    ["-0b11", -3],
    ["0x1F", 31],
    ["+0x10", 16],
    ["08", 8],
    ["019", 19],
    ["0_7", 7],
    ["1_", 1],
    ["5.", 5],
    [".5", 0.5],
    [".1e5", 10_000],
    ["+.5", 0.5],
    ["1._5", 1.5],
    ["1e3", 1000],
    ["18446744073709551615", 2 ** 64],
    ["18446744073709551616", 2 ** 64],
    ["-9223372036854775809", -(2 ** 63)],
    [".inf", Number.POSITIVE_INFINITY],
    ["-.Inf", Number.NEGATIVE_INFINITY],
    [".NaN", Number.NaN],
  ])("takes %j for %j", (text, value) => {
    expect(plainValue(text)).toBe(Object.is(value, 0) && text.startsWith("-") ? -0 : value);
  });

  it.each(
    ". .. ... - + -. +. ._1 yES tRUE oN nULL 1:30 1.2.3 0x 0b2 1e 1e400 _1 2001-01-01 0xFFFFFFFFFFFFFFFFF app = <<".split(
      " ",
    ),
  )("takes %j for text", (text) => {
    expect(plainValue(text)).toBe(text);
  });
});

describe("keyName", () => {
  it.each([
    ["on", "true"],
    ["n", "false"],
    ["0x10", "16"],
    ["1.0", "1"],
    [".inf", ".inf"],
    ["~", "~"],
    ["name", "name"],
  ])("gives %s as %s", (text, name) => {
    expect(keyName(text)).toBe(name);
  });
});
