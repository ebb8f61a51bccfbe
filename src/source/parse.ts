import * as yaml from "yaml";
import { NestingError, parseBounded } from "./bounded-parse.ts";
import { YAML_AS_KUBERNETES } from "./dialect.ts";
import { SourceError } from "./failure.ts";
import { parseJson } from "./json-parse.ts";
import { type PushedText, pushFlowLines } from "./low-flow-lines.ts";
import { parsePlain } from "./plain-parse.ts";
import { lineEnd, lineStart } from "./position.ts";
import type { Node } from "./tree.ts";
import { TreeGrower } from "./tree-grower.ts";

/** A piece of a file that is one YAML document (or one item of a list, its dash blanked). */
export interface Chunk {
  file: string;
  text: string;
  start: number;
  end: number;
  /** Offset of a list item's `-`, read as a space: the rest of the item then is a document of its own. */
  dash?: number;
}

export interface ParseOptions {
  /** `last`: as programs read that do not mind them; `entryOf` and `toData` give the last of equal keys. */
  repeatedKeys?: "refused" | "last";
}

/**
 * The tree of one document; undefined where it holds nothing but comments.
 * @throws {SourceError} malformed YAML, duplicate keys, unknown aliases, nesting too deep to read.
 */
export function parseChunk(chunk: Chunk, options: ParseOptions = {}): Node | undefined {
  const source = sourceOf(chunk);
  return parseJson(source, chunk.start) ?? parsePlain(source, chunk.start) ?? parseFully(chunk, options);
}

/** The document's own text: that of a list's item has a space for its dash. */
export function sourceOf({ text, start, end, dash }: Chunk): string {
  return dash === undefined ? text.slice(start, end) : `${text.slice(start, dash)} ${text.slice(dash + 1, end)}`;
}

/** The same by the full parser alone. */
export function parseFully(chunk: Chunk, { repeatedKeys = "refused" }: ParseOptions = {}): Node | undefined {
  const source = sourceOf(chunk);
  const fail = (offset: number, message: string): never => {
    throw new SourceError(chunk.file, chunk.text, chunk.start + offset, message);
  };
  const found = source.search(LONE_RETURN);
  const endsInLone = source.endsWith("\r") && chunk.text[chunk.end] !== "\n";
  const loneReturn = found < 0 && endsInLone ? source.length - 1 : found;
  if (loneReturn >= 0)
    fail(loneReturn, "a carriage return without a line feed; YAML takes it for a line break, write one");
  try {
    const { document, text, original } = read(source);
    const error = document.errors.find(isFault);
    if (error) fail(original(error.pos[0]), `${cause(error)}; ${remedy(source, original(error.pos[0]))}`);
    if (document.contents === null || isEmpty(document.contents)) return undefined;
    const failAt = (offset: number, message: string): never => fail(original(offset), message);
    const root = new TreeGrower(text, failAt, repeatedKeys === "refused").grow(document.contents, undefined);
    place(root, (offset) => original(offset) + chunk.start);
    return root;
  } catch (error) {
    if (error instanceof NestingError || error instanceof RangeError) return fail(0, new NestingError().message);
    throw error;
  }
}

/** Ends a line of YAML (1.2.2, 5.4), comments too, but not for the library. A chunk may end within a CRLF. */
const LONE_RETURN = /\r(?!\n|$)/;

/** The document, of a text whose offsets may differ from the source's. */
function read(source: string): PushedText & { document: yaml.Document } {
  const document = parseBounded(source, YAML_AS_KUBERNETES);
  const pushed = document.errors.some(isFault) ? pushFlowLines(source) : undefined;
  if (pushed === undefined) return { document, text: source, original: (offset) => offset };
  return { ...pushed, document: parseBounded(pushed.text, YAML_AS_KUBERNETES) };
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
  const message = error.message.split("\n", 1)[0] ?? error.code;
  return message.charAt(0).toLowerCase() + message.slice(1).replace(/[.:]$/, "");
}
