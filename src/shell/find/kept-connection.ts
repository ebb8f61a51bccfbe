import { nameOf } from "../commands.ts";
import { descriptorsOf, socketOf } from "../connections.ts";
import type { Unit } from "../nested.ts";
import { type Command, walk } from "../parse.ts";
import { classifyPayload, isProxyPort } from "../requests.ts";
import { textsOf } from "./readings.ts";
import type { Search } from "./search.ts";

/** `exec 3<>/dev/tcp/localhost/15020`, a request written to 3, what comes back read: one call of several commands. */
export function findConnections(search: Search): void {
  if (!search.options.kinds.has("quit")) return;
  for (const unit of search.into.units) {
    const opened = new Map<string, { port: string; nodes: Command[] }>();
    walk(unit.script, (node) => {
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

export function addConnection(search: Search, unit: Unit, port: string, nodes: Command[]): void {
  const payload = nodes.map((node) => textsOf(search, node).join(" ")).join("\n");
  const kind = /\/quitquitquit\b/.test(payload)
    ? classifyPayload(port, /[A-Z]{1,10} \/quitquitquit\b/.exec(payload)?.[0] ?? "")
    : undefined;
  const [first] = nodes;
  if (kind !== "quit" || !first || nodes.some((node) => search.into.calls.has(node))) return;
  const call = search.add("quit", { unit, loop: undefined }, first);
  const plain = nodes.every((node) => /^(?:exec|echo|printf|cat|head|timeout|read|grep)$/.test(nameOf(node) ?? ""));
  if (!plain) search.lower(call, "none", "another command works with the connection");
  else for (const node of nodes) search.into.calls.set(node, { call, tested: false });
}
