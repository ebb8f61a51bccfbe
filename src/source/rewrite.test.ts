import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Json } from "../json.ts";
import { applyEdits } from "./edit.ts";
import { isFilled, type Written } from "./emit.ts";
import { isSameData } from "./equal.ts";
import { SourceError } from "./failure.ts";
import { parseChunk } from "./parse.ts";
import { json } from "./random.test-data.ts";
import { Dice, mutate, YamlWriter } from "./random-yaml.test-data.ts";
import { childrenOf } from "./remove.ts";
import { type Rewrite, rewrite, rewriteAll } from "./rewrite.ts";
import { AliasBomb, isMerge, type MapNode, type Node, type Path, toData } from "./tree.ts";

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
  const hasBlankEnd = /\n\s*\n|\n[ \t]+$|\|\+/.test(text);
  if (text.endsWith("\n") !== edited.endsWith("\n") && !hasBlankEnd) throw new Error(`final newline\n${show()}`);
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
        numRuns: Number(process.env.RUNS ?? 1000),
        ...(process.env.SEED && { seed: Number(process.env.SEED) }),
        maxSkipsPerRun: 100,
      },
    );
  });

  it("keeps JSON JSON", () => {
    const layout = fc.constantFrom(undefined, 2, 4, "\t");
    fc.assert(
      fc.property(json(), layout, fc.integer(), (data, indent, seed) => {
        const text = JSON.stringify({ data }, undefined, indent);
        const root = parse(text) as Node;
        const before = toData(root);
        const after = mutate(before, new Dice(seed), 25);
        const edited = applyEdits(text, rewrite(text, root, before, after));
        fc.pre(isFilled(after as Written));
        expect(isSameData(JSON.parse(edited), after), `${text}\n${edited}`).toBe(true);
      }),
    );
  });

  const POD = `# app
spec: # the Pod
  containers:
  # main
  - name: app # ours
    image: 'app:1'
    args: ["a", "b"]
  # helper
  - image: "helper:1"
    name: helper
  volumes:
  - name: data
`;

  it.each<[string, string, (spec: Record<string, Json[]>) => void, string]>([
    [
      "new containers around the user's own",
      POD,
      ({ containers = [] }) => {
        containers.unshift({ name: "first" });
        containers.splice(2, 0, { name: "second" });
        containers.push({ name: "third", args: ["x"] });
      },
      POD.replace("  # main\n", "  - name: first\n  # main\n")
        .replace("  # helper\n", "  - name: second\n  # helper\n")
        .replace("  volumes", "  - name: third\n    args:\n    - x\n  volumes"),
    ],
    [
      "new keys of the Pod",
      POD,
      (spec) => Object.assign(spec, { securityContext: { fsGroup: 1337 }, initContainers: [{ name: "init" }] }),
      `${POD.replace("  containers", "  initContainers:\n  - name: init\n  containers")}  securityContext:\n    fsGroup: 1337\n`,
    ],
    [
      "a removed container leaves its comment",
      POD,
      ({ containers = [] }) => containers.splice(1, 1),
      POD.replace('  - image: "helper:1"\n    name: helper\n', ""),
    ],
    [
      "changed scalars keep their quotes",
      POD,
      ({ containers = [] }) => Object.assign(containers[0] as object, { image: "app:2", args: ["a", "c"] }),
      POD.replace("app:1", "app:2").replace('"b"', '"c"'),
    ],
    [
      "an item that moves takes its text along",
      "spec:\n  l:\n    # x\n    - name: a\n    - name:   'b' # y\n      v: 1\n",
      ({ l = [] }) => l.reverse(),
      "spec:\n  l:\n    - name:   'b' # y\n      v: 1\n    # x\n    - name: a\n",
    ],
    [
      "what shares an anchor keeps its meaning",
      "spec:\n  a: &x\n    k: 0440\n  b: *x\n  c:\n    <<: *x\n    l: 1\n  d: &y 'v'\n  e: *y\n",
      (spec) => Object.assign(spec, { a: { k: 1 }, d: "w" }),
      "spec:\n  a: &x\n    k: 1\n  b:\n    k: 288\n  c:\n    <<:\n      k: 288\n    l: 1\n  d: 'w'\n  e: v\n",
    ],
    [
      "an alias is written out where it stands",
      "spec:\n  a: &x\n    k: 1\n  b: *x # c\n",
      (spec) => Object.assign(spec, { b: { k: 2 } }),
      "spec:\n  a: &x\n    k: 1\n  b: # c\n    k: 2\n",
    ],
    [
      "a merged key is overridden",
      "spec:\n  a: &x {k: 1, l: 2}\n  b:\n    <<: *x\n    m: 3\n",
      (spec) => Object.assign(spec, { b: { k: 9, l: 2, m: 3 } }),
      "spec:\n  a: &x {k: 1, l: 2}\n  b:\n    <<: *x\n    m: 3\n    k: 9\n",
    ],
    [
      "a merge key is written out where one of its keys goes",
      "spec:\n  a: &x {k: 1, l: 2}\n  b:\n    <<: *x\n    m: 3\n",
      (spec) => Object.assign(spec, { b: { l: 2, m: 3 } }),
      "spec:\n  a: &x {k: 1, l: 2}\n  b:\n    m: 3\n    l: 2\n",
    ],
    [
      "flow on one line",
      "spec: {containers: [{name: app}], restartPolicy: Always}\n",
      ({ containers = [] }) => containers.unshift({ name: "proxy", args: ["a,b", "-c"] }),
      'spec: {containers: [{name: proxy, args: ["a,b", -c]}, {name: app}], restartPolicy: Always}\n',
    ],
  ])("%s", (_, text, change, expected) => {
    const root = parse(text) as Node;
    const after = toData(root) as { spec: Record<string, Json[]> };
    change(after.spec);
    const edits = rewrite(text, root, toData(root), after);
    expect(applyEdits(text, edits)).toBe(expected);
    expect(isSameData(toData(parse(expected) as Node), after)).toBe(true);
  });

  it("changes two nodes that share text", () => {
    const text = "a: &x\n  k: 1\nb: *x\n";
    const root = parse(text) as MapNode;
    const rewrites = root.entries.map(({ value }, i) => ({ node: value, before: toData(value), after: { k: i + 5 } }));
    expect(applyEdits(text, rewriteAll(text, rewrites))).toBe("a: &x\n  k: 5\nb:\n  k: 6\n");
  });
});
