/** Numbers as Go's strconv reads and writes them. */

const INTEGER =
  /^[+-]?(?:0[xX]_?[0-9a-fA-F]+(?:_[0-9a-fA-F]+)*|0[bB]_?[01]+(?:_[01]+)*|0[oO]_?[0-7]+(?:_[0-7]+)*|0(?:_?[0-7])*|[1-9][0-9]*(?:_[0-9]+)*)$/;
const DECIMAL = /^[+-]?[0-9]+$/;
const OCTAL = /^[+-]?[0-7]+$/;
const FLOAT = /^[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/;
const HEX_FLOAT = /^([+-]?)0[xX]([0-9a-fA-F]*)(?:\.([0-9a-fA-F]*))?[pP]([+-]?[0-9]+)$/;
const SPECIAL = /^([+-]?)(?:(inf|infinity)|nan)$/i;

/**
 * Reads an integer of any size (strconv.ParseInt); undefined for what is none.
 * @param base 0: by its prefix, with underscores
 */
export function readInteger(text: string, base: 0 | 8 | 10): bigint | undefined {
  const pattern = base === 0 ? INTEGER : base === 8 ? OCTAL : DECIMAL;
  if (text.length > 1000 || !pattern.test(text)) return undefined;
  const negative = text.startsWith("-");
  let digits = text.replace(/^[+-]/, "").replaceAll("_", "");
  if (base === 10) digits = digits.replace(/^0+(?=.)/, "");
  else if (base === 8) digits = `0o${digits}`;
  else if (/^0[0-7]/.test(digits)) digits = `0o${digits.slice(1)}`;
  const value = BigInt(digits);
  return negative ? -value : value;
}

/** Reads a signed integer of 64 bits; undefined for what is none or does not fit. */
export function readInt64(text: string, base: 0 | 8 | 10): bigint | undefined {
  const value = readInteger(text, base);
  return value !== undefined && BigInt.asIntN(64, value) === value ? value : undefined;
}

/** Reads an unsigned integer of 64 bits; no sign is allowed. */
export function readUint64(text: string, base: 0 | 8 | 10): bigint | undefined {
  if (text.startsWith("+") || text.startsWith("-")) return undefined;
  const value = readInteger(text, base);
  return value !== undefined && BigInt.asUintN(64, value) === value ? value : undefined;
}

/** Reads a floating-point number (strconv.ParseFloat); undefined for what is none or too large. */
export function readFloat(text: string): number | undefined {
  const special = SPECIAL.exec(text);
  if (special !== null) {
    if (special[2] === undefined) return special[1] === "" ? Number.NaN : undefined;
    return special[1] === "-" ? -Infinity : Infinity;
  }
  if (text.includes("_") && !underscoresGood(text)) return undefined;
  const digits = text.replaceAll("_", "");
  const value = FLOAT.test(digits) ? Number(digits) : readHexFloat(digits);
  return value !== undefined && Number.isFinite(value) ? value : undefined;
}

/** Underscores separate digits; one may stand after the prefix of a base. */
function underscoresGood(text: string): boolean {
  const number = text.replace(/^[+-]/, "");
  const prefixed = /^0[box]/i.test(number);
  const digit = /^0x/i.test(number) ? /[0-9a-f]/i : /[0-9]/;
  let last = prefixed ? "0" : "^";
  for (const char of number.slice(prefixed ? 2 : 0)) {
    if (char === "_" && last !== "0") return false;
    if (char !== "_" && last === "_" && !digit.test(char)) return false;
    last = digit.test(char) ? "0" : char === "_" ? "_" : "!";
  }
  return last !== "_";
}

function readHexFloat(text: string): number | undefined {
  const parts = HEX_FLOAT.exec(text);
  if (parts === null || text.length > 100) return undefined;
  const [, sign, whole = "", fraction = "", exponent = "0"] = parts;
  if (whole === "" && fraction === "") return undefined;
  const value = scaled(BigInt(`0x${whole}${fraction}`), Number(exponent) - 4 * fraction.length);
  return sign === "-" ? -value : value;
}

/** mantissa × 2^power, rounded once. */
function scaled(mantissa: bigint, power: number): number {
  if (mantissa === 0n) return 0;
  if (Math.abs(power) > 5000) return power > 0 ? Infinity : 0;
  if (power >= 0) return Number(mantissa << BigInt(power));
  const value = Number(mantissa);
  // Halving is exact down to the subnormal numbers, where one step rounds.
  return power >= -1000 ? value * 2 ** power : value * 2 ** -1000 * 2 ** (power + 1000);
}

/** Decimal digits d1d2d3… of 0.d1d2d3… × 10^point, without the sign. */
interface Decimal {
  digits: string;
  point: number;
}

/**
 * Writes a finite or special number (strconv.FormatFloat for 64 bits).
 * @param verb e, E, f, g, G, b, x or X
 * @param precision -1: as few digits as read back the same
 */
export function formatFloat(value: number, verb: string, precision: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "+Inf" : "-Inf";
  const sign = value < 0 || Object.is(value, -0) ? "-" : "";
  const size = Math.abs(value);
  if (verb === "b") return `${sign}${formatBinary(size)}`;
  if (verb === "x" || verb === "X") {
    const text = formatHex(size, precision);
    return sign + (verb === "X" ? text.toUpperCase() : text);
  }
  return sign + formatDecimal(size, verb, precision);
}

function formatDecimal(size: number, verb: string, precision: number): string {
  const shortest = precision < 0;
  const form = verb.toLowerCase();
  const exact = shortest ? shortestDecimal(size) : exactDecimal(size);
  if (form === "g") return formatGeneral(exact, verb === "G" ? "E" : "e", precision);
  if (form === "e") {
    const decimal = shortest ? exact : rounded(exact, precision + 1);
    return exponential(decimal, shortest ? decimal.digits.length - 1 : precision, verb);
  }
  const decimal = shortest ? exact : rounded(exact, exact.point + precision);
  return fixed(decimal, shortest ? Math.max(decimal.digits.length - decimal.point, 0) : precision);
}

function formatGeneral(exact: Decimal, e: string, wanted: number): string {
  const shortest = wanted < 0;
  const decimal = shortest ? exact : rounded(exact, wanted || 1);
  const count = decimal.digits.length;
  let precision = shortest ? count : wanted || 1;
  const limit = shortest ? 6 : precision > count && count >= decimal.point ? count : precision;
  const exponent = decimal.point - 1;
  if (exponent < -4 || exponent >= limit) return exponential(decimal, Math.min(precision, count) - 1, e);
  if (precision > decimal.point) precision = count;
  return fixed(decimal, Math.max(precision - decimal.point, 0));
}

function exponential({ digits, point }: Decimal, places: number, e: string): string {
  const exponent = digits === "" ? 0 : point - 1;
  const fraction = places > 0 ? `.${digits.slice(1).padEnd(places, "0").slice(0, places)}` : "";
  const power = String(Math.abs(exponent)).padStart(2, "0");
  return `${digits[0] ?? "0"}${fraction}${e}${exponent < 0 ? "-" : "+"}${power}`;
}

function fixed({ digits, point }: Decimal, places: number): string {
  const whole = point > 0 ? digits.slice(0, point).padEnd(point, "0") : "0";
  if (places <= 0) return whole;
  const fraction = point >= 0 ? digits.slice(point) : "0".repeat(Math.min(-point, places)) + digits;
  return `${whole}.${fraction.padEnd(places, "0").slice(0, places)}`;
}

function shortestDecimal(size: number): Decimal {
  if (size === 0) return { digits: "", point: 0 };
  const [mantissa = "", exponent = "0"] = size.toExponential().split("e");
  return { digits: mantissa.replace(".", ""), point: Number(exponent) + 1 };
}

const bits = new DataView(new ArrayBuffer(8));
/** size = mantissa × 2^power, exactly. */
function binaryOf(size: number): { mantissa: bigint; power: number } {
  bits.setFloat64(0, size);
  const raw = bits.getBigUint64(0);
  const exponent = Number((raw >> 52n) & 0x7ffn);
  const fraction = raw & ((1n << 52n) - 1n);
  return exponent === 0
    ? { mantissa: fraction, power: -1074 }
    : { mantissa: fraction | (1n << 52n), power: exponent - 1075 };
}

function exactDecimal(size: number): Decimal {
  if (size === 0) return { digits: "", point: 0 };
  const { mantissa, power } = binaryOf(size);
  const digits = (power >= 0 ? mantissa << BigInt(power) : mantissa * 5n ** BigInt(-power)).toString();
  return { digits: digits.replace(/0+$/, ""), point: digits.length - Math.max(-power, 0) };
}

/** Rounds to a number of digits; a half goes to the even neighbour. */
function rounded({ digits, point }: Decimal, count: number): Decimal {
  if (count >= digits.length) return { digits, point };
  if (count < 0) return { digits: "", point: 0 };
  const next = digits[count] as string;
  const half = next === "5" && count + 1 === digits.length;
  const up = half ? count > 0 && Number(digits[count - 1]) % 2 === 1 : next >= "5";
  const kept = digits.slice(0, count);
  if (!up) {
    const trimmed = kept.replace(/0+$/, "");
    return trimmed === "" ? { digits: "", point: 0 } : { digits: trimmed, point };
  }
  if (count === 0) return { digits: "1", point: point + 1 };
  const raised = (BigInt(kept) + 1n).toString().padStart(count, "0");
  return { digits: raised.replace(/0+$/, "") || "0", point: point + raised.length - count };
}

function formatBinary(size: number): string {
  const { mantissa, power } = binaryOf(size);
  return `${mantissa}p${power >= 0 ? "+" : ""}${power}`;
}

function formatHex(size: number, precision: number): string {
  if (size === 0) return `0x0${precision > 0 ? `.${"0".repeat(precision)}` : ""}p+00`;
  let { mantissa, power } = binaryOf(size);
  while (mantissa >> 52n === 0n) {
    mantissa <<= 1n;
    power--;
  }
  power += 52;
  if (precision >= 0 && precision < 13) {
    const drop = BigInt(4 * (13 - precision));
    const rest = mantissa & ((1n << drop) - 1n);
    const half = 1n << (drop - 1n);
    mantissa >>= drop;
    if (rest > half || (rest === half && (mantissa & 1n) === 1n)) mantissa++;
    mantissa <<= drop;
    if (mantissa >> 53n !== 0n) {
      mantissa >>= 1n;
      power++;
    }
  }
  let fraction = (mantissa & ((1n << 52n) - 1n)).toString(16).padStart(13, "0");
  fraction = precision < 0 ? fraction.replace(/0+$/, "") : fraction.padEnd(precision, "0").slice(0, precision);
  const exponent = String(Math.abs(power)).padStart(2, "0");
  return `0x1${fraction === "" ? "" : `.${fraction}`}p${power < 0 ? "-" : "+"}${exponent}`;
}
