import { argWords, isFilter, isNeutral, isPrint, nameOf } from "./commands.ts";
import type { SyntaxNode } from "./parse.ts";
import { listsProxyPort, proxyPattern, sendsNoSignal } from "./requests.ts";

/** Proxy programs whose process ids a command prints. */
export function lookUp(node: SyntaxNode): string[] | undefined {
  if (node.type === "Pipeline") return lookUpPipe(node.commands);
  if (node.type === "AndOr") {
    const [first, ...rest] = node.commands;
    return first && rest.every((part) => isNeutral(part) || isPrint(part, new Set())) ? lookUp(first) : undefined;
  }
  return lookUpPipe([node]);
}

export function lookUpPipe(nodes: readonly SyntaxNode[]): string[] | undefined {
  const [first, ...rest] = nodes;
  const name = first ? nameOf(first) : undefined;
  if (first?.type !== "Command" || name === undefined || !rest.every(isFilter)) return undefined;
  const words = argWords(first).map((word) => word.value);
  if (name === "pgrep" || name === "pidof") {
    const operands = words.filter((word) => !word.startsWith("-"));
    const names = operands.map((word) => proxyPattern(word));
    return operands.length > 0 && names.every((found) => found) ? names.flatMap((found) => found ?? []) : undefined;
  }
  if (name === "lsof") return listsProxyPort(words) ? ["pilot-agent", "envoy"] : undefined;
  if (name !== "ps") return undefined;
  const patterns = rest.flatMap((part) => {
    if (part.type !== "Command" || argWords(part).some((word) => /^-\w*v/.test(word.value))) return [];
    const word = argWords(part).find((arg) => !arg.value.startsWith("-"))?.value ?? "";
    if (/grep$/.test(nameOf(part) ?? "")) return [word];
    const pattern = nameOf(part) === "awk" ? /\/([^/]+)\//.exec(word)?.[1] : undefined;
    return pattern === undefined ? [] : [pattern];
  });
  const names = patterns.map((pattern) => proxyPattern(pattern));
  return names.find((found) => found) ?? undefined;
}

/** `xargs kill`, `xargs -r kill -9`, `while read pid; do kill $pid; done`. */
export function killsInput(node: SyntaxNode): boolean {
  if (node.type === "Command" && nameOf(node) === "xargs") {
    const words = argWords(node).map((word) => word.value);
    const at = words.indexOf("kill");
    return (
      at >= 0 && !sendsNoSignal(words.slice(at)) && words.slice(0, at).every((word) => /^-|^\d+$|^[{}%]+$/.test(word))
    );
  }
  if (
    node.type !== "While" ||
    node.clause.commands.length !== 1 ||
    nameOf(node.clause.commands[0]?.command ?? node) !== "read"
  )
    return false;
  const [body, ...more] = node.body.commands;
  const kill = body?.command;
  if (more.length > 0 || kill?.type !== "Command" || nameOf(kill) !== "kill") return false;
  return !sendsNoSignal(argWords(kill).map((word) => word.value));
}
