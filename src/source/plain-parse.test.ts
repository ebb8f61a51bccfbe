import { existsSync, readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { flat, full } from "./flat-tree.test-data.ts";
import { parsePlain } from "./plain-parse.ts";
import { splitDocuments } from "./split.ts";

describe("parsePlain", () => {
  it.each([
    "a: 1\n",
    "a: b c # d\ne:\nf: # c\n",
    "a:\n- b: c\n  d: 'e'\n- f\n-\n- - g\n  - h\nz: [a, {b: c, \"d\": 1}, []] # x\n",
    "---\na:\n  - x: |\n      foo\n\n        bar\n\n    y: |-\n      baz\n",
    "a: |\n  no newline at the end",
    "a: |\n  x  \n",
    "a:\n  b: |\n      x\n   \n\n      y\n  \n  c: 1\n",
    "a: |\n\n\n  x\n  \n    y\u2028  \u2028z\n\n",
    "a: |-\n  x\n  \n \n",
    "a: y\nb: 0440\nc: 1_000\nd: 1.10\ne: 10.0.0.1/8\nf: ~\ng: -c\nh: 1e3\ni: .5\nj: v1:2\n",
    "  a: 1\n  b:\n    c: 2\n",
    '"a b": 1\n\'c\': "d"\n',
    "a: http://x:80/y?z\nb: $(A)\nc: /x\n",
    "- a\n- b: 1\n",
    'a: "x\\n\\"y\\" \\u00e9\\ud83d\\ude00 \\t\\/\\\\" # c\n"k\\n1": ["\\\\", {"b\\"": "\\\\\\""}]\n',
  ])("reads %j as the full parser does", (text) => {
    const tree = parsePlain(text, 0);
    expect(tree).toBeDefined();
    expect(flat(tree)).toEqual(full(text));
  });

  it.each([
    ["lines", "    the quick brown fox\n"],
    ["blank lines, some with blanks", "    a\n\n  \n    \n      b\n"],
    ["characters of two bytes here and there", `${"    one\n".repeat(20_000)}    größe – \u{1f600}\n`],
  ])("reads a huge literal of %s as the full parser does", (_, lines) => {
    const body = lines.repeat(Math.ceil(300_000 / lines.length));
    for (const text of [`a: 1\nb: |\n${body}c: 2\n`, `b: |-\n${body}`, `b: |\n${body}`.trimEnd()]) {
      const tree = parsePlain(text, 0);
      expect(tree).toBeDefined();
      expect(flat(tree)).toEqual(full(text));
    }
  });

  it.each([
    "a: &x 1\nb: *x\n",
    "a: b\n  c\n",
    "a: 1\na: 2\n",
    "a: 1\n  b: 2\n",
    'a: "x\n  y"\n',
    'a: "\\x41"\n',
    'a: "\\\n  b"\n',
    "a: 'it''s'\n",
    "a: [1,\n  2]\n",
    "a: >\n  x\n",
    "a: |+\n  x\n\n",
    "a: b: c\n",
    "a: {b}\n",
    "a: [b: c]\n",
    "a:\tb\n",
    "a: 1\r\n",
    "%YAML 1.1\n---\na: 1\n",
    "a: 1\n...\n",
    "--- {a: 1}\n",
    "<<: {a: 1}\n",
    "a: !!str 1\n",
    "? a\n: b\n",
    "just text\n",
    "a: @b\n",
    "a: 'x' y\n",
  ])("leaves %j to the full parser", (text) => {
    expect(parsePlain(text, 0)).toBeUndefined();
  });

  const piece = fc.constantFrom(
    ..."a|b|c|x y|: |:|- |-|\n|\n  |\n    |\n      |#| # c|[|]|{|}|, |,|'|\"|''|||-|>|+|1|0x1|1.5|~|yes|null|&a |*a|!t |---|...|\\|é|=|<<|?|@|%| |  ".split(
      "|",
    ),
    "|",
    "|-",
    "|\n  ",
    "key: ",
    "\n- ",
    "\nb: ",
    "\n  c: ",
    "\n  - d: ",
  );

  it("agrees with the full parser or gives up, for any text", () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 14 }), (pieces) => {
        const text = pieces.join("");
        const tree = parsePlain(text, 0);
        if (tree !== undefined) expect(flat(tree)).toEqual(full(text));
      }),
      { numRuns: 20_000 },
    );
  });

  const inputs = "../shared/injection/inputs";
  it.skipIf(!existsSync(inputs))("agrees with it on recorded inputs, also on damaged ones", () => {
    let plain = 0;
    let all = 0;
    const files = readdirSync(inputs).filter((name) => name.endsWith(".yaml"));
    const random = fc.sample(
      fc.tuple(fc.nat(), fc.constantFrom("", "\n", " ", ":", "-", "'", "#", "  ", "|", "[")),
      2_000,
    );
    for (const [n, name] of files.entries()) {
      const original = readFileSync(`${inputs}/${name}`, "utf8");
      const damaged = random.slice((n * 20) % 1900, ((n * 20) % 1900) + 20).map(([at, by]) => {
        const place = at % (original.length + 1);
        return original.slice(0, place) + by + original.slice(place + 1);
      });
      for (const text of [original, ...damaged]) {
        for (const { start, end } of splitDocuments(text)) {
          const tree = parsePlain(text.slice(start, end), start);
          all++;
          if (tree === undefined) continue;
          plain++;
          expect(flat(tree), text).toEqual(full(text, start, end));
        }
      }
    }
    expect(plain / all).toBeGreaterThan(0.4);
  });
});
