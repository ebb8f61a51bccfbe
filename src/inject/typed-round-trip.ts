import { isObject, type Json, type JsonObject } from "../json.ts";
import { type ContainerList, containersOf, findContainer, type Pod } from "./containers.ts";
import { textOf } from "./scalars.ts";
import { copyMap } from "./strategic-merge.ts";

/*
 * The injector reads its result into corev1.Pod and writes it out again. What that adds to or takes from a Pod is done here,
 * where it shows: zero values go unless the user wrote them, a resource field without divisor gets "0", an annotation or label
 * without value gets "".
 */

const LISTS: ContainerList[] = ["containers", "initContainers"];
const PROBES = ["readinessProbe", "livenessProbe", "startupProbe"];
const PROBE_NUMBERS = [
  "initialDelaySeconds",
  "timeoutSeconds",
  "periodSeconds",
  "successThreshold",
  "failureThreshold",
];

/**
 * Takes the zero values out of the containers that the templates define. Changes the Pod's spec.
 * @param original keeps zero values that the user wrote
 */
export function dropZeroValues(pod: Pod, template: Pod, original: Pod): void {
  for (const list of LISTS) {
    const templated = containersOf(template.spec, list);
    const items = pod.spec[list];
    if (templated.length === 0 || !Array.isArray(items)) continue;
    pod.spec[list] = items.map((item) => {
      const name = isObject(item) ? textOf(item.name) : undefined;
      if (!isObject(item) || name === undefined || findContainer(templated, name) === undefined) return item;
      const own =
        findContainer(containersOf(original.spec, "containers"), name) ??
        findContainer(containersOf(original.spec, "initContainers"), name);
      return withoutZeros(item, own);
    });
  }
}

function withoutZeros(container: JsonObject, own: JsonObject | undefined): JsonObject {
  const ownEmpty = new Set(Array.isArray(own?.env) ? own.env.filter(isEmptyEntry).map((entry) => entry.name) : []);
  let changed = withMapped(container, "env", (entry) => {
    if (!isEmptyEntry(entry) || ownEmpty.has(entry.name)) return entry;
    const { value: _, ...rest } = entry;
    return rest;
  });
  for (const name of PROBES) {
    changed = withField(changed, name, (probe) => withoutZeroNumbers(probe, own?.[name]));
  }
  return changed;
}

function isEmptyEntry(entry: Json): entry is JsonObject {
  return isObject(entry) && entry.value === "";
}

function withoutZeroNumbers(probe: JsonObject, own: Json | undefined): JsonObject {
  let changed: JsonObject | undefined;
  for (const field of PROBE_NUMBERS) {
    if (probe[field] !== 0 || (isObject(own) && own[field] === 0)) continue;
    changed ??= copyMap(probe);
    delete changed[field];
  }
  return changed ?? probe;
}

/** Gives every resource field of the Pod a divisor. Changes the Pod's spec. */
export function addDivisors(pod: Pod): void {
  for (const list of [...LISTS, "ephemeralContainers"]) {
    mapInPlace(pod.spec, list, (container) =>
      withMapped(container, "env", (entry) => withField(entry, "valueFrom", withDivisor)),
    );
  }
  mapInPlace(pod.spec, "volumes", (volume) => {
    const direct = withField(volume, "downwardAPI", (source) => withMapped(source, "items", withDivisor));
    return withField(direct, "projected", (projected) =>
      withMapped(projected, "sources", (source) =>
        withField(source, "downwardAPI", (api) => withMapped(api, "items", withDivisor)),
      ),
    );
  });
}

function withDivisor(source: JsonObject): JsonObject {
  const field = source.resourceFieldRef;
  if (!isObject(field) || (field.divisor !== undefined && field.divisor !== null)) return source;
  return Object.assign(copyMap(source), { resourceFieldRef: Object.assign(copyMap(field), { divisor: "0" }) });
}

function withField(map: JsonObject, name: string, change: (value: JsonObject) => JsonObject): JsonObject {
  const value = map[name];
  if (!isObject(value)) return map;
  const changed = change(value);
  return changed === value ? map : Object.assign(copyMap(map), { [name]: changed });
}

function withMapped(map: JsonObject, name: string, change: (item: JsonObject) => JsonObject): JsonObject {
  const items = map[name];
  if (!Array.isArray(items)) return map;
  const changed = mapItems(items, change);
  return changed === items ? map : Object.assign(copyMap(map), { [name]: changed });
}

function mapInPlace(map: JsonObject, name: string, change: (item: JsonObject) => JsonObject): void {
  const items = map[name];
  if (Array.isArray(items)) map[name] = mapItems(items, change);
}

function mapItems(items: Json[], change: (item: JsonObject) => JsonObject): Json[] {
  let changed: Json[] | undefined;
  for (let at = 0; at < items.length; at++) {
    const item = items[at] as Json;
    const next = isObject(item) ? change(item) : item;
    if (next === item) continue;
    changed ??= [...items];
    changed[at] = next;
  }
  return changed ?? items;
}

/** Turns labels or annotations without value into empty ones. Changes the metadata. */
export function fillEmptyTexts(metadata: JsonObject): void {
  for (const field of ["labels", "annotations"]) {
    const map = metadata[field];
    if (!isObject(map)) continue;
    const empty = Object.keys(map).filter((key) => map[key] === null);
    if (empty.length === 0) continue;
    const filled = copyMap(map);
    for (const key of empty) filled[key] = "";
    metadata[field] = filled;
  }
}
