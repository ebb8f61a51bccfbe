import { isObject, type Json, type JsonObject } from "../../json.ts";
import { copied, enabled, ownAnnotation, quoted, type View, value } from "./view.ts";

const REQUESTS = { cpu: "sidecar.istio.io/proxyCPU", memory: "sidecar.istio.io/proxyMemory" };
const LIMITS = { cpu: "sidecar.istio.io/proxyCPULimit", memory: "sidecar.istio.io/proxyMemoryLimit" };

/** Resources of the proxy and its init container: the Pod's annotations, any of which replaces all of the Helm values. */
export function resources(view: View): Json {
  const requests = quantities(view, REQUESTS);
  const limits = quantities(view, LIMITS);
  if (requests === undefined && limits === undefined) return configured(view);
  return { ...(requests && { requests }), ...(limits && { limits }) };
}

function quantities(view: View, annotations: Record<string, string>): JsonObject | undefined {
  const set: JsonObject = {};
  for (const [resource, name] of Object.entries(annotations)) {
    const text = ownAnnotation(view, name);
    if (text !== undefined) set[resource] = view.has("quantitiesQuoted") ? text : quoted(view, text, name);
  }
  return Object.keys(set).length > 0 ? set : undefined;
}

function configured(view: View): Json {
  if (!enabled(view, "global.proxy.resources")) return null;
  const all = value(view, "global.proxy.resources") ?? null;
  return copied(view.has("resourcesOmitNil") ? omitNil(all) : all);
}

/** Drops nulls, and what holds nothing once its nulls are dropped (template.go, omitNil); an empty map without nulls stays. */
export function omitNil(json: Json): Json {
  if (json === null || typeof json !== "object" || !holdsNil(json)) return json;
  if (Array.isArray(json)) {
    const kept = json.map(omitNil).filter((entry) => entry !== null);
    return kept.length > 0 ? kept : null;
  }
  const kept: JsonObject = Object.create(null);
  for (const [key, entry] of Object.entries(json)) {
    const left = omitNil(entry ?? null);
    if (left !== null) kept[key] = left;
  }
  return Object.keys(kept).length > 0 ? kept : null;
}

function holdsNil(json: Json): boolean {
  if (json === null) return true;
  if (Array.isArray(json)) return json.some(holdsNil);
  return isObject(json) && Object.values(json).some((entry) => holdsNil(entry ?? null));
}
