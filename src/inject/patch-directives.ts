import { isObject, type Json, type JsonObject } from "../json.ts";

/*
 * Directives that a strategic merge patch may hold beside its values (k8s.io/apimachinery v0.28 to v0.34,
 * pkg/util/strategicpatch/patch.go). The injector merges what its templates make in this way, so they work there too.
 */

export const PATCH = "$patch";
const RETAIN_KEYS = "$retainKeys";
const ELEMENT_ORDER = "$setElementOrder";
const DELETE_FROM_LIST = "$deleteFromPrimitiveList";

/** A patch that strategicpatch refuses: the injection fails. */
export class PatchError extends Error {
  /** From the Pod on; filled on the way up. */
  readonly path: (string | number)[] = [];
}

export function isDirective(key: string): boolean {
  return (
    key.charCodeAt(0) === 36 &&
    (key === PATCH || key === RETAIN_KEYS || key.startsWith(ELEMENT_ORDER) || key.startsWith(DELETE_FROM_LIST))
  );
}

/** How a list of a map merges; `key` is the field that names its items, "" in lists of scalars. */
export interface ListMerge {
  key: string;
  /** False for a list that the patch's replaces. */
  merges: boolean;
  merge(original: Json[], patch: Json[]): Json[];
  /** A list that is new, without the items that only have directives. */
  added(patch: Json[]): Json[];
}

/**
 * Applies what a patch's map says by directives other than `$patch`.
 * @returns the original after that, and what is left of the patch; both are copies.
 */
export function applyDirectives(
  original: JsonObject,
  patch: JsonObject,
  listOf: (field: string) => ListMerge,
): { original: JsonObject; patch: JsonObject } {
  const changed: JsonObject = Object.assign(Object.create(null), original);
  const rest: JsonObject = Object.create(null);
  for (const key of Object.keys(patch)) if (!isDirective(key)) rest[key] = patch[key];
  if (Object.hasOwn(patch, RETAIN_KEYS)) retainKeys(changed, rest, patch[RETAIN_KEYS]);
  for (const key of Object.keys(patch)) {
    if (key.startsWith(ELEMENT_ORDER)) orderElements(changed, rest, fieldOf(key), patch[key], listOf);
    else if (key.startsWith(DELETE_FROM_LIST)) deleteScalars(changed, fieldOf(key), patch[key]);
  }
  return { original: changed, patch: rest };
}

function fieldOf(key: string): string {
  const slash = key.indexOf("/");
  if (slash < 0) throw new PatchError(`${key} names no field; write ${key}/FIELD`);
  return key.slice(slash + 1);
}

function retainKeys(original: JsonObject, patch: JsonObject, value: Json | undefined): void {
  if (!Array.isArray(value)) throw new PatchError(`${RETAIN_KEYS} must be a list of keys`);
  const retained = new Set(value);
  for (const key of Object.keys(patch)) {
    if (patch[key] !== null && !retained.has(key))
      throw new PatchError(`${RETAIN_KEYS} leaves out ${key}, which is set`);
  }
  for (const key of Object.keys(original)) if (!retained.has(key)) delete original[key];
}

function deleteScalars(original: JsonObject, field: string, value: Json | undefined): void {
  if (value === null) delete original[field];
  const list = original[field];
  if (!Array.isArray(list) || !Array.isArray(value)) return;
  if ([...list, ...value].some((item) => typeof item === "object" && item !== null))
    throw new PatchError(`${DELETE_FROM_LIST}/${field} is for lists of scalars`);
  const deleted = new Set(value);
  original[field] = list.filter((item) => !deleted.has(item));
}

/** Merges a list and brings it into an order; items that the order does not name stand before those they preceded. */
function orderElements(
  original: JsonObject,
  patch: JsonObject,
  field: string,
  value: Json | undefined,
  listOf: (field: string) => ListMerge,
): void {
  const list = listOf(field);
  const before = listAt(original, field);
  const after = listAt(patch, field);
  if (!Array.isArray(value)) throw new PatchError(`${ELEMENT_ORDER}/${field} must be a list`);
  // What strategicpatch makes of both depends on memory that it shares between lists.
  if (after?.some((item) => isObject(item) && Object.hasOwn(item, PATCH)))
    throw new PatchError(
      `${field} has items with ${PATCH} beside ${ELEMENT_ORDER}/${field}, which is not followed here`,
    );
  const idOf = (item: Json): Json => identify(item, list.key, field);
  const order = new Map<Json, number>();
  for (const item of value) if (!order.has(idOf(item))) order.set(idOf(item), order.size);
  checkOrder((after ?? []).map(idOf), value.map(idOf), field);
  if (before === undefined && after === undefined) return;
  delete patch[field];
  const merged =
    before === undefined
      ? list.added(after ?? [])
      : after === undefined
        ? before
        : list.merges
          ? list.merge(before, after)
          : after;
  const ordered = merged.filter((item) => order.has(idOf(item)));
  ordered.sort((a, b) => (order.get(idOf(a)) as number) - (order.get(idOf(b)) as number));
  const others = merged.filter((item) => !order.has(idOf(item)));
  original[field] = interleaved(others, ordered, (before ?? []).map(idOf), idOf);
}

function listAt(map: JsonObject, field: string): Json[] | undefined {
  const value = Object.hasOwn(map, field) ? map[field] : undefined;
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value)) throw new PatchError(`${ELEMENT_ORDER}/${field} is for a list`);
  return value;
}

function identify(item: Json, key: string, field: string): Json {
  if (key === "" && (typeof item !== "object" || item === null)) return item;
  const id = key !== "" && isObject(item) && Object.hasOwn(item, key) ? item[key] : undefined;
  if (id === undefined || (typeof id === "object" && id !== null))
    throw new PatchError(`${field} has an item that ${ELEMENT_ORDER} cannot place${key && `: it has no ${key}`}`);
  return id;
}

/** The patch's own items must follow the order that it asks for. */
function checkOrder(ids: readonly Json[], order: readonly Json[], field: string): void {
  if (order.length === 0) return;
  let at = 0;
  for (const id of order) if (at < ids.length && id === ids[at]) at++;
  if (at < ids.length) throw new PatchError(`${field} is in another order than ${ELEMENT_ORDER}/${field}`);
}

function interleaved(
  others: readonly Json[],
  ordered: readonly Json[],
  before: readonly Json[],
  idOf: (item: Json) => Json,
): Json[] {
  const places = new Map<Json, number>();
  for (const [place, id] of before.entries()) if (!places.has(id)) places.set(id, place);
  const all: Json[] = [];
  let next = 0;
  for (const item of ordered) {
    const place = places.get(idOf(item)) ?? -1;
    while (next < others.length && (places.get(idOf(others[next] as Json)) ?? Number.POSITIVE_INFINITY) < place)
      all.push(others[next++] as Json);
    all.push(item);
  }
  return [...all, ...others.slice(next)];
}

/** What `$patch` items of a keyed list do to it. */
export function applyListDirectives(
  original: Json[],
  patch: Json[],
  key: string,
): { original: Json[]; patch: Json[]; replaces: boolean } {
  let kept = original;
  let replaces = false;
  const rest: Json[] = [];
  for (const item of patch) {
    const directive = isObject(item) && Object.hasOwn(item, PATCH) ? (item[PATCH] ?? null) : undefined;
    if (!isObject(item) || directive === undefined) rest.push(item);
    else if (directive === "replace") replaces = true;
    else if (directive !== "delete") throw badPatch(directive);
    else {
      if (!Object.hasOwn(item, key)) throw new PatchError(`an item with ${PATCH}: delete has no ${key}`);
      kept = kept.filter((other) => !isObject(other) || (other[key] ?? "") !== item[key]);
    }
  }
  return { original: kept, patch: rest, replaces };
}

export function badPatch(directive: Json): PatchError {
  return new PatchError(`${PATCH}: ${JSON.stringify(directive)?.slice(0, 100)} is neither "delete" nor "replace"`);
}
