import * as yaml from "yaml";
import { NestingError } from "./bounded-parse.ts";
import { keyName, plainValue } from "./plain-value.ts";
import {
  type AliasNode,
  type Entry,
  isMerge,
  type MapNode,
  mergedMaps,
  type Node,
  resolve,
  type ScalarNode,
  type SeqNode,
} from "./tree.ts";

/** Levels of a tree, aliases followed: whoever walks it may go down that far. */
const MAX_UNFOLDED_NESTING = 500;
/** Entries that the merge keys of a document bring, merged maps counted wherever they are merged. */
const MAX_MERGED = 1_000_000;

/** Grows our tree from the library's. */
export class TreeGrower {
  private readonly anchors = new Map<string, ScalarNode | MapNode | SeqNode>();
  /** Levels below the nodes that have anchors, aliases followed. */
  private readonly heights = new Map<Node, number>();
  /** Of maps with merge keys: their entries and those that they bring. */
  private readonly mergedSizes = new Map<Node, number>();
  private merged = 0;
  /** Levels below the node that was grown last. */
  private height = 0;
  /** Maps and lists that are being grown. */
  private readonly open = new Set<Node>();
  private readonly source: string;
  private readonly refusesRepeatedKeys: boolean;
  private readonly fail: (offset: number, message: string) => never;

  constructor(source: string, fail: (offset: number, message: string) => never, refusesRepeatedKeys: boolean) {
    this.source = source;
    this.fail = fail;
    this.refusesRepeatedKeys = refusesRepeatedKeys;
  }

  /** @param props the tokens before the node, its anchor and tag among them */
  grow(node: unknown, props: readonly yaml.CST.SourceToken[] | undefined): Node {
    this.height = 0;
    if (yaml.isAlias(node)) return this.growAlias(node);
    const grown = yaml.isMap(node) ? this.growMap(node) : yaml.isSeq(node) ? this.growSeq(node) : this.growScalar(node);
    const first = props?.find((token) => token.type === "anchor" || token.type === "tag");
    grown.propsStart = first === undefined ? grown.start : Math.min(first.offset, grown.start);
    return grown;
  }

  private begin(node: yaml.Node): { start: number; end: number; propsStart: number; anchor?: string } {
    const range = node.range ?? [0, 0, 0];
    const start = range[0];
    const anchor = "anchor" in node && typeof node.anchor === "string" ? node.anchor : undefined;
    return { start, end: range[1], propsStart: start, ...(anchor !== undefined && { anchor }) };
  }

  private register<T extends ScalarNode | MapNode | SeqNode>(node: T): T {
    if (node.anchor !== undefined) this.anchors.set(node.anchor, node);
    return node;
  }

  private growAlias(node: yaml.Alias): AliasNode {
    const target = this.anchors.get(node.source);
    const offset = node.range?.[0] ?? 0;
    if (target === undefined) this.fail(offset, `alias *${node.source} has no anchor before it; mend the YAML`);
    if (this.open.has(target as Node))
      this.fail(offset, `alias *${node.source} stands inside its own anchor; mend the YAML`);
    this.height = this.heights.get(target as Node) ?? 0;
    if (this.open.size + this.height > MAX_UNFOLDED_NESTING) this.fail(offset, new NestingError().message);
    return { kind: "alias", ...this.begin(node), name: node.source, target: target as MapNode };
  }

  private growScalar(node: unknown): ScalarNode {
    if (!yaml.isScalar(node)) return this.fail(0, "cannot be read as YAML");
    const base = this.begin(node);
    const style = STYLES[node.type ?? "PLAIN"] ?? "plain";
    // The library places an empty value right before the comment behind it.
    while (base.end === base.start && /[ \t]/.test(this.source[base.start - 1] ?? "")) {
      base.start = base.end = base.propsStart = base.start - 1;
    }
    if (style === "literal" || style === "folded") base.end = this.blockScalarEnd(base.start, base.end);
    return this.register({ kind: "scalar", ...base, style, ...this.meaning(node, style) });
  }

  private meaning(node: yaml.Scalar, style: ScalarNode["style"]): Pick<ScalarNode, "text" | "value"> {
    const { value } = node;
    if (style === "plain" && (node.tag === undefined || RESOLVED_TAG.test(node.tag))) {
      const text = node.source ?? "";
      return { text, value: plainValue(text) };
    }
    const text = typeof value === "string" ? value : (node.source ?? "");
    const isPlainValue = value === null || ["string", "number", "boolean"].includes(typeof value);
    return { text, value: typeof value === "bigint" ? Number(value) : isPlainValue ? (value as string) : text };
  }

  /** Behind the last line that belongs to the value: blank lines count only where `|+` keeps them. */
  private blockScalarEnd(start: number, end: number): number {
    const raw = this.source.slice(start, end);
    const header = /^[|>][\d+-]*/.exec(raw)?.[0] ?? "";
    const indent = /\n( *)[^\s]/.exec(raw)?.[1]?.length ?? Number.POSITIVE_INFINITY;
    // A line of blanks that is longer than the indentation is text.
    const isEmpty = (line: string): boolean => line.trim() === "" && line.replace(/\r$/, "").length <= indent;
    const keepsBlanks = header.includes("+");
    let length = raw.length;
    for (let at = raw.lastIndexOf("\n"); at >= 0 && isEmpty(raw.slice(at + 1, length)); ) {
      length = at;
      if (keepsBlanks) break;
      at = at === 0 ? -1 : raw.lastIndexOf("\n", at - 1);
    }
    return start + (raw[length - 1] === "\r" ? length - 1 : length);
  }

  private growMap(node: yaml.YAMLMap): MapNode {
    const map: MapNode = this.register({ kind: "map", ...this.begin(node), flow: node.flow === true, entries: [] });
    this.open.add(map);
    let height = 0;
    const keys = new Set<unknown>();
    for (const pair of node.items) {
      const token = (pair as { srcToken?: yaml.CST.CollectionItem }).srcToken;
      this.refuseRepeated(pair.key, keys);
      const key = this.grow(pair.key, token?.start);
      height = Math.max(height, this.height);
      const value = pair.value === null ? this.absent(key.end) : this.grow(pair.value, token?.sep);
      const explicit = token?.start.find((part) => part.type === "explicit-key-ind");
      const start = explicit === undefined ? key.propsStart : explicit.offset;
      const entry: Entry = { start, key, name: nameOf(key), value, map };
      value.parent = entry;
      map.entries.push(entry);
      height = Math.max(height, this.height);
    }
    this.close(map, height);
    this.countMerged(map);
    if (!map.flow) map.end = map.entries.at(-1)?.value.end ?? map.end;
    return map;
  }

  private close(node: MapNode | SeqNode, heightOfChildren: number): void {
    this.open.delete(node);
    this.height = heightOfChildren + 1;
    if (node.anchor !== undefined) this.heights.set(node, this.height);
  }

  /** The library compares each key with all others. */
  private refuseRepeated(key: unknown, keys: Set<unknown>): void {
    // A merge key is a symbol of its own.
    if (!this.refusesRepeatedKeys || !yaml.isScalar(key)) return;
    if (keys.has(key.value)) this.fail(key.range?.[0] ?? 0, "map keys must be unique; mend the YAML");
    keys.add(key.value);
  }

  /** Maps that merge maps that merge maps may stand for more entries than any memory holds. */
  private countMerged(map: MapNode): void {
    const merges = map.entries.filter(isMerge);
    if (merges.length === 0) return;
    let size = map.entries.length;
    for (const merged of merges.flatMap((entry) => mergedMaps(entry))) {
      if (merged.kind === "map") size += 1 + (this.mergedSizes.get(merged) ?? merged.entries.length);
    }
    this.mergedSizes.set(map, size);
    this.merged += size;
    if (this.merged > MAX_MERGED) {
      this.fail(map.start, `merge keys (<<) bring more than ${MAX_MERGED} entries; mend the YAML`);
    }
  }

  private growSeq(node: yaml.YAMLSeq): SeqNode {
    const seq: SeqNode = this.register({ kind: "seq", ...this.begin(node), flow: node.flow === true, items: [] });
    this.open.add(seq);
    let height = 0;
    const token = node.srcToken as yaml.CST.BlockSequence | yaml.CST.FlowCollection | undefined;
    node.items.forEach((child, index) => {
      const parts = token?.items[index]?.start;
      const value = this.grow(child, parts);
      const dash = parts?.find((part) => part.type === "seq-item-ind");
      const item = { start: dash === undefined ? value.propsStart : dash.offset, value, seq };
      value.parent = item;
      seq.items.push(item);
      height = Math.max(height, this.height);
    });
    this.close(seq, height);
    if (!seq.flow) {
      const last = seq.items.at(-1);
      seq.end = last === undefined ? seq.end : Math.max(last.value.end, last.start + 1);
    }
    return seq;
  }

  /** `{a, b}`: a key without a value. */
  private absent(offset: number): ScalarNode {
    return { kind: "scalar", style: "plain", start: offset, end: offset, propsStart: offset, text: "", value: null };
  }
}

function nameOf(key: Node): string | undefined {
  const scalar = resolve(key);
  if (scalar.kind !== "scalar") return undefined;
  return scalar.style === "plain" && typeof scalar.value !== "string" ? keyName(scalar.text) : scalar.text;
}

/** Tags that say what the text says anyway. */
const RESOLVED_TAG = /^tag:yaml\.org,2002:(?:null|bool|int|float)$/;

const STYLES: Readonly<Record<string, ScalarNode["style"]>> = {
  PLAIN: "plain",
  QUOTE_SINGLE: "single",
  QUOTE_DOUBLE: "double",
  BLOCK_LITERAL: "literal",
  BLOCK_FOLDED: "folded",
};
