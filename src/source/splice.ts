import {
  aboveBlankLines,
  commentColumn,
  endsInKeptBlanks,
  fullLineComments,
  innerCommentsEnd,
  isBlankLine,
  type LineRange,
  outdentBelow,
  remainingComments,
} from "./comments.ts";
import type { TextEdit } from "./edit.ts";
import { type EmitStyle, entryText, flowEntryText, flowText, itemText, type Written } from "./emit.ts";
import { lineEnd, lineStart, nextLine } from "./position.ts";
import { type Child, childrenOf } from "./remove.ts";
import { type BlockStyle, breakBefore, columnOf, type FlowStyle, flowStyleAt, indentOf, startsLine } from "./style.ts";
import type { MapNode, Node, SeqNode } from "./tree.ts";

/** A child to be written into a map or list. */
export interface Addition {
  /** The child it stands before; undefined: behind the last one that stays. */
  before?: Child | undefined;
  /** True: above the full-line comments that stand right above `before`. */
  aboveComments?: boolean;
  /** Key of an entry. */
  key?: string;
  value: Written;
  /** The child's own text, moved from elsewhere in this block list, instead of `value`. */
  moved?: string;
}

/**
 * Takes children out of a map or list and writes new ones into it. Full-line comments stay where they are, a comment
 * behind a line stays on it. Insertions behind the last child stand at the end of its line, so edits of an inner
 * collection have to come before those of an outer one.
 * @param taken lines of doomed block children that go elsewhere: no comment of theirs stays.
 * @throws {RangeError} when no child stays: the whole collection is to be written anew then.
 */
export function spliceChildren(
  text: string,
  collection: MapNode | SeqNode,
  doomed: ReadonlySet<Child>,
  additions: readonly Addition[],
  style: BlockStyle,
  taken: readonly LineRange[] = [],
): TextEdit[] {
  const children = childrenOf(collection);
  if (children.every((child) => doomed.has(child))) throw new RangeError("no child stays");
  const splice: Splice = { text, collection, children, doomed, style, taken };
  return collection.flow
    ? [...addToFlow(splice, additions), ...cutFromFlow(splice)]
    : [...addToBlock(splice, additions), ...cutFromBlock(splice)];
}

interface Splice {
  text: string;
  collection: MapNode | SeqNode;
  children: readonly Child[];
  doomed: ReadonlySet<Child>;
  style: BlockStyle;
  taken: readonly LineRange[];
}

/** Behind the last character of a child: of its value, or where it has none of its key or dash. */
export function childEnd(child: Child): number {
  return Math.max(child.value.end, "map" in child ? child.key.end : child.seq.flow ? child.start : child.start + 1);
}

/** True where a literal block scalar may end at the end of this line: nothing below could be taken for its text. */
export function isLiteralSafe(text: string, offset: number, column: number): boolean {
  return lineEnd(text, offset) < text.length && outdentBelow(text, offset, column).length === 0;
}

function parts(children: readonly Child[]): Node[] {
  return children.flatMap((child) => ("map" in child ? [child.key, child.value] : [child.value]));
}

// Block style

function addToBlock(splice: Splice, additions: readonly Addition[]): TextEdit[] {
  const { text, children, doomed, style } = splice;
  if (additions.length === 0) return [];
  const column = columnOf(text, (children[0] as Child).start);
  const last = children.findLast((child) => !doomed.has(child)) as Child;
  // Comments further in belong to the last child still.
  const behind = innerCommentsEnd(text, childEnd(last), column);
  const atEnd: EmitStyle = { ...style, literals: isLiteralSafe(text, behind, column) };
  const between: EmitStyle = { ...style, literals: true };
  const indent = " ".repeat(column);
  return additions.map((addition) => {
    if (addition.before === undefined) {
      const own = blockChildText(addition, column, atEnd);
      return { start: behind, end: behind, text: style.lineBreak + indent + own };
    }
    const own = blockChildText(addition, column, between);
    const start = placeBefore(splice, addition.before, column, addition.aboveComments === true);
    const isBehindDash = start === addition.before.start;
    return { start, end: start, text: isBehindDash ? own + style.lineBreak + indent : indent + own + style.lineBreak };
  });
}

function blockChildText(addition: Addition, column: number, style: EmitStyle): string {
  if (addition.moved !== undefined && style.literals) return addition.moved;
  return addition.key === undefined
    ? itemText(addition.value, column, style)
    : entryText(addition.key, addition.value, column, style);
}

/** Start of the line on which a new child goes, or the child's own start where that shares its line with a dash. */
function placeBefore(splice: Splice, next: Child, column: number, aboveComments: boolean): number {
  const { text, children, doomed } = splice;
  const first = children[0] as Child;
  const follows = children.indexOf(next);
  const isFirst = children.slice(0, follows).every((child) => doomed.has(child));
  if (isFirst && !startsLine(text, first.start)) return next.start;
  let start = next.start - column;
  if (!aboveComments) return start;
  const previous = children[follows - 1];
  const bound = previous === undefined ? collectionBound(splice) : nextLine(text, childEnd(previous));
  while (start > bound) {
    const above = lineStart(text, start - 1);
    if (above < bound || commentColumn(text, above) !== column) break;
    start = above;
  }
  return start;
}

/** Comments above a collection's first child belong to it as far as the key or dash that holds the collection. */
function collectionBound({ text, collection }: Splice): number {
  const parent = collection.parent;
  if (parent === undefined) return collection.start;
  return nextLine(text, "map" in parent ? parent.key.end : parent.start);
}

function cutFromBlock(splice: Splice): TextEdit[] {
  const { text, children, doomed } = splice;
  if (doomed.size === 0) return [];
  const column = columnOf(text, (children[0] as Child).start);
  const first = children[0] as Child;
  const edits: TextEdit[] = [];
  let from = 0;
  if (doomed.has(first) && !startsLine(text, first.start)) {
    from = children.findIndex((child) => !doomed.has(child));
    edits.push(cutBehindDash(splice, from, column));
  }
  let stays: Child | undefined = from > 0 ? undefined : children[0];
  for (const child of children.slice(from)) {
    if (doomed.has(child)) edits.push(...cutLines(splice, child, stays, column));
    else stays = child;
  }
  return edits;
}

/** `- first: 1`: the first children go from a line that they share with the dash of what holds them. */
function cutBehindDash({ text, children, style }: Splice, until: number, column: number): TextEdit {
  const start = (children[0] as Child).start;
  const next = children[until] as Child;
  const comments = fullLineComments(text, start, next.start, parts(children.slice(0, until)));
  if (comments.length === 0) return { start, end: next.start, text: "" };
  const lead = style.lineBreak + " ".repeat(column);
  let behindDash = start;
  while (text[behindDash - 1] === " " || text[behindDash - 1] === "\t") behindDash--;
  return { start: behindDash, end: next.start, text: `${comments.map((line) => lead + line).join("")}${lead}` };
}

/**
 * The child's lines, with the line break before them, of a first child with the one behind them (there may be no line
 * before it); what comments they hold, and those below that would become text of what stands before, stay.
 */
function cutLines(splice: Splice, child: Child, previous: Child | undefined, column: number): TextEdit[] {
  const { text, children, style } = splice;
  const taken = takenWith(splice, child);
  const first = Math.min(lineStart(text, child.start), ...taken.map(({ start }) => start));
  const end = Math.max(lineEnd(text, childEnd(child)), ...taken.map((range) => range.end));
  const comments = remainingComments(text, nextLine(text, lineStart(text, child.start)), end, parts([child]), taken);
  const lines = comments.map((line) => " ".repeat(column) + line);
  const below = outdentBelow(text, end, column);
  if (previous === undefined) {
    const kept = lines.map((line) => line + style.lineBreak).join("");
    return [{ start: Math.min(child.start - column, first), end: nextLine(text, end), text: kept }, ...below];
  }
  const kept = lines.map((line) => style.lineBreak + line).join("");
  const start = breakBefore(text, first);
  if (!endsInKeptBlanks(text, previous.value)) {
    // A text without final line break keeps none: blank lines do not become its end.
    const isLast = end === text.length && children[children.indexOf(child) - 1] === previous;
    const from = isLast ? aboveBlankLines(text, start, lineEnd(text, childEnd(previous))) : start;
    return [{ start: from, end, text: kept }, ...below];
  }
  // The line break at the end of the text is part of what `|+` keeps.
  if (end === text.length && kept === "") return [{ start: first, end, text: "" }];
  let blanksEnd = end;
  for (
    let at = nextLine(text, end);
    kept === "" && at < text.length && isBlankLine(text, at);
    at = nextLine(text, at)
  ) {
    blanksEnd = lineEnd(text, at);
  }
  const behind = below.filter((edit) => edit.start > blanksEnd);
  return [{ start, end, text: kept }, { start: end, end: blanksEnd, text: "" }, ...behind];
}

/** Lines that go elsewhere and begin in a child's, or are the child with the comments above it. */
function takenWith({ text, taken }: Splice, child: Child): LineRange[] {
  const end = lineEnd(text, childEnd(child));
  return taken.filter((range) => range.start <= end && range.end >= child.start);
}

// Flow style

function addToFlow(splice: Splice, additions: readonly Addition[]): TextEdit[] {
  const { text, collection, children, doomed, style } = splice;
  if (additions.length === 0) return [];
  const flow = flowStyleAt(text, collection, style.lineBreak);
  const last = children.findLast((child) => !doomed.has(child)) as Child;
  const edits: TextEdit[] = [];
  const behind: Addition[] = [];
  for (const addition of additions) {
    if (addition.before === undefined) behind.push(addition);
    else edits.push(addBeforeInFlow(splice, addition, addition.before, flow));
  }
  return behind.length === 0 ? edits : [...edits, ...addBehindInFlow(splice, behind, last, flow)];
}

function flowChildText(addition: Addition, flow: FlowStyle, indent: string | undefined): string {
  const pretty = flow.pretty === undefined || indent === undefined ? undefined : { ...flow.pretty, indent };
  const style = { ...flow, pretty };
  return addition.key === undefined
    ? flowText(addition.value, style)
    : flowEntryText(addition.key, addition.value, style);
}

function addBeforeInFlow({ text, style }: Splice, addition: Addition, next: Child, flow: FlowStyle): TextEdit {
  const start = next.start;
  if (!startsLine(text, start))
    return { start, end: start, text: flowChildText(addition, flow, undefined) + flow.comma };
  const indent = indentOf(text, start);
  return { start, end: start, text: `${flowChildText(addition, flow, indent)},${style.lineBreak}${indent}` };
}

function addBehindInFlow(splice: Splice, additions: Addition[], last: Child, flow: FlowStyle): TextEdit[] {
  const { text, collection, children, style } = splice;
  const end = childEnd(last);
  const stop = lineEnd(text, end);
  const comma = commaBehind(splice, children.indexOf(last));
  const closesWithComma = commaBehind(splice, children.length - 1) !== undefined;
  // Up to where the line of the last child is known to hold nothing but its comma and a comment.
  const isCommaNear = comma !== undefined && comma < stop;
  const rest = text.slice(isCommaNear ? comma + 1 : end, stop);
  const endsLine =
    /^[ \t]*(?:#.*)?$/.test(rest) && stop < collection.end && (rest.trim() === "" || /^[ \t]/.test(rest));
  if (flow.pretty === undefined || !startsLine(text, last.start) || !endsLine || (closesWithComma && !isCommaNear)) {
    const indent = startsLine(text, last.start) ? indentOf(text, last.start) : undefined;
    return [
      { start: end, end, text: additions.map((each) => flow.comma + flowChildText(each, flow, indent)).join("") },
    ];
  }
  const indent = indentOf(text, last.start);
  const lead = style.lineBreak + indent;
  const own = additions.map((each) => lead + flowChildText(each, flow, indent));
  if (closesWithComma) return [{ start: stop, end: stop, text: own.map((each) => `${each},`).join("") }];
  return [
    { start: end, end, text: "," },
    { start: stop, end: stop, text: own.join(",") },
  ];
}

/** Offset of the comma behind a child of a flow collection. */
function commaBehind({ text, collection, children }: Splice, index: number): number | undefined {
  const child = children[index] as Child;
  const stop = children[index + 1]?.start ?? collection.end - 1;
  let at = childEnd(child);
  while (at < stop && text[at] !== ",") {
    if (text[at] === "#" && /\s/.test(text[at - 1] ?? "")) at = lineEnd(text, at);
    else at++;
  }
  return at < stop ? at : undefined;
}

function cutFromFlow(splice: Splice): TextEdit[] {
  const { children, doomed } = splice;
  if (doomed.size === 0) return [];
  const edits: TextEdit[] = [];
  for (let from = 0; from < children.length; from++) {
    if (!doomed.has(children[from] as Child)) continue;
    let to = from;
    while (to + 1 < children.length && doomed.has(children[to + 1] as Child)) to++;
    edits.push(...(to + 1 < children.length ? cutRun(splice, from, to) : cutTail(splice, from)));
    from = to;
  }
  return edits;
}

/** Children `from` to `to` of a flow collection, with the commas behind them; another child follows. */
function cutRun(splice: Splice, from: number, to: number): TextEdit[] {
  const { text, children } = splice;
  const first = children[from] as Child;
  const next = children[to + 1] as Child;
  const behind = (commaBehind(splice, to) ?? childEnd(children[to] as Child)) + 1;
  if (startsLine(text, first.start) && /^[ \t]*(?:#.*)?$/.test(text.slice(behind, lineEnd(text, behind)))) {
    return [cutFlowLines(splice, from, to, behind)];
  }
  const comments = fullLineComments(text, first.start, next.start, parts(children.slice(from, to + 1)));
  return [{ start: first.start, end: next.start, text: keptInFlow(splice, comments, indentOf(text, next.start)) }];
}

/** The last children of a flow collection, from `from` on, with the comma before them. */
function cutTail(splice: Splice, from: number): TextEdit[] {
  const { text, collection, children } = splice;
  const first = children[from] as Child;
  const last = children.at(-1) as Child;
  const trailing = commaBehind(splice, children.length - 1);
  const behind = trailing === undefined ? childEnd(last) : trailing + 1;
  const comma = commaBehind(splice, from - 1) as number;
  // Where the collection closes with a comma, that of the last child that stays does so from now on.
  const edits: TextEdit[] = trailing === undefined ? [{ start: comma, end: comma + 1, text: "" }] : [];
  const stop = lineEnd(text, behind);
  if (startsLine(text, first.start) && stop < collection.end && /^[ \t]*(?:#.*)?$/.test(text.slice(behind, stop))) {
    return [...edits, cutFlowLines(splice, from, children.length - 1, behind)];
  }
  const gap = text.slice(comma + 1, first.start);
  const start = /[\n#]/.test(gap) && gap.includes("#") ? first.start : comma + 1;
  const comments = fullLineComments(text, start, behind, parts(children.slice(from)));
  return [...edits, { start, end: behind, text: keptInFlow(splice, comments, indentOf(text, behind)) }];
}

function cutFlowLines(splice: Splice, from: number, to: number, behind: number): TextEdit {
  const { text, children, style } = splice;
  const first = children[from] as Child;
  const start = breakBefore(text, lineStart(text, first.start));
  const end = lineEnd(text, behind);
  const comments = fullLineComments(text, nextLine(text, first.start), end, parts(children.slice(from, to + 1)));
  const indent = indentOf(text, first.start);
  return { start, end, text: comments.map((line) => style.lineBreak + indent + line).join("") };
}

function keptInFlow({ style }: Splice, comments: readonly string[], indent: string): string {
  if (comments.length === 0) return "";
  return comments.map((line) => style.lineBreak + indent + line).join("") + style.lineBreak + indent;
}
