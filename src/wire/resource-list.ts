import { applyEdits, sortedEdits, type TextEdit } from "../source/edit.ts";
import { SourceError } from "../source/failure.ts";
import { parseChunk } from "../source/parse.ts";
import { lineStart, nextLine } from "../source/position.ts";
import { type DocumentRange, peekKind, splitDocuments } from "../source/split.ts";
import { at, type Entry, entryOf, type MapNode, type Node, resolve, type SeqNode, textAt } from "../source/tree.ts";
import type { DocumentChunk, Input } from "../transform/input.ts";
import { sharesAnchors } from "./item-anchors.ts";
import { type JsonOutline, jsonOutlineOf } from "./json-outline.ts";
import { type ItemStart, type Outline, outlineAfter, outlineOf, type Section } from "./resource-outline.ts";

/**
 * What a KRM function reads and writes (the KRM functions specification, config.kubernetes.io/v1). Its chunks are
 * the items; untouched ones never get parsed.
 */
export interface ResourceList extends Input {
  /** As written: "config.kubernetes.io/v1", "config.kubernetes.io/v1beta1", …; "" where there is none. */
  apiVersion: string;
  /** Its offsets point into `text`. */
  functionConfig: Node | undefined;
  edited(edits: readonly TextEdit[]): ResourceList;
}

/**
 * The ResourceList that a text holds; undefined for anything else. As in kyaml (kio/byteio_reader.go, 0.20) the
 * kind decides and the apiVersion's version does not matter, and a stream of several documents holds none.
 * @throws {SourceError} no `items`, `items` that is no list, malformed YAML outside of the items; malformed items
 * only where the text's style asks for a full parse.
 */
export function readResourceList(file: string, text: string): ResourceList | undefined {
  if (!text.includes("ResourceList")) return undefined;
  const outline = outlineOf(text);
  if (outline !== undefined && !sharesAnchors(text, outline)) return readOutlined(file, text, outline);
  const json = outline === undefined ? jsonOutlineOf(text) : undefined;
  return json === undefined ? readParsed(file, text) : readJson(file, text, json);
}

function readJson(file: string, text: string, { fields, items }: JsonOutline): ResourceList | undefined {
  const parse = (name: string): Node | undefined => {
    const field = fields.find((candidate) => candidate.name === name);
    return field && parseChunk({ file, text, ...field.value });
  };
  if (textAt(parse("kind"), []) !== "ResourceList") return undefined;
  const chunks = items.map(({ start, end, kind }, index) => ({ file, text, start, end, index, kind }));
  return list(file, text, textAt(parse("apiVersion"), []) ?? "", parse("functionConfig"), chunks);
}

/** By line ranges. */
function readOutlined(file: string, text: string, outline: Outline): ResourceList | undefined {
  const field = (name: string): Entry | undefined => {
    const section = outline.sections.find((candidate) => candidate.name === name);
    return section && sectionEntry(file, text, section);
  };
  if (textOf(field("kind")) !== "ResourceList") return undefined;
  const apiVersion = textOf(field("apiVersion")) ?? "";
  const items = outline.sections.find(({ name }) => name === "items");
  const functionConfig = field("functionConfig")?.value;
  if (!isFunctionWire(apiVersion, items !== undefined || functionConfig !== undefined)) return undefined;
  const start = outline.sections[0]?.start ?? 0;
  if (items === undefined) throw missingItems(file, text, start);
  const chunks = itemChunks(file, text, items, outline.items, outline.column);
  const edited = (edits: readonly TextEdit[]): ResourceList => editedOutlined(file, text, outline, edits);
  return { ...list(file, text, apiVersion, detached(functionConfig), chunks), edited };
}

function editedOutlined(file: string, before: string, outline: Outline, edits: readonly TextEdit[]): ResourceList {
  const sorted = sortedEdits(edits);
  const text = applyEdits(before, sorted);
  const after = outlineAfter(outline, text, sorted);
  const own = after !== undefined && !sharesAnchors(text, after) ? readOutlined(file, text, after) : undefined;
  return own ?? reread(file, text);
}

/** By a parse of the whole text; the same result as by lines, but for text that lines cannot tell. */
export function readParsed(file: string, text: string): ResourceList | undefined {
  const range = onlyDocument(text);
  if (range === undefined || !/^ResourceList$/.test(peekKind(text, range) ?? "ResourceList")) return undefined;
  const root = parseChunk({ file, text, ...range });
  if (root?.kind !== "map" || textAt(root, ["kind"]) !== "ResourceList") return undefined;
  const apiVersion = textAt(root, ["apiVersion"]) ?? "";
  const items = entryOf(root, "items");
  const functionConfig = entryOf(root, "functionConfig")?.value;
  if (!isFunctionWire(apiVersion, items !== undefined || functionConfig !== undefined)) return undefined;
  if (items === undefined) throw missingItems(file, text, root.start);
  const seq = resolve(items.value);
  if (seq.kind !== "seq" && !(seq.kind === "scalar" && seq.value === null))
    throw new SourceError(file, text, seq.start, "items must be a list; write the resources as its items");
  const chunks = seq.kind === "seq" ? parsedChunks(file, text, root, items, seq) : undefined;
  if (chunks === undefined && seq.kind === "seq") {
    const whole: DocumentChunk = { file, text, ...range, index: 0, kind: "ResourceList", root };
    return list(file, text, apiVersion, functionConfig, [whole]);
  }
  return list(file, text, apiVersion, detached(functionConfig), chunks ?? []);
}

function list(
  file: string,
  text: string,
  apiVersion: string,
  functionConfig: Node | undefined,
  chunks: DocumentChunk[],
): ResourceList {
  const edited = (edits: readonly TextEdit[]): ResourceList => reread(file, applyEdits(text, edits));
  return { file, text, apiVersion, functionConfig, chunks, edited };
}

function reread(file: string, text: string): ResourceList {
  const again = readResourceList(file, text);
  if (again === undefined) throw new SourceError(file, text, 0, "an edit broke the ResourceList; report this fault");
  return again;
}

/** Groups that name the wire format; another group's kind of that name counts where it is shaped like one. */
function isFunctionWire(apiVersion: string, isShapedLikeIt: boolean): boolean {
  return isShapedLikeIt || apiVersion === "" || /^(?:config\.kubernetes\.io|kpt\.dev)\//.test(apiVersion);
}

function missingItems(file: string, text: string, offset: number): SourceError {
  return new SourceError(
    file,
    text,
    offset,
    "the ResourceList has no items; give it a list of resources, or items: []",
  );
}

/** The entry of one top-level key, parsed alone. */
export function sectionEntry(file: string, text: string, section: Section): Entry | undefined {
  const root = parseChunk({ file, text, start: section.start, end: section.end });
  return root?.kind === "map" ? root.entries[0] : undefined;
}

function textOf(entry: Entry | undefined): string | undefined {
  const value = entry && at(entry.value, []);
  return value?.kind === "scalar" && value.value !== null ? value.text : undefined;
}

/** A node that is a root of its own from here on. */
function detached(node: Node | undefined): Node | undefined {
  if (node !== undefined) delete node.parent;
  return node;
}

/** The one document with content; undefined where there are none or several. */
export function onlyDocument(text: string): DocumentRange | undefined {
  const held = splitDocuments(text).filter(({ start, end }) => {
    const body = text.slice(start, end).replace(/^---(?=[ \t\r\n]|$)/, "");
    return /^[ \t]*[^\s#]/m.test(body.replace(/^\.\.\..*$/m, ""));
  });
  return held.length === 1 ? held[0] : undefined;
}

function itemChunks(
  file: string,
  text: string,
  items: Section,
  starts: readonly ItemStart[],
  column: number,
): DocumentChunk[] {
  const chunks: DocumentChunk[] = [];
  let start =
    starts[0] === undefined
      ? items.end
      : leadIn(text, nextLine(text, items.start), lineStart(text, starts[0].dash), column);
  for (let index = 0; index < starts.length; index++) {
    const { dash, kind } = starts[index] as ItemStart;
    const next = starts[index + 1];
    const end = leadIn(text, nextLine(text, dash), next === undefined ? items.end : lineStart(text, next.dash), column);
    chunks.push({ file, text, start, end, index, kind, dash });
    start = end;
  }
  return chunks;
}

/**
 * Where what belongs to the line that starts at `offset` begins: comment lines right above it, no further in than
 * `column`, are its own; those further in belong to what stands before them.
 */
function leadIn(text: string, from: number, offset: number, column: number): number {
  let start = offset;
  for (let end = offset; end > from; ) {
    const line = lineStart(text, end - 1);
    let first = line;
    while (text.charCodeAt(first) === 32) first++;
    if (text[first] === "#" && first - line <= column) start = line;
    else if (text.slice(first, end).trim() !== "") break;
    end = line;
  }
  return Math.max(start, from);
}

/** Chunks from the tree; undefined where items share anchors with something outside of themselves. */
function parsedChunks(
  file: string,
  text: string,
  root: MapNode,
  items: Entry,
  seq: SeqNode,
): DocumentChunk[] | undefined {
  if (items.value.kind === "alias" || items.map !== root || hasSharedAnchors(root, seq)) return undefined;
  const roots = seq.items.map((item) => ({ root: item.value, kind: textAt(item.value, ["kind"]) }));
  const chunks = seq.flow ? flowChunks(file, text, seq) : blockChunks(file, text, root, items, seq);
  return chunks.map((chunk, index) => {
    const { root: itemRoot, kind } = roots[index] as (typeof roots)[number];
    const own = resolve(itemRoot);
    const isEmpty = own.kind === "scalar" && own.start === own.end;
    delete itemRoot.parent;
    return { ...chunk, kind, ...(!isEmpty && { root: itemRoot }) };
  });
}

function flowChunks(file: string, text: string, seq: SeqNode): DocumentChunk[] {
  return seq.items.map(({ value }, index) => {
    return { file, text, start: value.propsStart, end: value.end, index, kind: undefined };
  });
}

function blockChunks(file: string, text: string, root: MapNode, items: Entry, seq: SeqNode): DocumentChunk[] {
  const following = root.entries[root.entries.indexOf(items) + 1];
  const end = following === undefined ? documentEnd(text, seq.end) : lineStart(text, following.start);
  const column = seq.start - lineStart(text, seq.start);
  const starts = seq.items.map((item) => ({ dash: item.start, kind: undefined }));
  return itemChunks(file, text, { name: "items", start: items.key.end, end }, starts, column);
}

/** Offset of the marker line that ends the document, else the end of the text. */
export function documentEnd(text: string, from: number): number {
  const pattern = /^(?:---|\.\.\.)(?=[ \t\r\n]|$)/gm;
  pattern.lastIndex = from;
  return pattern.exec(text)?.index ?? text.length;
}

/** An alias in an item leads out of it, or one outside leads into it. */
function hasSharedAnchors(root: MapNode, seq: SeqNode): boolean {
  const owners = new Map<Node, Node>();
  for (const { value } of seq.items) mark(value, value, owners);
  const isShared = (node: Node, owner: Node | undefined): boolean => {
    if (node.kind === "alias") return owners.get(node.target) !== owner;
    if (node.kind === "scalar") return false;
    const isItems = node === seq;
    const children =
      node.kind === "map" ? node.entries.flatMap((e) => [e.key, e.value]) : node.items.map((i) => i.value);
    return children.some((child) => isShared(child, isItems ? child : owner));
  };
  return isShared(root, undefined);
}

function mark(node: Node, owner: Node, owners: Map<Node, Node>): void {
  if (node.kind === "alias") return;
  if (node.anchor !== undefined) owners.set(node, owner);
  if (node.kind === "map") {
    for (const { key, value } of node.entries) {
      mark(key, owner, owners);
      mark(value, owner, owners);
    }
  } else if (node.kind === "seq") for (const { value } of node.items) mark(value, owner, owners);
}
