import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Json } from "../json.ts";
import { applyEdits } from "./edit.ts";
import { isSameData } from "./equal.ts";
import { SourceError } from "./failure.ts";
import { parseChunk } from "./parse.ts";
import { Dice, mutate, YamlWriter } from "./random-yaml.test-data.ts";
import { childrenOf } from "./remove.ts";
import { type Rewrite, rewriteAll } from "./rewrite.ts";
import { AliasBomb, isMerge, type Node, type Path, toData } from "./tree.ts";

function parse(text: string): Node | undefined {
  return parseChunk({ file: "t.yaml", text, start: text.startsWith("\ufeff") ? 1 : 0, end: text.length });
}

/** Text of full-line comments as the tree sees them: `#` lines of scalars are none. */
function comments(text: string, root: Node): string[] {
  const spans: [number, number][] = [];
  const visit = (node: Node): void => {
    if (node.kind === "scalar") spans.push([node.start, node.end]);
    else if (node.kind !== "alias") {
      for (const child of childrenOf(node)) {
        if ("map" in child) visit(child.key);
        visit(child.value);
      }
    }
  };
  visit(root);
  return [...text.matchAll(/^\ufeff?[ \t]*(#.*?)\r?$/gm)]
    .filter(({ index }) => !spans.some(([start, end]) => index > start && index < end))
    .map((match) => match[1] as string);
}

/** Nodes that data paths lead to, merge keys left out. */
function places(node: Node, path: Path = []): { node: Node; path: Path }[] {
  const own = [{ node, path }];
  if (node.kind === "alias" || node.kind === "scalar") return own;
  if (node.kind === "seq") return [...own, ...node.items.flatMap((item, i) => places(item.value, [...path, i]))];
  const named = new Map(
    node.entries.filter((entry) => entry.name !== undefined && !isMerge(entry)).map((e) => [e.name, e]),
  );
  return [...own, ...[...named.values()].flatMap((entry) => places(entry.value, [...path, entry.name as string]))];
}

function withValue(data: Json, path: Path, value: Json): Json {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  const holder = data as Record<string, Json>;
  holder[step as string] = withValue(holder[step as string] as Json, rest, value);
  return data;
}

function isWithin(inner: Path, outer: Path): boolean {
  return outer.every((step, i) => inner[i] === step);
}

function check(text: string, seed: number): boolean {
  const dice = new Dice(seed);
  let root: Node | undefined;
  try {
    root = parse(text);
  } catch (error) {
    if (error instanceof SourceError) return false;
    throw error;
  }
  if (root === undefined || root.kind === "scalar") return false;
  let whole: Json;
  try {
    whole = toData(root);
  } catch (error) {
    if (error instanceof AliasBomb) return false;
    throw error;
  }
  const all = places(root);
  const chosen = [dice.pick(all)];
  const second = dice.pick(all);
  if (!isWithin(second.path, chosen[0]?.path ?? []) && !isWithin(chosen[0]?.path ?? [], second.path))
    chosen.push(second);
  const percent = dice.pick([5, 20, 50]);
  const rewrites: (Rewrite & { path: Path })[] = chosen.map(({ node, path }) => {
    const before = toData(node);
    return { node, path, before, after: mutate(before, dice, percent) };
  });
  let expected = whole;
  for (const { path, after } of rewrites) expected = withValue(expected, path, after);
  expect(
    rewriteAll(
      text,
      rewrites.map((each) => ({ ...each, after: each.before })),
    ),
  ).toEqual([]);
  let edited = "";
  const show = (): string =>
    `${JSON.stringify(text)}\n${rewrites.map((r) => `${JSON.stringify(r.path)} ${JSON.stringify(r.before)} -> ${JSON.stringify(r.after)}`).join("\n")}\n--- text\n${text}\n--- edited\n${edited}\n--- ${JSON.stringify(expected)}`;
  let again: Node | undefined;
  try {
    edited = applyEdits(text, rewriteAll(text, rewrites));
    again = parse(edited);
  } catch (error) {
    throw new Error(`${(error as Error).message}\n${show()}`);
  }
  if (again === undefined) throw new Error(`empty\n${show()}`);
  if (!isSameData(toData(again), expected)) throw new Error(`other data: ${JSON.stringify(toData(again))}\n${show()}`);
  if (comments(edited, again).join() !== comments(text, root).join()) throw new Error(`comments\n${show()}`);
  if (text.endsWith("\n") !== edited.endsWith("\n")) throw new Error(`final newline\n${show()}`);
  if (text.includes("\r\n") && /[^\r]\n/.test(edited)) throw new Error(`line breaks\n${show()}`);
  return true;
}

describe("rewrite", () => {
  it("gives any document any data, and keeps its comments", () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer(), (textSeed, changeSeed) => {
        fc.pre(check(new YamlWriter(new Dice(textSeed)).document(), changeSeed));
      }),
      {
        numRuns: Number(process.env.RUNS ?? 1500),
        ...(process.env.SEED && { seed: Number(process.env.SEED) }),
        maxSkipsPerRun: 100,
      },
    );
  });
});
