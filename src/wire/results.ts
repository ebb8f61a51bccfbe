import { isObject, type Json, type JsonObject } from "../json.ts";
import { stringMapAt } from "../kube/labels.ts";
import type { Resource } from "../kube/resource.ts";
import { editedPieces, type TextEdit } from "../source/edit.ts";
import { parseChunk } from "../source/parse.ts";
import { lineBreakOf, lineEnd, lineStart } from "../source/position.ts";
import { type Entry, entryOf, type MapNode, type Node, toData } from "../source/tree.ts";
import { type FlowField, jsonOutlineOf } from "./json-outline.ts";
import { documentEnd, onlyDocument, sectionEntry } from "./resource-list.ts";
import { type Outline, outlineOf } from "./resource-outline.ts";

/** One entry of a ResourceList's `results` (KRM functions specification, config.kubernetes.io/v1). */
export interface Result {
  message: string;
  severity: "error" | "warning" | "info";
  resourceRef?: { apiVersion: string; kind: string; name: string; namespace?: string };
  field?: { path: string; currentValue?: Json; proposedValue?: Json };
  file?: { path: string; index?: number };
  tags?: Record<string, string>;
}

/**
 * Where a ResourceList's item came from, by the annotations that kustomize and kpt give it; undefined without a path.
 * (kyaml kio/kioutil: the internal annotations count before the legacy ones.)
 */
export function originOf(resource: Resource): { path: string; index?: number } | undefined {
  const annotations = stringMapAt(resource.root, ["metadata", "annotations"]);
  const path = annotations["internal.config.kubernetes.io/path"] ?? annotations["config.kubernetes.io/path"];
  const index = annotations["internal.config.kubernetes.io/index"] ?? annotations["config.kubernetes.io/index"];
  if (path === undefined || path === "") return undefined;
  return index !== undefined && /^\d{1,9}$/.test(index) ? { path, index: Number(index) } : { path };
}

/**
 * The ResourceList with these `results`: in place of those it has, else at its end. Every other byte stays, and
 * without results all do.
 * @param text a text that readResourceList accepts.
 */
export function writeResults(text: string, results: readonly Result[]): string {
  return withResults(text, results).join("");
}

/** The same in pieces, in their order: a list may be huge. */
export function withResults(text: string, results: readonly Result[]): string[] {
  return results.length === 0 ? [text] : editedPieces(text, [resultsEdit(text, results.map(ordered))]);
}

function resultsEdit(text: string, data: JsonObject[]): TextEdit {
  const outline = outlineOf(text);
  if (outline !== undefined) return outlinedEdit(text, outline, data);
  const json = jsonOutlineOf(text);
  return json === undefined ? parsedEdit(text, data) : flowEdit(text, json, data);
}

/** The `results` of a ResourceList, as plain data; [] where it has none. */
export function readResults(text: string): Json[] {
  const outline = outlineOf(text);
  const section = outline?.sections.find(({ name }) => name === "results");
  const range = outline === undefined ? onlyDocument(text) : undefined;
  const root = range && parseChunk({ file: "", text, ...range });
  const entry = section === undefined ? entryOf(root, "results") : sectionEntry("", text, section);
  const data = entry && toData(entry.value);
  return Array.isArray(data) ? data : [];
}

function ordered(result: Result): JsonObject {
  const { message, severity, resourceRef, field, file, tags } = result;
  const reference = resourceRef && {
    apiVersion: resourceRef.apiVersion,
    kind: resourceRef.kind,
    name: resourceRef.name,
    namespace: resourceRef.namespace,
  };
  return { message, severity, resourceRef: reference, field: field && { ...field }, file: file && { ...file }, tags };
}

function outlinedEdit(text: string, outline: Outline, data: JsonObject[]): TextEdit {
  const indent = Math.max(outline.column, 0);
  const section = outline.sections.find(({ name }) => name === "results");
  const entry = section && sectionEntry("", text, section);
  if (entry !== undefined) return replaceEntry(text, entry, data, indent);
  const first = outline.sections[0]?.start ?? 0;
  return appendSection(text, outline.end, first, data, indent, () => lastValue(text, outline));
}

/** What the text ends with. */
function lastValue(text: string, outline: Outline): Node | undefined {
  const section = outline.sections.at(-1);
  const dash = section?.name === "items" ? outline.items.at(-1)?.dash : undefined;
  if (section === undefined) return undefined;
  return parseChunk({ file: "", text, start: section.start, end: outline.end, ...(dash && { start: dash, dash }) });
}

function parsedEdit(text: string, data: JsonObject[]): TextEdit {
  const range = onlyDocument(text);
  const root = range && parseChunk({ file: "", text, ...range });
  if (root?.kind !== "map") throw new RangeError("results can only be written to a ResourceList");
  if (root.flow) return flowEdit(text, flowMapOf(root), data);
  const items = entryOf(root, "items")?.value;
  const column = items?.kind === "seq" && !items.flow ? items.start - lineStart(text, items.start) : 0;
  const keyColumn = root.start - lineStart(text, root.start);
  const entry = ownEntry(root);
  if (entry !== undefined) return replaceEntry(text, entry, data, column);
  return appendSection(text, documentEnd(text, root.end), root.start, data, column, () => root, keyColumn);
}

function ownEntry(root: MapNode): Entry | undefined {
  return root.entries.find(({ name }) => name === "results");
}

function replaceEntry(text: string, entry: Entry, data: JsonObject[], indent: number): TextEdit {
  const end = lineEnd(text, Math.max(entry.value.end, entry.key.end + 1));
  const keyColumn = entry.start - lineStart(text, entry.start);
  return { start: entry.start, end, text: blockSection(data, indent, keyColumn, lineBreakOf(text)) };
}

function appendSection(
  text: string,
  end: number,
  first: number,
  data: JsonObject[],
  indent: number,
  last: () => Node | undefined,
  keyColumn = 0,
): TextEdit {
  const lineBreak = lineBreakOf(text);
  const section = blockSection(data, indent, keyColumn, lineBreak);
  const margin = " ".repeat(keyColumn);
  if (text[end - 1] === "\n") return { start: end, end, text: margin + section + lineBreak };
  // A line break behind a block scalar that ends with the text would become part of its value.
  if (endsInBlockScalar(last())) return { start: first, end: first, text: section + lineBreak + margin };
  return { start: end, end, text: lineBreak + margin + section };
}

/** The text of a node that ends in a literal or folded scalar. */
export function endsInBlockScalar(node: Node | undefined): boolean {
  if (node === undefined || node.kind === "alias") return false;
  if (node.kind === "scalar") return node.style === "literal" || node.style === "folded";
  return endsInBlockScalar(node.kind === "map" ? node.entries.at(-1)?.value : node.items.at(-1)?.value);
}

/** `results:` and its list, without the last line break; the first line without its indentation. */
function blockSection(data: JsonObject[], indent: number, keyColumn: number, lineBreak: string): string {
  const lines = ["results:", ...data.flatMap((result) => itemLines(result, Math.max(indent, keyColumn)))];
  return lines.join(lineBreak);
}

function itemLines(value: Json, indent: number): string[] {
  const lines = isCollection(value) ? blockLines(value, indent + 2) : [" ".repeat(indent + 2) + scalarText(value)];
  const [first = "", ...rest] = lines;
  return [`${" ".repeat(indent)}- ${first.trimStart()}`, ...rest];
}

function blockLines(value: Json[] | JsonObject, indent: number): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => itemLines(item, indent));
  return Object.entries(value).flatMap(([key, child]) => {
    if (child === undefined) return [];
    const head = `${" ".repeat(indent)}${scalarText(key)}:`;
    if (!isCollection(child)) return [`${head} ${scalarText(child)}`];
    return [head, ...blockLines(child, Array.isArray(child) ? indent : indent + 2)];
  });
}

function isCollection(value: Json): value is Json[] | JsonObject {
  return Array.isArray(value) ? value.length > 0 : isObject(value) && Object.keys(value).length > 0;
}

/** Plain where no YAML reader could take it for anything but this very string, else as JSON writes it. */
function scalarText(value: Json): string {
  if (typeof value !== "string") return Array.isArray(value) ? "[]" : isObject(value) ? "{}" : JSON.stringify(value);
  const isPlain = /^[A-Za-z][\w./-]*$/.test(value) && !/^(?:y|n|yes|no|on|off|true|false|null)$/i.test(value);
  return isPlain ? value : quoted(value);
}

/** JSON's notation, with what YAML takes for line breaks or refuses written as escapes. */
function quoted(value: string): string {
  return JSON.stringify(value).replace(
    /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** A map in flow style, read as YAML or as JSON. */
interface FlowMap {
  start: number;
  end: number;
  fields: readonly FlowField[];
}

function flowMapOf({ start, end, entries }: MapNode): FlowMap {
  const fields = entries.map(({ name, start: keyStart, key, value }) => {
    return { name, key: { start: keyStart, end: key.end }, value: { start: value.propsStart, end: value.end } };
  });
  return { start, end, fields };
}

/** JSON and flow style: written as JSON, in lines where the other keys stand in lines. */
function flowEdit(text: string, map: FlowMap, data: JsonObject[]): TextEdit {
  const style = flowStyle(text, map);
  const json = flowText(data, style);
  const own = map.fields.find(({ name }) => name === "results");
  if (own !== undefined) return { ...own.value, text: json };
  const last = map.fields.at(-1);
  const end = last === undefined ? map.start + 1 : Math.max(last.value.end, last.key.end);
  const behind = text.slice(end, map.end).replace(/#[^\n]*/g, (comment) => " ".repeat(comment.length));
  const comma = behind.indexOf(",");
  const lead = style.lineBreak === "" ? style.space : style.lineBreak + style.indent;
  const start = comma < 0 ? end : end + comma + 1;
  return { start, end: start, text: `${comma < 0 ? "," : ""}${lead}"results":${style.space}${json}` };
}

interface FlowStyle {
  /** "" where everything stands on one line. */
  lineBreak: string;
  /** What stands before a top-level key on its line. */
  indent: string;
  /** " " or, in minified JSON, "". */
  space: string;
}

function flowStyle(text: string, { start, fields }: FlowMap): FlowStyle {
  const [first] = fields;
  if (first === undefined) return { lineBreak: "", indent: "", space: " " };
  const space = /:\s/.test(text.slice(first.key.end, first.value.start)) ? " " : "";
  if (!text.slice(start + 1, first.key.start).includes("\n")) return { lineBreak: "", indent: "", space };
  const indent = text.slice(lineStart(text, first.key.start), first.key.start);
  return { lineBreak: lineBreakOf(text), indent, space };
}

function flowText(data: JsonObject[], { lineBreak, indent, space }: FlowStyle): string {
  if (lineBreak !== "") return JSON.stringify(data, null, indent || " ").replaceAll("\n", lineBreak + indent);
  const json = JSON.stringify(data);
  return space === "" ? json : spaced(data);
}

/** JSON on one line, a space behind each comma and colon. */
function spaced(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(spaced).join(", ")}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const entries = Object.entries(value).filter(([, child]) => child !== undefined);
  return `{${entries.map(([key, child]) => `${JSON.stringify(key)}: ${spaced(child as Json)}`).join(", ")}}`;
}
