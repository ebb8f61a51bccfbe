import { CST, Lexer } from "yaml";
import { lineEnd, lineStart, nextLine } from "./position.ts";

/*
 * YAML wants the lines of a flow collection or a quoted scalar further in than what holds them (YAML 1.2.2, 7.4).
 * go-yaml, and so kubectl, kustomize and Helm, does not mind where they begin, nor where the closing quote or bracket
 * stands. The parser behind this does: it gets the text with such lines pushed in, which changes nothing they say.
 */

/** A text with some lines pushed in. */
export interface PushedText {
  text: string;
  /** Offset in the text as it was. */
  original(offset: number): number;
}

/** Line starts, and the blanks put there. */
interface Push {
  at: number;
  width: number;
}

/** Blanks added at most, by length of the text: lines of any manifest need far fewer. */
const MAX_GROWTH = 8;

/** The text with the lines of its flow notations far enough in; undefined where they are all or cannot be. */
export function pushFlowLines(source: string): PushedText | undefined {
  const pushes: Push[] = [];
  let growth = 0;
  for (let from = 0; from < source.length; ) {
    const start = firstBroken(source, from);
    if (start === undefined) break;
    const end = flowEnd(source, start);
    // Something else behind it on its line: no notation that go-yaml reads either.
    if (end === undefined || !/^[ \t]*(?:[ \t]#.*)?$/.test(source.slice(end, lineEnd(source, end)))) break;
    const needed = start - lineStart(source, start) + 1;
    for (const push of pushesIn(source, start, end, needed)) {
      pushes.push(push);
      growth += push.width;
    }
    if (growth > MAX_GROWTH * source.length + 1024) return undefined;
    from = nextLine(source, end);
  }
  return pushes.length === 0 ? undefined : pushed(source, pushes);
}

/**
 * Start of the first flow notation from `from` (a line start outside of any) on that ends early for its line being too
 * far out: the outermost collection, or the quoted scalar.
 */
function firstBroken(source: string, from: number): number | undefined {
  let at = from;
  let depth = 0;
  let outermost = from;
  for (const token of new Lexer().lex(source.slice(from))) {
    if (token === CST.FLOW_END) return outermost;
    if (token === CST.DOCUMENT || token === CST.SCALAR) continue;
    if (token === "[" || token === "{") {
      if (depth++ === 0) outermost = at;
    } else if (token === "]" || token === "}") depth--;
    else if (token[0] === '"' || token[0] === "'") {
      const end = quotedEnd(source, at);
      if (end === undefined) return undefined;
      if (end !== at + token.length) return depth > 0 ? outermost : at;
    }
    at += token.length;
  }
  return undefined;
}

/** Behind the closing quote of the scalar at `start`. */
function quotedEnd(source: string, start: number): number | undefined {
  const quote = source[start] as string;
  for (let at = start + 1; at < source.length; at++) {
    if (quote === '"' && source[at] === "\\") at++;
    else if (source[at] === quote) {
      if (quote === '"' || source[at + 1] !== quote) return at + 1;
      at++;
    }
  }
  return undefined;
}

/** Behind the flow collection or quoted scalar at `start`. */
function flowEnd(source: string, start: number): number | undefined {
  let depth = 0;
  // Quotes inside of a plain scalar are text.
  let isPlain = false;
  for (let at = start; at < source.length; at++) {
    const char = source[at] as string;
    if (char === "[" || char === "{") depth++;
    else if (char === "]" || char === "}") depth--;
    else if (char === "#" && /[ \t\n]/.test(source[at - 1] ?? "\n")) {
      at = lineEnd(source, at);
      continue;
    } else if ((char === '"' || char === "'") && !isPlain) {
      const end = quotedEnd(source, at);
      if (end === undefined) return undefined;
      at = end - 1;
    } else if (!/[\s,:]/.test(char)) {
      isPlain = true;
      continue;
    } else {
      if (char === "," || (char === ":" && /[\s,[\]{}]/.test(source[at + 1] ?? "\n"))) isPlain = false;
      continue;
    }
    isPlain = false;
    if (depth <= 0) return at + 1;
  }
  return undefined;
}

function pushesIn(source: string, start: number, end: number, needed: number): Push[] {
  const pushes: Push[] = [];
  for (let at = nextLine(source, start); at < end; at = nextLine(source, at)) {
    let own = at;
    while (source.charCodeAt(own) === 32) own++;
    const isBlank = own >= lineEnd(source, at);
    if (!isBlank && own - at < needed) pushes.push({ at, width: needed - (own - at) });
  }
  return pushes;
}

function pushed(source: string, pushes: readonly Push[]): PushedText {
  const parts: string[] = [];
  /** Where each push begins in the new text, and how much was put in up to its end. */
  const marks: { start: number; total: number; at: number }[] = [];
  let from = 0;
  let total = 0;
  for (const { at, width } of pushes) {
    parts.push(source.slice(from, at), " ".repeat(width));
    marks.push({ start: at + total, total: total + width, at });
    total += width;
    from = at;
  }
  parts.push(source.slice(from));
  return { text: parts.join(""), original: (offset) => originalOffset(marks, offset) };
}

function originalOffset(marks: readonly { start: number; total: number; at: number }[], offset: number): number {
  let low = 0;
  let high = marks.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((marks[middle] as { start: number }).start < offset) low = middle + 1;
    else high = middle;
  }
  const last = marks[low - 1];
  return last === undefined ? offset : Math.max(last.at, offset - last.total);
}
