import type { TargetRequest } from "./target.ts";
import { TargetError } from "./target-error.ts";

type TextField = "module" | "istio" | "kubernetes" | "profile" | "nativeSidecars" | "revision";

const TEXT_FIELDS: ReadonlyMap<string, TextField> = new Map([
  ["module", "module"],
  ["istio", "istio"],
  ["kubernetes", "kubernetes"],
  ["profile", "profile"],
  ["nativeSidecars", "nativeSidecars"],
  ["native-sidecars", "nativeSidecars"],
  ["revision", "revision"],
]);
const COMPATIBILITY = new Set(["compatibilityMode", "compatibility-mode"]);

/**
 * A TARGET word of the command line: "istio=1.26.8", "module=1.25.0,kubernetes=1.33,compatibilityMode=true".
 * Throws TargetError for an unknown key, a key without value and a key said twice.
 */
export function parseTargetWords(words: string): TargetRequest {
  const request: TargetRequest = {};
  const seen = new Set<string>();
  for (const word of words.split(",")) {
    const { key, value } = splitWord(word, words);
    if (seen.has(key))
      throw new TargetError(`${key} stands twice in the target ${JSON.stringify(words)}`, ["target", key]);
    seen.add(key);
    const field = TEXT_FIELDS.get(key);
    if (field) request[field] = value;
    else if (COMPATIBILITY.has(key)) request.compatibilityMode = truth(value, key);
    else
      throw new TargetError(
        `unknown key ${JSON.stringify(key)} in the target ${JSON.stringify(words)}; known are ${keys()}`,
        ["target"],
      );
  }
  return request;
}

function splitWord(word: string, words: string): { key: string; value: string } {
  const equals = word.indexOf("=");
  const key = (equals < 0 ? word : word.slice(0, equals)).trim();
  if (equals < 0 && COMPATIBILITY.has(key)) return { key, value: "true" };
  const value = word.slice(equals + 1).trim();
  if (equals <= 0 || value === "") {
    throw new TargetError(
      `${JSON.stringify(words)} is no target; write it as istio=1.27.1 or module=1.25.0,kubernetes=1.33`,
      ["target"],
    );
  }
  return { key, value };
}

function truth(value: string, key: string): boolean {
  if (value === "true" || value === "false") return value === "true";
  throw new TargetError(`${key} is true or false, not ${JSON.stringify(value)}`, ["target", "compatibilityMode"]);
}

function keys(): string {
  return "module, istio, kubernetes, compatibilityMode, profile, nativeSidecars, revision";
}
