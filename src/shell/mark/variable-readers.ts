import { isHarmless, nameOf } from "../commands.ts";
import { bodiesOf } from "../control-flow.ts";
import { type Statement, type SyntaxNode, walk } from "../parse.ts";
import { namesRead } from "../variables.ts";
import type { Marking } from "./marking.ts";

export function isReadOutside(marking: Marking, node: SyntaxNode, names: ReadonlySet<string>): boolean {
  return isReadBeside(marking, (inner) => inner === node, names);
}

/** Something reads the name that is not the source itself and does not go. */
export function isReadByRest(marking: Marking, source: SyntaxNode, name: string): boolean {
  return isReadBeside(marking, (inner) => inner === source || marking.marks.gone.has(inner), new Set([name]));
}

function isReadBeside(marking: Marking, isSkipped: (node: SyntaxNode) => boolean, names: ReadonlySet<string>): boolean {
  if (names.size === 0) return false;
  for (const unit of marking.found.units) {
    const outside = new Set<string>();
    walk(unit.script, (inner) => {
      if (isSkipped(inner)) return false;
      if (inner.type === "SimpleExpansion") outside.add(inner.text.slice(1));
      else if (inner.type === "ParameterExpansion") outside.add(inner.parameter);
      else if (inner.type === "ArithmeticWord") outside.add(inner.value.replace("$", ""));
      else if (inner.type === "Command" && nameOf(inner) === "let")
        for (const arg of inner.args) for (const name of arg.text.match(/[A-Za-z_]\w*/g) ?? []) outside.add(name);
      return true;
    });
    if ([...names].some((name) => outside.has(name))) return true;
  }
  return false;
}

/** The value that a loop leaves in a variable may be used once the loop is over. */
export function isUsedOutside(marking: Marking, loop: SyntaxNode, name: string): boolean {
  if (!isReadOutside(marking, loop, new Set([name]))) return false;
  const { units, functions, options } = marking.found;
  const [unit, ...others] = units.filter(({ script }) => namesRead(script).has(name));
  if (!unit || others.length > 0 || options.env.has(name) || isExported(unit.script, name)) return true;
  if ([...functions.values()].flat().some(({ body }) => namesRead(body).has(name))) return true;
  return isReadAfter(unit.script, loop, name) === "read";
}

type Use = "read" | "not read" | "set first";

/** What happens to a variable behind a node, as far as it is certain; "read" where it is not. */
function isReadAfter(root: SyntaxNode, node: SyntaxNode, name: string): Use {
  if (root === node) return "not read";
  if (root.type === "Script" || root.type === "CompoundList") {
    const at = root.commands.findIndex((statement) => isWithin(node, statement));
    const own = root.commands[at];
    if (!own || own.background) return "read";
    const inside = isReadAfter(own.command, node, name);
    if (inside !== "not read") return inside;
    for (const { command } of root.commands.slice(at + 1)) {
      if (countsAnew(command, name)) {
        if (isSurelyRun(command)) return "set first";
        continue;
      }
      if (namesRead(command).has(name)) return "read";
      if (isSettled(command, name)) return "set first";
    }
    return "not read";
  }
  if (root.type === "AndOr") {
    const at = root.commands.findIndex((member) => isWithin(node, member));
    if (root.commands.slice(at + 1).some((member) => namesRead(member).has(name))) return "read";
    return root.commands[at] ? isReadAfter(root.commands[at], node, name) : "read";
  }
  if (root.type === "If") {
    const inside = [root.clause, root.then, root.else].find((list) => list && isWithin(node, list));
    return inside && inside !== root.clause ? isReadAfter(inside, node, name) : "read";
  }
  return root.type === "BraceGroup" ? isReadAfter(root.body, node, name) : "read";
}

/** `for NAME in …`, `for ((NAME=0; …))`: what is read in it is the loop's own value. */
function countsAnew(command: SyntaxNode, name: string): boolean {
  if (command.type === "For")
    return command.name.value === name && !(command.wordlist ?? []).some((word) => namesRead(word).has(name));
  if (command.type !== "ArithmeticFor") return false;
  const start = command.initialize;
  return (
    start?.type === "ArithmeticBinary" &&
    start.operator === "=" &&
    start.left.type === "ArithmeticWord" &&
    start.left.value === name &&
    !namesRead(start.right).has(name)
  );
}

/** A `for` loop over an empty list leaves its variable as it was. */
function isSurelyRun(command: SyntaxNode): boolean {
  if (command.type === "ArithmeticFor") return true;
  return command.type === "For" && (command.wordlist ?? []).some((word) => word.parts === undefined);
}

/** `NAME=value` and nothing else. */
function isSettled(command: SyntaxNode, name: string): boolean {
  return (
    command.type === "Command" &&
    !command.name &&
    command.prefix.some((part) => part.type === "Assignment" && part.name === name && !part.append && !part.index)
  );
}

function isWithin(node: SyntaxNode, outer: SyntaxNode): boolean {
  return node.pos >= outer.pos && node.end <= outer.end;
}

/** Other programs may read it too. */
function isExported(root: SyntaxNode, name: string): boolean {
  let exported = false;
  walk(root, (node) => {
    const program = nameOf(node);
    if (node.type !== "Command" || !/^(?:export|declare|typeset|set)$/.test(program ?? "")) return !exported;
    exported ||=
      program === "set"
        ? node.args.some((arg) => /^-\w*a|^allexport$/.test(arg.text))
        : node.args.some((arg) => arg.text.split("=")[0] === name);
    return !exported;
  });
  return exported;
}

/** Names set in a loop are read outside of it by messages only, and have a value without it. */
export function isReadHarmlessly(marking: Marking, node: SyntaxNode, names: ReadonlySet<string>): boolean {
  const { units, root } = marking.found;
  for (const name of names) {
    if (!isUsedOutside(marking, node, name)) continue;
    if (/\bset\s+-\w*u|nounset/.test(root.text)) return false;
    if (!units.every((unit) => readersIn(marking, unit.script.commands, name, node, []))) return false;
  }
  return true;
}

/** Gathers the statements that read a name; false where one does more than print. */
export function readersIn(
  marking: Marking,
  list: readonly Statement[],
  name: string,
  source: SyntaxNode,
  readers: Statement[],
): boolean {
  const { printers } = marking.found;
  return list.every((statement) => {
    const { command } = statement;
    if (command === source || !namesRead(statement).has(name)) return true;
    if (!statement.background && isHarmless(command, printers)) {
      readers.push(statement);
      return true;
    }
    const inner = bodiesOf(command);
    return inner?.every((body) => readersIn(marking, body.commands, name, source, readers)) ?? false;
  });
}

/** The same where the readers are to go: a condition that reads the name cannot go without its construct. */
export function readersToGo(marking: Marking, name: string, source: SyntaxNode): Statement[] | undefined {
  const readers: Statement[] = [];
  const { units } = marking.found;
  if (!units.every((unit) => readersIn(marking, unit.script.commands, name, source, readers))) return undefined;
  const gone = new Set<SyntaxNode>(readers);
  return units.some((unit) => asksInCondition(unit.script, name, gone)) ? undefined : readers;
}

function asksInCondition(root: SyntaxNode, name: string, gone: ReadonlySet<SyntaxNode>): boolean {
  let asks = false;
  walk(root, (node) => {
    if (asks) return false;
    if (node.type === "If")
      asks = [node.clause, ...node.elif.map((elif) => elif.clause)].some((clause) => namesRead(clause).has(name));
    // A statement that goes whole takes its conditions along; a condition itself is no statement that could go.
    return !asks && !gone.has(node);
  });
  return asks;
}
