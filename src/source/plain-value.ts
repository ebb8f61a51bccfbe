/**
 * What a plain scalar stands for where Kubernetes reads it: YAML 1.1 as go-yaml v2 resolves it (resolve.go), but for
 * timestamps, which sigs.k8s.io/yaml hands on as text. Numbers beyond 2^53 lose digits.
 */
export function plainValue(text: string): null | boolean | number | string {
  const word = WORDS.get(text);
  if (word !== undefined) return word;
  if (text === "") return null;
  const first = text.charCodeAt(0);
  const mayBeNumber = (first >= 48 && first <= 57) || first === 43 || first === 45 || first === 46;
  return (mayBeNumber ? numberOf(text) : undefined) ?? (NULLS.has(text) ? null : text);
}

/** The name a key goes by as JSON: `on: x` is the field `true` (sigs.k8s.io/yaml, convertToJSONableObject). */
export function keyName(text: string): string {
  const value = plainValue(text);
  return typeof value === "boolean" || typeof value === "number" ? (NON_FINITE[String(value)] ?? String(value)) : text;
}

const NON_FINITE: Readonly<Record<string, string>> = { Infinity: ".inf", "-Infinity": "-.inf", NaN: ".nan" };

const NULLS = new Set(["~", "null", "Null", "NULL"]);

function cased(words: readonly string[], value: boolean): [string, boolean][] {
  return words.flatMap((word) => {
    const title = word.charAt(0).toUpperCase() + word.slice(1);
    return [word, title, word.toUpperCase()].map((form): [string, boolean] => [form, value]);
  });
}

const WORDS: ReadonlyMap<string, boolean | number> = new Map<string, boolean | number>([
  ...cased(["y", "yes", "true", "on"], true),
  ...cased(["n", "no", "false", "off"], false),
  ...[".nan", ".NaN", ".NAN"].map((word): [string, number] => [word, Number.NaN]),
  ...[".inf", ".Inf", ".INF"].flatMap((word): [string, number][] => [
    [word, Number.POSITIVE_INFINITY],
    [`+${word}`, Number.POSITIVE_INFINITY],
    [`-${word}`, Number.NEGATIVE_INFINITY],
  ]),
]);

const INTEGER = /^([+-]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|(0|[1-9][0-9]*))$/;
const FLOAT = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;
const MAX_UNSIGNED = 2n ** 64n - 1n;
const MAX_SIGNED = 2n ** 63n;

function numberOf(text: string): number | undefined {
  // Only a number that begins with a digit or sign may have underscores.
  const bare = text.startsWith(".") ? text : text.replaceAll("_", "");
  const integer = INTEGER.exec(bare);
  if (integer !== null) {
    const value = integerOf(integer);
    if (value !== undefined) return value;
  }
  if (!FLOAT.test(bare)) return undefined;
  const value = Number(bare);
  // ParseFloat refuses what is out of range, and the text stays text.
  return Number.isFinite(value) ? value : undefined;
}

function integerOf([, sign, hex, binary, octal, decimal]: readonly string[]): number | undefined {
  const digits = hex ? `0x${hex}` : binary ? `0b${binary}` : octal ? `0o${octal}` : decimal;
  // Longer than any of 64 bits, and slow to read.
  if (digits === undefined || digits.length > 80) return undefined;
  const size = BigInt(digits);
  if (sign === "-") return size <= MAX_SIGNED ? -Number(size) : undefined;
  return size <= (sign === "+" ? MAX_SIGNED - 1n : MAX_UNSIGNED) ? Number(size) : undefined;
}
