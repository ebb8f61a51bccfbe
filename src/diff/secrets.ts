import { isObject, type Json, type JsonObject, parseJsonText } from "../json.ts";

const SECRET_HEADER = /auth|token|cookie|secret|password|api-?key/i;
const MASK = "***";

/** A probe's headers may carry credentials: their values are masked, also in the JSON texts that the agent reads. */
export function withoutSecrets(value: Json | undefined): Json | undefined {
  return value === undefined ? undefined : masked(value);
}

function masked(value: Json): Json {
  if (Array.isArray(value)) return value.map(masked);
  if (typeof value === "string") return maskedText(value);
  if (!isObject(value)) return value;
  const isHeader = typeof value.name === "string" && SECRET_HEADER.test(value.name) && typeof value.value === "string";
  const copy: JsonObject = Object.create(null);
  for (const key of Object.keys(value)) copy[key] = masked(value[key] ?? null);
  if (isHeader) copy.value = MASK;
  return copy;
}

/** ISTIO_KUBE_APP_PROBERS holds the app's probes, headers and all, as JSON. */
function maskedText(text: string): string {
  if (!text.startsWith("{") || !/"http_?headers"/i.test(text)) return text;
  try {
    return JSON.stringify(masked(parseJsonText(text)));
  } catch {
    return text;
  }
}
