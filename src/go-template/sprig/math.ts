import { sprint } from "../format.ts";
import { fn, type TemplateFunction } from "../functions.ts";
import { readInt64, readInteger } from "../numbers.ts";
import { FunctionError } from "../template-error.ts";
import { GoInt, INT, int64, type Value } from "../values.ts";
import { toFloat64, toInt64, toNumber } from "./convert.ts";
import { type Decimal, decimalOf, numberOf, plus, quotient, times } from "./decimal.ts";

/** Arithmetic (sprig 3.3.0 numeric.go, functions.go): int64 that wraps, and decimals for those that end in f. */
export const MATH_FUNCTIONS: [string, TemplateFunction][] = [
  ["atoi", fn("string", ([text]) => new GoInt(INT, parseAtoi(text as string)))],
  ["int64", fn("any", ([value]) => int64(toInt64(value)))],
  ["int", fn("any", ([value]) => new GoInt(INT, toInt64(value)))],
  ["float64", fn("any", ([value]) => toFloat64(value))],
  ["toDecimal", fn("any", ([value], budget) => int64(readInt64(sprint([value], budget), 8) ?? 0n))],
  ["add1", fn("any", ([value]) => int64(toInt64(value) + 1n))],
  ["add", fn("any...", (values) => int64(values.reduce((sum: bigint, value) => sum + toInt64(value), 0n)))],
  ["sub", fn("any any", ([a, b]) => int64(toInt64(a) - toInt64(b)))],
  ["div", fn("any any", ([a, b]) => int64(toInt64(a) / divisor(b)))],
  ["mod", fn("any any", ([a, b]) => int64(toInt64(a) % divisor(b)))],
  [
    "mul",
    fn("any any...", ([first, ...others]) =>
      int64(others.reduce((all: bigint, value) => BigInt.asIntN(64, all * toInt64(value)), toInt64(first))),
    ),
  ],
  ["biggest", fn("any any...", (values) => int64(extreme(values, (a, b) => a > b)))],
  ["max", fn("any any...", (values) => int64(extreme(values, (a, b) => a > b)))],
  ["min", fn("any any...", (values) => int64(extreme(values, (a, b) => a < b)))],
  ["maxf", fn("any any...", (values) => Math.max(...values.map(toFloat64)))],
  ["minf", fn("any any...", (values) => Math.min(...values.map(toFloat64)))],
  ["add1f", fn("any", ([value]) => folded([value, 1], plus))],
  ["addf", fn("any...", (values) => folded([0, ...values], plus))],
  ["subf", fn("any any...", (values) => folded(values, (a, b) => plus(a, { ...b, digits: -b.digits })))],
  ["mulf", fn("any any...", (values) => folded(values, times))],
  ["divf", fn("any any...", (values) => folded(values, quotient))],
  ["ceil", fn("any", ([value]) => Math.ceil(toFloat64(value)))],
  ["floor", fn("any", ([value]) => Math.floor(toFloat64(value)))],
  [
    "round",
    fn("any int float...", ([value, places, at]) =>
      round(toFloat64(value), toNumber(places), (at as number | undefined) ?? 0.5),
    ),
  ],
];

const INT64_MAX = 2n ** 63n - 1n;

/** What does not fit becomes the nearest int. */
function parseAtoi(text: string): bigint {
  const value = readInteger(text, 10) ?? 0n;
  return value > INT64_MAX ? INT64_MAX : value < -INT64_MAX - 1n ? -INT64_MAX - 1n : value;
}

function divisor(value: Value): bigint {
  const number = toInt64(value);
  if (number === 0n) throw new FunctionError("runtime error: integer divide by zero");
  return number;
}

function extreme(values: Value[], beats: (a: bigint, b: bigint) => boolean): bigint {
  const [first = 0n, ...others] = values.map(toInt64);
  return others.reduce((best, value) => (beats(value, best) ? value : best), first);
}

function folded(values: Value[], operation: (a: Decimal, b: Decimal) => Decimal): number {
  const [first, ...others] = values.map((value) => decimalOf(toFloat64(value)));
  return numberOf(others.reduce(operation, first as Decimal));
}

function round(value: number, places: number, at: number): number {
  const power = powerOfTen(places);
  const shifted = power * value;
  const fraction = Number.isFinite(shifted) ? shifted % 1 : Number.NaN;
  return (fraction >= at ? Math.ceil(shifted) : Math.floor(shifted)) / power;
}

/** math.Pow(10, exponent), which rounds in another way than JavaScript's. */
function powerOfTen(exponent: number): number {
  if (Math.abs(exponent) > 400) return exponent > 0 ? Infinity : 0;
  let [mantissa, twos] = [1, 0];
  let [square, squareTwos] = [0.625, 4];
  for (let rest = Math.abs(exponent); rest !== 0; rest >>= 1) {
    if (rest & 1) {
      mantissa *= square;
      twos += squareTwos;
    }
    square *= square;
    squareTwos *= 2;
    if (square < 0.5) {
      square += square;
      squareTwos--;
    }
  }
  if (exponent < 0) [mantissa, twos] = [1 / mantissa, -twos];
  const half = Math.trunc(twos / 2);
  return mantissa * 2 ** half * 2 ** (twos - half);
}
