import { aboveBlankLines, fullLineComments } from "./comments.ts";
import type { TextEdit } from "./edit.ts";
import {
  bodyText,
  compactText,
  type EmitStyle,
  flowText,
  isFilled,
  literalBody,
  scalarParts,
  type Written,
  type WrittenMap,
} from "./emit.ts";
import { lineEnd, lineStart } from "./position.ts";
import { requoted } from "./quote.ts";
import { type Child, collectionOf } from "./remove.ts";
import { isLiteralSafe } from "./splice.ts";
import { type BlockStyle, breakBefore, columnOf, flowStyleAt, indentOf, startsLine } from "./style.ts";
import type { Node } from "./tree.ts";

/**
 * Writes a value where another stands, tag and anchor included. A string keeps the quotes of the one it replaces,
 * full-line comments inside the old value stay.
 */
export function replaceValue(text: string, node: Node, value: Written, style: BlockStyle): TextEdit[] {
  const slot = slotOf(text, node, style);
  if (slot.parent !== undefined && collectionOf(slot.parent).flow) return inFlow(slot, value);
  if (slot.indicator === undefined) return [behindKey(slot, value)];
  return isFilled(value) ? asBlock(slot, value) : asScalar(slot, value);
}

/** The place of a value and what stands in it. */
interface Slot {
  text: string;
  node: Node;
  parent: Child | undefined;
  style: BlockStyle;
  /** Behind the `:` or `-`; undefined for an explicit key that has no `:`. */
  indicator: number | undefined;
  /** The old value with its anchor and tag; empty right behind the indicator where there is none. */
  start: number;
  end: number;
  /** Full-line comments inside the old value. */
  comments: string[];
}

function slotOf(text: string, node: Node, style: BlockStyle): Slot {
  const { parent } = node;
  const indicator = parent === undefined ? node.propsStart : indicatorOf(text, parent);
  const isAbsent = node.kind === "scalar" && node.start === node.end && node.propsStart === node.start;
  const start = isAbsent ? (indicator ?? node.start) : node.propsStart;
  const end = isAbsent ? start : node.end;
  const comments = fullLineComments(text, start, end, [node]);
  return { text, node, parent, style, indicator, start, end, comments };
}

/** Offset behind the `:` of an entry or the `-` of a block item; start of the value in a flow list. */
function indicatorOf(text: string, child: Child): number | undefined {
  if (!("map" in child)) return child.seq.flow ? child.start : child.start + 1;
  let at = child.key.end;
  while (at < text.length) {
    const char = text[at] as string;
    if (char === ":") return at + 1;
    if (char === "#") at = lineEnd(text, at);
    else if (/\s/.test(char)) at++;
    else break;
  }
  return undefined;
}

function inFlow(slot: Slot, value: Written): TextEdit[] {
  const { text, node, parent, start, style } = slot;
  const collection = collectionOf(parent as Child);
  const flow = flowStyleAt(text, collection, style.lineBreak);
  const isKeyOnly = slot.indicator === undefined;
  const isAbsent = start === slot.end;
  const end = slot.end;
  const place = { ...flow, pretty: flow.pretty && { ...flow.pretty, indent: indentOf(text, start) } };
  let own =
    typeof value === "string" && node.kind === "scalar" && !flow.json
      ? requoted(value, node.style, true)
      : flowText(value, place);
  if (isKeyOnly) own = flow.colon + own;
  else if (isAbsent && parent !== undefined && "map" in parent) own = ` ${own}`;
  const indent = indentOf(text, end);
  const kept = slot.comments.map((line) => style.lineBreak + indent + line).join("");
  // `{a: , b}`: the blank before the comma was the value's. An edit of its own, so that insertions can follow the first.
  const blank = isAbsent ? (/^[ \t]+(?=,)/.exec(text.slice(start, start + 20))?.[0].length ?? 0) : 0;
  if (blank > 0) {
    return [
      { start, end, text: own },
      { start, end: start + blank, text: "" },
    ];
  }
  if (kept === "") return [{ start, end, text: own }];
  const stop = lineEnd(text, end);
  if (!/^[ \t]*(?:,[ \t]*)?#/.test(text.slice(end, stop))) {
    return [{ start, end, text: `${own}${kept}${style.lineBreak}${indent}` }];
  }
  return [
    { start, end, text: own },
    { start: stop, end: stop, text: kept },
  ];
}

/** `? key` without a value. */
function behindKey(slot: Slot, value: Written): TextEdit {
  const { text, parent, style } = slot;
  const column = columnOf(text, (parent as Child).start);
  const start = lineEnd(text, slot.end);
  const emit: EmitStyle = { ...style, literals: isLiteralSafe(text, start, column) };
  const lead = `${style.lineBreak}${" ".repeat(column)}:`;
  if (isFilled(value)) return { start, end: start, text: lead + bodyText(value, bodyColumn(slot, value), emit) };
  const { head, lines } = scalarParts(value, emit.literals);
  return { start, end: start, text: `${lead} ${head}${literalBody(lines, column + style.step, emit)}` };
}

/** Column of the lines of a filled map or list in this place. */
function bodyColumn({ text, node, parent, style }: Slot, value: Written): number {
  if (parent === undefined) return columnOf(text, node.start);
  const column = columnOf(text, parent.start);
  if (!("map" in parent)) return column + style.dashWidth;
  return column + (Array.isArray(value) ? style.listOffset : style.step);
}

/** True where the old value begins on a later line than its key or dash. */
function isBelow({ text, indicator, start }: Slot): boolean {
  return text.slice(indicator, start).includes("\n");
}

function asBlock(slot: Slot, value: Written[] | WrittenMap): TextEdit[] {
  const { text, parent, style, start, end, comments } = slot;
  const column = bodyColumn(slot, value);
  const stop = lineEnd(text, end);
  const outer = parent === undefined ? 0 : columnOf(text, parent.start);
  const literals = isLiteralSafe(text, end, outer) && (parent !== undefined || comments.length === 0);
  const emit: EmitStyle = { ...style, literals };
  const lead = style.lineBreak + " ".repeat(column);
  const kept = comments.map((line) => lead + line).join("");
  if (isBelow(slot)) {
    return [
      { start: breakBefore(text, lineStart(text, start)), end: stop, text: kept + bodyText(value, column, emit) },
    ];
  }
  const rest = text.slice(end, stop).trim();
  if (parent === undefined) return [asRoot(slot, value, emit)];
  if (!("map" in parent) && rest === "" && kept === "") {
    const gap = start === slot.indicator ? " ".repeat(style.dashWidth - 1) : "";
    const own = columnOf(text, start) + gap.length;
    return [{ start, end: stop, text: gap + compactText(value, own, emit) }];
  }
  return [
    { start: slot.indicator as number, end: rest === "" ? stop : end, text: "" },
    { start: stop, end: stop, text: kept + bodyText(value, column, emit) },
  ];
}

function asRoot(slot: Slot, value: Written[] | WrittenMap, emit: EmitStyle): TextEdit {
  const { text, node, start, style } = slot;
  const flow =
    (node.kind === "map" || node.kind === "seq") && node.flow ? flowStyleAt(text, node, style.lineBreak) : undefined;
  if (flow?.json) return { start, end: slot.end, text: flowText(value, flow) };
  const end = lineEnd(text, slot.end);
  const kept = slot.comments.map((line) => style.lineBreak + line).join("");
  if (startsLine(text, start)) return { start, end, text: compactText(value, columnOf(text, start), emit) + kept };
  // Behind `---`, an anchor or a tag.
  const behind = text.slice(0, start).trimEnd().length;
  return { start: behind, end, text: bodyText(value, 0, emit) + kept };
}

function asScalar(slot: Slot, value: Written): TextEdit[] {
  const { text, node, parent, style, start, end, comments } = slot;
  const column = parent === undefined ? 0 : columnOf(text, parent.start);
  const literalColumn = column + (parent !== undefined && "map" in parent ? style.step : style.dashWidth);
  const lead = style.lineBreak + " ".repeat(literalColumn);
  const kept = comments.map((line) => lead + line).join("");
  const stop = lineEnd(text, end);
  const isOnOwnLines = isBelow(slot) && (node.kind === "map" || node.kind === "seq") && !node.flow;
  const head = slot.indicator as number;
  const firstLine = aboveBlankLines(text, breakBefore(text, lineStart(text, start)), lineEnd(text, head));
  const isAdjacent = !isOnOwnLines || firstLine === lineEnd(text, head);
  const literals = kept === "" && isAdjacent && parent !== undefined && isLiteralSafe(text, end, column);
  const own = scalarIn(slot, value, literals);
  const body = literalBody(own.lines, literalColumn, style);
  if (isOnOwnLines) {
    return [
      { start: head, end: head, text: ` ${own.head}` },
      { start: firstLine, end: stop, text: body + kept },
    ];
  }
  const gap = start === head && parent !== undefined ? " " : "";
  return [
    { start, end, text: gap + own.head },
    ...(body + kept === "" ? [] : [{ start: stop, end: stop, text: body + kept }]),
  ];
}

function scalarIn({ node }: Slot, value: Written, literals: boolean): ReturnType<typeof scalarParts> {
  const isQuoted = node.kind === "scalar" && (node.style === "single" || node.style === "double");
  if (typeof value !== "string" || !isQuoted || value.includes("\n")) return scalarParts(value, literals);
  return { head: requoted(value, node.style, false), lines: [] };
}
