import { isObject, type Json } from "../../json.ts";

/** How Go's fmt prints a decoded JSON value (`%v`); what is missing prints as `<nil>`. */
export function goPrint(value: Json | undefined): string {
  if (value === undefined || value === null) return "<nil>";
  if (typeof value === "number") return goFloat(value);
  if (Array.isArray(value)) return `[${value.map(goPrint).join(" ")}]`;
  if (isObject(value)) {
    const entries = Object.keys(value).sort(byBytes);
    return `map[${entries.map((key) => `${key}:${goPrint(value[key])}`).join(" ")}]`;
  }
  return String(value);
}

/** As text/template writes a value: what is missing prints as `<no value>`. */
export function templatePrint(value: Json | undefined): string {
  return value === undefined || value === null ? "<no value>" : goPrint(value);
}

/** Numbers in Helm values are float64, and fmt writes those from 1e+06 on and below 0.0001 with an exponent. */
function goFloat(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e6) return String(value);
  const [digits = "", exponent = "0"] = value.toExponential().split("e");
  const power = Number(exponent);
  if (power >= -4 && power < 6) return String(value);
  return `${digits}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`;
}

/** Whether a template's `if` takes the value. */
export function isTrue(value: Json | undefined): boolean {
  if (Array.isArray(value)) return value.length > 0;
  if (isObject(value)) return Object.keys(value).length > 0;
  return Boolean(value);
}

/** Order of Go strings, which sort by their UTF-8 bytes; code units differ from that only beyond the BMP. */
export function byBytes(a: string, b: string): number {
  return a === b ? 0 : Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/**
 * The first `limit` bytes of a text (sprig's trunc). A character cut in two leaves bytes that Go's %q writes as \xNN and YAML
 * reads as the characters of those numbers.
 */
export function cutBytes(text: string, limit: number): string {
  if (text.length * 3 <= limit || Buffer.byteLength(text) <= limit) return text;
  const bytes = Buffer.from(text).subarray(0, limit);
  let start = bytes.length;
  while (start > 0 && ((bytes[start - 1] ?? 0) & 0xc0) === 0x80) start--;
  const lead = bytes[start - 1] ?? 0;
  const needed = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
  if (bytes.length - start + 1 >= needed) return bytes.toString("utf8");
  return bytes.toString("utf8", 0, start - 1) + bytes.toString("latin1", start - 1);
}
