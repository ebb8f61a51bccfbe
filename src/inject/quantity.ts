const PATTERN = /^([+-]?)(\d*)(?:\.(\d*))?(?:([eE])([+-]?\d+)|([numkMGTPE]|[KMGTPE]i)?)$/;
const DECIMAL = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];
const BINARY = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];

/** Whether k8s.io/apimachinery's resource.ParseQuantity takes the text. */
export function isQuantity(text: string): boolean {
  const match = PATTERN.exec(text);
  return match !== null && `${match[2]}${match[3] ?? ""}` !== "";
}

/**
 * A quantity as the API writes it back (resource.Quantity.CanonicalizeBytes): "0.5" is "500m", "1024Mi" is "1Gi". Text that is
 * no quantity comes back as it is.
 */
export function canonicalQuantity(text: string): string {
  const match = PATTERN.exec(text);
  if (match === null || !isQuantity(text)) return text;
  const [, sign = "", whole = "", fraction = "", , exponent, suffix = ""] = match;
  const base = nanos(`${whole}${fraction}`, fraction.length, exponent, suffix);
  if (base === 0n) return "0";
  const minus = sign === "-" ? "-" : "";
  if (suffix.endsWith("i") && base % 1_000_000_000n === 0n && base >= 1024n * 1_000_000_000n) {
    return minus + binary(base / 1_000_000_000n);
  }
  const [mantissa, power] = decimal(base);
  if (exponent !== undefined) return `${minus}${mantissa}${power === 0 ? "" : `e${power}`}`;
  return `${minus}${mantissa}${DECIMAL[power / 3 + 3] ?? ""}`;
}

/** The value in 10⁻⁹, rounded up as the API does. Exponents beyond the API's range are capped. */
function nanos(digits: string, fractionDigits: number, exponent: string | undefined, suffix: string): bigint {
  const mantissa = BigInt(digits === "" ? "0" : digits.slice(0, 64));
  const cap = (power: number) => Math.max(-64, Math.min(64, power));
  const steps = BINARY.indexOf(suffix);
  const power = steps > 0 ? 0 : exponent !== undefined ? Number(exponent) : (DECIMAL.indexOf(suffix) - 3) * 3;
  const scaled = steps > 0 ? mantissa * 1024n ** BigInt(steps) : mantissa;
  const shift = cap(9 + power - fractionDigits);
  if (shift >= 0) return scaled * 10n ** BigInt(shift);
  const divisor = 10n ** BigInt(-shift);
  return (scaled + divisor - 1n) / divisor;
}

function binary(value: bigint): string {
  let steps = 0;
  let mantissa = value;
  while (mantissa % 1024n === 0n && steps < BINARY.length - 1) {
    mantissa /= 1024n;
    steps++;
  }
  return `${mantissa}${BINARY[steps]}`;
}

function decimal(base: bigint): [mantissa: bigint, power: number] {
  let power = -9;
  let mantissa = base;
  while (mantissa % 1000n === 0n && power < 18) {
    mantissa /= 1000n;
    power += 3;
  }
  return [mantissa, power];
}
