import { fn, type TemplateFunction } from "../functions.ts";
import { deepEqual } from "../go-json.ts";
import { compareStrings } from "../go-string.ts";
import type { Budget } from "../limits.ts";
import { FunctionError } from "../template-error.ts";
import {
  ANY,
  type GoInt,
  GoList,
  INT,
  int,
  itemsOf,
  LIST,
  STRINGS,
  strings,
  type Type,
  typeOf,
  type Value,
} from "../values.ts";
import { checkBounds, isEmpty, textOf, textsOf, toInt64, toNumber } from "./convert.ts";

/** List functions (sprig 3.3.0 list.go, numeric.go); those named must… report errors alike here. */
export const LIST_FUNCTIONS: [string, TemplateFunction][] = [
  ["list", fn("any...", (args) => args.map(orNil))],
  ["tuple", fn("any...", (args) => args.map(orNil))],
  ...both(
    "append",
    fn("any any", ([list, value]) => [...listOf(list, "Cannot push on type"), orNil(value)]),
  ),
  ...both(
    "push",
    fn("any any", ([list, value]) => [...listOf(list, "Cannot push on type"), orNil(value)]),
  ),
  ...both(
    "prepend",
    fn("any any", ([list, value]) => [orNil(value), ...listOf(list, "Cannot prepend on type")]),
  ),
  ...both(
    "first",
    fn("any", ([list]) => listOf(list, "Cannot find first on type")[0]),
  ),
  ...both(
    "last",
    fn("any", ([list]) => listOf(list, "Cannot find last on type").at(-1)),
  ),
  ...both(
    "rest",
    fn("any", ([list]) => orNilList(listOf(list, "Cannot find rest on type"), (items) => items.slice(1))),
  ),
  ...both(
    "initial",
    fn("any", ([list]) => orNilList(listOf(list, "Cannot find initial on type"), (items) => items.slice(0, -1))),
  ),
  ...both(
    "reverse",
    fn("any", ([list]) => listOf(list, "Cannot find reverse on type").toReversed()),
  ),
  ...both(
    "compact",
    fn("any", ([list]) => listOf(list, "Cannot compact on type").filter((item) => !isEmpty(item))),
  ),
  ...both(
    "uniq",
    fn("any", ([list], budget) => unique(listOf(list, "Cannot find uniq on type"), budget)),
  ),
  ...both(
    "without",
    fn("any any...", ([list, ...omitted], budget) =>
      listOf(list, "Cannot find without on type").filter((item) => !includes(omitted, item, budget)),
    ),
  ),
  ...both(
    "has",
    fn("any any", ([needle, list], budget) => {
      if (list === null || list === undefined) return false;
      return includes(listOf(list, "Cannot find has on type"), needle, budget);
    }),
  ),
  ...both(
    "slice",
    fn("any any...", ([list, ...indices]) => sliceOf(list, indices)),
  ),
  ...both(
    "chunk",
    fn("int any", ([size, list]) => chunks(toNumber(size), listOf(list, "Cannot chunk type"))),
  ),
  ["concat", fn("any...", (lists, budget) => concat(lists, budget))],
  ["sortAlpha", fn("any", ([list], budget) => sorted(list, budget))],
  ["until", fn("int", ([count], budget) => ints(untilStep(0n, whole(count), whole(count) < 0n ? -1n : 1n, budget)))],
  [
    "untilStep",
    fn("int int int", ([start, stop, step], budget) => ints(untilStep(whole(start), whole(stop), whole(step), budget))),
  ],
  ["seq", fn("int...", (args, budget) => sequence(args.map(whole), budget).join(" "))],
];

function both(name: string, run: TemplateFunction): [string, TemplateFunction][] {
  return [
    [name, run],
    [`must${name[0]?.toUpperCase()}${name.slice(1)}`, run],
  ];
}

function orNil(value: Value): Value {
  return value ?? null;
}

/** @throws FunctionError for what is no list */
function listOf(value: Value, message: string): Value[] {
  const items = itemsOf(value);
  if (items !== undefined) return items;
  if (value === null || value === undefined) {
    throw new FunctionError("runtime error: invalid memory address or nil pointer dereference");
  }
  throw new FunctionError(`${message} ${typeOf(value).kind}`);
}

function orNilList(items: Value[], change: (items: Value[]) => Value[]): Value {
  return items.length === 0 ? new GoList(ANY, [], true) : change(items);
}

function includes(items: Value[], needle: Value, budget: Budget): boolean {
  return items.some((item) => deepEqual(item, needle, budget));
}

function unique(items: Value[], budget: Budget): Value[] {
  const kept: Value[] = [];
  for (const item of items) if (!includes(kept, item, budget)) kept.push(item);
  return kept;
}

function sliceOf(list: Value, indices: Value[]): Value {
  const items = listOf(list, "list should be type of slice or array but");
  if (items.length === 0) return null;
  const [from, to] = indices;
  const start = indices.length > 0 ? Number(toInt64(from)) : 0;
  const end = indices.length < 2 ? items.length : Number(toInt64(to));
  checkBounds(start, end, items.length);
  const part = items.slice(start, end);
  return list instanceof GoList ? new GoList(list.type.elem as Type, part) : part;
}

function chunks(size: number, items: Value[]): Value {
  const { length } = items;
  const count = Math.floor((length - 1) / size) + 1;
  const tooLong = () => new FunctionError("runtime error: makeslice: len out of range");
  if (!Number.isFinite(count) || count < 0) throw tooLong();
  const parts: Value[] = [];
  for (let index = 0; index < count; index++) {
    const wanted = index === count - 1 ? length % size || size : size;
    if (wanted < 0) throw tooLong();
    parts.push(items.slice(index * size, index * size + wanted));
  }
  return new GoList(LIST, parts);
}

function concat(lists: Value[], budget: Budget): Value {
  const all: Value[] = [];
  for (const list of lists) {
    const items = itemsOf(list);
    if (items === undefined) {
      if (list === null || list === undefined) listOf(list, "");
      throw new FunctionError(`Cannot concat type ${typeOf(list).kind} as list`);
    }
    budget.text(all.length + items.length);
    all.push(...items);
  }
  return all.length === 0 ? new GoList(ANY, [], true) : all;
}

function sorted(list: Value, budget: Budget): Value {
  if (itemsOf(list) === undefined) return strings([textOf(list, budget)]);
  // Go sorts a []string in place.
  if (list instanceof GoList && list.type === STRINGS) {
    list.items.sort((a, b) => compareStrings(a as string, b as string));
    return list;
  }
  return strings(textsOf(list, budget).sort(compareStrings));
}

function whole(value: Value): bigint {
  return (value as GoInt).value;
}

function ints(numbers: bigint[]): GoList {
  return new GoList(INT, numbers.map(int));
}

function untilStep(start: bigint, stop: bigint, step: bigint, budget: Budget): bigint[] {
  const down = stop < start;
  if (start === stop) return [];
  if (down ? step >= 0n : step <= 0n) return [];
  const count = Number((stop - start - (down ? -1n : 1n)) / step) + 1;
  budget.text(count);
  budget.spend(count);
  return Array.from({ length: count }, (_, index) => start + BigInt(index) * step);
}

/** sprig's seq: FIRST? STEP? LAST, with the last one in it. */
function sequence(params: bigint[], budget: Budget): bigint[] {
  const [a = 0n, b = 0n, c = 0n] = params;
  const upTo = (first: bigint, last: bigint, step: bigint, towards: bigint) =>
    untilStep(first, BigInt.asIntN(64, last + towards), step, budget);
  switch (params.length) {
    case 1:
      return a < 1n ? upTo(1n, a, -1n, -1n) : upTo(1n, a, 1n, 1n);
    case 2:
      return b < a ? upTo(a, b, -1n, -1n) : upTo(a, b, 1n, 1n);
    case 3:
      if (c < a) return b > 0n ? [] : upTo(a, c, b, -1n);
      return upTo(a, c, b, 1n);
    default:
      return [];
  }
}
