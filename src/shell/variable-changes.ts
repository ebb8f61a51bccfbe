import { argText, argWords, nameOf } from "./commands.ts";
import { type Command, childrenOf, type Script, type SyntaxNode, type Word, walk } from "./parse.ts";
import { UNKNOWN } from "./requests.ts";
import type { Variables } from "./variables.ts";

const ASSIGNS = /\b([A-Za-z_]\w*)\s*(?:(?:[-+*/%&|^]|<<|>>)?=(?!=)|\+\+|--)|(?:\+\+|--)\s*([A-Za-z_]\w*)/g;
const POSITIONS = ["1", "2", "3", "4", "5", "6", "7", "8", "9"];
const DECLARES = /^(?:export|declare|typeset|readonly|local)$/;

/** Names that a node sets to what only the running shell knows, other than by an assignment, `for` or `read`. */
export function namesChanged(node: SyntaxNode): string[] {
  if (node.type === "Select") return [node.name.value];
  if (node.type === "ArithmeticCommand") return assignedInText(node.body);
  if (node.type === "ArithmeticBinary" && node.left.type === "ArithmeticWord")
    return /(?:^|[^=!<>])=$/.test(node.operator) ? [node.left.value] : [];
  if (node.type === "Word") return arithmeticOf(node);
  const name = nameOf(node);
  if (node.type !== "Command" || name === undefined) return [];
  const words = node.args.map((arg) => (arg.type === "Word" ? arg.value : arg.text));
  const names = words.filter((word) => /^\w+$/.test(word));
  switch (name) {
    case "printf":
      return words.flatMap((word, i) => (words[i - 1] === "-v" ? [word] : (/^-v(\w+)$/.exec(word)?.slice(1) ?? [])));
    case "let":
      return words.flatMap(assignedInText);
    case "mapfile":
    case "readarray":
    case "unset":
      return names;
    case "declare":
    case "typeset":
    case "local":
      return words.some((word) => /^-\w*n/.test(word)) ? words.map((word) => word.split("=", 1)[0] ?? "") : [];
    case "set":
      return words.some((word, i) => word === "--" || (!/^[-+]/.test(word) && !/^[-+]\w*o$/.test(words[i - 1] ?? "")))
        ? POSITIONS
        : [];
    default:
      return [];
  }
}

/** `$((NAME=1))` in a word. */
function arithmeticOf(word: Word): string[] {
  const names: string[] = [];
  const parts = (word.parts ?? []).flatMap((part) => (part.type === "DoubleQuoted" ? [...part.parts] : [part]));
  for (const part of parts) if (part.type === "ArithmeticExpansion") names.push(...assignedInText(part.text));
  return names;
}

function assignedInText(text: string): string[] {
  return [...text.matchAll(ASSIGNS)].flatMap(([, before, after]) => before ?? after ?? []);
}

/** All texts a word may stand for. */
type ValuesOf = (word: Word) => string[];
type Openings = Pick<Variables, "opened" | "sourced" | "settled">;

/** Where a script runs text that is not there to be read, and which names are set again behind it. */
export function findOpenings(scripts: readonly Script[], valuesOf: ValuesOf): Openings {
  const found: Openings = { opened: -1, sourced: -1, settled: new Set() };
  const visit = (node: SyntaxNode, repeats: boolean): void => {
    walk(node, (inner) => {
      if (inner !== node && isRepeated(inner)) {
        visit(inner, true);
        return false;
      }
      const opening = openingOf(inner, valuesOf);
      if (!opening) return true;
      const at = repeats ? Number.POSITIVE_INFINITY : inner.end;
      found.opened = Math.max(found.opened, at);
      if (opening === "source") found.sourced = Math.max(found.sourced, at);
      return true;
    });
  };
  for (const script of scripts) visit(script, false);
  if (found.opened < 0) return found;
  for (const script of scripts) settle(script, found);
  return found;
}

/** What stands in a function or loop may run after what stands behind it. */
function isRepeated(node: SyntaxNode): boolean {
  return /^(?:Function|While|For|ArithmeticFor|Select)$/.test(node.type);
}

function openingOf(node: SyntaxNode, valuesOf: ValuesOf): "source" | "names" | undefined {
  const name = nameOf(node);
  if (node.type !== "Command" || name === undefined) return undefined;
  const [first, ...rest] = argWords(node);
  const isPassed = (name === "command" || name === "builtin") && /^(?:\.|source|eval)$/.test(first?.value ?? "");
  const program = isPassed ? argText(node, 0) : name;
  if (program === "." || program === "source") return "source";
  if (program === "eval")
    return (isPassed ? rest : argWords(node)).some((w) => isForeign(w, valuesOf)) ? "source" : undefined;
  if (!DECLARES.test(name)) return undefined;
  return argWords(node).some((word) => !/^\w+=/.test(word.value) && holdsExpansion(word)) ? "names" : undefined;
}

/** Text to run that is not known, or that sets names once a variable is put in. */
function isForeign(word: Word, valuesOf: ValuesOf): boolean {
  if (!holdsExpansion(word)) return false;
  return valuesOf(word).some((text) => text.includes(UNKNOWN) || /(?:^|[\s;&|])(?:\w+=|\.\s|source\s)/.test(text));
}

function holdsExpansion(word: Word): boolean {
  const parts = (word.parts ?? []).flatMap((part) => (part.type === "DoubleQuoted" ? [...part.parts] : [part]));
  return parts.some((part) => /^(?:Simple|Parameter|Command)Expansion$/.test(part.type));
}

/** Names that surely have a value of the script's own: assigned behind the place, or a function's or loop's own. */
function settle(script: Script, { opened, settled }: Openings): void {
  for (const { command, background } of script.commands)
    if (!background && command.type === "Command" && command.pos >= opened) addAssigned(command, settled);
  walk(script, (node) => {
    const holdsOpening = opened >= node.pos && opened <= node.end;
    if (node.type === "For" && !holdsOpening && opened !== Number.POSITIVE_INFINITY) settled.add(node.name.value);
    if (node.type === "Function" && opened !== Number.POSITIVE_INFINITY) {
      walk(node.body, (inner) => {
        if (inner.type === "Command" && /^(?:local|declare|typeset)$/.test(nameOf(inner) ?? ""))
          addAssigned(inner, settled);
        return true;
      });
    }
    return true;
  });
}

/** `NAME=value`, `export NAME=value`; the assignments before a program are that program's alone. */
function addAssigned(command: Command, settled: Set<string>): void {
  const own = command.name === undefined || DECLARES.test(nameOf(command) ?? "");
  if (!own) return;
  for (const child of childrenOf(command)) if (child.type === "Assignment" && !child.append) settled.add(child.name);
}
