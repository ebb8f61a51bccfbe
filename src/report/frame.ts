import { lineEnd, lineStart } from "../source/position.ts";
import { MASK, maskSecrets } from "./mask.ts";
import type { ReportItem } from "./report.ts";
import { visible } from "./visible.ts";

/** Lines of source that one finding shows at most. */
const MAX_LINES = 5;
/** Longer lines are cut around what is pointed at. */
const MAX_WIDTH = 110;
/** Columns that stay in front of it. */
const LEAD = 30;

/** Characters around its start that are looked at: all of a file may be one line of JSON. */
const REACH = 5_000;

/** A line of the source as people see it. */
export interface FrameLine {
  /** 1-based. */
  number: number;
  text: string;
  /** What is pointed at: offsets into `text`, `end` exclusive. */
  start: number;
  end: number;
}

export interface Frame {
  lines: FrameLine[];
  /** Lines that are pointed at as well and not shown. */
  left: number;
}

/**
 * The lines that a finding is about, without the indentation they share. Secrets are masked; neighbours are left out,
 * as they may hold values of other variables.
 */
export function frameOf({ text, place, line }: ReportItem): Frame {
  const from = Math.max(lineStart(text, place.start), place.start - REACH);
  const lines = text
    .slice(from, Math.min(lineEnd(text, place.end), place.start + REACH))
    .split("\n")
    .map(withoutBreak);
  const masked = maskSecrets(lines.join("\n")).split("\n");
  let offset = from;
  const marked = lines.slice(0, MAX_LINES).map((raw, n): FrameLine => {
    const start = Math.max(place.start - offset, n === 0 ? 0 : raw.search(/\S|$/));
    const end = Math.min(place.end - offset, raw.length);
    offset = text.indexOf("\n", offset) + 1;
    const shown = masked[n] ?? "";
    return marks(line + n, visible(shown), columnIn(raw, shown, start), columnIn(raw, shown, end));
  });
  const indent = Math.min(...marked.filter(({ text }) => text.trim() !== "").map(({ text }) => text.search(/\S/)));
  return { lines: marked.map((one) => cut(one, indent)), left: Math.max(0, lines.length - MAX_LINES) };
}

function withoutBreak(line: string): string {
  return line.endsWith("\r") ? line.slice(0, -1) : line;
}

function marks(number: number, text: string, start: number, end: number): FrameLine {
  return { number, text, start, end: Math.max(end, Math.min(start + 1, text.length)) };
}

/** Where a column of a line stands once its secrets are masked: the parts between the masks are those of the line. */
function columnIn(raw: string, masked: string, column: number): number {
  if (raw === masked) return column;
  let [rawAt, maskedAt] = [0, 0];
  for (const part of masked.split(MASK)) {
    const found = raw.indexOf(part, rawAt);
    // Inside a secret: where its mask starts.
    if (found < 0 || column < found) return Math.max(0, maskedAt - MASK.length);
    if (column <= found + part.length) return maskedAt + column - found;
    rawAt = found + part.length;
    maskedAt += part.length + MASK.length;
  }
  return masked.length;
}

function cut(line: FrameLine, indent: number): FrameLine {
  const { number, text, start, end } = line;
  const from = text.length - indent <= MAX_WIDTH ? indent : Math.max(indent, start - LEAD);
  const to = Math.min(text.length, from + MAX_WIDTH);
  const [before, after] = [from > indent ? "…" : "", to < text.length ? "…" : ""];
  const shift = before.length - from;
  const shown = `${before}${text.slice(from, to)}${after}`;
  return { number, text: shown, start: Math.max(0, start + shift), end: Math.min(end, to) + shift };
}

/** Full-width characters take two columns of a terminal (Unicode Standard Annex 11, the common ranges). */
const WIDE = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/g;

/** Spaces and carets that point at a line's part when they stand below it. */
export function carets({ text, start, end }: FrameLine): { indent: string; carets: string } {
  const width = (part: string): number => part.length + (part.match(WIDE)?.length ?? 0);
  const marked = Math.max(1, width(text.slice(start, end)));
  return { indent: " ".repeat(width(text.slice(0, start))), carets: "^".repeat(marked) };
}
