/** Data as JSON knows it. Maps that come from input have no prototype, so `__proto__` is a key like any other. */
export type Json = null | boolean | number | string | Json[] | JsonObject;
export interface JsonObject {
  [key: string]: Json | undefined;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Collections in collections that a JSON text may have: many times what any manifest's has. */
const MAX_JSON_NESTING = 100;

/**
 * JSON.parse for texts of others: what is in the data afterwards can be walked.
 * @throws {SyntaxError} for what is no JSON, or nests deeper than 100
 */
export function parseJsonText(text: string): Json {
  if (jsonNestsDeeper(text, MAX_JSON_NESTING)) throw new SyntaxError("JSON nested too deeply to be read");
  return JSON.parse(text) as Json;
}

/** Whether a JSON text nests deeper than that. Tells nothing of a text that is no JSON. */
export function jsonNestsDeeper(text: string, levels: number): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 34) at = stringEnd(text, at);
    else if (code === 91 || code === 123) {
      if (++depth > levels) return true;
    } else if (code === 93 || code === 125) depth--;
  }
  return false;
}

/** Offset of the quote that closes the string opened at `start`. */
function stringEnd(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 92) at++;
    else if (code === 34) return at;
  }
  return text.length;
}
