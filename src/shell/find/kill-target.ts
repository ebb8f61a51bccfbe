import { unwrap } from "../command.ts";
import { argWords, nameOf } from "../commands.ts";
import type { Command, Word } from "../parse.ts";
import { lookUp } from "../process-lookup.ts";
import { type Classified, programName, proxyPattern, sendsNoSignal } from "../requests.ts";
import { mayHaveChanged } from "../variables.ts";
import type { Field } from "./readings.ts";
import type { Search } from "./search.ts";

/** `kill $(pidof pilot-agent)`, `kill $PID` where PID comes from such a look-up. */
export function classifyKill(search: Search, node: Command, fields: Field[]): Classified | undefined {
  const argv = fields.map((field) => field.text);
  if (programName(argv[unwrap(argv).program] ?? "") !== "kill") return undefined;
  const operands = argWords(node).filter((word) => !/^-|^(?:kill|TERM|INT|KILL|QUIT|HUP|SIG\w+|\d+)$/.test(word.text));
  if (operands.length === 0 || sendsNoSignal(argWords(node).map((word) => word.value))) return undefined;
  const names = operands.map((word) => lookedUp(search, word, new Set()));
  if (names.some((found) => !found)) {
    const some = operands.flatMap(partlyLookedUp);
    const isProxy = some.length > 0 && !some.some((one) => search.isOwnProgram(one));
    return isProxy ? { kind: "kill", probe: false, besides: "it also ends other programs" } : undefined;
  }
  return names.some((found) => found?.some((one) => search.isOwnProgram(one)))
    ? undefined
    : { kind: "kill", probe: false };
}

/** Proxy programs among others that the word asks for: `$(pidof nginx envoy)`. */
function partlyLookedUp(word: Word): string[] {
  const parts = (word.parts ?? []).flatMap((part) => (part.type === "DoubleQuoted" ? [...part.parts] : [part]));
  return parts.flatMap((part) => {
    const [statement] = part.type === "CommandExpansion" ? (part.script?.commands ?? []) : [];
    const command = statement?.command;
    if (command?.type !== "Command" || nameOf(command) !== "pidof") return [];
    return argWords(command).flatMap((operand) => proxyPattern(operand.value) ?? []);
  });
}

/** Proxy programs whose process ids the word holds; undefined where it may hold others. */
export function lookedUp(search: Search, word: Word, seen: Set<string>): string[] | undefined {
  const parts = (word.parts ?? []).flatMap((part) => (part.type === "DoubleQuoted" ? [...part.parts] : [part]));
  if (parts.length !== 1) return undefined;
  const [part] = parts;
  if (part?.type === "CommandExpansion" && part.script) {
    const [statement, ...more] = part.script.commands;
    return statement && more.length === 0 ? lookUp(statement.command) : undefined;
  }
  const name =
    part?.type === "SimpleExpansion"
      ? part.text.slice(1)
      : part?.type === "ParameterExpansion" && !part.operation
        ? part.parameter
        : "";
  const words = search.into.variables.assigned.get(name);
  if (!words || seen.has(name) || mayHaveChanged(name, search.into.variables)) return undefined;
  seen.add(name);
  const found = words.map((value) => (value ? lookedUp(search, value, seen) : undefined));
  return found.every((one) => one) ? found.flatMap((one) => one ?? []) : undefined;
}
