import { applyEdits, type TextEdit } from "../source/edit.ts";
import { parseChunk } from "../source/parse.ts";
import { lineBreakOf, lineEnd, lineStart, nextLine } from "../source/position.ts";
import { type Entry, entryOf, type Node, resolve, type SeqNode, toData } from "../source/tree.ts";
import { onlyDocument, readResourceList, sectionEntry } from "./resource-list.ts";
import { outlineOf } from "./resource-outline.ts";
import { endsInBlockScalar } from "./results.ts";

/**
 * The ResourceList with more items behind its own, in the list's own style; every other byte stays.
 * @param text a text that readResourceList accepts.
 * @param documents block-style YAML, one resource each.
 */
export function appendItems(text: string, documents: readonly string[]): string {
  if (documents.length === 0) return text;
  const outline = outlineOf(text);
  const list = readResourceList("", text);
  const section = outline?.sections.find(({ name }) => name === "items");
  const last = list?.chunks.at(-1);
  if (outline !== undefined && section !== undefined) {
    const isSplit = last !== undefined && last.dash !== undefined;
    if (outline.items.length === 0) return appendToEmpty(text, sectionEntry("", text, section), documents);
    if (isSplit && list !== undefined) {
      const first = list.chunks[0]?.start ?? last.start;
      const edit = blockEdit(text, documents, outline.column, last.end, first, () => last.root ?? parseChunk(last));
      return applyEdits(text, [edit]);
    }
  }
  return appendParsed(text, documents);
}

function appendParsed(text: string, documents: readonly string[]): string {
  const range = onlyDocument(text);
  const items = entryOf(range && parseChunk({ file: "", text, ...range }), "items");
  const seq = items && resolve(items.value);
  if (seq?.kind !== "seq" || (seq.items.length === 0 && items?.map.flow === false))
    return appendToEmpty(text, items, documents);
  if (seq.flow) return applyEdits(text, [flowEdit(text, seq, documents)]);
  const column = seq.start - lineStart(text, seq.start);
  const end = nextLine(text, seq.end);
  return applyEdits(text, [blockEdit(text, documents, column, end, lineStart(text, seq.start), () => seq)]);
}

/** `items: []` or `items:` becomes a block list. */
function appendToEmpty(text: string, items: Entry | undefined, documents: readonly string[]): string {
  if (items === undefined) throw new RangeError("items can only be added to a ResourceList");
  const colon = text.indexOf(":", items.key.end) + 1;
  const end = lineEnd(text, Math.max(items.value.end, colon));
  const lineBreak = lineBreakOf(text);
  const column = items.start - lineStart(text, items.start);
  return applyEdits(text, [
    { start: colon, end: Math.max(items.value.end, colon), text: "" },
    { start: end, end, text: lineBreak + blockItems(documents, column, lineBreak).join(lineBreak) },
  ]);
}

function blockEdit(
  text: string,
  documents: readonly string[],
  column: number,
  end: number,
  first: number,
  last: () => Node | undefined,
): TextEdit {
  const lineBreak = lineBreakOf(text);
  const added = blockItems(documents, column, lineBreak).join(lineBreak);
  if (text[end - 1] === "\n") return { start: end, end, text: added + lineBreak };
  // A line break behind a block scalar that ends with the text would become part of its value.
  if (endsInBlockScalar(last())) return { start: first, end: first, text: added + lineBreak };
  return { start: end, end, text: lineBreak + added };
}

function blockItems(documents: readonly string[], column: number, lineBreak: string): string[] {
  const indent = " ".repeat(column);
  return documents.map((document) => {
    const lines = document.trimEnd().split(/\r?\n/);
    return lines.map((line, i) => (i === 0 ? `${indent}- ${line}` : line && `${indent}  ${line}`)).join(lineBreak);
  });
}

function flowEdit(text: string, seq: SeqNode, documents: readonly string[]): TextEdit {
  const json = documents.map((document) => {
    const root = parseChunk({ file: "", text: document, start: 0, end: document.length });
    return JSON.stringify(root === undefined ? null : toData(root));
  });
  const last = seq.items.at(-1);
  if (last === undefined) return { start: seq.start + 1, end: seq.start + 1, text: json.join(", ") };
  const line = lineStart(text, last.value.propsStart);
  const indent = text.slice(line, last.value.propsStart);
  const lead = line > seq.start && indent.trim() === "" ? lineBreakOf(text) + indent : " ";
  const behind = text.slice(last.value.end, seq.end).replace(/#[^\n]*/g, (comment) => " ".repeat(comment.length));
  const comma = behind.indexOf(",");
  const start = comma < 0 ? last.value.end : last.value.end + comma + 1;
  return { start, end: start, text: (comma < 0 ? "," : "") + lead + json.join(`,${lead}`) };
}
