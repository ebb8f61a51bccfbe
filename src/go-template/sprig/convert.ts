import { sprint } from "../format.ts";
import { bytesOf, fromBytes } from "../go-string.ts";
import type { Budget } from "../limits.ts";
import { readFloat, readInt64 } from "../numbers.ts";
import { FunctionError } from "../template-error.ts";
import { GoInt, isTrue, itemsOf, type Value } from "../values.ts";

/** Conversions that sprig's functions share (sprig 3.3.0 strings.go, numeric.go; spf13/cast 1.7.0). */

/** sprig's strval */
export function textOf(value: Value, budget: Budget): string {
  return typeof value === "string" ? value : sprint([value], budget);
}

/** sprig's strslice: the texts of a list without its nils, or of the one value. */
export function textsOf(value: Value, budget: Budget): string[] {
  const items = itemsOf(value);
  if (items === undefined) return value === null || value === undefined ? [] : [textOf(value, budget)];
  return items.filter((item) => item !== null && item !== undefined).map((item) => textOf(item, budget));
}

/** sprig's empty; a struct is never empty. */
export function isEmpty(value: Value): boolean {
  return !isTrue(value);
}

/** cast knows Go's own types alone: an enumeration is 0 to it. */
function isPlain({ type }: GoInt): boolean {
  return type.name === type.kind;
}

/** cast.ToInt64 */
export function toInt64(value: Value): bigint {
  if (value instanceof GoInt) return isPlain(value) ? BigInt.asIntN(64, value.value) : 0n;
  if (typeof value === "number") return floatToInt64(value);
  if (typeof value === "string") return readInt64(withoutZeroDecimal(value), 0) ?? 0n;
  return value === true ? 1n : 0n;
}

const LOWEST = -(2n ** 63n);

/** What amd64 makes of a float64 that does not fit is the lowest int64. */
function floatToInt64(value: number): bigint {
  if (!Number.isFinite(value)) return LOWEST;
  const whole = BigInt(Math.trunc(value));
  return BigInt.asIntN(64, whole) === whole ? whole : LOWEST;
}

/** cast's trimZeroDecimal: `1.00` is read as 1. */
function withoutZeroDecimal(text: string): string {
  return text.replace(/\.0+$/, "");
}

/** cast.ToFloat64 */
export function toFloat64(value: Value): number {
  if (value instanceof GoInt) return isPlain(value) ? Number(value.value) : 0;
  if (typeof value === "number") return value;
  if (typeof value === "string") return readFloat(value) ?? 0;
  return value === true ? 1 : 0;
}

/** An int argument as a number. */
export function toNumber(value: Value): number {
  return Number((value as GoInt).value);
}

/** Works on the bytes of a string, one character each. */
export function onBytes(text: string, change: (bytes: string) => string): string {
  return fromBytes(Buffer.from(change(bytesOf(text).toString("latin1")), "latin1"));
}

/**
 * A part of a list or string, as Go slices.
 * @throws FunctionError where the bounds are not within
 */
export function checkBounds(start: number, end: number, length: number): void {
  if (start < 0 || end > length || start > end) {
    throw new FunctionError(`runtime error: slice bounds out of range [${start}:${end}] with length ${length}`);
  }
}
