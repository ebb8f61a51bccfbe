import type { TextEdit } from "../source/edit.ts";
import type { Discovery } from "./discovery.ts";
import type { Marks } from "./mark/marking.ts";
import type { Unit } from "./nested.ts";
import { type AndOr, type CompoundList, childrenOf, type If, type Statement, type SyntaxNode, walk } from "./parse.ts";

/** Text edits on the root text that take away what is marked. */
export function deriveEdits(found: Discovery, marks: Marks): TextEdit[] {
  const edits: TextEdit[] = [];
  const root = new UnitEditor(found, marks, found.root);
  edits.push(...root.edits());
  return normalise(edits);
}

/** Edits of one unit's text; nested units answer in their parent's offsets. */
class UnitEditor {
  private readonly found: Discovery;
  private readonly marks: Marks;
  private readonly unit: Unit;
  private readonly text: string;
  private readonly comments: readonly Comment[];
  private readonly out: TextEdit[] = [];

  constructor(found: Discovery, marks: Marks, unit: Unit) {
    this.found = found;
    this.marks = marks;
    this.unit = unit;
    this.text = unit.text;
    this.comments = fullLineComments(unit);
  }

  edits(): TextEdit[] {
    this.editList(this.unit.script.commands, undefined);
    const edits = normalise(this.out);
    const last = edits.at(-1);
    const { text } = this;
    // Two brackets that come together would start arithmetic.
    for (const edit of edits)
      if (edit.text === "" && text[edit.start - 1] === "(" && text[edit.end] === "(") edit.text = " ";
    // A last line without line end takes the line end before it.
    if (last?.text === "" && last.end === text.length && !text.endsWith("\n") && text[last.start - 1] === "\n")
      last.start--;
    return edits;
  }

  private visit(node: SyntaxNode): void {
    if (node.type === "Script" || node.type === "CompoundList")
      return this.editList(node.commands, node.type === "CompoundList" ? node : undefined);
    if (node.type === "AndOr") this.editAndOr(node);
    else if (node.type === "If") this.editIf(node);
    else if (node.type === "Command") {
      if (this.marks.unwrapped.has(node)) {
        for (const { start, end } of this.found.wrappers.get(node) ?? []) this.out.push({ start, end, text: "" });
      }
      const inner = this.found.nested.get(node);
      if (inner) return this.editNested(inner);
    }
    for (const child of childrenOf(node)) if (!this.marks.gone.has(child)) this.visit(child);
  }

  private editNested(unit: Unit): void {
    const { starts = [], ends = [] } = unit.parent ?? {};
    for (const { start, end, text } of new UnitEditor(this.found, this.marks, unit).edits()) {
      const from = starts[start] ?? ends.at(-1) ?? 0;
      this.out.push({ start: from, end: end > start ? (ends[end - 1] ?? from) : from, text });
    }
  }

  private editList(list: readonly Statement[], owner: CompoundList | undefined): void {
    const filled = owner !== undefined && this.marks.filled.has(owner);
    for (let i = 0; i < list.length; i++) {
      const statement = list[i];
      if (!statement) continue;
      if (!this.marks.gone.has(statement)) {
        this.visit(statement);
        continue;
      }
      if (filled && i === 0) {
        this.fill(statement);
        continue;
      }
      const from = i;
      while (i + 1 < list.length && this.marks.gone.has(list[i + 1] as Statement)) i++;
      this.removeRun(list, from, i);
    }
  }

  /** `:` in place of a statement, the comment behind it gone with it. */
  private fill(statement: Statement): void {
    const after = this.after(statement.end);
    const closed = after.semicolon || after.endsLine;
    this.out.push({ start: statement.pos, end: statement.end, text: statement.background && !closed ? ":;" : ":" });
    this.removeComment(after);
    this.removeHereDocuments(statement);
  }

  private removeRun(list: readonly Statement[], from: number, to: number): void {
    const first = list[from];
    const last = list[to];
    if (!first || !last) return;
    for (const statement of list.slice(from, to + 1)) this.removeHereDocuments(statement);
    const previous = list[from - 1];
    const next = list[to + 1];
    // Statements on lines of their own go line by line, so that what stands between them stays.
    if (from < to && this.splitsLines(list, from, to)) return;
    const start = first.pos;
    const after = this.after(last.end);
    const clean = this.isLineStart(start);
    if (clean && after.endsLine) return this.removeLines(start, after.end);
    if (!after.endsLine && next) return this.remove(start, next.pos);
    const joined = previous !== undefined && !this.text.slice(previous.end, start).includes("\n");
    if (!after.endsLine) return this.removeBeforeCloser(previous, joined, last, start, after);
    this.removeAtLineEnd(previous, joined, last, start, after);
  }

  /** Removes a run piecewise where it spans several lines; false where it is one piece. */
  private splitsLines(list: readonly Statement[], from: number, to: number): boolean {
    let at = from;
    for (let i = from; i < to; i++) {
      const statement = list[i];
      const next = list[i + 1];
      if (!statement || !next || !this.text.slice(statement.end, next.pos).includes("\n")) continue;
      this.removePiece(list, at, i);
      at = i + 1;
    }
    if (at === from) return false;
    this.removePiece(list, at, to);
    return true;
  }

  /** A piece of a run: what goes before it on the same line is gone already, so its neighbours are those that stay. */
  private removePiece(list: readonly Statement[], from: number, to: number): void {
    this.removeRun(list, from, to);
  }

  private removeBeforeCloser(
    previous: Statement | undefined,
    joined: boolean,
    last: Statement,
    start: number,
    after: After,
  ): void {
    if (!previous || !joined || (last.background && !previous.background)) return this.remove(start, after.next);
    this.remove(previous.end, previous.background ? (after.semicolon ? after.afterSemicolon : last.end) : last.end);
  }

  private removeAtLineEnd(
    previous: Statement | undefined,
    joined: boolean,
    last: Statement,
    start: number,
    after: After,
  ): void {
    if (previous && joined) {
      const through = previous.background && after.semicolon ? after.afterSemicolon : last.end;
      this.remove(previous.end, through);
      this.removeComment(after);
    } else this.remove(this.spaceBefore(start), after.end);
  }

  private editAndOr(node: AndOr): void {
    const members = node.commands;
    const stays = members.map((member) => !this.marks.gone.has(member));
    if (stays.every(Boolean)) return;
    const first = stays.indexOf(true);
    const last = stays.lastIndexOf(true);
    for (const [i, member] of members.entries()) if (!stays[i]) this.removeHereDocuments(member);
    const head = members[first];
    const tail = members[last];
    if (!head || !tail) return;
    if (first > 0) this.remove(node.pos, head.pos);
    let previous = head;
    for (let i = first + 1; i <= last; i++) {
      const member = members[i];
      if (!member || !stays[i]) continue;
      const before = members[i - 1];
      if (before && before !== previous) this.remove(previous.end, before.end);
      previous = member;
    }
    const end = members.at(-1)?.end ?? tail.end;
    if (last < members.length - 1) {
      this.remove(tail.end, end);
      this.removeComment(this.after(end));
    }
  }

  private editIf(node: If): void {
    const fi = node.end - 2;
    const keywords = [...node.elif.map((elif) => elif.pos)];
    const elseAt = node.else
      ? this.keywordBefore(node.else.pos, "else", (node.elif.at(-1)?.then ?? node.then).end)
      : undefined;
    const following = (i: number): number => keywords[i + 1] ?? elseAt ?? fi;
    node.elif.forEach((elif, i) => {
      if (this.marks.gone.has(elif)) this.removeClause(elif.pos, following(i));
    });
    if (node.else && elseAt !== undefined && this.marks.gone.has(node.else)) this.removeClause(elseAt, fi);
  }

  private removeClause(start: number, end: number): void {
    if (this.isLineStart(start) && this.isLineStart(end)) this.remove(this.lineStart(start), this.lineStart(end));
    else this.remove(start, end);
  }

  private keywordBefore(before: number, keyword: string, from: number): number | undefined {
    for (let at = from; at < before; at++) {
      if (this.text[at] === "#") at = this.lineEnd(at);
      else if (this.text.startsWith(keyword, at) && !/\w/.test(this.text[at + keyword.length] ?? " ")) return at;
    }
    return undefined;
  }

  private removeHereDocuments(root: SyntaxNode): void {
    walk(root, (node) => {
      if (node.type === "HereDoc" && node.closing) {
        const newline = this.text[node.closing.end] === "\n" ? 1 : 0;
        this.out.push({ start: node.body.pos, end: node.closing.end + newline, text: "" });
      }
      return true;
    });
  }

  private removeComment(after: After): void {
    if (after.comment !== undefined) this.remove(this.spaceBefore(after.comment), after.end);
  }

  private removeLines(start: number, end: number): void {
    this.remove(this.lineStart(start), Math.min(end + 1, this.text.length));
  }

  /** Removes a range but for the full-line comments in it. */
  private remove(start: number, end: number): void {
    let at = start;
    for (const comment of this.comments) {
      if (comment.start < start || comment.end > end || comment.start <= at) continue;
      const cleanStart = at === start && this.isLineStart(at);
      this.out.push({
        start: cleanStart ? this.lineStart(at) : at,
        end: cleanStart || at !== start ? comment.start : comment.start - 1,
        text: "",
      });
      at = comment.end;
    }
    if (at > start && this.text[this.skipBlanks(end)] === ";" && this.text[this.skipBlanks(end) + 1] !== ";") {
      // The comment's line end took the place of this `;`.
      this.out.push({ start: end, end: this.skipBlanks(this.skipBlanks(end) + 1), text: "" });
    }
    if (at > start && end > at && !this.isLineStart(end)) {
      // The last piece starts a line: what follows it keeps that line's indentation.
      while (at < end && /[ \t]/.test(this.text[at] ?? "")) at++;
    }
    this.out.push({ start: at, end: Math.max(at, end), text: "" });
  }

  private after(end: number): After {
    let at = this.skipBlanks(end);
    const semicolon = this.text[at] === ";" && this.text[at + 1] !== ";" && this.text[at + 1] !== "&";
    const afterSemicolon = semicolon ? at + 1 : at;
    if (semicolon) at = this.skipBlanks(at + 1);
    const isComment = this.text[at] === "#" && (at > end || semicolon);
    const comment = isComment ? at : undefined;
    if (isComment) at = this.lineEnd(at);
    const endsLine = at >= this.text.length || this.text[at] === "\n";
    return { semicolon, afterSemicolon, comment, endsLine, end: at, next: at };
  }

  private skipBlanks(at: number): number {
    let to = at;
    while (/[ \t\r]/.test(this.text[to] ?? "")) to++;
    return to;
  }

  private spaceBefore(at: number): number {
    let from = at;
    while (/[ \t]/.test(this.text[from - 1] ?? "")) from--;
    return from;
  }

  private lineStart(at: number): number {
    return this.text.lastIndexOf("\n", at - 1) + 1;
  }

  private lineEnd(at: number): number {
    const end = this.text.indexOf("\n", at);
    return end < 0 ? this.text.length : end;
  }

  private isLineStart(at: number): boolean {
    return this.text.slice(this.lineStart(at), at).trim() === "";
  }
}

/** What stands behind a statement on its line. */
interface After {
  semicolon: boolean;
  afterSemicolon: number;
  /** Start of a comment. */
  comment: number | undefined;
  endsLine: boolean;
  /** End of the line's text, the line end not counted, where `endsLine`. */
  end: number;
  /** The next token on the line. */
  next: number;
}

interface Comment {
  /** Start of the line. */
  start: number;
  /** Start of the next line. */
  end: number;
}

/** Lines that hold only a comment; a `#` in a word, string or here-document is none. */
function fullLineComments(unit: Unit): Comment[] {
  const { text } = unit;
  if (!text.includes("#")) return [];
  const covered = new Set<number>();
  walk(unit.script, (node) => {
    if (node.type !== "Word" && node.type !== "HereDocBody" && node.type !== "Assignment") return true;
    for (let at = text.indexOf("#", node.pos + 1); at >= 0 && at < node.end; at = text.indexOf("#", at + 1))
      covered.add(at);
    return false;
  });
  const comments: Comment[] = [];
  for (const match of text.matchAll(/^[ \t]*#.*(?:\n|$)/gm)) {
    const continues = text[match.index - 1] === "\n" && text[match.index - 2] === "\\";
    if (covered.has(match.index + match[0].indexOf("#")) || continues) continue;
    comments.push({ start: match.index, end: match.index + match[0].length });
  }
  return comments;
}

/** Sorted edits, deletions that touch or overlap joined. */
function normalise(edits: readonly TextEdit[]): TextEdit[] {
  const sorted = edits
    .filter((edit) => edit.end > edit.start || edit.text !== "")
    .sort((a, b) => a.start - b.start || a.end - b.end);
  const joined: TextEdit[] = [];
  for (const edit of sorted) {
    const last = joined.at(-1);
    if (last && edit.start <= last.end && (edit.start < last.end || (edit.text === "" && last.text === ""))) {
      last.text += edit.text;
      last.end = Math.max(last.end, edit.end);
    } else joined.push({ ...edit });
  }
  return joined;
}
