import { isObject, type Json, type JsonObject } from "../json.ts";
import { ASPECTS, type Aspect, type Change, type PodPair } from "./change.ts";
import { byName, keysOf, type LeafChange, leafChanges, textChanges } from "./leaf-changes.ts";
import { INJECTED_CONTAINERS } from "./pod-facts.ts";
import { withoutSecrets } from "./secrets.ts";

const CONTAINER_LISTS = ["initContainers", "containers"] as const;
const PROBES = ["startupProbe", "readinessProbe", "livenessProbe"];
const HANDLERS = ["exec", "httpGet", "tcpSocket", "grpc", "sleep"];
const STATUS = "sidecar.istio.io/status";

/** All that differs between two Pod templates, in the order of `ASPECTS`. */
export function comparePods({ from, to }: PodPair): Change[] {
  const [metadataFrom, metadataTo] = [mapAt(from, "metadata"), mapAt(to, "metadata")];
  const [specFrom, specTo] = [mapAt(from, "spec"), mapAt(to, "spec")];
  const changes = [
    ...compareLists(specFrom, specTo),
    ...compareContainers(specFrom, specTo),
    ...namedChanges("volumes", specFrom.volumes, specTo.volumes),
    ...compareAnnotations(mapAt(metadataFrom, "annotations"), mapAt(metadataTo, "annotations")),
    ...compareTexts("labels", mapAt(metadataFrom, "labels"), mapAt(metadataTo, "labels")),
    ...leafChanges(without(metadataFrom, METADATA), without(metadataTo, METADATA)).map(inAspect("pod")),
    ...leafChanges(without(specFrom, SPEC), without(specTo, SPEC)).map(inAspect("pod")),
  ].map((change) => ({ ...change, from: withoutSecrets(change.from), to: withoutSecrets(change.to) }));
  return ASPECTS.flatMap((aspect) => changes.filter((change) => change.aspect === aspect));
}

const METADATA = ["annotations", "labels"];
const SPEC = [...CONTAINER_LISTS, "volumes"];

function inAspect(aspect: Aspect, container?: string): (leaf: LeafChange) => Change {
  return ({ field, from, to }) => ({ aspect, ...(container !== undefined && { container }), field, from, to });
}

/**
 * A container that changes its list, and the order of names where it means something: what stands in both changes
 * places, or there are init containers of the user's, which an injected one may then precede or follow.
 */
function compareLists(from: JsonObject, to: JsonObject): Change[] {
  const [before, after] = [listsByName(from), listsByName(to)];
  const moved = [...before].flatMap(([name, list]) => {
    const other = after.get(name);
    return other === undefined || other === list ? [] : [{ container: name, field: "list", from: list, to: other }];
  });
  const orders = CONTAINER_LISTS.flatMap((list) => {
    const [left, right] = [namesIn(from, list), namesIn(to, list)];
    return isTellingOrder(list, left, right) ? leafChanges(left, right, list) : [];
  });
  return [...moved, ...orders].map((change) => ({ aspect: "containers", ...change }));
}

function listsByName(spec: JsonObject): Map<string, string> {
  return new Map(CONTAINER_LISTS.flatMap((list) => namesIn(spec, list).map((name) => [name, list])));
}

function isTellingOrder(list: string, from: readonly string[], to: readonly string[]): boolean {
  if (list === "initContainers" && [...from, ...to].some((name) => !INJECTED_CONTAINERS.includes(name))) return true;
  const [left, right] = [from.filter((name) => to.includes(name)), to.filter((name) => from.includes(name))];
  return left.join() !== right.join();
}

function namesIn(spec: JsonObject, list: string): string[] {
  return [...byName(spec[list]).keys()];
}

/** Containers by name, wherever they stand: a proxy that becomes native is the same proxy. */
function compareContainers(from: JsonObject, to: JsonObject): Change[] {
  const [before, after] = [containersOf(from), containersOf(to)];
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((name) => {
    const [left, right] = [before.get(name), after.get(name)];
    if (left !== undefined && right !== undefined) return compareContainer(name, left, right);
    return [{ aspect: "containers", container: name, field: "", from: left, to: right } satisfies Change];
  });
}

function containersOf(spec: JsonObject): Map<string, JsonObject> {
  const found = new Map<string, JsonObject>();
  for (const list of CONTAINER_LISTS) {
    for (const [name, [container]] of byName(spec[list])) if (container !== undefined) found.set(name, container);
  }
  return found;
}

function compareContainer(name: string, from: JsonObject, to: JsonObject): Change[] {
  const own = (aspect: Aspect, leaves: LeafChange[]): Change[] => leaves.map(inAspect(aspect, name));
  return keysOf(from, to).flatMap((key) => {
    const [left, right] = [from[key], to[key]];
    if (PROBES.includes(key)) return own("probes", probeChanges(key, left, right));
    if (key === "lifecycle") return own("lifecycle", lifecycleChanges(left, right));
    if (key === "env") return own("env", envChanges(left, right));
    if (key === "volumeMounts") return namedChanges("volumes", left, right, name, "mountPath");
    return own("containers", leafChanges(left, right, key));
  });
}

/** Another handler is one change; the probe's times are told apart. */
function probeChanges(name: string, from: Json | undefined, to: Json | undefined): LeafChange[] {
  if (!isObject(from) || !isObject(to)) return leafChanges(from, to, name);
  const [left, right] = [only(from, HANDLERS), only(to, HANDLERS)];
  const handler = leafChanges(left, right).length > 0 ? [{ field: name, from: left, to: right }] : [];
  return [...handler, ...leafChanges(without(from, HANDLERS), without(to, HANDLERS), name)];
}

function lifecycleChanges(from: Json | undefined, to: Json | undefined): LeafChange[] {
  const [left, right] = [isObject(from) ? from : {}, isObject(to) ? to : {}];
  return keysOf(left, right).flatMap((hook) =>
    leafChanges(left[hook], right[hook]).length > 0 ? [{ field: hook, from: left[hook], to: right[hook] }] : [],
  );
}

/** Variables by name; of several of one name the last counts, as in the container. */
function envChanges(from: Json | undefined, to: Json | undefined): LeafChange[] {
  const [before, after] = [byName(from), byName(to)];
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((name) =>
    textChanges(effectiveValue(before.get(name)), effectiveValue(after.get(name)), name),
  );
}

function effectiveValue(entries: readonly JsonObject[] | undefined): Json | undefined {
  const entry = entries?.at(-1);
  if (entry === undefined) return undefined;
  return isObject(entry.valueFrom) ? { valueFrom: entry.valueFrom } : (entry.value ?? "");
}

/** Volumes by name or mounts by path. */
function namedChanges(
  aspect: Aspect,
  from: Json | undefined,
  to: Json | undefined,
  container?: string,
  field = "name",
): Change[] {
  const [before, after] = [byName(from, field), byName(to, field)];
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((name) => {
    const [left, right] = [before.get(name)?.at(-1), after.get(name)?.at(-1)];
    return leafChanges(left, right, name).map(inAspect(aspect, container));
  });
}

/** The status annotation restates containers and volumes, which are compared themselves: only its revision counts. */
function compareAnnotations(from: JsonObject, to: JsonObject): Change[] {
  const isRestated = (change: Change): boolean =>
    change.field.startsWith(`${STATUS}.`) && change.field !== `${STATUS}.revision`;
  return compareTexts("annotations", from, to).filter((change) => !isRestated(change));
}

function compareTexts(aspect: Aspect, from: JsonObject, to: JsonObject): Change[] {
  return keysOf(from, to).flatMap((key) => textChanges(from[key], to[key], key).map(inAspect(aspect)));
}

function mapAt(map: JsonObject, key: string): JsonObject {
  const value = map[key];
  return isObject(value) ? value : {};
}

function only(map: JsonObject, keys: readonly string[]): JsonObject {
  return picked(map, (key) => keys.includes(key));
}

function without(map: JsonObject, keys: readonly string[]): JsonObject {
  return picked(map, (key) => !keys.includes(key));
}

function picked(map: JsonObject, wanted: (key: string) => boolean): JsonObject {
  const kept: JsonObject = Object.create(null);
  for (const key of Object.keys(map)) if (wanted(key)) kept[key] = map[key];
  return kept;
}
