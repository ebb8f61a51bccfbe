import { applyEdits, type TextEdit } from "./edit.ts";

/**
 * The same edits of a script or configuration text, but for what they would leave at its ends: blank lines behind the
 * last line that stays, where the text had none, go too, and comments that become its first lines are not further in
 * than they need to be. A block scalar could hold neither without another header.
 * @param after the text with the edits made, where it is known.
 */
export function withTidyEnds(
  text: string,
  edits: readonly TextEdit[],
  after = applyEdits(text, edits),
): readonly TextEdit[] {
  const sorted = [...edits].sort((a, b) => a.start - b.start || a.end - b.end);
  const shorter = withoutBlankEnd(text, sorted, after);
  const tidy = joined(withOuterComments(text, shorter, shorter === sorted ? after : applyEdits(text, shorter)));
  return tidy.length === edits.length && tidy.every((edit, n) => edit === edits[n]) ? edits : tidy;
}

/** Line breaks and blanks from the first line break behind the last other character on. */
function blankEnd(text: string): string {
  let at = text.length;
  while (at > 0 && /\s/.test(text[at - 1] as string)) at--;
  const lineBreak = text.indexOf("\n", at);
  return lineBreak < 0 ? "" : text.slice(lineBreak);
}

function withoutBlankEnd(text: string, edits: readonly TextEdit[], after: string): readonly TextEdit[] {
  const [had, has] = [blankEnd(text), blankEnd(after)];
  if (has.length <= had.length || after.trim() === "") return edits;
  const kept = originOf(edits, after.length - has.length - 1);
  const end = text.length - had.length;
  if (kept === undefined || kept + 1 > end) return edits;
  const others = edits.filter((edit) => edit.end <= kept);
  return [...others, { start: kept + 1, end, text: "" }];
}

const OUTER_COMMENTS = /^(?:[ \t]+#[^\n]*\n|[ \t]*\n)+/;

function withOuterComments(text: string, edits: readonly TextEdit[], after: string): readonly TextEdit[] {
  if (/^[ \t]/.test(text) || edits.length === 0) return edits;
  const first = OUTER_COMMENTS.exec(after)?.[0] ?? "";
  const indents: TextEdit[] = [];
  for (const match of first.matchAll(/^[ \t]+(?=#)/gm)) {
    const start = originOf(edits, match.index);
    const last = originOf(edits, match.index + match[0].length - 1);
    if (start !== undefined && last === start + match[0].length - 1) indents.push({ start, end: last + 1, text: "" });
  }
  // Comments that were the first ones before are none that the edits made so.
  const isMoved = indents.some(({ start }) => edits.some((edit) => edit.start < start));
  return isMoved ? [...edits, ...indents].sort((a, b) => a.start - b.start || a.end - b.end) : edits;
}

/** Where a character of the edited text stood; undefined where an edit put it there. */
function originOf(edits: readonly TextEdit[], index: number): number | undefined {
  let shift = 0;
  for (const edit of edits) {
    if (index < edit.start + shift) break;
    if (index < edit.start + shift + edit.text.length) return undefined;
    shift += edit.text.length - (edit.end - edit.start);
  }
  return index - shift;
}

/** Deletions that touch become one. */
function joined(edits: readonly TextEdit[]): TextEdit[] {
  const found: TextEdit[] = [];
  for (const edit of edits) {
    const last = found.at(-1);
    if (last !== undefined && last.end === edit.start && last.text === "" && edit.text === "") {
      found[found.length - 1] = { ...last, end: edit.end };
    } else found.push(edit);
  }
  return found;
}
