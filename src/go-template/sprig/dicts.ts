import { copyOf } from "../execute.ts";
import { fn, type TemplateFunction } from "../functions.ts";
import { sortedKeys } from "../go-string.ts";
import type { Budget } from "../limits.ts";
import { FunctionError } from "../template-error.ts";
import {
  entriesOf,
  entry,
  GoMap,
  isTrue,
  itemsOf,
  newMap,
  strings,
  typeOf,
  type Value,
  type ValueMap,
} from "../values.ts";
import { textOf } from "./convert.ts";

const CHANGES = { changesArguments: true };

/**
 * Functions of dictionaries (sprig 3.3.0 dict.go; dario.cat/mergo 1.0.1). Where Go's order of keys is random, the keys are in
 * order here.
 */
export const DICT_FUNCTIONS: [string, TemplateFunction][] = [
  ["dict", fn("any...", dict)],
  ["get", fn("map string", ([map, key]) => (hasKey(map, key) ? entry(entriesIn(map), key as string) : ""))],
  ["set", fn("map string any", ([map, key, value]) => set(map, key as string, value), CHANGES)],
  ["unset", fn("map string", ([map, key]) => unset(map, key as string), CHANGES)],
  ["hasKey", fn("map string", ([map, key]) => hasKey(map, key))],
  [
    "pluck",
    fn("string map...", ([key, ...maps]) =>
      maps.filter((map) => hasKey(map, key)).map((map) => entry(entriesIn(map), key as string)),
    ),
  ],
  ["keys", fn("map...", (maps) => strings(maps.flatMap((map) => sortedKeys(entriesIn(map)))))],
  ["values", fn("map", ([map]) => sortedKeys(entriesIn(map)).map((key) => entry(entriesIn(map), key)))],
  ["pick", fn("map string...", ([map, ...keys]) => filtered(map, (key) => keys.includes(key)))],
  ["omit", fn("map string...", ([map, ...keys]) => filtered(map, (key) => !keys.includes(key)))],
  ["merge", mergeFunction(false)],
  ["mustMerge", mergeFunction(false)],
  ["mergeOverwrite", mergeFunction(true)],
  ["mustMergeOverwrite", mergeFunction(true)],
  ["dig", fn("any...", dig)],
  ["deepCopy", fn("any", ([value], budget) => deepCopy(value, budget))],
  ["mustDeepCopy", fn("any", ([value], budget) => deepCopy(value, budget))],
];

function entriesIn(map: Value): ValueMap {
  return entriesOf(map) as ValueMap;
}

function hasKey(map: Value, key: Value): boolean {
  return Object.hasOwn(entriesIn(map), key as string);
}

function dict(args: Value[], budget: Budget): Value {
  const map = newMap();
  for (let at = 0; at < args.length; at += 2)
    map[textOf(args[at], budget)] = at + 1 < args.length ? (args[at + 1] ?? null) : "";
  return map;
}

function set(map: Value, key: string, value: Value): Value {
  if (map instanceof GoMap && map.isNil) throw new FunctionError("assignment to entry in nil map");
  entriesIn(map)[key] = value ?? null;
  return map;
}

function unset(map: Value, key: string): Value {
  delete entriesIn(map)[key];
  return map;
}

function filtered(map: Value, wanted: (key: string) => boolean): Value {
  const entries = entriesIn(map);
  const kept = newMap();
  for (const key of Object.keys(entries)) if (wanted(key)) kept[key] = entries[key];
  return kept;
}

/** The value at a path of keys, or what is given for a key that is missing. */
function dig(args: Value[]): Value {
  if (args.length < 3) throw new FunctionError("dig needs at least three arguments");
  const keys = args.slice(0, -2);
  let value = args.at(-1);
  for (const key of keys) {
    if (typeof key !== "string") throw conversionError(key, "string");
  }
  for (const key of keys as string[]) {
    const entries = typeOf(value).name === "map[string]interface {}" ? entriesOf(value) : undefined;
    if (entries === undefined) throw conversionError(value, "map[string]interface {}");
    if (!Object.hasOwn(entries, key)) return args.at(-2);
    value = entries[key];
  }
  return value;
}

function conversionError(value: Value, wanted: string): FunctionError {
  const type = value === null || value === undefined ? "nil" : typeOf(value).name;
  return new FunctionError(`interface conversion: interface {} is ${type}, not ${wanted}`);
}

function deepCopy(value: Value, budget: Budget): Value {
  if (value === null || value === undefined) {
    throw new FunctionError("reflect: call of reflect.Value.Type on zero Value");
  }
  return copyOf(value, budget);
}

function mergeFunction(overwrite: boolean): TemplateFunction {
  const run = ([target, ...sources]: Value[], budget: Budget): Value => {
    let into = target;
    if (into instanceof GoMap && into.isNil && sources.length > 0) into = newMap();
    for (const source of sources) merge(entriesIn(into), entriesIn(source), overwrite, budget, 0);
    return into;
  };
  return fn("map map...", run, CHANGES);
}

/** What the target lacks or has empty comes from the source; with `overwrite` all that the source has. */
function merge(target: ValueMap, source: ValueMap, overwrite: boolean, budget: Budget, depth: number): void {
  budget.nesting(depth);
  for (const key of Object.keys(source)) {
    budget.spend(1);
    const value = source[key];
    const present = Object.hasOwn(target, key);
    if (value === null || value === undefined) {
      if (overwrite) target[key] = null;
      continue;
    }
    const below = target[key];
    const [from, into] = [entriesOf(value), present ? entriesOf(below) : undefined];
    if (from !== undefined && into !== undefined) merge(into, from, overwrite, budget, depth + 1);
    const isList = itemsOf(value) !== undefined;
    if (isList && overwrite) target[key] = value;
    if (present && isTrue(below)) {
      if (isList || (from !== undefined && into !== undefined)) continue;
    }
    if (overwrite || !present || !isTrue(below)) target[key] = value;
  }
}
