import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { resourcesOf } from "../kube/resource.ts";
import { applyEdits, type TextEdit } from "../source/edit.ts";
import { SourceError } from "../source/failure.ts";
import { parseChunk } from "../source/parse.ts";
import { lineStart } from "../source/position.ts";
import { type Node, textAt, toData } from "../source/tree.ts";
import type { DocumentChunk } from "../transform/input.ts";
import { jsonOutlineOf } from "./json-outline.ts";
import { type ResourceList, readParsed, readResourceList } from "./resource-list.ts";
import { outlineOf } from "./resource-outline.ts";

const HEAD = "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\n";
const ITEM = "- apiVersion: batch/v1\n  kind: Job\n  metadata:\n    name: a\n";

function read(text: string): ResourceList {
  const list = readResourceList("in.yaml", text);
  if (list === undefined) throw new Error("no ResourceList");
  return list;
}

function rootOf(chunk: DocumentChunk): Node | undefined {
  return chunk.root ?? parseChunk(chunk);
}

function slices(list: ResourceList): string[] {
  return list.chunks.map(({ start, end }) => list.text.slice(start, end));
}

function names(list: ResourceList): string[] {
  return list.chunks.flatMap((chunk) =>
    resourcesOf({ ...chunk, document: chunk.index }, rootOf(chunk)).map(({ name }) => name),
  );
}

describe("items", () => {
  test("are cut at their dashes, comments above go with them", () => {
    const first = `# of a\n${ITEM}    # inside\n`;
    const second = `\n# of b\n${ITEM}`;
    const list = read(`${HEAD}items:\n${first}${second}# of the config\nfunctionConfig:\n  kind: X\n`);
    expect(slices(list)).toEqual([`${first}\n`, `# of b\n${ITEM}`]);
    expect(list.chunks.map(({ kind }) => kind)).toEqual(["Job", "Job"]);
    expect(list.chunks.map(({ root }) => root)).toEqual([undefined, undefined]);
  });

  test("hold block scalars that look like items, kinds and keys", () => {
    const script =
      "- apiVersion: v1\n  data:\n    a: |\n      - kind: Job\n      kind: Pod\n      items:\n  kind: ConfigMap\n";
    const list = read(`${HEAD}items:\n${script}${ITEM}`);
    expect(list.chunks.map(({ kind }) => kind)).toEqual(["ConfigMap", "Job"]);
    expect(slices(list)).toEqual([script, ITEM]);
  });

  test("whose text would be a marker by itself are left to a parse", () => {
    const [chunk] = read(`${HEAD}items:\n- \n  ---\n  []\n`).chunks;
    expect(chunk?.root).toMatchObject({ kind: "scalar", value: "--- []" });
  });

  test("of one kind twice are left to a parse", () => {
    expect(read(`${HEAD}items:\n- kind: Job\n  kind: Pod\n`).chunks[0]?.kind).toBeUndefined();
  });

  test.each([
    ["column 4", "    - kind: Job\n      metadata: {name: a}\n"],
    ["wide dash", "-   kind: Job\n    metadata: {name: a}\n"],
    ["dash alone", "-\n  kind: Job\n  metadata: {name: a}\n"],
    ["comment behind the dash", "- # head\n  # more\n\n  kind: Job\n  metadata: {name: a}\n"],
    ["anchor", "- &a\n  kind: Job\n  metadata: {name: a}\n"],
    ["CRLF", "- kind: Job\r\n  metadata: {name: a}\r\n"],
    ["no final newline", "- kind: Job\n  metadata: {name: a}"],
  ])("in notation %s", (_, items) => {
    expect(read(`${HEAD}items:\n${items}`).chunks[0]?.kind).toBe("Job");
    expect(names(read(`${HEAD}items:\n${items}`))).toEqual(["a"]);
  });

  test.each(["items: []\n", "items:\n", "items: [ ] # none\n", "items: null\n", "items: {}\n"])("%j", (items) => {
    if (items.includes("{")) expect(() => read(HEAD + items)).toThrow("items must be a list");
    else expect(read(HEAD + items).chunks).toEqual([]);
  });
});

describe("text that lines cannot tell is parsed whole", () => {
  const flow =
    '{"apiVersion": "config.kubernetes.io/v1", "kind": "ResourceList",\n"items": [{"kind": "Job", "metadata": {"name": "a"}}, {"kind": "Pod"}]}\n';
  test.each([
    ["JSON", flow],
    ["quoted keys", `kind: ResourceList\n"items":\n${ITEM}`],
    ["tagged list", `kind: ResourceList\nitems: !!seq\n${ITEM}`],
    ["directive", `%YAML 1.1\n---\n${HEAD}items:\n${ITEM}`],
    ["flow list", `${HEAD}items: [{kind: Job, metadata: {name: a}}]\n`],
    ["indented", ` kind: ResourceList\n items:\n ${ITEM.replaceAll("\n", "\n ").trimEnd()}\n`],
  ])("%s", (_, text) => {
    expect(outlineOf(text)).toBeUndefined();
    const list = read(text);
    expect(names(list)[0]).toBe("a");
    expect(list.chunks[0]?.kind).toBe("Job");
    expect(list.chunks[0]?.root?.parent).toBeUndefined();
    expect(view(list)).toEqual(view(readParsed("in.yaml", text)));
  });

  test("JSON items keep their own ranges", () => {
    expect(slices(read(flow))).toEqual(['{"kind": "Job", "metadata": {"name": "a"}}', '{"kind": "Pod"}']);
  });

  test("items that share an anchor are one chunk", () => {
    const list = read(`${HEAD}items:\n- kind: Job\n  metadata: &m {name: a}\n- kind: Pod\n  metadata: *m\n`);
    expect(list.chunks).toHaveLength(1);
    expect(list.chunks[0]?.kind).toBe("ResourceList");
    expect(names(list)).toEqual(["a", "a"]);
  });

  test("an anchor that only its own item uses, under a name used twice", () => {
    const item = "- kind: Job\n  metadata: {name: &n a, namespace: *n}\n";
    expect(names(read(`${HEAD}items:\n${item}${item}`))).toEqual(["a", "a"]);
    expect(read(`${HEAD}items:\n${item}${item}`).chunks).toHaveLength(2);
  });

  test("an anchor of the functionConfig that an item uses", () => {
    const text = `kind: ResourceList\nfunctionConfig:\n  metadata: &m {name: a}\nitems:\n- kind: Job\n  metadata: *m\n`;
    expect(read(text).chunks).toHaveLength(1);
    expect(names(read(text))).toEqual(["a"]);
  });
});

describe("what is a ResourceList", () => {
  test.each(["v1", "v1beta1", "v1alpha1"])("config.kubernetes.io/%s", (version) => {
    const list = read(`apiVersion: config.kubernetes.io/${version}\nkind: ResourceList\nitems: []\n`);
    expect(list.apiVersion).toBe(`config.kubernetes.io/${version}`);
  });

  test.each([
    ["another kind", "kind: List\nitems: []\n# ResourceList\n"],
    ["several documents", `${HEAD}items: []\n---\nkind: Job\n`],
    ["a kind of another group", "apiVersion: example.com/v1\nkind: ResourceList\nspec: {}\n"],
    ["a list", "- kind: ResourceList\n  items: []\n"],
    ["nothing", ""],
    ["a comment", "# ResourceList\n"],
  ])("not %s", (_, text) => {
    expect(readResourceList("in.yaml", text)).toBeUndefined();
  });

  test.each([HEAD, `${HEAD}functionConfig: {}\n`, `{kind: ResourceList}\n`])("no items: %j", (text) => {
    expect(() => read(text)).toThrow(SourceError);
    expect(() => read(text)).toThrow("no items");
  });

  test("empty documents and markers around it do not count", () => {
    expect(names(read(`# head\n---\n${HEAD}items:\n${ITEM}...\n# tail\n---\n`))).toEqual(["a"]);
    expect(names(read(`---\n---\n${HEAD}items:\n${ITEM}`))).toEqual(["a"]);
  });

  test("doubled keys are refused", () => {
    expect(() => read(`${HEAD}items: []\nitems: []\n`)).toThrow(SourceError);
  });
});

test("the functionConfig's offsets point into the whole text", () => {
  const text = `${HEAD}items:\n${ITEM}functionConfig:\n  kind: NativeSidecar\n  spec: {strip: {level: safe}}\n`;
  const node = read(text).functionConfig;
  expect(node?.parent).toBeUndefined();
  expect(text.slice(node?.start, node?.end)).toBe("kind: NativeSidecar\n  spec: {strip: {level: safe}}");
  expect(textAt(node, ["spec", "strip", "level"])).toBe("safe");
});

test("reads an edited text again", () => {
  const list = read(`${HEAD}items:\n${ITEM}${ITEM}results: []\n`);
  const start = list.text.indexOf("name: a") + 6;
  const edited = list.edited([{ start, end: start + 1, text: "other\n    namespace: n" }]);
  expect(names(edited)).toEqual(["other", "a"]);
  expect(slices(edited)).toEqual([ITEM.replace("a\n", "other\n    namespace: n\n"), ITEM]);
});

const word = fc.constantFrom("a", "kind", "items", "x y", "é", "- z", "# no", "& b", "*/5", "&& c", "'q'");
const line = fc.constantFrom(
  "kind: Pod",
  "- item",
  "items:",
  "# comment",
  "",
  "...",
  "---",
  "a: &b *b",
  "  deeper",
  "x && y *",
);
const plainValue = fc.oneof(
  word.map((w) => [` ${JSON.stringify(w)}`]),
  fc.array(line, { minLength: 1, maxLength: 4 }).map((lines) => [" |", ...lines.map((l) => `  ${l}`)]),
  fc.constantFrom(
    [" |+", "  kept", "", ""],
    [" plain", "  continued"],
    [' "double', '  continued"'],
    [" {flow: [1, 2],", "  more: 3}"],
    ["", "- one", "- two: 2", "  # c", "  three: 3"],
    ["", "  deeper: 1"],
    [" # why", "  deeper: 1"],
    [" [&n anchored, *n]"],
    [""],
  ),
);
const value = fc.oneof(
  { weight: 30, arbitrary: plainValue },
  { weight: 1, arbitrary: fc.constantFrom([" &m x"], [" *m"]) },
);
const comment = fc.constantFrom(
  [],
  [],
  [],
  ["# c"],
  [" # c"],
  ["   # c"],
  ["      # c"],
  [""],
  ["# a", "", "# b"],
  ["# a", ""],
);
const item = fc.record({
  gap: fc.constantFrom(1, 1, 1, 3),
  alone: fc.constantFrom(false, false, false, true),
  props: fc.constantFrom("", "", "", "&i "),
  remark: fc.constantFrom("", "", "", " # kind: Pod", " # head\n    # kind: more\n"),
  kind: fc.constantFrom("Job", '"Job"', "ConfigMap # x", "'Pod'"),
  kindFirst: fc.boolean(),
  values: fc.array(value, { maxLength: 3 }),
  above: comment,
  below: comment,
});
type Item = typeof item extends fc.Arbitrary<infer T> ? T : never;

function itemLines(
  { gap, alone, props, remark, kind, kindFirst, values, above, below }: Item,
  column: number,
): string[] {
  const body = values.flatMap(([first, ...rest], i) => [`k${i}:${first}`, ...rest]);
  const keys = kindFirst ? [`kind: ${kind}`, ...body] : [...body, `kind: ${kind}`];
  const inner = " ".repeat(column + 1 + gap);
  const pad = (l: string): string => (l === "" ? "" : inner + l);
  const dash = `${" ".repeat(column)}-`;
  const [first = "", ...rest] = keys;
  const isAlone = alone || props !== "" || remark !== "";
  const head = isAlone
    ? [`${dash}${props && ` ${props.trim()}`}${remark}`, pad(first)]
    : [`${dash}${" ".repeat(gap)}${first}`];
  return [...above, ...head, ...rest.map(pad), ...below];
}

const text = fc
  .record({
    column: fc.constantFrom(0, 0, 2, 4),
    items: fc.array(item, { maxLength: 5 }),
    flowList: fc.constantFrom(false, false, false, false, false, false, true),
    head: fc.constantFrom([], [], [], ["---"], ["# head"], ["# head", "--- # c"], ["%YAML 1.1", "---"]),
    tail: fc.constantFrom([], [], ["..."], ["# tail"], ["...", "# tail"], ["---"]),
    order: fc.shuffledSubarray(["apiVersion", "kind", "items", "functionConfig", "results"], { minLength: 4 }),
    above: comment,
    config: value,
    bom: fc.boolean(),
    crlf: fc.boolean(),
    finalNewline: fc.boolean(),
  })
  .map(({ column, items, flowList, head, tail, order, above, config, bom, crlf, finalNewline }) => {
    const sections: Record<string, string[]> = {
      apiVersion: ["apiVersion: config.kubernetes.io/v1"],
      kind: ["kind: ResourceList"],
      items: flowList
        ? ["items: [{kind: Job}, &f {kind: Pod}]"]
        : ["items:", ...items.flatMap((i) => itemLines(i, column))],
      functionConfig: [`functionConfig:${config[0]}`, ...config.slice(1)],
      results: ["results:", "- message: kept"],
    };
    const lines = [...head, ...order.flatMap((name) => [...above, ...(sections[name] ?? [])]), ...tail];
    const body = lines.join("\n") + (finalNewline ? "\n" : "");
    return (bom ? "\ufeff" : "") + (crlf ? body.replaceAll("\n", "\r\n") : body);
  });

/** Everything a reader could tell two results apart by. */
function view(list: ResourceList | undefined): unknown {
  return (
    list && {
      apiVersion: list.apiVersion,
      functionConfig: list.functionConfig && [
        list.functionConfig.start,
        list.functionConfig.end,
        toData(list.functionConfig),
      ],
      chunks: list.chunks.map((chunk) => {
        const root = rootOf(chunk);
        const { start, end, dash, index } = chunk;
        return { start, end, dash, index, root: root && [root.start, root.end, toData(root)] };
      }),
    }
  );
}

function attempt<T>(run: () => T): T | "refused" {
  try {
    return run();
  } catch (error) {
    if (error instanceof SourceError) return "refused";
    throw error;
  }
}

test("by lines and by a parse of the whole: the same", () => {
  let outlined = 0;
  fc.assert(
    fc.property(text, (input) => {
      const whole = attempt(() => readParsed("in.yaml", input));
      if (whole === "refused") return;
      const list = readResourceList("in.yaml", input);
      if (list?.chunks[0]?.root === undefined) outlined++;
      expect(view(list)).toEqual(view(whole));
      for (const [i, { kind }] of (list?.chunks ?? []).entries())
        expect([undefined, whole?.chunks[i]?.kind]).toContain(kind);
    }),
    { numRuns: 400 },
  );
  expect(outlined).toBeGreaterThan(100);
});

/** Where edits are made, as parts of the text; what they put there. */
const editing = fc.array(
  fc.record({
    from: fc.double({ min: 0, max: 1, noNaN: true }),
    length: fc.constantFrom(0, 0, 1, 3, 12, 40),
    toLines: fc.boolean(),
    put: fc.constantFrom(
      "",
      "",
      "x",
      "é",
      "\n",
      "  k: v\n",
      "    - z\n",
      "- kind: Job\n",
      "  kind: Pod\n",
      "# c\n",
      "---\n",
      "a: b\n",
    ),
  }),
  { minLength: 1, maxLength: 4 },
);
type Editing = typeof editing extends fc.Arbitrary<infer T> ? T : never;

function editsOf(input: string, places: Editing): TextEdit[] {
  const edits: TextEdit[] = [];
  let last = 0;
  for (const { from, length, toLines, put } of places.sort((a, b) => a.from - b.from)) {
    const at = (offset: number): number => (toLines ? lineStart(input, offset) : offset);
    const start = Math.max(last, at(Math.floor(from * input.length)));
    const end = Math.min(input.length, Math.max(start, at(start + length)));
    edits.push({ start, end, text: put });
    last = end + 1;
  }
  return edits.filter(({ end }) => end <= input.length && end >= 0);
}

test("edited, and read anew: the same", () => {
  let held = 0;
  fc.assert(
    fc.property(text, editing, (input, places) => {
      const list = attempt(() => readResourceList("in.yaml", input));
      if (list === "refused" || list === undefined || list.chunks.some(({ root }) => root !== undefined)) return;
      const edits = editsOf(input, places);
      const anew = attempt(() => readResourceList("in.yaml", applyEdits(input, edits))) ?? "refused";
      const edited = attempt(() => list.edited(edits));
      const told = (result: ResourceList | "refused"): unknown =>
        result === "refused"
          ? result
          : [
              result.text,
              result.apiVersion,
              result.functionConfig?.start,
              result.chunks.map(({ root: _, ...chunk }) => chunk),
            ];
      expect(told(edited)).toEqual(told(anew));
      if (edited !== "refused" && edited.chunks.length > 0) held++;
    }),
    { numRuns: 1500 },
  );
  expect(held).toBeGreaterThan(40);
});

const json = fc.record({
  items: fc.array(
    fc.oneof(fc.jsonValue(), fc.record({ kind: fc.constantFrom("Job", '"]}', '\\\\"'), k: fc.jsonValue() })),
    { maxLength: 4 },
  ),
  functionConfig: fc.jsonValue(),
  space: fc.constantFrom("", " ", "  ", "\r\n "),
  bom: fc.constantFrom("", "\ufeff"),
});

test("JSON by its brackets and by a parse of the whole: the same", () => {
  fc.assert(
    fc.property(json, ({ items, functionConfig, space, bom }) => {
      const data = { functionConfig, apiVersion: "config.kubernetes.io/v1", kind: "ResourceList", items };
      const input =
        bom +
        JSON.stringify(data, null, space.replace(/\r\n/, "")).replaceAll("\n", space.includes("\r") ? "\r\n" : "\n");
      expect(jsonOutlineOf(input)).toBeDefined();
      const whole = attempt(() => readParsed("in.yaml", input));
      if (whole === "refused") return;
      const list = readResourceList("in.yaml", input);
      expect(view(list)).toEqual(view(whole));
      expect(
        JSON.parse(JSON.stringify(list?.chunks.map((chunk) => JSON.parse(input.slice(chunk.start, chunk.end))))),
      ).toEqual(JSON.parse(JSON.stringify(items)));
    }),
    { numRuns: 300 },
  );
});
