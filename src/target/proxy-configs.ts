import { nearest } from "../config/nearest.ts";
import { proxyConfigResource } from "../inject/proxy-config.ts";
import { FieldError } from "../inject/proxy-config-decode.ts";
import { isObject } from "../json.ts";
import { kindOf } from "./setting-check.ts";
import type { ClusterFacts, ProxyConfigFacts } from "./target.ts";

/** Fields of a ProxyConfig's spec (istio/api networking/v1beta1/proxy_config.proto, 1.20 to 1.31). */
const FIELDS = ["selector", "concurrency", "environmentVariables", "image"];

/** Where istiod's message has another name for a field of the resource. */
const OWN_NAMES: Readonly<Record<string, string>> = { proxyMetadata: "environmentVariables" };

/**
 * Refuses ProxyConfig resources of the input that istiod cannot read.
 * @throws what the resource's `errorAt` makes of the field.
 */
export function checkProxyConfigs({ proxyConfigs = [] }: ClusterFacts, istio: string): void {
  for (const { spec, errorAt } of proxyConfigs) {
    if (errorAt === undefined) continue;
    const { selector } = spec;
    if (selector !== undefined && selector !== null && !isObject(selector)) {
      throw errorAt(["spec", "selector"], `spec.selector: a map was expected, got ${kindOf(selector)}`);
    }
    try {
      proxyConfigResource(spec, istio);
    } catch (error) {
      if (!(error instanceof FieldError)) throw error;
      const [first = "", ...rest] = error.field.split(".");
      const field = ["spec", Object.hasOwn(OWN_NAMES, first) ? (OWN_NAMES[first] as string) : first, ...rest];
      throw errorAt(field, `${field.join(".")}${error.message.slice(error.field.length)}`);
    }
  }
}

/** Fields that no ProxyConfig has: its CRD drops them, so that one meant for some workloads may hold for all. */
export function proxyConfigNotes({ proxyConfigs = [] }: ClusterFacts): string[] {
  return proxyConfigs.flatMap((resource) => unknownFields(resource));
}

function unknownFields({ name, namespace, spec }: ProxyConfigFacts): string[] {
  const known = [...FIELDS, "environment_variables"];
  return Object.keys(spec).flatMap((key) => {
    if (known.includes(key)) return [];
    const guess = nearest(key, FIELDS);
    const meant = guess === undefined ? "" : `; did you mean ${guess}?`;
    const scope = isObject(spec.selector) ? "" : `, and this one holds for all of its namespace`;
    return [`spec.${key} is no field of a ProxyConfig (${namespace}/${name}) and changes nothing${scope}${meant}`];
  });
}
