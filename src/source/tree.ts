import type { Json, JsonObject } from "../json.ts";
import { SourceError, UsageError } from "./failure.ts";

/*
 * YAML as a tree of source ranges. Offsets are UTF-16 code units into the whole file's text; `end` lies behind the
 * last character of the value itself: no trailing comment, no line break (but for what a `|+` scalar keeps).
 */
interface Base {
  start: number;
  end: number;
  /** Start of the node's anchor or tag where it has one, else `start`. */
  propsStart: number;
  anchor?: string;
  /** Where the node hangs; undefined for a document's root. */
  parent?: Entry | Item;
}

export interface ScalarNode extends Base {
  kind: "scalar";
  style: "plain" | "single" | "double" | "literal" | "folded";
  /** The string the scalar denotes, before any typing. */
  text: string;
  /** The value as Kubernetes reads it (YAML 1.1: `yes` is true, 0440 is octal). */
  value: null | boolean | number | string;
}

export interface MapNode extends Base {
  kind: "map";
  flow: boolean;
  entries: Entry[];
}

export interface Entry {
  /** Start of the key (its anchor or tag, the `?` of an explicit key). */
  start: number;
  key: Node;
  /** The key's text; a key that is no scalar has none. */
  name: string | undefined;
  value: Node;
  map: MapNode;
}

export interface SeqNode extends Base {
  kind: "seq";
  flow: boolean;
  items: Item[];
}

export interface Item {
  /** Start of the `-` of a block item; start of the value (anchor, tag) in a flow list. */
  start: number;
  value: Node;
  seq: SeqNode;
}

export interface AliasNode extends Base {
  kind: "alias";
  name: string;
  /** Never an alias itself. */
  target: ScalarNode | MapNode | SeqNode;
}

export type Node = ScalarNode | MapNode | SeqNode | AliasNode;
/** A key or a list index. */
export type Step = string | number;
export type Path = readonly Step[];

/** The node an alias stands for, else the node. */
export function resolve(node: Node): ScalarNode | MapNode | SeqNode {
  return node.kind === "alias" ? node.target : node;
}

/** Own entry of a map, else the one a merge key (`<<`) brings; the last of own entries wins, the first of merged maps. */
export function entryOf(node: Node | undefined, name: string): Entry | undefined {
  return node === undefined ? undefined : findEntry(node, name);
}

function findEntry(node: Node, name: string, gone?: Entry): Entry | undefined {
  const map = resolve(node);
  if (map.kind !== "map") return undefined;
  let merge: Entry | undefined;
  let own: Entry | undefined;
  for (const entry of map.entries) {
    if (entry === gone) continue;
    if (entry.name === name) own = entry;
    else if (isMerge(entry)) merge ??= entry;
  }
  if (own !== undefined || merge === undefined) return own;
  for (const merged of mergedMaps(merge)) {
    const entry = findEntry(merged, name, gone);
    if (entry !== undefined) return entry;
  }
  return undefined;
}

/** The entry that a map shows under the name of another once that is gone: an earlier one, or one that a merge key brings. */
export function entryBehind(node: Node | undefined, gone: Entry): Entry | undefined {
  const { name } = gone;
  return node === undefined || name === undefined ? undefined : findEntry(node, name, gone);
}

/** Entries as they count: own ones (the last of a name), then those that merge keys bring and nothing overrides. */
export function effectiveEntries(node: Node | undefined): Entry[] {
  const found = new Map<string, Entry>();
  if (node !== undefined) gatherEntries(node, found);
  return [...found.values()];
}

function gatherEntries(node: Node, found: Map<string, Entry>): void {
  const map = resolve(node);
  if (map.kind !== "map") return;
  const own = new Map<string, Entry>();
  for (const entry of map.entries) if (entry.name !== undefined && !isMerge(entry)) own.set(entry.name, entry);
  for (const [name, entry] of own) if (!found.has(name)) found.set(name, entry);
  for (const entry of map.entries) {
    if (isMerge(entry)) for (const each of mergedMaps(entry)) gatherEntries(each, found);
  }
}

/** What a merge key merges, in order; anything that is no map brings nothing. */
export function mergedMaps(merge: Entry): (ScalarNode | MapNode | SeqNode)[] {
  const source = resolve(merge.value);
  return source.kind === "seq" ? source.items.map((item) => resolve(item.value)) : [source];
}

/** `<<` in plain style whose value can be merged. */
export function isMerge(entry: Entry): boolean {
  return entry.name === "<<" && entry.key.kind === "scalar" && entry.key.style === "plain";
}

/** Value below `path`, aliases and merge keys followed; undefined where a step leads nowhere. */
export function at(node: Node | undefined, path: Path): ScalarNode | MapNode | SeqNode | undefined {
  let here: Node | undefined = node;
  for (const step of path) {
    if (here === undefined) return undefined;
    const value: ScalarNode | MapNode | SeqNode = resolve(here);
    if (typeof step === "number") here = value.kind === "seq" ? value.items[step]?.value : undefined;
    else here = entryOf(value, step)?.value;
  }
  return here === undefined ? undefined : resolve(here);
}

/** String below `path`; undefined for anything but a scalar that is not null. */
export function textAt(node: Node | undefined, path: Path): string | undefined {
  const found = at(node, path);
  return found?.kind === "scalar" && found.value !== null ? found.text : undefined;
}

/** Items of the list below `path`, [] where there is none. */
export function itemsAt(node: Node | undefined, path: Path): Item[] {
  const found = at(node, path);
  return found?.kind === "seq" ? found.items : [];
}

/** More aliases unfolded than any manifest has: an alias bomb. */
export class AliasBomb extends UsageError {}

const MAX_VALUES = 2_000_000;

/** Plain data, aliases and merge keys unfolded, maps without prototype. @throws {AliasBomb} */
export function toData(node: Node): Json {
  return unfold(node, { left: MAX_VALUES });
}

/** The same for a node of a file. @throws {SourceError} at the node, for an alias bomb */
export function toDataOf({ file, text }: { file: string; text: string }, node: Node): Json {
  try {
    return toData(node);
  } catch (error) {
    if (error instanceof AliasBomb) throw new SourceError(file, text, node.start, `${error.message}; mend the YAML`);
    throw error;
  }
}

function unfold(node: Node, budget: { left: number }): Json {
  if (budget.left-- <= 0) throw new AliasBomb("aliases unfold to more than 2,000,000 values");
  const value = resolve(node);
  if (value.kind === "scalar") return value.value;
  if (value.kind === "seq") return value.items.map((item) => unfold(item.value, budget));
  const data: JsonObject = Object.create(null);
  const merged = new Map<string, Entry>();
  for (const entry of value.entries) {
    if (isMerge(entry)) for (const map of mergedMaps(entry)) gatherEntries(map, merged);
  }
  for (const [name, entry] of merged) data[name] = unfold(entry.value, budget);
  for (const entry of value.entries) {
    if (entry.name !== undefined && !isMerge(entry)) data[entry.name] = unfold(entry.value, budget);
  }
  return data;
}

/** `spec.containers[0].args[1]`, `metadata.annotations[sidecar.istio.io/inject]`: keys with dots or slashes in brackets. */
export function formatPath(path: Path): string {
  let text = "";
  for (const step of path) {
    if (typeof step === "number" || !/^[\w-]+$/.test(step)) text += `[${step}]`;
    else text += text === "" ? step : `.${step}`;
  }
  return text;
}
