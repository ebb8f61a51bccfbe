import fc from "fast-check";
import type { Json } from "../json.ts";

const WORDS = [
  "yes",
  "No",
  "on",
  "y",
  "null",
  "~",
  "",
  " ",
  "-",
  "- a",
  "a: b",
  "a #b",
  "#a",
  "a:",
  ":",
  "?",
  "? a",
  "*x",
  "&x",
  "!x",
  "%x",
  "@x",
  "`x`",
  "|",
  ">",
  "{",
  "}",
  "[a]",
  "a,b",
  "'",
  '"',
  "it's",
  'say "x"',
  "\\",
  "<<",
  "=",
  "---",
  "...",
  "--- a",
  "0440",
  "0o17",
  "0x1F",
  "1e3",
  "1.10",
  ".5",
  "1_000",
  "12:30:45",
  "2001-12-14",
  "2001-12-14 21:59:43",
  ".nan",
  "-.inf",
  "1.2.3",
  "100m",
  "+1",
  "-1",
  "+",
  ".",
  "..",
  "-.",
  "1.",
  "a\nb",
  "a\nb\n",
  "a\n\n\nb\n\n",
  "\n",
  "\na",
  " a\nb",
  "a\n b\n",
  "a\n \nb",
  "a \nb",
  "\ta",
  "a\t",
  "a\tb\nc",
  "# a\nb",
  "a\n# b\n",
  "a\r\nb",
  "\r",
  "\u0000",
  "\u0007",
  "\u0085",
  "\u2028",
  "\ufeff",
  "\u{1f600}",
  "ключ",
  "a\u00a0b",
  "trailing ",
  '{"a":"b"}',
  '{"a":"it\'s"}',
  "0",
  "00",
  "08",
  "1e",
  "e1",
  "0b1",
  "__proto__",
  "constructor",
  "toString",
  "x".repeat(1100),
];

const NUMBERS = [0, 1, -1, 15020, 0.5, -2.25, 1e21, 1e-7, 2 ** 53, 1337];

export const word = (): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom("a", "b", "c", "name", "image", "x/y.z", "spec") },
    { weight: 3, arbitrary: fc.constantFrom(...WORDS) },
    { weight: 1, arbitrary: fc.string({ unit: "grapheme", maxLength: 12 }) },
    {
      weight: 1,
      arbitrary: fc.string({
        unit: fc.constantFrom("a", "1", ".", ":", "-", "#", " ", "\n", "\t", "'", '"', "e", "_", "+", "0", "x", ","),
        maxLength: 8,
      }),
    },
  );

const scalar = (): fc.Arbitrary<Json> =>
  fc.oneof(
    { weight: 4, arbitrary: word() },
    fc.constantFrom(...NUMBERS),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
  );

/** Data with all that YAML readers stumble over; maps without prototype. */
export const json = (maxDepth = 3): fc.Arbitrary<Json> =>
  fc.letrec<{ value: Json; item: Json }>((tie) => ({
    value: fc.oneof(
      { maxDepth, depthIdentifier: "json" },
      scalar(),
      fc.array(tie("item"), { maxLength: 4, depthIdentifier: "json" }),
      fc.dictionary(word(), tie("value"), { maxKeys: 4, depthIdentifier: "json", noNullPrototype: false }).map(bare),
    ),
    item: fc.oneof(
      { maxDepth, depthIdentifier: "json" },
      tie("value"),
      fc.tuple(fc.constantFrom("a", "b", "c", "d", "e"), tie("value")).map(([name, value]) => bare({ name, value })),
    ),
  })).value;

/** The same entries in an object without prototype, as the parser gives them. */
export function bare(entries: Record<string, Json>): Json {
  const map: Record<string, Json> = Object.create(null);
  for (const key of Object.keys(entries)) map[key] = entries[key] as Json;
  return map;
}
