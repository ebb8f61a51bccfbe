import { isObject, type Json, type JsonObject } from "../json.ts";
import { emptyMap, mapWith, mergeValues, valueAt } from "./helm-merge.ts";
import { compareVersions } from "./version.ts";

/** A field of the CR that reaches Pods, and what the module makes of it. */
interface CrField {
  path: string[];
  /** First module release that reads it; absent: all we know. */
  from?: string;
  /** First module release that no longer reads it. */
  until?: string;
  into: "values" | "meshConfig";
  /** undefined: the value changes nothing. */
  apply(value: Json): JsonObject | undefined;
}

const PROXY_METADATA = ["defaultConfig", "proxyMetadata"];
const TOPOLOGY = ["defaultConfig", "gatewayTopology"];

/** Source: kyma-project/istio api/v1alpha2/istio_merge.go, 1.15.0 to 1.30.0. */
const FIELDS: readonly CrField[] = [
  {
    path: ["components", "proxy", "k8s", "resources"],
    into: "values",
    apply: (value) => (isObject(value) ? mapWith(["global", "proxy", "resources"], claims(value)) : undefined),
  },
  {
    path: ["config", "telemetry", "metrics", "prometheusMerge"],
    into: "meshConfig",
    apply: (value) => mapWith(["enablePrometheusMerge"], value === true),
  },
  {
    path: ["config", "numTrustedProxies"],
    into: "meshConfig",
    apply: (value) => mapWith([...TOPOLOGY, "numTrustedProxies"], value),
  },
  {
    path: ["config", "forwardClientCertDetails"],
    from: "1.24.0",
    into: "meshConfig",
    apply: (value) => mapWith([...TOPOLOGY, "forwardClientCertDetails"], value),
  },
  {
    path: ["config", "trustDomain"],
    from: "1.24.0",
    into: "meshConfig",
    apply: (value) => mapWith(["trustDomain"], value),
  },
  {
    path: ["config", "enableDNSProxying"],
    from: "1.26.0",
    into: "meshConfig",
    apply: (value) => mapWith([...PROXY_METADATA, "ISTIO_META_DNS_CAPTURE"], String(value)),
  },
  {
    path: ["config", "proxyStatsMatcher", "inclusionRegexps"],
    from: "1.30.0",
    into: "meshConfig",
    apply: (value) =>
      Array.isArray(value) && value.length > 0
        ? mapWith(["defaultConfig", "proxyStatsMatcher", "inclusionRegexps"], value)
        : undefined,
  },
  {
    path: ["experimental", "enableAmbient"],
    from: "1.23.2",
    into: "meshConfig",
    apply: (value) => (value === true ? mapWith([...PROXY_METADATA, "ISTIO_META_ENABLE_HBONE"], "true") : undefined),
  },
  {
    path: ["experimental", "enableAmbient"],
    from: "1.23.2",
    into: "values",
    apply: (value) => (value === true ? mapWith(["pilot", "env", "PILOT_ENABLE_AMBIENT"], "true") : undefined),
  },
  // From 1.26.0 on dual stack is read from the cluster's provisioning info, no longer from the CR.
  {
    path: ["experimental", "enableDualStack"],
    from: "1.23.1",
    until: "1.26.0",
    into: "meshConfig",
    apply: (value) => (value === true ? mapWith([...PROXY_METADATA, "ISTIO_DUAL_STACK"], "true") : undefined),
  },
  {
    path: ["experimental", "enableDualStack"],
    from: "1.23.1",
    until: "1.26.0",
    into: "values",
    apply: (value) => (value === true ? mapWith(["pilot", "env", "ISTIO_DUAL_STACK"], "true") : undefined),
  },
];

/** What a Kyma Istio CR puts over the module's install. */
export interface CrOverlay {
  values: JsonObject;
  meshConfig: JsonObject;
  notes: string[];
}

/** The Pod-changing fields of the CR as this module release reads them; fields it does not know are noted. */
export function kymaIstioOverlay(cr: JsonObject, module: string): CrOverlay {
  const overlay: CrOverlay = { values: emptyMap(), meshConfig: emptyMap(), notes: [] };
  for (const field of FIELDS) {
    const value = valueAt(cr, "spec", ...field.path);
    if (value === undefined || value === null) continue;
    const change = field.apply(value);
    if (change === undefined) continue;
    const unread = unreadBy(module, field);
    if (unread === undefined) overlay[field.into] = mergeValues(overlay[field.into], change);
    else if (field.into === "meshConfig") overlay.notes.push(unread);
  }
  return overlay;
}

/** `compatibilityMode` of the CR. */
export function crCompatibilityMode(cr: JsonObject | undefined): boolean {
  return valueAt(cr, "spec", "compatibilityMode") === true;
}

function unreadBy(module: string, { path, from, until }: CrField): string | undefined {
  const name = `${path.join(".")} of the Istio CR`;
  if (from && compareVersions(module, from) < 0) return `${name} is read from module ${from} on; ${module} ignores it`;
  if (until && compareVersions(module, until) >= 0) return `${name} is no longer read from module ${until} on`;
  return undefined;
}

/** Only cpu and memory of limits and requests are fields of the CR. */
function claims(resources: JsonObject): JsonObject {
  let kept = emptyMap();
  for (const group of ["limits", "requests"]) {
    for (const name of ["cpu", "memory"]) {
      const value = valueAt(resources, group, name);
      if (value !== undefined && value !== null) kept = mergeValues(kept, mapWith([group, name], value));
    }
  }
  return kept;
}
