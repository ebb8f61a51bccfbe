import type { Json } from "../json.ts";

/**
 * A scalar as a Go string field takes it from YAML (sigs.k8s.io/yaml): numbers and booleans become text. Anything that is no
 * scalar counts as absent.
 */
export function textOf(value: Json | undefined): string | undefined {
  if (typeof value === "string") return value;
  if (typeof value === "boolean") return String(value);
  if (typeof value === "number") return numberText(value);
  return undefined;
}

/** strconv.FormatFloat(v, 'g', -1, 64) for fractions; integers are written out. */
function numberText(value: number): string {
  if (Number.isInteger(value) || !Number.isFinite(value)) return String(value);
  const [digits, exponent] = value.toExponential().split("e") as [string, string];
  const power = Number(exponent);
  if (power >= -4 && power < 6) return String(value);
  return `${digits}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`;
}

/** strconv.ParseBool; undefined where Go gives an error. */
export function parseBool(text: string): boolean | undefined {
  if (/^(?:1|t|T|TRUE|true|True)$/.test(text)) return true;
  if (/^(?:0|f|F|FALSE|false|False)$/.test(text)) return false;
  return undefined;
}

/** strconv.ParseUint(text, 10, bits); undefined where Go gives an error. */
export function parseUint(text: string, bits: 16 | 32): number | undefined {
  if (!/^\d+$/.test(text)) return undefined;
  const value = Number(text);
  return value < 2 ** bits ? value : undefined;
}

/** encoding/json: as JSON.stringify, with the characters escaped that HTML or JavaScript would read. */
export function goJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
