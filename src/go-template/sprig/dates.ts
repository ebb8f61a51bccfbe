import { fn, type TemplateFunction } from "../functions.ts";
import { readInt64 } from "../numbers.ts";
import { GoInt, INT64, type Value } from "../values.ts";

/**
 * Lengths of time (sprig 3.3.0 date.go). The functions of dates are not here but among those that are unavailable: they hang on
 * the clock or on the time zones of the machine.
 */
export const DATE_FUNCTIONS: [string, TemplateFunction][] = [
  ["duration", fn("any", ([seconds]) => durationText(BigInt.asIntN(64, secondsOf(seconds) * 1_000_000_000n)))],
  ["durationRound", fn("any", ([duration]) => rounded(nanosecondsOf(duration)))],
];

const INT64_MAX = 2n ** 63n - 1n;

function isInt64(value: Value): value is GoInt {
  return value instanceof GoInt && value.type === INT64;
}

function secondsOf(value: Value): bigint {
  if (isInt64(value)) return value.value;
  if (typeof value !== "string") return 0n;
  const read = readInt64(value, 10);
  // What does not fit becomes the nearest int64.
  if (read === undefined && /^[+-]?[0-9]+$/.test(value)) return value.startsWith("-") ? -INT64_MAX - 1n : INT64_MAX;
  return read ?? 0n;
}

function nanosecondsOf(value: Value): bigint {
  if (isInt64(value)) return value.value;
  return typeof value === "string" ? (parseDuration(value) ?? 0n) : 0n;
}

const UNITS: ReadonlyMap<string, bigint> = new Map([
  ["ns", 1n],
  ["us", 1_000n],
  ["µs", 1_000n],
  ["μs", 1_000n],
  ["ms", 1_000_000n],
  ["s", 1_000_000_000n],
  ["m", 60_000_000_000n],
  ["h", 3_600_000_000_000n],
]);

/** time.ParseDuration, in nanoseconds; undefined for what is none. */
function parseDuration(text: string): bigint | undefined {
  const sign = /^[+-]/.exec(text)?.[0] ?? "";
  let rest = text.slice(sign.length);
  if (rest === "0") return 0n;
  if (rest === "" || rest.length > 200) return undefined;
  let total = 0n;
  while (rest !== "") {
    const part = /^([0-9]*)(?:\.([0-9]*))?([^.0-9]+)/.exec(rest);
    const unit = UNITS.get(part?.[3] ?? "");
    const [whole, fraction] = [part?.[1] ?? "", part?.[2] ?? ""];
    if (part === null || unit === undefined || whole + fraction === "") return undefined;
    total += BigInt(whole || 0) * unit;
    if (fraction !== "") total += (BigInt(fraction) * unit) / 10n ** BigInt(fraction.length);
    rest = rest.slice(part[0].length);
  }
  const signed = sign === "-" ? -total : total;
  return BigInt.asIntN(64, signed) === signed ? signed : undefined;
}

/** time.Duration.String */
export function durationText(nanoseconds: bigint): string {
  const size = nanoseconds < 0n ? -nanoseconds : nanoseconds;
  const sign = nanoseconds < 0n ? "-" : "";
  if (size === 0n) return "0s";
  if (size < 1_000_000_000n) {
    const [unit, divisor] = size < 1_000n ? ["ns", 1n] : size < 1_000_000n ? ["µs", 1_000n] : ["ms", 1_000_000n];
    return `${sign}${withFraction(size, divisor as bigint)}${unit}`;
  }
  const minutes = size / 60_000_000_000n;
  const seconds = `${withFraction(size % 60_000_000_000n, 1_000_000_000n)}s`;
  if (minutes === 0n) return sign + seconds;
  const hours = minutes / 60n;
  return `${sign}${hours === 0n ? "" : `${hours}h`}${minutes % 60n}m${seconds}`;
}

function withFraction(value: bigint, divisor: bigint): string {
  const fraction = String(value % divisor).padStart(String(divisor).length - 1, "0");
  const digits = divisor === 1n ? "" : fraction.replace(/0+$/, "");
  return `${value / divisor}${digits === "" ? "" : `.${digits}`}`;
}

const SECOND = 1_000_000_000n;
const STEPS: [bigint, string][] = [
  [SECOND * 3600n * 24n * 365n, "y"],
  [SECOND * 3600n * 24n * 30n, "mo"],
  [SECOND * 3600n * 24n, "d"],
  [SECOND * 3600n, "h"],
  [SECOND * 60n, "m"],
  [SECOND, "s"],
];

function rounded(nanoseconds: bigint): string {
  const size = nanoseconds < 0n ? -nanoseconds : nanoseconds;
  for (const [length, unit] of STEPS) if (size > length) return `${size / length}${unit}`;
  return "0s";
}
