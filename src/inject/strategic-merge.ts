import { isObject, type Json, type JsonObject } from "../json.ts";
import {
  applyDirectives,
  applyListDirectives,
  badPatch,
  isDirective,
  type ListMerge,
  PATCH,
  PatchError,
} from "./patch-directives.ts";

/** How the lists of a map merge: by the field that names an item, or as a set of scalars (""). Other lists are replaced. */
interface MergeSchema {
  lists?: Map<string, ListSchema>;
  maps?: Map<string, MergeSchema>;
  /** Items without a name have an empty one. */
  isTyped?: boolean;
}

interface ListSchema {
  key: string;
  item: MergeSchema;
}

const PLAIN: MergeSchema = {};

/** patchMergeKey tags of k8s.io/api/core/v1 types.go (v0.28 to v0.36). Tolerations and other lists have none. */
function podSchema(isTyped: boolean): MergeSchema {
  const lists = (keys: Record<string, string>, items: Record<string, MergeSchema> = {}): MergeSchema => ({
    lists: new Map(Object.entries(keys).map(([name, key]) => [name, { key, item: items[name] ?? PLAIN }])),
    isTyped,
  });
  const container = lists({
    ports: "containerPort",
    env: "name",
    volumeMounts: "mountPath",
    volumeDevices: "devicePath",
  });
  const spec = lists(
    {
      volumes: "name",
      initContainers: "name",
      containers: "name",
      ephemeralContainers: "name",
      imagePullSecrets: "name",
      hostAliases: "ip",
      topologySpreadConstraints: "topologyKey",
      resourceClaims: "name",
      schedulingGates: "name",
    },
    { initContainers: container, containers: container, ephemeralContainers: container },
  );
  const metadata = lists({ ownerReferences: "uid", finalizers: "" });
  return {
    maps: new Map([
      ["metadata", metadata],
      ["spec", spec],
    ]),
  };
}

const POD = podSchema(false);
const TYPED_POD = podSchema(true);

/**
 * Merges a template's output over a Pod as k8s.io/apimachinery's strategicpatch does with the tags of corev1.Pod: maps merge,
 * null deletes, lists with a merge key merge item by item, other values replace; directives (`$patch` and its kin) are
 * followed. In merged lists the patch's items keep the patch's order and the others stand before those they preceded. Neither
 * argument is changed; what does not differ is shared.
 * @throws {PatchError} for a patch that strategicpatch refuses
 */
export function mergePod(original: JsonObject, patch: JsonObject): JsonObject {
  return mergeMap(original, patch, POD);
}

/** The same for a patch that the injector has in its own types, where an item without a name has an empty one. */
export function mergeTypedPod(original: JsonObject, patch: JsonObject): JsonObject {
  return mergeMap(original, patch, TYPED_POD);
}

/** Copies a map without taking over a prototype, so that any key is only a key. */
export function copyMap<T extends JsonObject>(map: T | undefined): T {
  const copy: JsonObject = Object.create(null);
  // Twice as fast as Object.assign on a map without prototype, and renders copy dozens of them a Pod.
  if (map !== undefined && map !== null) for (const key of Object.keys(map)) copy[key] = map[key];
  return copy as T;
}

function mergeMap(original: JsonObject, patch: JsonObject, schema: MergeSchema): JsonObject {
  const directive = patch[PATCH];
  if (directive !== undefined) {
    if (directive === "delete") return Object.create(null);
    if (directive !== "replace") throw badPatch(directive);
    return typed(patch) as JsonObject;
  }
  if (Object.keys(patch).some(isDirective)) {
    const rest = applyDirectives(original, patch, (field) => listMerge(field, schema));
    return mergeFields(rest.original, rest.patch, schema);
  }
  return mergeFields(original, patch, schema);
}

function mergeFields(original: JsonObject, patch: JsonObject, schema: MergeSchema): JsonObject {
  const merged = copyMap(original);
  let here = "";
  try {
    for (const name of Object.keys(patch)) {
      here = name;
      const value = patch[name];
      if (value === undefined) continue;
      const old = merged[name];
      if (value === null) delete merged[name];
      // A null of the user's is nothing: the injector reads the Pod into typed fields before it merges.
      else if (old === undefined || old === null) setAdded(merged, name, value);
      else if (isObject(old) && isObject(value)) merged[name] = mergeMap(old, value, schema.maps?.get(name) ?? PLAIN);
      else if (Array.isArray(old) && Array.isArray(value)) {
        const list = schema.lists?.get(name);
        merged[name] = list === undefined ? typed(value) : mergeList(old, value, list, schema.isTyped === true);
      } else setAdded(merged, name, value);
    }
  } catch (error) {
    if (error instanceof PatchError) error.path.unshift(here);
    throw error;
  }
  return merged;
}

function setAdded(map: JsonObject, name: string, value: Json): void {
  const kept = added(value);
  if (kept === undefined) delete map[name];
  else map[name] = kept;
}

function listMerge(field: string, schema: MergeSchema): ListMerge {
  const list = schema.lists?.get(field);
  return {
    key: list?.key ?? "",
    merges: list !== undefined,
    merge: (original, patch) =>
      list === undefined ? patch : mergeList(original, patch, list, schema.isTyped === true),
    added: (patch) => added(patch) as Json[],
  };
}

/**
 * A value that meets nothing (removeDirectives): its nulls leave nothing, nor do maps with `$patch`. Most values have neither
 * and are shared.
 */
function added(value: Json): Json | undefined {
  if (isObject(value) && Object.hasOwn(value, PATCH)) return undefined;
  return cleaned(value, added);
}

/** A value as the API's types read it: without nulls, and without fields that they do not have. */
function typed(value: Json): Json {
  return cleaned(value, typed) as Json;
}

function cleaned(value: Json, inner: (value: Json) => Json | undefined): Json | undefined {
  if (Array.isArray(value)) return cleanedList(value, inner);
  if (!isObject(value)) return value;
  let copy: JsonObject | undefined;
  for (const name of Object.keys(value)) {
    const old = value[name];
    const kept = old === null || old === undefined || isDirective(name) ? undefined : inner(old);
    if (kept === old) continue;
    copy ??= copyMap(value);
    if (kept === undefined) delete copy[name];
    else copy[name] = kept;
  }
  return copy ?? value;
}

function cleanedList(value: Json[], inner: (value: Json) => Json | undefined): Json[] {
  let items: Json[] | undefined;
  for (let at = 0; at < value.length; at++) {
    const item = value[at] as Json;
    const kept = item === null ? item : inner(item);
    if (items === undefined && kept === item) continue;
    items ??= value.slice(0, at);
    if (kept !== undefined) items.push(kept);
  }
  return items ?? value;
}

function mergeList(given: Json[], all: Json[], { key, item }: ListSchema, isTyped: boolean): Json[] {
  // The API's types leave an empty list out, so the patch meets nothing and keeps its repeats.
  if (given.length === 0) return added(all) as Json[];
  const { original, patch, replaces } = applyListDirectives(given, all, key);
  const identify =
    key === "" ? (value: Json) => value : (value: Json) => (isObject(value) ? (value[key] ?? "") : value);
  if (!isTyped && key !== "") checkNames(patch, key);
  if (replaces) return typed(patch) as Json[];
  const patchIds = patch.map(identify);
  const originalIds = original.map(identify);
  const inPatch = new Set(patchIds);
  const fromPatch = new Map<Json, Json>();
  const repeats: [Json, Json][] = [];
  const firstInOriginal = new Map<Json, number>();
  for (let at = 0; at < original.length; at++) {
    const id = originalIds[at] as Json;
    if (!firstInOriginal.has(id)) {
      firstInOriginal.set(id, at);
      if (inPatch.has(id)) fromPatch.set(id, original[at] as Json);
    } else if (inPatch.has(id)) repeats.push([id, original[at] as Json]);
  }
  for (let at = 0; at < patch.length; at++) {
    const id = patchIds[at] as Json;
    const value = patch[at] as Json;
    const old = fromPatch.get(id);
    fromPatch.set(id, isObject(old) && isObject(value) ? mergeItem(old, value, item, at) : typed(value));
  }
  return interleave(original, originalIds, inPatch, fromPatch, repeats, firstInOriginal);
}

function mergeItem(original: JsonObject, patch: JsonObject, schema: MergeSchema, index: number): JsonObject {
  try {
    return mergeMap(original, patch, schema);
  } catch (error) {
    if (error instanceof PatchError) error.path.unshift(index);
    throw error;
  }
}

/** @throws {PatchError} for items that cannot be told from others */
function checkNames(patch: readonly Json[], key: string): void {
  for (const [index, item] of patch.entries()) {
    if (isObject(item) && item[key] !== undefined && item[key] !== null) continue;
    const error = new PatchError(
      isObject(item) ? `the item has no ${key}, by which the list is merged` : "must be a map",
    );
    error.path.push(index);
    throw error;
  }
}

/** mergeSortedSlice: an item of the original alone stands before the first patch item that it preceded in the original. */
function interleave(
  original: Json[],
  originalIds: Json[],
  inPatch: ReadonlySet<Json>,
  fromPatch: ReadonlyMap<Json, Json>,
  repeats: [Json, Json][],
  firstInOriginal: ReadonlyMap<Json, number>,
): Json[] {
  const merged: Json[] = [];
  let own = 0;
  const nextOwn = () => {
    while (own < original.length && inPatch.has(originalIds[own] as Json)) own++;
    return own < original.length;
  };
  // A Set and a Map hold ids in the order of their first appearance in the patch.
  for (const id of inPatch) {
    const place = firstInOriginal.get(id);
    while (place !== undefined && nextOwn() && (firstInOriginal.get(originalIds[own] as Json) as number) < place) {
      merged.push(original[own++] as Json);
    }
    merged.push(fromPatch.get(id) as Json);
    for (const [repeated, value] of repeats) if (repeated === id) merged.push(value);
  }
  while (nextOwn()) merged.push(original[own++] as Json);
  return merged;
}
