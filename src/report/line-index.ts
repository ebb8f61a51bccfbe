import type { Position } from "../source/position.ts";

/** Line and column of offsets in one text, for many of them: as `positionAt`, in logarithmic time. */
export function lineIndex(text: string): (offset: number) => Position {
  const starts = lineStarts(text);
  const bom = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  return (offset) => {
    const end = Math.min(offset, text.length);
    let [low, high] = [0, starts.length];
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if ((starts[middle] as number) <= end) low = middle;
      else high = middle;
    }
    const start = starts[low] as number;
    return { line: low + 1, column: end - (low === 0 && end > 0 ? bom : start) + 1 };
  };
}

/** Numbers of a fixed size: a text may have millions of lines. */
function lineStarts(text: string): Uint32Array {
  let starts = new Uint32Array(256);
  let lines = 1;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) {
    if (lines === starts.length) {
      const larger = new Uint32Array(2 * lines);
      larger.set(starts);
      starts = larger;
    }
    starts[lines++] = at + 1;
  }
  return starts.subarray(0, lines);
}
