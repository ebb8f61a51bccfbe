import { parseShell, type Script, type Word } from "./parse.ts";

/** A text that a shell reads: the script itself, or a word of it that is a script again (trap body, `sh -c '…'`). */
export interface Unit {
  text: string;
  script: Script;
  error: string | undefined;
  /** `-e` given to the shell that runs this text. */
  errexit: boolean;
  /** Name of the shell; undefined where it is not known. */
  shell: string | undefined;
  parent: UnitParent | undefined;
}

interface UnitParent {
  unit: Unit;
  via: "trap" | "shell" | "eval";
  /** For each character of the text the place it stands at in the parent, and for the end. */
  starts: number[];
  ends: number[];
}

export function rootUnit(text: string, errexit: boolean, shell?: string): Unit {
  return { text, ...parseShell(text), errexit, shell, parent: undefined };
}

/**
 * Reads a quoted word as a script. Undefined where its text is not there to be edited: a bare variable,
 * escapes of `$'…'`.
 */
export function nestedUnit(
  unit: Unit,
  word: Word,
  via: UnitParent["via"],
  errexit: boolean,
  shell = unit.shell,
): Unit | undefined {
  const decoded = decode(unit, word);
  if (!decoded) return undefined;
  const { text, starts, ends } = decoded;
  return { text, ...parseShell(text), errexit, shell, parent: { unit, via, starts, ends } };
}

interface Decoded {
  text: string;
  starts: number[];
  ends: number[];
}

function decode(unit: Unit, word: Word): Decoded | undefined {
  const out: Decoded = { text: "", starts: [], ends: [] };
  const take = (from: number, to: number, escapes: RegExp | undefined): void => {
    for (let at = from; at < to; at++) {
      const start = at;
      if (unit.text[at] === "\\" && escapes?.test(unit.text[at + 1] ?? "")) {
        at++;
        if (unit.text[at] === "\n") continue;
      }
      out.text += unit.text[at];
      out.starts.push(start);
      out.ends.push(at + 1);
    }
  };
  if (!word.parts) take(word.pos, word.end, /./s);
  for (const part of word.parts ?? []) {
    if (part.type === "Literal") take(part.pos, part.end, /./s);
    else if (part.type === "SingleQuoted") take(part.pos + 1, part.end - 1, undefined);
    else if (part.type === "DoubleQuoted") {
      for (const child of part.parts) take(child.pos, child.end, child.type === "Literal" ? /["$`\\\n]/ : undefined);
    } else if (part.type === "AnsiCQuoted" && !part.text.includes("\\")) take(part.pos + 2, part.end - 1, undefined);
    else if (out.text === "" && part === word.parts?.at(-1)) return undefined;
    else if (part.type === "AnsiCQuoted") return undefined;
    else take(part.pos, part.end, undefined);
  }
  return out;
}

/** Range of a unit's text in the text of the root. */
export function rangeInRoot(unit: Unit, start: number, end: number): { start: number; end: number } {
  let range = { start, end };
  for (let at: Unit = unit; at.parent; at = at.parent.unit) {
    const { starts, ends } = at.parent;
    const from = starts[range.start] ?? ends.at(-1) ?? 0;
    range = { start: from, end: range.end > range.start ? (ends[range.end - 1] ?? from) : from };
  }
  return range;
}
