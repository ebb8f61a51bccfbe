import { nameOf } from "../commands.ts";
import { descriptorsOf, socketOf } from "../connections.ts";
import type { Unit } from "../nested.ts";
import { type Command, type Redirected, type SyntaxNode, walk } from "../parse.ts";
import { classifyPayload, isProxyPort } from "../requests.ts";
import { textsOf } from "./readings.ts";
import type { Search } from "./search.ts";

/** `exec 3<>/dev/tcp/localhost/15020`, a request written to 3, what comes back read: one call of several commands. */
export function findConnections(search: Search): void {
  if (!search.options.kinds.has("quit")) return;
  for (const unit of search.into.units) {
    const opened = new Map<string, { port: string; nodes: Command[] }>();
    walk(unit.script, (node) => {
      if (node.type === "Redirected") return !addGroup(search, unit, node);
      if (node.type !== "Command") return true;
      const target = socketOf(node, search.into.variables);
      if (target?.kept !== undefined && nameOf(node) === "exec" && isProxyPort(target.host, target.port)) {
        opened.set(target.kept, { port: target.port, nodes: [node] });
      } else {
        for (const fd of descriptorsOf(node)) opened.get(fd)?.nodes.push(node);
      }
      return true;
    });
    for (const { port, nodes } of opened.values()) addConnection(search, unit, port, nodes);
  }
}

export function addConnection(search: Search, unit: Unit, port: string, nodes: Command[], isWhole = true): void {
  const payload = nodes.map((node) => textsOf(search, node).join(" ")).join("\n");
  const kind = /\/quitquitquit\b/.test(payload)
    ? classifyPayload(port, /[A-Z]{1,10} \/quitquitquit\b/.exec(payload)?.[0] ?? "")
    : undefined;
  const [first] = nodes;
  if (kind !== "quit" || !first || nodes.some((node) => search.into.calls.has(node))) return;
  const call = search.add("quit", { unit, loop: undefined }, first);
  const plain =
    isWhole &&
    nodes.every((node) => /^(?:exec|echo|printf|cat|head|timeout|read|grep|sleep)$/.test(nameOf(node) ?? ""));
  if (!plain) search.lower(call, "none", "another command works with the connection");
  else for (const node of nodes) search.into.calls.set(node, { call, tested: false });
}

/** `{ printf '…' >&3; cat <&3; } 3<>/dev/tcp/localhost/15020`; with anything else in the group it is only reported. */
function addGroup(search: Search, unit: Unit, node: Redirected): boolean {
  const target = socketOf(node, search.into.variables);
  if (target?.kept === undefined || !isProxyPort(target.host, target.port)) return false;
  if (node.command.type !== "BraceGroup" && node.command.type !== "Subshell") return false;
  const { kept } = target;
  const nodes: Command[] = [];
  const isUser = (one: SyntaxNode): one is Command => one.type === "Command" && descriptorsOf(one).includes(kept);
  walk(node.command, (inner) => {
    if (isUser(inner)) nodes.push(inner);
    return true;
  });
  const statements = node.command.body.commands;
  const isWhole = statements.every(({ command }) => isUser(command) || nameOf(command) === "sleep");
  const rest = statements.flatMap(({ command }) => (command.type === "Command" && !isUser(command) ? [command] : []));
  addConnection(search, unit, target.port, isWhole ? [...nodes, ...rest] : nodes, isWhole);
  return true;
}
