import { unwrap } from "./command.ts";
import { argWords, isFilter, isNeutral, isPrint, nameOf } from "./commands.ts";
import { type Command, type Redirected, type SyntaxNode, type Word, walk } from "./parse.ts";
import { isProxyPort, netcatTarget, programName } from "./requests.ts";
import { type Variables, valuesOf } from "./variables.ts";

const FD = /^&?\$?\{?(\w+)\}?$/;

/** Host and port a command opens with /dev/tcp; `kept` is the descriptor. */
export function socketOf(
  node: Command | Redirected,
  variables: Variables,
): { host: string; port: string; kept: string | undefined } | undefined {
  for (const redirect of node.redirects) {
    if (redirect.type !== "Redirect" || !redirect.target) continue;
    const [, host, port] = /^\/dev\/tcp\/([^/]+)\/(\d+)$/.exec(valuesOf(redirect.target, variables)[0] ?? "") ?? [];
    if (host === undefined || port === undefined) continue;
    const { descriptor } = redirect;
    const kept = descriptor?.type === "FileDescriptor" ? String(descriptor.value) : descriptor?.name;
    return { host, port, kept };
  }
  return undefined;
}

export function descriptorsOf(node: Command): string[] {
  return node.redirects.flatMap((redirect) => {
    if (redirect.type !== "Redirect") return [];
    const own =
      redirect.descriptor?.type === "FileDescriptor" ? String(redirect.descriptor.value) : redirect.descriptor?.name;
    const target = FD.exec((redirect.target?.text ?? "").replace(/["-]/g, ""))?.[1];
    const isCopy = redirect.operator === ">&" || redirect.operator === "<&";
    return [...(own !== undefined ? [own] : []), ...(isCopy && target !== undefined ? [target] : [])];
  });
}

/** Port of the proxy that a raw connection program is told to open. */
export function proxyPortOf(argv: readonly string[]): string | undefined {
  const inner = argv.slice(unwrap(argv).program);
  const [program = "", ...words] = inner;
  const name = programName(program);
  if (/^(?:nc|ncat|netcat|telnet)$/.test(name)) {
    const target = netcatTarget(words);
    return target && !target.probe && isProxyPort(target.host, target.port) ? target.port : undefined;
  }
  if (name !== "socat") return undefined;
  for (const word of words) {
    const [, host = "", port = ""] = /^TCP4?(?:-CONNECT)?:([^:,]+):(\d+)/i.exec(word) ?? [];
    if (isProxyPort(host, port)) return port;
  }
  return undefined;
}

export function isPayloadSource(node: SyntaxNode, printers: ReadonlySet<string>): boolean {
  if (node.type === "BraceGroup" || node.type === "Subshell") {
    return node.body.commands.every((s) => isPayloadSource(s.command, printers) || nameOf(s.command) === "sleep");
  }
  return isPrint(node, printers) || isFilter(node) || isNeutral(node);
}

export function payloadOf(node: SyntaxNode, value: (word: Word) => string): string {
  const texts: string[] = [];
  walk(node, (inner) => {
    if (inner.type === "Command") for (const word of argWords(inner)) texts.push(value(word));
    if (inner.type === "HereDoc") texts.push(inner.body.text);
    if (inner.type === "HereString" && inner.target) texts.push(value(inner.target));
    return true;
  });
  return texts.join("\n");
}
