/** What a reader of YAML 1.1 (go-yaml) or 1.2 takes for something else than a string, in any case. */
const RESERVED = new Set(["y", "n", "yes", "no", "on", "off", "true", "false", "null"]);

const SIMPLE = /^[A-Za-z_/][\w./-]*$/;
/** `e1`: the yaml package (2.9) takes it for a number of YAML 1.1. */
const BARE_EXPONENT = /^[eE][-+]?\d+$/;
const PLAIN_START = /^[\w/.$(+-]/;
const PRINTABLE_ASCII = /^[\x20-\x7e]+$/;
const LOOKS_NUMERIC = /^[-+]?(?:\d|\.[\d_])/;
/** A character that no number, date or time of YAML 1.1 holds. */
const NEVER_NUMERIC = /[^\da-fA-FxXoOtTzZ_.:,+ -]/;
const FLOW_INDICATOR = /[,[\]{}:]/;
const UNPRINTABLE = /[\p{Cc}\p{Cs}\u2028\u2029\ufeff\ufffe\uffff]/u;
const JSON_LEAVES_RAW = /[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/g;
/** Of control characters a literal holds tabs and line feeds only. */
const NOT_IN_LITERAL = /[^\P{Cc}\t\n]|[\p{Cs}\u2028\u2029\ufeff\ufffe\uffff]/u;

/** True where the string can stand without quotes for every reader, YAML 1.1 and 1.2. */
export function isPlain(text: string, inFlow: boolean): boolean {
  if (SIMPLE.test(text)) return !BARE_EXPONENT.test(text) && (text.length > 5 || !RESERVED.has(text.toLowerCase()));
  if (!PLAIN_START.test(text) || !PRINTABLE_ASCII.test(text)) return false;
  if (text.endsWith(":") || text.endsWith(" ") || text.includes(": ") || text.includes(" #")) return false;
  if (text.startsWith("---") || text.startsWith("...") || text.startsWith("- ")) return false;
  if (inFlow && FLOW_INDICATOR.test(text)) return false;
  if (LOOKS_NUMERIC.test(text)) return NEVER_NUMERIC.test(text);
  return !/^(?:[-+._]+|[-+._]*[eE][-+]?\d+|[-+]?\.(?:inf|nan))$/i.test(text);
}

/** Double-quoted for JSON and YAML readers alike. */
export function doubleQuoted(text: string): string {
  return JSON.stringify(text).replace(JSON_LEAVES_RAW, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** On one line, in the quotes that need the fewest escapes: JSON within a string stays legible. */
export function quoted(text: string): string {
  return /["\\]/.test(text) && !UNPRINTABLE.test(text) ? singleQuoted(text) : doubleQuoted(text);
}

function singleQuoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** Rendered Pods repeat a few hundred short strings; telling how to quote one costs more than looking it up. */
const known = { block: new Map<string, string>(), flow: new Map<string, string>() };
const MAX_KNOWN = 4096;
const MAX_KNOWN_LENGTH = 80;

/** Plain where that is safe, else in quotes. */
export function stringText(text: string, inFlow: boolean): string {
  if (text.length > MAX_KNOWN_LENGTH) return isPlain(text, inFlow) ? text : quoted(text);
  const memory = inFlow ? known.flow : known.block;
  let own = memory.get(text);
  if (own === undefined) {
    own = isPlain(text, inFlow) ? text : quoted(text);
    if (memory.size >= MAX_KNOWN) memory.clear();
    memory.set(text, own);
  }
  return own;
}

/** In the quotes that stood there before, where they can hold the string. */
export function requoted(text: string, style: string, inFlow: boolean): string {
  if (style === "double") return doubleQuoted(text);
  if (style === "single" && !UNPRINTABLE.test(text)) return singleQuoted(text);
  return stringText(text, inFlow);
}

/** A number as JSON writes it; YAML's own words for what JSON cannot say. */
export function numberText(value: number): string {
  if (Number.isFinite(value)) return String(value);
  return Number.isNaN(value) ? ".nan" : value > 0 ? ".inf" : "-.inf";
}

/**
 * `|` or `|-` where a literal block scalar says exactly this string for every reader: no characters that need an
 * escape, no first line or blank line that would blur the indentation, no kept blank lines at its end.
 */
export function literalHeader(text: string): "|" | "|-" | undefined {
  const lastBreak = text.lastIndexOf("\n");
  if (lastBreak <= 0 || /^[ \t\n]/.test(text) || text.endsWith("\n\n")) return undefined;
  if (NOT_IN_LITERAL.test(text) || /\n[ \t]+(?:\n|$)/.test(text)) return undefined;
  return lastBreak === text.length - 1 ? "|" : "|-";
}
