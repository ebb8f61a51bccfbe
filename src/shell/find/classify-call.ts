import { unwrap } from "../command.ts";
import { argWords, isPrint, nameOf } from "../commands.ts";
import { proxyPortOf, socketOf } from "../connections.ts";
import type { Command } from "../parse.ts";
import {
  type Classified,
  classifyCommand,
  classifyPayload,
  isProxyPort,
  killedNames,
  programName,
  readPortRequest,
} from "../requests.ts";
import { valuesOf } from "../variables.ts";
import { classifyKill } from "./kill-target.ts";
import { readsPage } from "./page-read.ts";
import { type Field, readingsOf } from "./readings.ts";
import type { Search } from "./search.ts";

/** Reads a command as a proxy call, whatever its variables may hold. */
export function classify(search: Search, node: Command, readings: Field[][]): Classified | undefined {
  const all = readings.map((reading) => classifyReading(search, reading));
  const classified =
    all.find((one) => one?.besides !== undefined) ??
    all.find((one) => one?.otherName || one?.probe) ??
    all.find((one) => one) ??
    classifyConnection(search, node, readings[0] ?? []) ??
    classifyAwaited(search, node, readings) ??
    classifyKill(search, node, readings[0] ?? []);
  if (!classified || !search.options.kinds.has(classified.kind)) return undefined;
  if (classified.kind === "wait" && readsPage(search, node, readings)) return undefined;
  if (all.some((one) => one) && !all.every((one) => one?.kind === classified.kind)) {
    return { ...classified, besides: "with other values of its variables the command does something else" };
  }
  return classified;
}

function classifyReading(search: Search, reading: readonly Field[]): Classified | undefined {
  const argv = reading.map((field) => field.text);
  const { program, launchers } = unwrap(argv, search.options.wrappers);
  const inner = argv.slice(program);
  const classified = isOwn(search, inner) ? undefined : classifyCommand(inner);
  return classified && launchers.includes("xargs")
    ? { besides: "what it is fed may name other addresses too", ...classified }
    : classified;
}

/** `until curl --head localhost:15000`: any answer of the proxy's ports ends the loop. */
function classifyAwaited(search: Search, node: Command, readings: Field[][]): Classified | undefined {
  const read = search.awaited.get(node);
  if (read === undefined) return undefined;
  const isAsked = readings.every((reading) => {
    const argv = reading.map((field) => field.text);
    const { program, launchers } = unwrap(argv, search.options.wrappers);
    const request = launchers.includes("xargs") ? undefined : readPortRequest(argv.slice(program));
    return request !== undefined && (read === "itself" || request.statusOnly);
  });
  return isAsked ? { kind: "wait", probe: true } : undefined;
}

export function isOwn(search: Search, argv: readonly string[]): boolean {
  const name = programName(argv[0] ?? "");
  if (name === "fuser") return search.isOwnProgram("envoy") || search.isOwnProgram("pilot-agent");
  if (!/^(?:pkill|killall)$/.test(name)) return false;
  return killedNames(argv).some((name) => search.isOwnProgram(name));
}

/** `nc localhost 15020 <<< "POST …"`, `printf "POST …" > /dev/tcp/localhost/15020`, `</dev/tcp/localhost/15021`. */
export function classifyConnection(search: Search, node: Command, fields: Field[]): Classified | undefined {
  const target = socketOf(node, search.into.variables);
  const texts = fields.map((field) => field.text);
  if (target && isProxyPort(target.host, target.port)) {
    if (!node.name || /^(?:true|:|exec)$/.test(nameOf(node) ?? "")) {
      return nameOf(node) === "exec" && target.kept ? undefined : { kind: "wait", probe: true };
    }
    const kind = classifyPayload(target.port, texts.slice(1).join(" "));
    if (kind) return { kind, probe: false };
    return isPrint({ ...node, redirects: [], suffix: argWords(node), prefix: [] }, new Set())
      ? { kind: "wait", probe: true }
      : undefined;
  }
  const port = proxyPortOf(texts);
  if (port === undefined) return undefined;
  for (const redirect of node.redirects) {
    const payload =
      redirect.type === "HereDoc"
        ? redirect.body.text
        : redirect.type === "HereString" && redirect.target
          ? valuesOf(redirect.target, search.into.variables).join(" ")
          : "";
    const kind = classifyPayload(port, payload);
    if (kind) return { kind, probe: false };
  }
  return undefined;
}

export function isCall(search: Search, node: Command): boolean {
  return classify(search, node, readingsOf(search, node)) !== undefined;
}
