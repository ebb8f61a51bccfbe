/** The known word that was most likely meant: differing only in case, or by few edits for its length. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const same = known.find((candidate) => candidate.toLowerCase() === word.toLowerCase());
  if (same !== undefined || word.length > MAX_LENGTH) return same;
  const ranked = known
    .map((candidate) => ({ candidate, edits: editDistance(word.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.edits - b.edits);
  const best = ranked[0];
  return best !== undefined && best.edits <= Math.max(1, Math.floor(best.candidate.length / 3))
    ? best.candidate
    : undefined;
}

const MAX_LENGTH = 64;

/** Insertions, deletions, replacements and swaps of neighbours that turn one word into the other. */
function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let edits = Math.min(num(previous[j]) + 1, num(row[j - 1]) + 1, num(previous[j - 1]) + cost);
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (isSwap) edits = Math.min(edits, num(before[j - 2]) + 1);
      row.push(edits);
    }
    before = previous;
    previous = row;
  }
  return num(previous[b.length]);
}

function num(value: number | undefined): number {
  return value ?? Number.POSITIVE_INFINITY;
}
