import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import type { Json, JsonObject } from "../json.ts";
import { applyEdits } from "./edit.ts";
import { isSameData } from "./equal.ts";
import { parseChunk } from "./parse.ts";
import { rewrite } from "./rewrite.ts";
import { at, type MapNode, type Node, type SeqNode, toData } from "./tree.ts";

/** A container as its author writes it; all comments name the container. */
interface Shape {
  above: boolean;
  below: boolean;
  blank: boolean;
  flow: boolean;
  literal: boolean;
  behind: boolean;
}

interface Style {
  /** Columns from the key to its dashes. */
  offset: number;
  dash: number;
  lineBreak: string;
  isLast: boolean;
}

type Spec = { containers?: JsonObject[]; initContainers?: JsonObject[] } & Record<string, Json>;

function linesOf(name: string, shape: Shape, { offset, dash }: Style): string[] {
  const indent = " ".repeat(2 + offset);
  const inner = " ".repeat(2 + offset + dash);
  const lead = `${indent}-${" ".repeat(dash - 1)}`;
  const behind = shape.behind ? ` # behind ${name}` : "";
  const own = shape.flow
    ? [`${lead}{name: ${name}, image: "a:1"}${behind}`]
    : [`${lead}name: ${name}${behind}`, `${inner}# in ${name}`, `${inner}image: a:1`];
  const literal = [`${inner}script: |`, `${inner}  # text`, "", `${inner}    more`];
  return [
    ...(shape.above ? [`${indent}# above ${name}`] : []),
    ...own,
    ...(shape.literal && !shape.flow ? literal : []),
    ...(shape.below ? [`${inner}# below ${name}`] : []),
    ...(shape.blank ? [""] : []),
  ];
}

function textOf(main: [string, Shape][], init: [string, Shape][], style: Style): string {
  const list = (key: string, items: [string, Shape][]): string[] =>
    items.length === 0 ? [] : [`  ${key}:`, ...items.flatMap(([name, shape]) => linesOf(name, shape, style))];
  const lines = ["spec:", ...list("initContainers", init), ...list("containers", main)];
  return [...lines, ...(style.isLast ? [] : ["  restartPolicy: Always"]), ""].join(style.lineBreak);
}

function parse(text: string): Node {
  return parseChunk({ file: "t.yaml", text, start: 0, end: text.length }) as Node;
}

function rewritten(text: string, change: (spec: Spec) => void): { text: string; data: Json } {
  const root = parse(text);
  const data = toData(root) as { spec: Spec };
  change(data.spec);
  return { text: applyEdits(text, rewrite(text, root, toData(root), data)), data };
}

function comments(text: string): string[] {
  return [...text.matchAll(/# (?:above|in|below|behind) \w+/g)].map(([comment]) => comment);
}

/** The lines of an item up to the next one's dash, with the comments right above its own. */
function around(text: string, key: string, index: number): string {
  const list = at(parse(text) as MapNode, ["spec", key]) as SeqNode;
  const item = list.items[index];
  const next = list.items[index + 1]?.start ?? text.length;
  const before = text.slice(0, item?.start).split("\n").slice(0, -1);
  const above = before.slice(before.findLastIndex((line) => !line.trim().startsWith("#")) + 1);
  return [...above, text.slice(item?.start, next)].join("\n");
}

const shape: fc.Arbitrary<Shape> = fc.record({
  above: fc.boolean(),
  below: fc.boolean(),
  blank: fc.boolean(),
  flow: fc.boolean(),
  literal: fc.boolean(),
  behind: fc.boolean(),
});
const style: fc.Arbitrary<Style> = fc.record({
  offset: fc.constantFrom(0, 2),
  dash: fc.constantFrom(2, 4),
  lineBreak: fc.constantFrom("\n", "\r\n"),
  isLast: fc.boolean(),
});

describe("a container that changes between containers and initContainers", () => {
  it("takes its comments with it, and no others", () => {
    const items = (names: string[]) => fc.tuple(...names.map((name) => fc.tuple(fc.constant(name), shape)));
    const moves = fc.array(fc.record({ toInit: fc.boolean(), from: fc.nat(9), to: fc.nat(9) }), { maxLength: 2 });
    const lists = fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 0, max: 3 })).chain(([main, init]) => {
      return fc.tuple(items(["ma", "mb", "mc"].slice(0, main)), items(["ia", "ib", "ic"].slice(0, init)));
    });
    fc.assert(
      fc.property(lists, style, moves, fc.boolean(), ([main, init], look, steps, extends_) => {
        const text = textOf(main, init, look);
        const moved = new Set<string>();
        const result = rewritten(text, (spec) => {
          for (const { toInit, from, to } of steps) {
            const [source, target] = toInit
              ? (["containers", "initContainers"] as const)
              : (["initContainers", "containers"] as const);
            const items = spec[source] ?? [];
            if (items.length < 2) continue;
            const index = from % items.length;
            const item = items[index] as JsonObject;
            // What comes back to its list is only another order.
            if (moved.has(item.name as string)) continue;
            items.splice(index, 1);
            const there = spec[target] ?? [];
            spec[target] = there;
            there.splice(to % (there.length + 1), 0, extends_ ? { ...item, args: ["x"] } : item);
            moved.add(item.name as string);
          }
        });
        expect(isSameData(toData(parse(result.text)), result.data)).toBe(true);
        const { spec } = result.data as { spec: Spec };
        // A list of which nothing stays is written anew; its comments stay with it.
        const isExchanged = [spec.containers, spec.initContainers].some((list, index) => {
          const names = (index === 0 ? main : init).map(([name]) => name);
          return list !== undefined && names.length > 0 && !list.some(({ name }) => names.includes(name as string));
        });
        if (isExchanged) return;
        expect(comments(result.text).sort()).toEqual(comments(text).sort());
        for (const key of ["containers", "initContainers"] as const) {
          for (const [index, { name }] of (spec[key] ?? []).entries()) {
            if (!moved.has(name as string)) continue;
            const own = comments(text).filter((comment) => comment.endsWith(` ${name}`));
            for (const comment of own) expect(around(result.text, key, index)).toContain(comment);
          }
        }
      }),
      { numRuns: 600 },
    );
  });

  test.each([
    [
      "into a list that was not there",
      "spec:\n  containers:\n  # app\n  - name: app\n  # ours\n  - name: proxy # tuned\n    # why\n    image: auto\n    # args: []\n  # last\n  - name: last\n",
      (spec: Spec) => {
        const [app, proxy, last] = spec.containers as JsonObject[];
        spec.containers = [app, last] as JsonObject[];
        spec.initContainers = [{ name: "init" }, { ...proxy, image: "p:1", restartPolicy: "Always" }];
      },
      "spec:\n  initContainers:\n  - name: init\n  # ours\n  - name: proxy # tuned\n    # why\n    image: p:1\n    restartPolicy: Always\n    # args: []\n  containers:\n  # app\n  - name: app\n  # last\n  - name: last\n",
    ],
    [
      "out of a list that goes",
      "spec:\n  initContainers:\n    # ours\n    - name: proxy\n      # below\n  containers:\n    - name: app\n",
      (spec: Spec) => {
        spec.containers = [...(spec.containers ?? []), ...(spec.initContainers ?? [])];
        delete spec.initContainers;
      },
      "spec:\n  containers:\n    - name: app\n    # ours\n    - name: proxy\n      # below\n",
    ],
    [
      "out of a list whose other item becomes another",
      "spec:\n  initContainers:\n  # c\n  - name: check\n    image: c:1\n  # ours\n  - name: proxy\n  containers:\n  - name: app\n",
      (spec: Spec) => {
        spec.containers = [...(spec.containers ?? []), spec.initContainers?.[1] as JsonObject];
        spec.initContainers = [{ name: "init" }];
      },
      "spec:\n  initContainers:\n  # c\n  - name: init\n  containers:\n  - name: app\n  # ours\n  - name: proxy\n",
    ],
    [
      "not where the document has aliases that it holds",
      "spec:\n  containers:\n  - name: app\n    args: &a [x]\n  # ours\n  - name: proxy\n    args: *a\n",
      (spec: Spec) => {
        spec.initContainers = spec.containers?.splice(1, 1) ?? [];
      },
      "spec:\n  initContainers:\n  - name: proxy\n    args:\n    - x\n  containers:\n  - name: app\n    args: &a [x]\n  # ours\n",
    ],
  ])("%s", (_, text, change, expected) => {
    const result = rewritten(text, change);
    expect(result.text).toBe(expected);
    expect(isSameData(toData(parse(expected)), result.data)).toBe(true);
  });
});

it("writes a new key before the one that follows it in the new data", () => {
  const text = "a:\n  k: 1\n  # of m\n  m: 3\n";
  const after = { a: { k: 1, l: 2, m: 3, o: 4 } };
  const root = parse(text);
  const edited = applyEdits(text, rewrite(text, root, toData(root), after));
  expect(edited).toBe("a:\n  k: 1\n  l: 2\n  # of m\n  m: 3\n  o: 4\n");
});
