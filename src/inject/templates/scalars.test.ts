import { describe, expect, it } from "vitest";
import { cutBytes, goPrint } from "./go-text.ts";
import { parseGoYaml, YamlError } from "./go-yaml.ts";
import { appendMultusNetwork } from "./multus.ts";
import { omitNil } from "./resources.ts";
import { doubleQuoted, plain, singleQuoted } from "./scalars.ts";

describe("text in a template's YAML", () => {
  it.each([
    ["a b: c #d", "a b: c #d"],
    ["a\\tb", "a\tb"],
    ["a\n b", "a b"],
    ['a"', undefined],
    ["a\\", undefined],
    ['a", "b', undefined],
  ])("between double quotes reads %j as %j", (text, read) => expect(doubleQuoted(text)).toBe(read));

  it("between single quotes takes double ones", () => {
    expect(singleQuoted('[{"name":"x"}]')).toBe('[{"name":"x"}]');
    expect(singleQuoted("it's")).toBeUndefined();
  });

  it.each([
    ["default:info", "default:info"],
    ["010", 8],
    ["0o17", 15],
    ["08", 8],
    ["1_000", 1000],
    ["12:30", "12:30"],
    ["2020-01-01", "2020-01-01"],
    ["yes", true],
    ["a #b", "a"],
    ["", null],
    ["a: b", undefined],
    ["a\nb: c", undefined],
  ])("without quotes reads %j as %j", (text, read) => expect(plain(text)).toEqual(read));
});

describe("parseGoYaml", () => {
  it("takes the last of equal keys, keys as text and no prototype", () => {
    const read = parseGoYaml("{a: 1, a: 2, 1: x, __proto__: {b: off}}");
    expect(JSON.stringify(read)).toBe('{"1":"x","__proto__":{"b":false},"a":2}');
    expect(Object.getPrototypeOf(read)).toBeNull();
  });

  const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${[..."bcdefgh"].map((n, i) => `${n}: &${n} [${Array(9).fill(`*${"abcdefg"[i]}`)}]`).join("\n")}`;
  it.each(["{", "a: .inf", "? [a]\n: b", "a: *b", "[".repeat(20000), bomb])("refuses %.20j", (text) =>
    expect(() => parseGoYaml(text)).toThrow(YamlError),
  );
});

describe("Go's ways", () => {
  it("prints values as fmt does", () => {
    expect([15020, 1500000, 0.00001, true, null].map(goPrint)).toEqual(["15020", "1.5e+06", "1e-05", "true", "<nil>"]);
    expect(goPrint({ b: [1, null], a: "x" })).toBe("map[a:x b:[1 <nil>]]");
  });

  it("cuts bytes, and reads half a character as Latin-1", () => {
    expect(cutBytes("aé", 2)).toBe("a\u00c3");
    expect(cutBytes("aéb", 3)).toBe("aé");
  });

  it("omits nulls and what they leave empty", () => {
    expect(omitNil({ a: { b: null }, c: {}, d: [null, 1] })).toEqual({ c: {}, d: [1] });
    expect(omitNil({ a: null })).toBeNull();
  });
});

describe("appendMultusNetwork", () => {
  it.each([
    ["", true, "default/istio-cni"],
    ["a, b", true, "a, b, default/istio-cni"],
    ["default/istio-cni", true, "default/istio-cni"],
    ['[{"name":"a"}]', true, '[{"name":"a"}, {"name": "istio-cni", "namespace": "default"}]'],
    ['[{"name":"a"}]', false, '[{"name":"a"}, {"name": "default/istio-cni"}]'],
    ['[{"name":"istio-cni","namespace":"default"}]', true, '[{"name":"istio-cni","namespace":"default"}]'],
    ["[no json]", true, "[no json]"],
  ])("adds to %j (namespace apart: %s)", (existing, apart, appended) => {
    expect(appendMultusNetwork(existing, apart)).toBe(appended);
  });
});
