import { FunctionError } from "../template-error.ts";

/** digits × 10^exponent, as shopspring/decimal 1.4.0 reckons. */
export interface Decimal {
  digits: bigint;
  exponent: number;
}

/** Digits after the point of a quotient. */
const DIVISION_PLACES = 16;

/** @throws FunctionError for infinities and NaN */
export function decimalOf(value: number): Decimal {
  if (!Number.isFinite(value)) throw new FunctionError(`Cannot create a Decimal from ${value}`);
  const [mantissa = "0", exponent = "0"] = value.toExponential().split("e");
  const [whole = "0", fraction = ""] = mantissa.split(".");
  return { digits: BigInt(whole + fraction), exponent: Number(exponent) - fraction.length };
}

export function numberOf({ digits, exponent }: Decimal): number {
  return Number(`${digits}e${exponent}`);
}

function scaledTo({ digits, exponent }: Decimal, to: number): bigint {
  return digits * 10n ** BigInt(exponent - to);
}

export function plus(a: Decimal, b: Decimal): Decimal {
  const exponent = Math.min(a.exponent, b.exponent);
  return { digits: scaledTo(a, exponent) + scaledTo(b, exponent), exponent };
}

export function times(a: Decimal, b: Decimal): Decimal {
  return { digits: a.digits * b.digits, exponent: a.exponent + b.exponent };
}

/** Rounded to 16 places, a half away from zero. */
export function quotient(a: Decimal, b: Decimal): Decimal {
  if (b.digits === 0n) throw new FunctionError("decimal division by 0");
  const shift = a.exponent - b.exponent + DIVISION_PLACES;
  const top = shift >= 0 ? a.digits * 10n ** BigInt(shift) : a.digits;
  const bottom = shift >= 0 ? b.digits : b.digits * 10n ** BigInt(-shift);
  const whole = top / bottom;
  const rest = top % bottom;
  const absolute = (value: bigint) => (value < 0n ? -value : value);
  const away = 2n * absolute(rest) >= absolute(bottom);
  const sign = top < 0n === bottom < 0n ? 1n : -1n;
  return { digits: away ? whole + sign : whole, exponent: -DIVISION_PLACES };
}
