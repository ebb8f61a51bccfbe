import * as yaml from "yaml";
import { YAML_AS_KUBERNETES } from "./dialect.ts";
import { SourceError } from "./failure.ts";
import { parseJson } from "./json-parse.ts";
import { type PushedText, pushFlowLines } from "./low-flow-lines.ts";
import { parsePlain } from "./plain-parse.ts";
import { keyName, plainValue } from "./plain-value.ts";
import { lineEnd, lineStart } from "./position.ts";
import { type AliasNode, type Entry, type MapNode, type Node, resolve, type ScalarNode, type SeqNode } from "./tree.ts";

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
  const source = sourceOf(chunk);
  return parseJson(source, chunk.start) ?? parsePlain(source, chunk.start) ?? parseFully(chunk);
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
    const { document, text, original } = read(source);
    const error = document.errors.find(isFault);
    if (error) fail(original(error.pos[0]), `${cause(error)}; ${remedy(source, original(error.pos[0]))}`);
    if (document.contents === null || isEmpty(document.contents)) return undefined;
    const failAt = (offset: number, message: string): never => fail(original(offset), message);
    const root = new Grower(text, failAt).grow(document.contents, undefined);
    place(root, (offset) => original(offset) + chunk.start);
    return root;
  } catch (error) {
    if (error instanceof RangeError) return fail(0, "nested too deeply to be read");
    throw error;
  }
}

/** The document, of a text whose offsets may differ from the source's. */
function read(source: string): PushedText & { document: yaml.Document } {
  const document = yaml.parseDocument(source, YAML_AS_KUBERNETES);
  const pushed = document.errors.some(isFault) ? pushFlowLines(source) : undefined;
  if (pushed === undefined) return { document, text: source, original: (offset) => offset };
  return { ...pushed, document: yaml.parseDocument(pushed.text, YAML_AS_KUBERNETES) };
}

/** go-yaml takes a comment right behind a quote or bracket (`"a"# b`). */
function isFault({ message }: yaml.YAMLParseError): boolean {
  return !message.startsWith("Comments must be separated");
}

/** Moves a tree's offsets. */
function place(node: Node, moved: (offset: number) => number): void {
  node.start = moved(node.start);
  node.end = moved(node.end);
  node.propsStart = moved(node.propsStart);
  if (node.kind === "map") {
    for (const entry of node.entries) {
      entry.start = moved(entry.start);
      place(entry.key, moved);
      place(entry.value, moved);
    }
  } else if (node.kind === "seq") {
    for (const item of node.items) {
      item.start = moved(item.start);
      place(item.value, moved);
    }
  }
}

function isEmpty(node: yaml.Node): boolean {
  return yaml.isScalar(node) && node.range?.[0] === node.range?.[1];
}

/**
 * A template is what is wrong where an action of Helm's has a line of its own, or where the error is at one. Other
 * programs have braces too (`{{inputs.parameters.x}}` of Argo Workflows), which are fine inside of strings.
 */
function remedy(source: string, offset: number): string {
  const start = lineStart(source, lineStart(source, offset) - 1);
  const place = source.slice(start, lineEnd(source, offset));
  const isTemplate = ACTION_LINE.test(source) || HELM_ACTION.test(place) || /[:-][ \t]+\{\{/.test(place);
  return isTemplate ? "it looks like a template: render it (helm template) first" : "mend the YAML";
}

const HELM_ACTION = /\{\{-|-\}\}|\{\{ ?(?:\.[A-Z]|(?:if|else|end|range|with|include|define|template|toYaml|block)\b)/;
const ACTION_LINE = new RegExp(`^[ \\t]*(?:${HELM_ACTION.source})`, "m");

function cause(error: yaml.YAMLParseError): string {
  if (/call stack/i.test(error.message)) return "nested too deeply to be read";
  const message = error.message.split("\n", 1)[0] ?? error.code;
  return message.charAt(0).toLowerCase() + message.slice(1).replace(/[.:]$/, "");
}

/** Grows our tree from the library's. */
class Grower {
  private readonly anchors = new Map<string, ScalarNode | MapNode | SeqNode>();
  /** Maps and lists that are being grown. */
  private readonly open = new Set<Node>();
  private readonly source: string;
  private readonly fail: (offset: number, message: string) => never;

  constructor(source: string, fail: (offset: number, message: string) => never) {
    this.source = source;
    this.fail = fail;
  }

  grow(node: unknown, props: readonly yaml.CST.SourceToken[] | undefined): Node {
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
      const start = explicit === undefined ? key.propsStart : explicit.offset;
      const entry: Entry = { start, key, name: nameOf(key), value, map };
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
      const item = { start: dash === undefined ? value.propsStart : dash.offset, value, seq };
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
