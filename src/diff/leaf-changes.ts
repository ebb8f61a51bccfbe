import { meansTheSame } from "../inject/injection-removal.ts";
import { isObject, type Json, type JsonObject, parseJsonText } from "../json.ts";

/** One value that differs between two pieces of data. */
export interface LeafChange {
  /** Keys down to the value, dotted: "securityContext.runAsUser". */
  field: string;
  from: Json | undefined;
  to: Json | undefined;
}

/** Values that differ, maps followed down to them; lists differ as a whole. Empty and missing mean the same. */
export function leafChanges(from: Json | undefined, to: Json | undefined, field = ""): LeafChange[] {
  if (meansTheSame(from, to, lastOf(field))) return [];
  if (!isObject(from) || !isObject(to)) return [{ field, from, to }];
  return keysOf(from, to).flatMap((key) => leafChanges(from[key], to[key], field === "" ? key : `${field}.${key}`));
}

function lastOf(field: string): string {
  const steps = field.split(".");
  const parent = steps.at(-2);
  return parent === "limits" || parent === "requests" ? "quantity" : (steps.at(-1) ?? "");
}

/** The keys of both, in the order of the first, then the second. */
export function keysOf(from: JsonObject, to: JsonObject): string[] {
  return [...new Set([...Object.keys(from), ...Object.keys(to)])];
}

/** The same for texts that hold JSON maps, as the proxy's PROXY_CONFIG; else the texts themselves. */
export function textChanges(from: Json | undefined, to: Json | undefined, field: string): LeafChange[] {
  if (from === to) return [];
  const [left, right] = [jsonMap(from), jsonMap(to)];
  return left === undefined || right === undefined ? leafChanges(from, to, field) : leafChanges(left, right, field);
}

function jsonMap(text: Json | undefined): JsonObject | undefined {
  if (typeof text !== "string" || !text.trimStart().startsWith("{")) return undefined;
  try {
    const data = parseJsonText(text);
    return isObject(data) ? data : undefined;
  } catch {
    return undefined;
  }
}

/** Maps of a list by one of their fields; several of one name stay together. */
export function byName(list: Json | undefined, field = "name"): Map<string, JsonObject[]> {
  const found = new Map<string, JsonObject[]>();
  for (const item of Array.isArray(list) ? list : []) {
    if (!isObject(item)) continue;
    const name = String(item[field] ?? "");
    found.set(name, [...(found.get(name) ?? []), item]);
  }
  return found;
}
