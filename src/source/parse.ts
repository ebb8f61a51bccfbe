import * as yaml from "yaml";
import { YAML_AS_KUBERNETES } from "./dialect.ts";
import { SourceError } from "./failure.ts";
import { parsePlain } from "./plain-parse.ts";
import type { AliasNode, Entry, MapNode, Node, ScalarNode, SeqNode } from "./tree.ts";

/** A piece of a file that is one YAML document (or one item of a list, its dash blanked). */
export interface Chunk {
  file: string;
  text: string;
  start: number;
  end: number;
  /** Offset of a list item's `-`, read as a space: the rest of the item then is a document of its own. */
  dash?: number;
}

/**
 * The tree of one document; undefined where it holds nothing but comments.
 * @throws {SourceError} malformed YAML, duplicate keys, unknown aliases, nesting too deep to read.
 */
export function parseChunk(chunk: Chunk): Node | undefined {
  return parsePlain(sourceOf(chunk), chunk.start) ?? parseFully(chunk);
}

/** The document's own text: that of a list's item has a space for its dash. */
export function sourceOf({ text, start, end, dash }: Chunk): string {
  return dash === undefined ? text.slice(start, end) : `${text.slice(start, dash)} ${text.slice(dash + 1, end)}`;
}

/** The same by the full parser alone. */
export function parseFully(chunk: Chunk): Node | undefined {
  const source = sourceOf(chunk);
  const fail = (offset: number, message: string): never => {
    throw new SourceError(chunk.file, chunk.text, chunk.start + offset, message);
  };
  try {
    const document = yaml.parseDocument(source, YAML_AS_KUBERNETES);
    const error = document.errors[0];
    if (error) fail(error.pos[0], `${cause(error)}; ${remedy(source)}`);
    if (document.contents === null || isEmpty(document.contents)) return undefined;
    return new Grower(source, chunk.start, fail).grow(document.contents, undefined);
  } catch (error) {
    if (error instanceof RangeError) return fail(0, "nested too deeply to be read");
    throw error;
  }
}

function isEmpty(node: yaml.Node): boolean {
  return yaml.isScalar(node) && node.range?.[0] === node.range?.[1];
}

function remedy(source: string): string {
  return source.includes("{{") ? "it looks like a template: render it (helm template) first" : "mend the YAML";
}

function cause(error: yaml.YAMLParseError): string {
  if (/call stack/i.test(error.message)) return "nested too deeply to be read";
  const message = error.message.split("\n", 1)[0] ?? error.code;
  return message.charAt(0).toLowerCase() + message.slice(1).replace(/[.:]$/, "");
}

/** Grows our tree from the library's; positions become offsets into the whole file. */
class Grower {
  private readonly anchors = new Map<string, ScalarNode | MapNode | SeqNode>();
  /** Maps and lists that are being grown. */
  private readonly open = new Set<Node>();
  private readonly source: string;
  private readonly base: number;
  private readonly fail: (offset: number, message: string) => never;

  constructor(source: string, base: number, fail: (offset: number, message: string) => never) {
    this.source = source;
    this.base = base;
    this.fail = fail;
  }

  grow(node: unknown, props: readonly yaml.CST.SourceToken[] | undefined): Node {
    if (yaml.isAlias(node)) return this.growAlias(node);
    const grown = yaml.isMap(node) ? this.growMap(node) : yaml.isSeq(node) ? this.growSeq(node) : this.growScalar(node);
    const first = props?.find((token) => token.type === "anchor" || token.type === "tag");
    grown.propsStart = first === undefined ? grown.start : Math.min(first.offset + this.base, grown.start);
    return grown;
  }

  private begin(node: yaml.Node): { start: number; end: number; propsStart: number; anchor?: string } {
    const range = node.range ?? [0, 0, 0];
    const start = range[0] + this.base;
    const anchor = "anchor" in node && typeof node.anchor === "string" ? node.anchor : undefined;
    return { start, end: range[1] + this.base, propsStart: start, ...(anchor !== undefined && { anchor }) };
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
    return { kind: "alias", ...this.begin(node), name: node.source, target: target as MapNode };
  }

  private growScalar(node: unknown): ScalarNode {
    if (!yaml.isScalar(node)) return this.fail(0, "cannot be read as YAML");
    const base = this.begin(node);
    const style = STYLES[node.type ?? "PLAIN"] ?? "plain";
    // The library places an empty value right before the comment behind it.
    while (base.end === base.start && /[ \t]/.test(this.source[base.start - this.base - 1] ?? "")) {
      base.start = base.end = base.propsStart = base.start - 1;
    }
    if (style === "literal" || style === "folded") base.end = this.blockScalarEnd(base.start, base.end);
    const { value } = node;
    const text = typeof value === "string" ? value : (node.source ?? "");
    const isPlainValue = value === null || ["string", "number", "boolean"].includes(typeof value);
    const read = typeof value === "bigint" ? Number(value) : isPlainValue ? (value as ScalarNode["value"]) : text;
    return this.register({ kind: "scalar", ...base, style, text, value: read });
  }

  /** Behind the last line that belongs to the value: blank lines count only where `|+` keeps them. */
  private blockScalarEnd(start: number, end: number): number {
    const raw = this.source.slice(start - this.base, end - this.base);
    const header = /^[|>][\d+-]*/.exec(raw)?.[0] ?? "";
    const lines = raw.split("\n");
    const indent = /\n( *)[^\s]/.exec(raw)?.[1]?.length ?? Number.POSITIVE_INFINITY;
    // A line of blanks that is longer than the indentation is text.
    const isEmpty = (line: string): boolean => line.trim() === "" && line.replace(/\r$/, "").length <= indent;
    const keepsBlanks = header.includes("+");
    while (lines.length > 1 && isEmpty(lines.at(-1) as string)) {
      lines.pop();
      if (keepsBlanks) break;
    }
    return start + lines.join("\n").replace(/\r$/, "").length;
  }

  private growMap(node: yaml.YAMLMap): MapNode {
    const map: MapNode = this.register({ kind: "map", ...this.begin(node), flow: node.flow === true, entries: [] });
    this.open.add(map);
    for (const pair of node.items) {
      const token = (pair as { srcToken?: yaml.CST.CollectionItem }).srcToken;
      const key = this.grow(pair.key, token?.start);
      const value = pair.value === null ? this.absent(key.end) : this.grow(pair.value, token?.sep);
      const explicit = token?.start.find((part) => part.type === "explicit-key-ind");
      const start = explicit === undefined ? key.propsStart : explicit.offset + this.base;
      const name =
        key.kind === "scalar"
          ? key.text
          : key.kind === "alias" && key.target.kind === "scalar"
            ? key.target.text
            : undefined;
      const entry: Entry = { start, key, name, value, map };
      value.parent = entry;
      map.entries.push(entry);
    }
    this.open.delete(map);
    if (!map.flow) map.end = map.entries.at(-1)?.value.end ?? map.end;
    return map;
  }

  private growSeq(node: yaml.YAMLSeq): SeqNode {
    const seq: SeqNode = this.register({ kind: "seq", ...this.begin(node), flow: node.flow === true, items: [] });
    this.open.add(seq);
    const token = node.srcToken as yaml.CST.BlockSequence | yaml.CST.FlowCollection | undefined;
    node.items.forEach((child, index) => {
      const parts = token?.items[index]?.start;
      const value = this.grow(child, parts);
      const dash = parts?.find((part) => part.type === "seq-item-ind");
      const item = { start: dash === undefined ? value.propsStart : dash.offset + this.base, value, seq };
      value.parent = item;
      seq.items.push(item);
    });
    this.open.delete(seq);
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

const STYLES: Readonly<Record<string, ScalarNode["style"]>> = {
  PLAIN: "plain",
  QUOTE_SINGLE: "single",
  QUOTE_DOUBLE: "double",
  BLOCK_LITERAL: "literal",
  BLOCK_FOLDED: "folded",
};
