import { findShell, unwrap } from "../command.ts";
import { nameOf } from "../commands.ts";
import type { Discovery, DiscoveryOptions } from "../discovery.ts";
import { rootUnit } from "../nested.ts";
import { type Command, childrenOf, type SyntaxNode } from "../parse.ts";
import { classifyCommand, programName } from "../requests.ts";
import { collectVariables } from "../variables.ts";
import { findAnswers } from "./answer.ts";
import { collectAwaited } from "./awaited.ts";
import { classify } from "./classify-call.ts";
import { findVariableCommand } from "./command-in-variable.ts";
import { checkFiles, isFreeOfEffects } from "./effects.ts";
import { collectFunctions, collectMentions } from "./functions.ts";
import { findConnections } from "./kept-connection.ts";
import { enter, findNested } from "./nested-script.ts";
import { collectLookers } from "./page-read.ts";
import { findPipeline } from "./pipeline.ts";
import { type Field, readingsOf } from "./readings.ts";
import { Search, type Where } from "./search.ts";
import { findAliases, findHereDocuments, findInterpreted } from "./text-of-others.ts";

/** Finds the proxy calls of a script. */
export function discover(text: string, errexit: boolean, options: DiscoveryOptions): Discovery {
  const root = rootUnit(text, errexit, options.shell);
  const discovery: Discovery = {
    options,
    root,
    units: [root],
    found: [],
    calls: new Map(),
    answers: new Map(),
    nested: new Map(),
    replacing: new Set(),
    wrappers: new Map(),
    functions: new Map(),
    uses: new Map(),
    printers: new Set(),
    mentioned: new Set(),
    variables: collectVariables([root.script], options.env, options.isUntold),
  };
  const search = new Search(discovery, options, { descend, discover });
  collectFunctions(search, root);
  collectLookers(search);
  search.descend(root.script, { unit: root, loop: undefined });
  findConnections(search);
  collectMentions(search);
  return discovery;
}

export function descend(search: Search, node: SyntaxNode, where: Where): void {
  switch (node.type) {
    case "Pipeline":
      if (findPipeline(search, node, where)) return;
      break;
    case "Command":
      findCommand(search, node, where);
      return;
    case "TestCommand":
      findAnswers(search, node, where);
      return;
    case "Word":
    case "ArithmeticCommand":
    case "HereDoc":
      findAnswers(search, node, where);
      return;
    case "While":
      collectAwaited(search, node);
      for (const child of childrenOf(node)) search.descend(child, { ...where, loop: node });
      return;
    case "For":
    case "ArithmeticFor":
    case "Select":
      for (const child of childrenOf(node)) search.descend(child, { ...where, loop: node });
      return;
    case "Function":
      for (const child of childrenOf(node))
        if (child !== node.name) search.descend(child, { ...where, loop: undefined });
      return;
    default:
  }
  for (const child of childrenOf(node)) search.descend(child, where);
}

export function findCommand(search: Search, node: Command, where: Where): void {
  const readings = readingsOf(search, node);
  const [first = []] = readings;
  const name = nameOf(node);
  if (name !== undefined && search.into.functions.has(name)) search.into.uses.set(node, name);
  if (name === "trap" || name === "eval") return findNested(search, node, name, where);
  findWrappers(search, node, first, where);
  const argv = first.map((field) => field.text);
  const { launchers, program } = unwrap(argv, search.options.wrappers);
  // `exec 3<>file` starts no program.
  if (launchers.includes("exec") && program < argv.length) search.into.replacing.add(node);
  const shell = findShell(argv, search.options.wrappers);
  if (shell?.script !== undefined) {
    const word = first[shell.script]?.word;
    if (word && enter(search, node, word, "shell", shell.errexit, where, shell.shell)) return;
  }
  if (findVariableCommand(search, node, first, where)) return;
  if (name === "alias") return findAliases(search, node, where);
  const classified = classify(search, node, readings);
  if (classified) {
    const call = search.addCall(classified, where, node);
    search.into.calls.set(node, { call, tested: false });
    if (!isFreeOfEffects(search, node)) search.lower(call, "none", "a command substitution in it does more");
    checkFiles(search, call, node, where);
    return;
  }
  if (forwardsCall(search, node, first, where)) return;
  findInterpreted(search, node, argv, where);
  findHereDocuments(search, node, shell !== undefined, where);
  if (argv[0] !== undefined && /^(?:kubectl|oc|docker|podman|nerdctl|crictl|ssh)$/.test(programName(argv[0]))) return;
  findAnswers(search, node, where);
}

export function findWrappers(search: Search, node: Command, fields: Field[], where: Where): void {
  if (!search.options.kinds.has("wrapper")) return;
  const argv = fields.map((field) => field.text);
  const { wrappers, program } = unwrap(argv, search.options.wrappers);
  for (const at of wrappers) {
    const word = fields[at]?.word;
    const next = fields[argv[at + 1] === "--" ? at + 2 : at + 1]?.word;
    if (!word) continue;
    const whole = next && program < argv.length && next !== word && next.pos > word.pos;
    const call = search.add(
      "wrapper",
      where,
      word,
      whole ? "review" : "none",
      whole ? undefined : "no program follows the wrapper",
    );
    if (whole)
      search.into.wrappers.set(node, [
        ...(search.into.wrappers.get(node) ?? []),
        { call, start: word.pos, end: next.pos },
      ]);
  }
}

/** `retry 5 curl …`: a function that runs its arguments, or a program called retry. */
export function forwardsCall(search: Search, node: Command, fields: Field[], where: Where): boolean {
  const name = nameOf(node);
  if (name === undefined || !(search.forwarders.has(name) || /^retry(?:\.sh)?$/.test(name))) return false;
  for (let at = 1; at < fields.length; at++) {
    const classified = classifyCommand(fields.slice(at).map((field) => field.text));
    if (!classified || !search.options.kinds.has(classified.kind)) continue;
    const call = search.addCall(classified, where, node);
    search.lower(call, "review", "it is run by a function that retries");
    search.into.calls.set(node, { call, tested: false });
    search.into.uses.delete(node);
    return true;
  }
  return false;
}
