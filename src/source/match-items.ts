import { isObject, type Json } from "../json.ts";
import { isSameData } from "./equal.ts";

/** How the items of a list come out of those of an earlier list. */
export interface ItemMatch {
  /** By index in the new list: the index of the old item it is, undefined for a new one. */
  origins: (number | undefined)[];
  /** By index in the new list: true where the old item keeps its place among the others that keep theirs. */
  stays: boolean[];
}

/**
 * Matches two lists: equal items first, then objects of the same identity (`name`, for mounts `mountPath`), then what
 * is left between two items that stay, one by one. Of items that changed their order the heaviest set keeps its place.
 * @param weight of an old item: what moving it would cost.
 */
export function matchItems(
  before: readonly Json[],
  after: readonly Json[],
  weight: (index: number) => number,
): ItemMatch {
  const origins: (number | undefined)[] = new Array(after.length).fill(undefined);
  const taken: boolean[] = new Array(before.length).fill(false);
  const identities = before.map(identityOf);
  const buckets = bucketsOf(identities);
  claim(after, origins, taken, buckets, (index, item) => isSameData(before[index], item));
  claim(after, origins, taken, buckets, (index) => identities[index] !== ANONYMOUS);
  const stays = heaviestOrder(origins, weight);
  pairLeftovers(before, after, origins, stays, taken);
  return { origins, stays };
}

const ANONYMOUS = "";

/** Scalars are themselves, objects go by what Kubernetes merges their list by. */
function identityOf(item: Json): string {
  if (!isObject(item)) return Array.isArray(item) ? ANONYMOUS : `${typeof item}:${String(item)}`;
  for (const key of ["mountPath", "devicePath", "name", "containerPort", "ip", "topologyKey"]) {
    const value = Object.hasOwn(item, key) ? item[key] : undefined;
    if (typeof value === "string" || typeof value === "number") return `${key}=${value}`;
  }
  return ANONYMOUS;
}

function bucketsOf(identities: readonly string[]): Map<string, number[]> {
  const buckets = new Map<string, number[]>();
  identities.forEach((identity, index) => {
    const bucket = buckets.get(identity);
    if (bucket === undefined) buckets.set(identity, [index]);
    else bucket.push(index);
  });
  return buckets;
}

function claim(
  after: readonly Json[],
  origins: (number | undefined)[],
  taken: boolean[],
  buckets: ReadonlyMap<string, readonly number[]>,
  fits: (index: number, item: Json) => boolean,
): void {
  const passed = new Map<string, number>();
  after.forEach((item, index) => {
    if (origins[index] !== undefined) return;
    const identity = identityOf(item);
    const bucket = buckets.get(identity);
    if (bucket === undefined) return;
    let first = passed.get(identity) ?? 0;
    while (first < bucket.length && taken[bucket[first] as number]) first++;
    passed.set(identity, first);
    for (let i = first; i < bucket.length; i++) {
      const candidate = bucket[i] as number;
      if (taken[candidate] || !fits(candidate, item)) continue;
      taken[candidate] = true;
      origins[index] = candidate;
      return;
    }
  });
}

/** Marks the heaviest subsequence of rising origins. */
function heaviestOrder(origins: readonly (number | undefined)[], weight: (index: number) => number): boolean[] {
  const stays = origins.map((origin) => origin !== undefined);
  const matched = origins.flatMap((origin, index) => (origin === undefined ? [] : [{ origin, index }]));
  if (matched.every(({ origin }, i) => i === 0 || origin > (matched[i - 1]?.origin as number))) return stays;
  const size = Math.max(...matched.map(({ origin }) => origin)) + 1;
  // A Fenwick tree of the heaviest subsequence that ends at or before an origin.
  const best: ({ sum: number; last: number } | undefined)[] = new Array(size + 1).fill(undefined);
  const previous = new Map<number, number>();
  let top = { sum: 0, last: -1 };
  matched.forEach(({ origin }, i) => {
    let sum = 0;
    let last = -1;
    for (let at = origin; at > 0; at -= at & -at) {
      const found = best[at];
      if (found !== undefined && found.sum > sum) ({ sum, last } = found);
    }
    previous.set(i, last);
    const here = { sum: sum + weight(origin), last: i };
    if (here.sum > top.sum) top = here;
    for (let at = origin + 1; at <= size; at += at & -at) {
      if ((best[at]?.sum ?? 0) < here.sum) best[at] = here;
    }
  });
  stays.fill(false);
  for (let i = top.last; i >= 0; i = previous.get(i) ?? -1) stays[matched[i]?.index as number] = true;
  return stays;
}

/** Between two items that stay, scalars take the place of scalars and nameless items that of nameless ones. */
function pairLeftovers(
  before: readonly Json[],
  after: readonly Json[],
  origins: (number | undefined)[],
  stays: boolean[],
  taken: readonly boolean[],
): void {
  const limits: number[] = [];
  let limit = before.length;
  for (let index = after.length - 1; index >= 0; index--) {
    limits[index] = limit;
    if (stays[index]) limit = origins[index] as number;
  }
  let next = 0;
  after.forEach((item, index) => {
    const origin = origins[index];
    if (origin !== undefined) {
      if (stays[index]) next = origin + 1;
      return;
    }
    const sort = sortOf(item);
    for (let candidate = next; sort !== NAMED && candidate < (limits[index] as number); candidate++) {
      if (taken[candidate] || sortOf(before[candidate] as Json) !== sort) continue;
      origins[index] = candidate;
      stays[index] = true;
      next = candidate + 1;
      return;
    }
  });
}

const NAMED = "named";

/** Named objects are never taken for one another. */
function sortOf(item: Json): string {
  if (isObject(item)) return identityOf(item) === ANONYMOUS ? "nameless" : NAMED;
  return Array.isArray(item) ? "list" : "scalar";
}
