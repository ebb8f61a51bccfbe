/** Replaces `[start, end)` (UTF-16 offsets) by `text`. */
export interface TextEdit {
  start: number;
  end: number;
  text: string;
}

/**
 * Applies edits in one pass; every character outside of them stays.
 * Insertions at one place keep their given order. Identical edits count once.
 * @throws {RangeError} when two edits overlap: a fault of ours, never of the input.
 */
export function applyEdits(text: string, edits: readonly TextEdit[]): string {
  return edits.length === 0 ? text : editedPieces(text, edits).join("");
}

/** The same in pieces, in their order, for those who write it: a huge text need not stand in memory a second time. */
export function editedPieces(text: string, edits: readonly TextEdit[]): string[] {
  const parts: string[] = [];
  let at = 0;
  for (const edit of sortedEdits(edits)) {
    parts.push(text.slice(at, edit.start), edit.text);
    at = edit.end;
  }
  parts.push(text.slice(at));
  return parts;
}

/** Edits in the order of their places, identical ones once. @throws {RangeError} as `applyEdits`. */
export function sortedEdits(edits: readonly TextEdit[]): TextEdit[] {
  const sorted: TextEdit[] = [];
  let at = 0;
  let previous: TextEdit | undefined;
  for (const edit of [...edits].sort((a, b) => a.start - b.start || a.end - b.end)) {
    const repeated = previous?.start === edit.start && previous.end === edit.end && previous.text === edit.text;
    if (repeated && edit.end > edit.start) continue;
    if (edit.start < at) throw new RangeError(`edits overlap at offset ${edit.start}`);
    sorted.push(edit);
    at = edit.end;
    previous = edit;
  }
  return sorted;
}
