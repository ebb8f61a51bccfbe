import { describe, expect, it } from "vitest";
import { goJson, parseBool, parseUint, textOf } from "./scalars.ts";

describe("textOf", () => {
  it.each([
    [1.1, "1.1"],
    [1234567.5, "1.2345675e+06"],
    [0.00001, "1e-05"],
    [0.0001, "0.0001"],
    [8080, "8080"],
    [true, "true"],
    ["on", "on"],
    [null, undefined],
    [[], undefined],
  ])("reads %j as Go does", (value, text) => {
    expect(textOf(value)).toBe(text);
  });
});

describe("parseBool and parseUint", () => {
  it("take what Go's strconv takes", () => {
    expect(["1", "t", "TRUE", "0", "F", "false", "yes", "tRUE", ""].map(parseBool)).toEqual([
      true,
      true,
      true,
      false,
      false,
      false,
      undefined,
      undefined,
      undefined,
    ]);
    expect(["0", "007", "65535", "65536", "-1", "+1", "1_0", ""].map((text) => parseUint(text, 16))).toEqual([
      0,
      7,
      65535,
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });
});

describe("goJson", () => {
  it("escapes what HTML and JavaScript would read", () => {
    expect(goJson({ a: "<&>\u2028" })).toBe('{"a":"\\u003c\\u0026\\u003e\\u2028"}');
  });
});
