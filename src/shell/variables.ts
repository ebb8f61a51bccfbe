import { argWords, nameOf } from "./commands.ts";
import {
  type Assignment,
  type Command,
  type FunctionNode,
  type Script,
  type SyntaxNode,
  type Word,
  type WordPart,
  walk,
} from "./parse.ts";
import { UNKNOWN } from "./requests.ts";
import { findOpenings, namesChanged } from "./variable-changes.ts";

/** More readings of one word than this are not followed. */
const MOST_VALUES = 16;
const LONGEST_VALUE = 20_000;

/** What is known about the variables of a script: each name with the words it may hold. */
export interface Variables {
  /** Words a name is assigned; a loop variable's are its list. An unset entry means it comes from the environment. */
  assigned: Map<string, (Word | undefined)[]>;
  env: ReadonlyMap<string, string>;
  /** The container may set it to a value that the manifest does not tell (`valueFrom`, `envFrom`, arguments). */
  isUntold: (name: string) => boolean;
  /** Place behind which every name may have another value (`. file`, `eval "$(…)"`, `export $(…)`); -1 without one. */
  opened: number;
  /** The same where functions may be others too (`. file`, `eval`). */
  sourced: number;
  /** Names that are set again behind that place. */
  settled: Set<string>;
  /** Values of names found so far; cleared when `assigned` grows. */
  known: Map<string, string[] | undefined>;
  /** Function whose argument an expansion (`$1`, `"$@"`) is. */
  positions: Map<SyntaxNode, string>;
  /** Arguments of each use of a function. */
  uses: Map<string, Command["args"][]>;
}

/** Collects assignments, `for` lists and `read`s of a script. Order is not looked at: a name may hold any of its words. */
export function collectVariables(
  scripts: readonly Script[],
  env: ReadonlyMap<string, string>,
  isUntold: (name: string) => boolean = () => false,
): Variables {
  const assigned = new Map<string, (Word | undefined)[]>();
  const add = (name: string, word: Word | undefined): void => {
    const words = assigned.get(name) ?? [];
    words.push(word);
    assigned.set(name, words);
  };
  const positions = new Map<SyntaxNode, string>();
  for (const script of scripts) {
    walk(script, (node) => {
      if (node.type === "Assignment") addAssignment(node, add);
      else if (node.type === "Function") addPositions(node, positions);
      else if (node.type === "For") {
        if (node.wordlist) for (const word of node.wordlist) add(node.name.value, word);
        else add(node.name.value, undefined);
      } else if (node.type === "Command" && (node.name?.value === "read" || node.name?.value === "getopts")) {
        for (const word of node.args) if (word.type === "Word" && /^\w+$/.test(word.value)) add(word.value, undefined);
      } else if (
        node.type === "ParameterExpansion" &&
        node.operation?.type === "Default" &&
        /=/.test(node.operation.operator)
      ) {
        if (!env.has(node.parameter)) add(node.parameter, node.operation.operand);
      }
      for (const name of namesChanged(node)) add(name, undefined);
      return true;
    });
  }
  const uses = usesOf(scripts, new Set(positions.values()));
  const none = { opened: -1, sourced: -1, settled: new Set<string>() };
  const variables: Variables = { assigned, env, isUntold, ...none, known: new Map(), positions, uses };
  const openings = findOpenings(scripts, (word) => valuesOf(word, variables));
  variables.known.clear();
  return Object.assign(variables, openings);
}

/** Positional parameters in a function's body are the arguments of its uses, unless the body moves them. */
function addPositions({ name, body }: FunctionNode, positions: Map<SyntaxNode, string>): void {
  const found: SyntaxNode[] = [];
  let moves = false;
  walk(body, (node) => {
    if (node.type === "Command" && /^(?:shift|set)$/.test(nameOf(node) ?? "")) moves = true;
    if (node.type === "SimpleExpansion" && /^\$[1-9@]$/.test(node.text)) found.push(node);
    if (node.type === "ParameterExpansion" && /^[1-9]$/.test(node.parameter)) found.push(node);
    return !moves;
  });
  if (!moves) for (const node of found) positions.set(node, name.value);
}

function usesOf(scripts: readonly Script[], functions: ReadonlySet<string>): Map<string, Command["args"][]> {
  const uses = new Map<string, Command["args"][]>();
  if (functions.size === 0) return uses;
  for (const script of scripts) {
    walk(script, (node) => {
      const name = nameOf(node);
      if (node.type !== "Command" || name === undefined || !functions.has(name)) return true;
      const known = uses.get(name) ?? [];
      known.push(node.args);
      uses.set(name, known);
      return true;
    });
  }
  return uses;
}

/** Argument lists that a word `"$@"` or `$@` of a function stands for; undefined where it is no such word. */
export function argumentsOf(word: Word, variables: Variables): Word[][] | undefined {
  const parts = (word.parts ?? []).flatMap((part) => (part.type === "DoubleQuoted" ? [...part.parts] : [part]));
  const [part] = parts;
  if (part?.type !== "SimpleExpansion" || part.text !== "$@" || parts.length !== 1) return undefined;
  const uses = variables.uses.get(variables.positions.get(part) ?? "");
  if (uses === undefined || uses.length > MOST_VALUES) return undefined;
  const words = uses.map((args) => args.filter((arg): arg is Word => arg.type === "Word"));
  return words.every((list, i) => list.length === uses[i]?.length && !list.some(holdsArguments)) ? words : undefined;
}

function holdsArguments(word: Word): boolean {
  return /\$[@*]/.test(word.text);
}

/** Values of a positional parameter of a function; `isMissing` where some use does not give it. */
function valuesOfPosition(
  part: WordPart,
  name: string,
  variables: Variables,
  seen: Set<string>,
): { values: string[]; isMissing: boolean } | undefined {
  const owner = variables.positions.get(part);
  const uses = owner === undefined ? undefined : variables.uses.get(owner);
  const key = `${owner} ${name}`;
  if (uses === undefined || uses.length > MOST_VALUES || seen.has(key)) return undefined;
  const index = Number(name) - 1;
  const before = uses.flatMap((args) => args.slice(0, index + 1));
  if (before.some((arg) => arg.type !== "Word" || (isSplit(arg) && uses.length > 1) || holdsArguments(arg)))
    return { values: [UNKNOWN], isMissing: false };
  seen.add(key);
  const given = uses.flatMap((args) => {
    const arg = args[index];
    return arg?.type === "Word" ? valuesOf(arg, variables, seen) : [];
  });
  seen.delete(key);
  return { values: [...new Set(given)], isMissing: uses.some((args) => args[index] === undefined) };
}

function addAssignment(node: Assignment, add: (name: string, word: Word | undefined) => void): void {
  if (node.index || node.append) add(node.name, undefined);
  else if (node.value.type === "Word") add(node.name, node.value);
}

/** All texts a word may stand for, `UNKNOWN` for what the running shell alone knows. */
export function valuesOf(word: Word, variables: Variables, seen: Set<string> = new Set()): string[] {
  if (!word.parts) return [word.value];
  return joined(word.parts.map((part) => valuesOfPart(part, variables, seen)));
}

function joined(parts: readonly string[][]): string[] {
  let texts = [""];
  for (const values of parts) {
    texts = texts.flatMap((text) => values.map((value) => text + value));
    if (texts.length > MOST_VALUES || texts.some((text) => text.length > LONGEST_VALUE)) return [UNKNOWN];
  }
  return [...new Set(texts)];
}

function valuesOfPart(part: WordPart, variables: Variables, seen: Set<string>): string[] {
  switch (part.type) {
    case "Literal":
    case "SingleQuoted":
    case "AnsiCQuoted":
    case "Glob":
      return [part.value];
    case "DoubleQuoted":
    case "LocaleString":
      return joined(part.parts.map((child) => valuesOfPart(child, variables, seen)));
    case "SimpleExpansion": {
      const given = valuesOfPosition(part, part.text.slice(1), variables, seen);
      if (given) return given.isMissing ? [...given.values, ""] : given.values;
      return valuesOfName(part.text.slice(1), variables, seen) ?? [UNKNOWN];
    }
    case "ParameterExpansion": {
      if (part.prefix || part.index) return [UNKNOWN];
      const given = valuesOfPosition(part, part.parameter, variables, seen);
      if (given) return valuesOfGiven(part, given, variables, seen);
      if (!part.operation) return valuesOfName(part.parameter, variables, seen) ?? [UNKNOWN];
      if (part.operation.type !== "Default" || /[+?]/.test(part.operation.operator)) return [UNKNOWN];
      const named = valuesOfName(part.parameter, variables, seen);
      if (named && !named.includes(UNKNOWN)) return named;
      return [...new Set([...(named ?? []), ...valuesOf(part.operation.operand, variables, seen)])];
    }
    case "CommandExpansion": {
      const name = /^\$\(([\w.-]+)\)$/.exec(part.text)?.[1];
      return [(name === undefined ? undefined : variables.env.get(name)) ?? programAskedFor(part.script) ?? UNKNOWN];
    }
    case "BraceExpansion":
      return braceValues(part.text);
    default:
      return [UNKNOWN];
  }
}

type ParameterExpansion = Extract<WordPart, { type: "ParameterExpansion" }>;

/** Of `$1` as its function's uses give it, with the default in its place where one gives none. */
function valuesOfGiven(
  { operation }: ParameterExpansion,
  { values, isMissing }: { values: string[]; isMissing: boolean },
  variables: Variables,
  seen: Set<string>,
): string[] {
  if (!operation) return isMissing ? [...values, ""] : values;
  if (operation.type !== "Default" || /[+?]/.test(operation.operator)) return [UNKNOWN];
  return isMissing ? [...values, ...valuesOf(operation.operand, variables, seen)] : values;
}

/** `$(which curl)`, `$(command -v curl)`: the program itself. */
function programAskedFor(script: Script | undefined): string | undefined {
  const [statement, ...more] = script?.commands ?? [];
  const command = statement?.command;
  if (command?.type !== "Command" || more.length > 0) return undefined;
  const words = argWords(command).map((word) => word.value);
  const isAsking = nameOf(command) === "command" ? words[0] === "-v" : /^(?:which|type)$/.test(nameOf(command) ?? "");
  const [program, ...others] = words.filter((word) => !word.startsWith("-"));
  return isAsking && others.length === 0 && /^[\w./+-]+$/.test(program ?? "") ? program : undefined;
}

function braceValues(text: string): string[] {
  const inner = /^\{([^{}$`"']*)\}$/.exec(text)?.[1];
  const values = inner?.includes(",") ? inner.split(",") : [UNKNOWN];
  return values.length > MOST_VALUES ? [UNKNOWN] : values;
}

/** A file that is read in, or text that is run, may have given the name another value. */
export function mayHaveChanged(name: string, variables: Variables): boolean {
  return variables.opened >= 0 && !variables.settled.has(name);
}

/** `UNKNOWN` comes first where it is among others: the first reading of a command is the one that is edited. */
function valuesOfName(name: string, variables: Variables, seen: Set<string>): string[] | undefined {
  const words = variables.assigned.get(name);
  const fromEnv = variables.env.get(name);
  const isOpen = mayHaveChanged(name, variables);
  // `HOST=${HOST:-localhost}`: inside its own assignment a name means the environment's.
  if (!words || seen.has(name)) {
    const given = [
      ...(isOpen || variables.isUntold(name) ? [UNKNOWN] : []),
      ...(fromEnv === undefined ? [] : [fromEnv]),
    ];
    return given.length === 0 ? undefined : given;
  }
  if (variables.known.has(name)) return variables.known.get(name);
  seen.add(name);
  const values = new Set(words.flatMap((word) => (word ? valuesOf(word, variables, seen) : [UNKNOWN])));
  seen.delete(name);
  const isUnknown = isOpen || values.delete(UNKNOWN);
  const found = values.size > MOST_VALUES ? [UNKNOWN] : [...(isUnknown ? [UNKNOWN] : []), ...values];
  variables.known.set(name, found);
  return found;
}

/** True where the shell splits the word's value into fields: an expansion outside of quotes. */
export function isSplit(word: Word): boolean {
  return (
    word.parts?.some(
      (part) =>
        part.type === "SimpleExpansion" || part.type === "ParameterExpansion" || part.type === "CommandExpansion",
    ) ?? false
  );
}

/** Trees do not change, and long scripts are asked often. */
const readNames = new WeakMap<SyntaxNode, Set<string>>();

/** Names of the parameters that a node reads (`?`, `PID`, `PIPESTATUS`), arithmetic included. */
export function namesRead(root: SyntaxNode): ReadonlySet<string> {
  const known = readNames.get(root);
  if (known) return known;
  const names = new Set<string>();
  readNames.set(root, names);
  walk(root, (node) => {
    if (node.type === "SimpleExpansion") names.add(node.text.slice(1));
    else if (node.type === "ParameterExpansion") names.add(node.parameter);
    else if (node.type === "ArithmeticWord")
      for (const name of node.value.match(/[A-Za-z_]\w*|\$\?/g) ?? []) names.add(name.replace("$", ""));
    else if (node.type === "Command" && node.name?.value === "let") {
      for (const word of node.args) for (const name of word.text.match(/[A-Za-z_]\w*/g) ?? []) names.add(name);
    }
    return true;
  });
  return names;
}
