import type { Aspect, Change } from "../diff/change.ts";
import { isObject, type Json } from "../json.ts";

/** A change in words: what it is about and what happens to it. */
export interface ChangeLine {
  kind: "added" | "removed" | "changed";
  /** "istio-init, istio-proxy image". */
  subject: string;
  /** "1.27.1 → 1.28.2"; "" for what comes or goes. */
  what: string;
}

/** Changes in words, short: those of several containers in one line, what comes and what goes each in one. */
export function changeLines(changes: readonly Change[]): ChangeLine[] {
  const lines: ChangeLine[] = [];
  const same = new Map<string, Change[]>();
  for (const change of changes) {
    const key = isReplaced(change)
      ? JSON.stringify(["=", change.aspect, change.field, change.from, change.to])
      : JSON.stringify([change.from === undefined ? "+" : "-", change.aspect, change.container ?? ""]);
    same.set(key, [...(same.get(key) ?? []), change]);
  }
  for (const [first, ...others] of same.values()) {
    if (first !== undefined) lines.push(isReplaced(first) ? replaced(first, others) : comesOrGoes(first, others));
  }
  return lines;
}

/** Not only there at one of the targets. Texts in lists of few words are told by their place. */
function isReplaced({ from, to }: Change): boolean {
  return from !== undefined && to !== undefined;
}

const NOUNS: Readonly<Record<Aspect, string>> = {
  sidecar: "",
  containers: "",
  probes: "",
  lifecycle: "lifecycle",
  env: "env",
  volumes: "volume",
  annotations: "annotation",
  labels: "label",
  pod: "",
};

function replaced(change: Change, others: readonly Change[]): ChangeLine {
  const owners = [change, ...others].flatMap(({ container }) => container ?? []).join(", ");
  const noun = change.aspect === "volumes" && owners !== "" ? "mount" : NOUNS[change.aspect];
  const field = change.aspect === "sidecar" ? "sidecar" : change.field;
  return {
    kind: "changed",
    subject: [owners, noun, field].filter((word) => word !== "").join(" "),
    what: fromTo(change),
  };
}

function comesOrGoes(change: Change, others: readonly Change[]): ChangeLine {
  const all = [change, ...others];
  const owner = change.container ?? "";
  const kind = change.from === undefined ? "added" : "removed";
  if (all.every(({ aspect, field }) => aspect === "containers" && field === ""))
    return { kind, subject: `container ${owner}`, what: "" };
  const noun = change.aspect === "volumes" && owner !== "" ? "mount" : NOUNS[change.aspect];
  const named = all.map(({ field, from, to }) => {
    const value = from ?? to;
    return isShort(value) && change.aspect !== "volumes" ? `${field}: ${shown(value ?? null)}` : field;
  });
  const subject = [owner, noun, named.join(", ")].filter((word) => word !== "").join(" ");
  return { kind, subject, what: "" };
}

function isShort(value: Json | undefined): boolean {
  return value !== undefined && value !== null && typeof value !== "object" && String(value).length <= 40;
}

function fromTo({ field, from, to }: Change): string {
  if (field === "image" && typeof from === "string" && typeof to === "string") return imageChange(from, to);
  if (Array.isArray(from) && Array.isArray(to) && field !== "containers" && field !== "initContainers")
    return listChange(from, to);
  return `${shown(from ?? null)} → ${shown(to ?? null)}`;
}

/** The repository only where it changes. */
function imageChange(from: string, to: string): string {
  const [left, right] = [splitImage(from), splitImage(to)];
  if (left === undefined || right === undefined || left.repository !== right.repository) return `${from} → ${to}`;
  return `${left.tag} → ${right.tag}`;
}

function splitImage(image: string): { repository: string; tag: string } | undefined {
  const colon = image.lastIndexOf(":");
  return colon > image.lastIndexOf("/")
    ? { repository: image.slice(0, colon), tag: image.slice(colon + 1) }
    : undefined;
}

/** What goes and what comes, where a list is long; all of it where it is short. */
function listChange(from: readonly Json[], to: readonly Json[]): string {
  const left = rest(from, to);
  const right = rest(to, from);
  if (left.length + right.length === 0) return `${shown([...from])} → ${shown([...to])}`;
  return [...left.map((item) => `-${shown(item)}`), ...right.map((item) => `+${shown(item)}`)].join(" ");
}

function rest(items: readonly Json[], others: readonly Json[]): Json[] {
  const counts = new Map<string, number>();
  for (const other of others) counts.set(JSON.stringify(other), (counts.get(JSON.stringify(other)) ?? 0) + 1);
  return items.filter((item) => {
    const key = JSON.stringify(item);
    const left = counts.get(key) ?? 0;
    counts.set(key, left - 1);
    return left <= 0;
  });
}

const MAX_SHOWN = 100;

/** A value on one line: names in lists and handlers of probes in their own words, else JSON, cut where long. */
function shown(value: Json): string {
  const text = inWords(value) ?? (typeof value === "string" ? plainOrQuoted(value) : JSON.stringify(value));
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN - 1)}…` : text;
}

function plainOrQuoted(text: string): string {
  // Control characters must not reach a terminal.
  return /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(text) ? text : JSON.stringify(text);
}

function inWords(value: Json): string | undefined {
  if (Array.isArray(value)) {
    const isNames = value.every((item) => typeof item === "string");
    return isNames ? value.map((item) => plainOrQuoted(String(item))).join(", ") || "none" : undefined;
  }
  if (!isObject(value)) return undefined;
  const { httpGet, tcpSocket, grpc, exec } = value;
  if (isObject(httpGet))
    return `GET ${httpGet.scheme === "HTTPS" ? "https " : ""}:${text(httpGet.port)}${text(httpGet.path)}`;
  if (isObject(tcpSocket)) return `TCP :${text(tcpSocket.port)}`;
  if (isObject(grpc)) return `gRPC :${text(grpc.port)}`;
  if (isObject(exec) && Array.isArray(exec.command)) return `exec ${exec.command.map((word) => text(word)).join(" ")}`;
  return undefined;
}

function text(value: Json | undefined): string {
  return typeof value === "string" || typeof value === "number" ? plainOrQuoted(String(value)) : "";
}
