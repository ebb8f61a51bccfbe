import { findShell, unwrap } from "../command.ts";
import { isFilter, isPasser, isPrint, nameOf } from "../commands.ts";
import { isPayloadSource, payloadOf, proxyPortOf } from "../connections.ts";
import { rangeInRoot } from "../nested.ts";
import type { Pipeline, SyntaxNode } from "../parse.ts";
import { killsInput, lookUpPipe } from "../process-lookup.ts";
import { type Classified, classifyCommand, classifyPayload } from "../requests.ts";
import { valuesOf } from "../variables.ts";
import { isCall } from "./classify-call.ts";
import { checkFiles } from "./effects.ts";
import { textsOf } from "./readings.ts";
import type { Search, Where } from "./search.ts";
import { kindsInText } from "./text-of-others.ts";

export function findPipeline(search: Search, node: Pipeline, where: Where): boolean {
  const classified = classifyPipeline(search, node);
  if (classified) {
    const call = search.addCall(classified, where, node);
    search.into.calls.set(node, { call, tested: !lastPasses(node) });
    return true;
  }
  if (findFedShell(search, node, where)) return true;
  // A call in front of filters: the pipeline as a whole is the call.
  const at = node.commands.findIndex((command) => command.type === "Command" && isCall(search, command));
  if (at < 0 || node.commands.length === 1) return false;
  const [head] = node.commands;
  const clean =
    node.commands.slice(0, at).every((command) => isPrint(command, search.into.printers)) &&
    node.commands
      .slice(at + 1)
      .every((command) => isFilter(command) || (command.type === "Command" && isCall(search, command)));
  for (const command of node.commands) search.descend(command, where);
  const calls = node.commands
    .map((command) => search.into.calls.get(command)?.call)
    .filter((call) => call !== undefined);
  const [call] = calls;
  if (call === undefined) return true;
  if (!clean || new Set(calls).size > 1) {
    for (const one of calls) search.lower(one, "none", "another command works with its answer");
    return true;
  }
  for (const command of node.commands) search.into.calls.delete(command);
  const found = search.into.found[call];
  if (found && found.kind !== "wait" && head) Object.assign(found, rangeInRoot(where.unit, node.pos, node.end));
  search.into.calls.set(node, { call, tested: !lastPasses(node) });
  checkFiles(search, call, node, where);
  return true;
}

/** Pipelines that are calls as a whole: `printf … | nc localhost 15020`, `pidof envoy | xargs kill`. */
export function classifyPipeline(search: Search, node: Pipeline): Classified | undefined {
  const last = node.commands.findIndex(
    (command) => command.type === "Command" && proxyPortOf(textsOf(search, command)) !== undefined,
  );
  const sink = node.commands[last];
  if (last > 0 && sink?.type === "Command" && node.commands.slice(last + 1).every(isFilter)) {
    const before = node.commands.slice(0, last);
    const payload = before
      .map((command) => payloadOf(command, (word) => valuesOf(word, search.into.variables)[0] ?? ""))
      .join(" ");
    const kind = classifyPayload(proxyPortOf(textsOf(search, sink)) ?? "", payload);
    if (
      kind &&
      search.options.kinds.has(kind) &&
      before.every((command) => isPayloadSource(command, search.into.printers))
    )
      return { kind, probe: false };
  }
  const fed = classifyFed(search, node);
  if (fed && search.options.kinds.has(fed.kind)) return fed;
  if (!search.options.kinds.has("kill")) return undefined;
  const end = node.commands.at(-1);
  const names = node.commands.length > 1 && end && killsInput(end) ? lookUpPipe(node.commands.slice(0, -1)) : undefined;
  return names && !names.some((name) => search.isOwnProgram(name)) ? { kind: "kill", probe: false } : undefined;
}

/** `echo http://localhost:15020/quitquitquit | xargs curl -X POST`, `echo 15020 | xargs -I{} curl localhost:{}/quitquitquit`. */
function classifyFed(search: Search, node: Pipeline): Classified | undefined {
  const at = node.commands.findIndex((command) => nameOf(command) === "xargs");
  const sink = node.commands[at];
  if (at < 1 || sink?.type !== "Command" || !node.commands.slice(at + 1).every(isFilter)) return undefined;
  const before = node.commands.slice(0, at);
  if (!before.every((command) => isPrint(command, new Set()))) return undefined;
  const fed = before.flatMap((command) => printedFields(search, command));
  const argv = textsOf(search, sink);
  const command = argv.slice(unwrap(argv).program);
  const mark = placeholderOf(argv.slice(0, argv.length - command.length));
  if (mark === undefined) return classifyCommand([...command, ...fed]);
  const calls = fed.map((field) => classifyCommand(command.map((word) => word.replaceAll(mark, field))));
  const call = calls.find((one) => one);
  return call && (calls.every((one) => one) ? call : { ...call, besides: "it is fed other addresses too" });
}

/** `echo "curl …" | sh`: the text is a script, and no command of this one. */
function findFedShell(search: Search, node: Pipeline, where: Where): boolean {
  const sink = node.commands.at(-1);
  const before = node.commands.slice(0, -1);
  if (sink?.type !== "Command" || !before.every((command) => isPrint(command, new Set()))) return false;
  const shell = findShell(textsOf(search, sink), search.options.wrappers);
  if (before.length === 0 || shell === undefined || shell.script !== undefined || shell.file !== undefined)
    return false;
  const texts = before.map((command) => payloadOf(command, (word) => valuesOf(word, search.into.variables)[0] ?? ""));
  const kinds = texts.flatMap((text) => kindsInText(search, text));
  for (const kind of kinds) search.add(kind, where, node, "none", "the command is text for another shell");
  return kinds.length > 0;
}

/** Fields that `echo` or `printf` writes. */
function printedFields(search: Search, command: SyntaxNode): string[] {
  const text = payloadOf(command, (word) => valuesOf(word, search.into.variables)[0] ?? "");
  const fields = text.replace(/\\n/g, "\n").split(/\s+/);
  return fields.filter((field) => field !== "" && !/^%s|^-[neE]+$/.test(field));
}

/** What stands for the input in the command that xargs runs: `{}` in `-I{}`, `-I {}`, `-i`; undefined without one. */
function placeholderOf(options: readonly string[]): string | undefined {
  const at = options.findIndex((word) => /^-I|^-i|^--replace/.test(word));
  const option = options[at];
  if (option === undefined) return undefined;
  if (option === "-I") return options[at + 1];
  return option.replace(/^(?:-I|-i|--replace=?)/, "") || "{}";
}

function lastPasses(node: Pipeline): boolean {
  const last = node.commands.at(-1);
  return last === undefined || isPasser(last) || !isFilter(last);
}
