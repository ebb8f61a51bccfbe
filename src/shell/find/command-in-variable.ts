import { type Command, type SyntaxNode, type Word, walk } from "../parse.ts";
import { type CallKind, classifyCommand, UNKNOWN } from "../requests.ts";
import { valuesOf } from "../variables.ts";
import type { Field } from "./readings.ts";
import type { Search, Where } from "./search.ts";
import { kindsInText } from "./text-of-others.ts";

/** `$QUIT` as a command: reported where the variable gets its text. */
export function findVariableCommand(search: Search, node: Command, fields: Field[], where: Where): boolean {
  return node.name !== undefined && fields[0]?.word === node.name && addVariableCommand(search, node.name, node, where);
}

export function addVariableCommand(search: Search, word: Word, node: Command, where: Where): boolean {
  const name = variableOf(word);
  if (name === undefined) return false;
  const texts = valuesOf(word, search.into.variables).filter((text) => text !== UNKNOWN);
  const array = arrayCommand(search, name);
  const kinds = array ? [array] : texts.flatMap((text) => kindsInText(search, text));
  if (kinds.length === 0) return false;
  const known = search.commandVariables.get(name);
  if (known !== undefined) return true;
  const assignment = assignmentOf(search, name);
  const reason = "the whole command sits in a variable";
  const call = search.add(kinds[0] ?? "quit", { ...where, unit: search.into.root }, assignment ?? node, "none", reason);
  const found = search.into.found[call];
  if (found && !assignment) found.variable = name;
  search.commandVariables.set(name, call);
  return true;
}

export function arrayCommand(search: Search, name: string): Exclude<CallKind, "wrapper"> | undefined {
  const assignment = assignmentOf(search, name);
  if (assignment?.type !== "Assignment" || assignment.value.type !== "ArrayValue") return undefined;
  const kind = classifyCommand(
    assignment.value.elements.map((word) => valuesOf(word, search.into.variables)[0] ?? ""),
  )?.kind;
  return kind && search.options.kinds.has(kind) ? kind : undefined;
}

export function assignmentOf(search: Search, name: string): Extract<SyntaxNode, { type: "Assignment" }> | undefined {
  let found: Extract<SyntaxNode, { type: "Assignment" }> | undefined;
  walk(search.into.root.script, (node) => {
    if (node.type === "Assignment" && node.name === name) found ??= node;
    return !found;
  });
  return found;
}

function variableOf(word: Word): string | undefined {
  const parts = (word.parts ?? []).flatMap((part) => (part.type === "DoubleQuoted" ? [...part.parts] : [part]));
  const [part] = parts;
  if (parts.length !== 1 || !part) return undefined;
  if (part.type === "SimpleExpansion") return part.text.slice(1);
  if (part.type === "ParameterExpansion" && (!part.operation || part.operation.type === "Default"))
    return part.parameter;
  return part.type === "CommandExpansion" ? /^\$\(([\w.-]+)\)$/.exec(part.text)?.[1] : undefined;
}
