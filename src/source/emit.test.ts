import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseDocument } from "yaml";
import type { Json } from "../json.ts";
import { compactText, type EmitStyle, entryText, flowText, isFilled, itemText, scalarText } from "./emit.ts";
import { isSameData } from "./equal.ts";
import { bare, json } from "./random.test-data.ts";
import type { FlowStyle } from "./style.ts";

const STYLE: EmitStyle = { step: 2, listOffset: 2, dashWidth: 2, lineBreak: "\n", literals: true };
const FLOW: FlowStyle = { json: false, colon: ": ", comma: ", ", mapPad: "", listPad: "", pretty: undefined };

/** As read by YAML 1.1 and by 1.2, which have to agree. */
function read(text: string): Json {
  const [old, current] = (["1.1", "1.2"] as const).map((version) => {
    const document = parseDocument(text, { version, merge: true, logLevel: "silent" });
    expect(document.errors.map((error) => error.message)).toEqual([]);
    return plain(document.toJS({ maxAliasCount: -1, mapAsMap: true }));
  });
  expect(isSameData(old, current)).toBe(true);
  return old as Json;
}

/** Maps as objects without prototype, so that `__proto__` is a key like any other. */
function plain(value: unknown): Json {
  if (Array.isArray(value)) return value.map(plain);
  if (!(value instanceof Map)) return value as Json;
  return bare(Object.fromEntries([...value].map(([key, each]) => [String(key), plain(each)])));
}

function holds(data: Json, text: string): void {
  expect(isSameData(read(text), data), `${text}\n${JSON.stringify(data)}`).toBe(true);
}

const style = fc.record({
  step: fc.integer({ min: 1, max: 5 }),
  listOffset: fc.integer({ min: 0, max: 4 }),
  dashWidth: fc.integer({ min: 2, max: 4 }),
  lineBreak: fc.constantFrom("\n" as const, "\r\n" as const),
  literals: fc.boolean(),
});

const flowStyle = fc.record({
  json: fc.boolean(),
  colon: fc.constant(": " as const),
  comma: fc.constantFrom(", " as const, "," as const),
  mapPad: fc.constantFrom("", " "),
  listPad: fc.constantFrom("", " "),
  pretty: fc.option(
    fc.record({ indent: fc.constantFrom("", "  "), step: fc.constant("  "), lineBreak: fc.constant("\n") }),
    {
      nil: undefined,
    },
  ),
});

describe("emitted YAML reads as the data, by 1.1 and 1.2", () => {
  it("as an entry, in any block style", () => {
    fc.assert(
      fc.property(json(), style, (data, s) => holds({ key: data }, `${entryText("key", data, 0, s)}${s.lineBreak}`)),
      {
        numRuns: 500,
      },
    );
  });

  it("as an item between others", () => {
    fc.assert(
      fc.property(json(), style, (data, s) => {
        const indent = s.lineBreak + " ".repeat(3);
        holds({ k: [data, data] }, `k:${indent}${itemText(data, 3, s)}${indent}${itemText(data, 3, s)}${s.lineBreak}`);
      }),
      { numRuns: 300 },
    );
  });

  it("as a document", () => {
    fc.assert(
      fc.property(json(), style, (data, s) =>
        holds(data, isFilled(data) ? compactText(data, 0, s) : scalarText(data, 0, { ...s, literals: false })),
      ),
    );
  });

  it("as flow", () => {
    fc.assert(
      fc.property(json(), flowStyle, (data, s) => holds({ a: [data] }, `{a: [${flowText(data, s)}]}`)),
      { numRuns: 500 },
    );
  });

  it("as JSON", () => {
    fc.assert(
      fc.property(json(), (data) => {
        const text = flowText(data, { ...FLOW, json: true, colon: ":", comma: "," });
        expect(isSameData(JSON.parse(text), data)).toBe(true);
      }),
    );
  });
});

describe("scalars", () => {
  it.each([
    ["istio-proxy", "istio-proxy"],
    ["docker.io/istio/proxyv2:1.28.3", "docker.io/istio/proxyv2:1.28.3"],
    ["$(POD_NAME).x", "$(POD_NAME).x"],
    ["--log_output_level=default:info", "--log_output_level=default:info"],
    ["-b", "-b"],
    ["100m", "100m"],
    ["128Mi", "128Mi"],
    ["0.0.0.0/0", "0.0.0.0/0"],
    ["false", '"false"'],
    ["No", '"No"'],
    ["y", '"y"'],
    ["~", '"~"'],
    ["", '""'],
    ["*", '"*"'],
    ["15001", '"15001"'],
    ["0440", '"0440"'],
    ["0x1f", '"0x1f"'],
    ["1e3", '"1e3"'],
    ["1_000", '"1_000"'],
    ["190:20:30", '"190:20:30"'],
    ["2001-12-14", '"2001-12-14"'],
    ["10.0.0.1", '"10.0.0.1"'],
    [".inf", '".inf"'],
    ["<<", '"<<"'],
    ["=", '"="'],
    ["a: b", '"a: b"'],
    ["a #b", '"a #b"'],
    ["a:", '"a:"'],
    ['{"a":"b"}', `'{"a":"b"}'`],
    [`{"a":"it's"}`, `'{"a":"it''s"}'`],
    ["a\tb", '"a\\tb"'],
    ["\u0085", '"\\u0085"'],
    ["ключ", '"ключ"'],
    ["a\nb\n", "|\n  a\n  b"],
    ["a\n\n  b", "|-\n  a\n\n    b"],
    ["a\n\n", '"a\\n\\n"'],
    [" a\nb", '" a\\nb"'],
  ])("%j", (value, text) => {
    expect(scalarText(value, 2, STYLE)).toBe(text);
    if (!text.startsWith("|")) holds(value, text);
  });

  it("numbers", () => {
    expect([1, -2.5, 1e21, 1e-7, 2 ** 53].map((n) => scalarText(n, 0, STYLE))).toEqual([
      "1",
      "-2.5",
      "1e+21",
      "1e-7",
      "9007199254740992",
    ]);
  });
});
