import type { Budget } from "../limits.ts";
import { FunctionError } from "../template-error.ts";
import { type Assertion, type Expression, parseExpression, type Ranges, type Tree } from "./parse.ts";

/**
 * Matching in linear time: all ways through the expression at once, character by character (a Pike machine), so that no
 * expression can make a text slow. Of several matches the leftmost counts, and of those the one that Perl would find, as in
 * Go's regexp package.
 */
type Instruction =
  | { op: "class"; test: (code: number) => boolean; next: number }
  | { op: "split"; first: number; second: number }
  | { op: "save"; slot: number; next: number }
  | { op: "assert"; kind: Assertion; next: number }
  | { op: "match" };

export interface Regexp {
  pattern: string;
  program: Instruction[];
  names: string[];
}

/** Offsets into the text, start and end of each group; -1 where a group took no part. */
export type Match = number[];

const MAX_PROGRAM = 20_000;
const expressions = new Map<string, Regexp>();
const MAX_REMEMBERED = 200;

/** @throws FunctionError with Go's text for what is no expression */
export function compileRegexp(pattern: string): Regexp {
  let regexp = expressions.get(pattern);
  if (regexp === undefined) {
    regexp = compile(parseExpression(pattern), pattern);
    if (expressions.size >= MAX_REMEMBERED) expressions.clear();
    expressions.set(pattern, regexp);
  }
  return regexp;
}

function compile({ tree, names }: Expression, pattern: string): Regexp {
  const program: Instruction[] = [];
  const emit = (instruction: Instruction): number => {
    if (program.length >= MAX_PROGRAM) {
      throw new FunctionError(`error parsing regexp: expression too large: \`${pattern}\``);
    }
    return program.push(instruction) - 1;
  };
  emitTree({ type: "group", index: 0, body: tree }, emit, program);
  emit({ op: "match" });
  return { pattern, program, names };
}

type Emit = (instruction: Instruction) => number;

/** Each tree goes on with the instruction after its last one. */
function emitTree(tree: Tree, emit: Emit, program: Instruction[]): void {
  switch (tree.type) {
    case "class": {
      const at = emit({ op: "class", test: classTest(tree.ranges, tree.fold, tree.negated), next: 0 });
      (program[at] as { next: number }).next = at + 1;
      return;
    }
    case "assertion": {
      emit({ op: "assert", kind: tree.kind, next: program.length + 1 });
      return;
    }
    case "group":
      emit({ op: "save", slot: 2 * tree.index, next: program.length + 1 });
      emitTree(tree.body, emit, program);
      emit({ op: "save", slot: 2 * tree.index + 1, next: program.length + 1 });
      return;
    case "sequence":
      for (const item of tree.items) emitTree(item, emit, program);
      return;
    case "choice":
      emitChoice(tree.items, emit, program);
      return;
    case "repeat":
      emitRepeat(tree, emit, program);
  }
}

function emitSplit(emit: Emit): { op: "split"; first: number; second: number } {
  const split = { op: "split" as const, first: 0, second: 0 };
  emit(split);
  return split;
}

function emitChoice(items: Tree[], emit: Emit, program: Instruction[]): void {
  const ends: { first: number; second: number }[] = [];
  items.forEach((item, index) => {
    if (index === items.length - 1) {
      emitTree(item, emit, program);
      return;
    }
    const split = emitSplit(emit);
    split.first = program.length;
    emitTree(item, emit, program);
    ends.push(emitSplit(emit));
    split.second = program.length;
  });
  for (const end of ends) end.first = end.second = program.length;
}

function emitRepeat(tree: Extract<Tree, { type: "repeat" }>, emit: Emit, program: Instruction[]): void {
  const { body, min, max, lazy } = tree;
  const optional = (after: () => void) => {
    const split = emitSplit(emit);
    split.first = program.length;
    after();
    split.second = program.length;
    if (lazy) [split.first, split.second] = [split.second, split.first];
  };
  for (let count = 0; count < min; count++) emitTree(body, emit, program);
  if (max < 0) {
    const start = program.length;
    optional(() => {
      emitTree(body, emit, program);
      const back = emitSplit(emit);
      back.first = back.second = start;
    });
    return;
  }
  const nest = (count: number) => {
    if (count === 0) return;
    optional(() => {
      emitTree(body, emit, program);
      nest(count - 1);
    });
  };
  nest(max - min);
}

function classTest(ranges: Ranges, fold: boolean, negated: boolean): (code: number) => boolean {
  const plain = (code: number) => ranges.some((range) => inRange(range, code));
  const test = fold ? (code: number) => folded(code).some(plain) : plain;
  return negated ? (code) => !test(code) : test;
}

function inRange(range: Ranges[number], code: number): boolean {
  if ("property" in range) return range.property.test(String.fromCodePoint(code)) !== range.negated;
  return code >= range[0] && code <= range[1];
}

/** Characters that are the same but for their case (unicode.SimpleFold). */
function folded(code: number): number[] {
  const char = String.fromCodePoint(code);
  const all = new Set([code]);
  const candidates = [char.toLowerCase(), char.toUpperCase(), char.toUpperCase().toLowerCase()];
  for (const other of candidates) {
    if ([...other].length === 1) all.add(other.codePointAt(0) as number);
  }
  // Two pairs of ASCII letters have a third form: K (Kelvin) and ſ (long s).
  if (all.has(0x6b)) all.add(0x212a);
  if (all.has(0x73)) all.add(0x17f);
  if (code === 0x212a) all.add(0x4b).add(0x6b);
  if (code === 0x17f) all.add(0x53).add(0x73);
  return [...all];
}

interface Text {
  text: string;
  codes: number[];
  /** Offset into the text of each character, and the end. */
  offsets: number[];
}
interface Thread {
  at: number;
  saved: number[];
}

function textOf(text: string): Text {
  const codes: number[] = [];
  const offsets: number[] = [];
  let offset = 0;
  for (const char of text) {
    const code = char.codePointAt(0) as number;
    codes.push(code >= 0xd800 && code < 0xe000 ? 0xfffd : code);
    offsets.push(offset);
    offset += char.length;
  }
  offsets.push(offset);
  return { text, codes, offsets };
}

/** The first match at or after a character. */
function search({ program }: Regexp, { codes }: Text, from: number, budget: Budget): Match | undefined {
  let threads: Thread[] = [];
  let matched: number[] | undefined;
  const seen = new Uint32Array(program.length);
  let generation = 0;
  for (let at = from; at <= codes.length; at++) {
    const here = ++generation;
    const current: Thread[] = [];
    for (const thread of threads) follow(program, codes, at, thread.at, thread.saved, current, seen, here);
    if (matched === undefined) follow(program, codes, at, 0, [], current, seen, here);
    if (current.length === 0 && matched !== undefined) break;
    budget.spend(1 + (current.length >> 2));
    threads = [];
    const code = codes[at];
    for (const thread of current) {
      const instruction = program[thread.at] as Instruction;
      if (instruction.op === "match") {
        matched = thread.saved;
        break;
      }
      if (instruction.op === "class" && code !== undefined && instruction.test(code)) {
        threads.push({ at: instruction.next, saved: thread.saved });
      }
    }
    if (threads.length === 0 && matched !== undefined) break;
  }
  return matched;
}

/** Goes on from an instruction to those that consume a character, in order of preference. */
function follow(
  program: Instruction[],
  codes: number[],
  at: number,
  start: number,
  startSaved: number[],
  list: Thread[],
  seen: Uint32Array,
  generation: number,
): void {
  const stack: Thread[] = [{ at: start, saved: startSaved }];
  for (let thread = stack.pop(); thread !== undefined; thread = stack.pop()) {
    if (seen[thread.at] === generation) continue;
    seen[thread.at] = generation;
    const instruction = program[thread.at] as Instruction;
    switch (instruction.op) {
      case "split":
        stack.push({ at: instruction.second, saved: thread.saved }, { at: instruction.first, saved: thread.saved });
        break;
      case "save": {
        const saved = thread.saved.slice();
        saved[instruction.slot] = at;
        stack.push({ at: instruction.next, saved });
        break;
      }
      case "assert":
        if (holds(instruction.kind, codes, at)) stack.push({ at: instruction.next, saved: thread.saved });
        break;
      default:
        list.push(thread);
    }
  }
}

function holds(kind: Assertion, codes: number[], at: number): boolean {
  switch (kind) {
    case "textStart":
      return at === 0;
    case "textEnd":
      return at === codes.length;
    case "lineStart":
      return at === 0 || codes[at - 1] === 10;
    case "lineEnd":
      return at === codes.length || codes[at] === 10;
    case "word":
      return isWord(codes[at - 1]) !== isWord(codes[at]);
    case "noWord":
      return isWord(codes[at - 1]) === isWord(codes[at]);
  }
}

function isWord(code: number | undefined): boolean {
  if (code === undefined) return false;
  return (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || code === 95 || (code >= 97 && code <= 122);
}

/** The matches in order, at most `limit` of them; a negative limit is none (regexp, allMatches). */
export function findAll(regexp: Regexp, input: string, limit: number, budget: Budget): Match[] {
  const text = textOf(input);
  const found: Match[] = [];
  let previousEnd = -1;
  for (let at = 0; at <= text.codes.length && (limit < 0 || found.length < limit); ) {
    const match = search(regexp, text, at, budget);
    if (match === undefined) break;
    const [start = 0, end = 0] = match;
    const empty = end === at && start === end;
    // No empty match right after another match.
    const accepted = !(end === at && start === previousEnd);
    at = empty || end === at ? at + 1 : end;
    previousEnd = end;
    if (accepted) found.push(offsetsOf(match, text, regexp));
  }
  return found;
}

function offsetsOf(match: Match, { offsets }: Text, { names }: Regexp): Match {
  return Array.from({ length: 2 * names.length }, (_, slot) => {
    const at = match[slot];
    return at === undefined ? -1 : (offsets[at] as number);
  });
}

export function matches(regexp: Regexp, input: string, budget: Budget): boolean {
  return search(regexp, textOf(input), 0, budget) !== undefined;
}

/** Replaces every match by what a function makes of it (regexp, replaceAll). */
export function replaceAll(regexp: Regexp, input: string, budget: Budget, by: (match: Match) => string): string {
  const text = textOf(input);
  const { offsets, codes } = text;
  let result = "";
  let lastEnd = 0;
  for (let at = 0; at <= codes.length; ) {
    const match = search(regexp, text, at, budget);
    if (match === undefined) break;
    const [start = 0, end = 0] = match;
    result += input.slice(offsets[lastEnd], offsets[start]);
    if (end > lastEnd || start === 0) {
      result += by(offsetsOf(match, text, regexp));
      budget.text(result.length);
    }
    lastEnd = end;
    at = at + 1 > end ? at + 1 : end;
  }
  return result + input.slice(offsets[lastEnd]);
}

/** What a replacement with $1 or ${name} comes to for a match (regexp, Expand). */
export function expand(template: string, input: string, match: Match, { names }: Regexp): string {
  let result = "";
  for (let at = 0; at < template.length; ) {
    const dollar = template.indexOf("$", at);
    if (dollar < 0) return result + template.slice(at);
    result += template.slice(at, dollar);
    at = dollar + 1;
    if (template[at] === "$") {
      result += "$";
      at++;
      continue;
    }
    const reference = referenceAt(template, at);
    if (reference === undefined) {
      result += "$";
      continue;
    }
    at = reference.end;
    const index = /^[0-9]+$/.test(reference.name) ? Number(reference.name) : names.lastIndexOf(reference.name);
    const start = match[2 * index] ?? -1;
    if (index >= 0 && start >= 0) result += input.slice(start, match[2 * index + 1]);
  }
  return result;
}

function referenceAt(template: string, at: number): { name: string; end: number } | undefined {
  const brace = template[at] === "{";
  const name = /^[\p{L}\p{Nd}_]+/u.exec(template.slice(brace ? at + 1 : at))?.[0];
  if (name === undefined) return undefined;
  const end = at + name.length + (brace ? 1 : 0);
  if (!brace) return { name, end };
  return template[end] === "}" ? { name, end: end + 1 } : undefined;
}

/** The parts between matches (regexp, Split). */
export function splitBy(regexp: Regexp, input: string, limit: number, budget: Budget): string[] | undefined {
  if (limit === 0) return undefined;
  if (regexp.pattern !== "" && input === "") return [""];
  const parts: string[] = [];
  let start = 0;
  let end = 0;
  for (const match of findAll(regexp, input, limit, budget)) {
    if (limit > 0 && parts.length === limit - 1) break;
    end = match[0] as number;
    if (match[1] !== 0) parts.push(input.slice(start, end));
    start = match[1] as number;
  }
  if (end !== input.length) parts.push(input.slice(start));
  return parts;
}
