import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { flat, full } from "./flat-tree.test-data.ts";
import { parseJson } from "./json-parse.ts";
import { toData } from "./tree.ts";

describe("parseJson", () => {
  it.each([
    '{"a": 1, "b": [true, null, -1.5e3, ""], "c": {}, "d": []}\n',
    '[1,{"a":"b"}]',
    '{\n\t"a": "\\u00e9\\n\\/\\"\\ud83d\\ude00é",\r\n\t"b": 12345678901234567890\r\n}\r\n',
    '---\n\n{"a": 0}\n',
    '[{"y": "yes", "on": 1}]\n',
  ])("reads %j as the full parser does", (text) => {
    const tree = parseJson(text, 0);
    expect(tree).toBeDefined();
    expect(flat(tree)).toEqual(full(text));
  });

  it.each([
    "a: 1\n",
    "[a]\n",
    "{'a': 1}\n",
    '{"a": 1,}\n',
    '{"a": 1, "a": 2}\n',
    '{"a" : 1}\n',
    '{"a": b}\n',
    '{"a": 01}\n',
    '{"a": 1} # c\n',
    '{"a": 1}\n{"b": 2}\n',
    '{"a": "b\nc"}\n',
    '{"a": "\\x41"}\n',
    '{"a": 1',
    '{"a": "b',
    '{"a": &x 1}\n',
    "{}\n",
  ])("leaves %j to the full parser, or agrees with it", (text) => {
    const tree = parseJson(text, 0);
    if (tree !== undefined) expect(flat(tree)).toEqual(full(text));
  });

  it("reads whatever JSON.stringify writes", () => {
    fc.assert(
      fc.property(fc.jsonValue({ depthSize: "small" }), fc.constantFrom(0, 2, "\t"), (value, space) => {
        const text = `${JSON.stringify({ value: [value] }, null, space)}\n`;
        const tree = parseJson(text, 0);
        if (tree === undefined) return;
        expect(flat(tree)).toEqual(full(text));
        expect(JSON.parse(JSON.stringify(toData(tree)))).toEqual(JSON.parse(text));
      }),
      { numRuns: 3_000 },
    );
  });

  it("agrees with the full parser or gives up, for damaged JSON", () => {
    const sound = '{"a": [1, "b\\n", {"c": null}], "d": true}';
    const piece = fc.constantFrom("", ",", '"', "\\", "{", "]", ":", " ", "\n", "#", "a", "0", "'", "\t", "-", "&");
    fc.assert(
      fc.property(fc.nat(sound.length), fc.nat(2), piece, (at, cut, by) => {
        const text = sound.slice(0, at) + by + sound.slice(at + cut);
        const tree = parseJson(text, 0);
        if (tree !== undefined) expect(flat(tree), text).toEqual(full(text));
      }),
      { numRuns: 5_000 },
    );
  });

  it("takes a fraction of a second for a megabyte", () => {
    const text = JSON.stringify({ items: Array.from({ length: 20_000 }, (_, n) => ({ name: `n${n}`, text: "x\ty" })) });
    const begin = performance.now();
    expect(parseJson(text, 0)).toBeDefined();
    expect(performance.now() - begin).toBeLessThan(1000);
  });
});
