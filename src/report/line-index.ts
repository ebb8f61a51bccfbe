import type { Position } from "../source/position.ts";

/** Line and column of offsets in one text, for many of them: as `positionAt`, in logarithmic time. */
export function lineIndex(text: string): (offset: number) => Position {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
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
