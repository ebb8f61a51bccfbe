import { nearest } from "../config/nearest.ts";
import { isQuantity } from "../inject/quantity.ts";
import { isObject, type Json, type JsonObject } from "../json.ts";
import { mergeValues } from "./helm-merge.ts";
import { kindOf } from "./setting-check.ts";
import type { InputObject } from "./target.ts";
import { emptyMap, mapWith, valueAt } from "./value-path.ts";
import { compareVersions } from "./version.ts";

/** A field of the CR that reaches Pods, and what the module makes of it. */
interface CrField {
  path: string[];
  /** First module release that reads it; absent: all we know. */
  from?: string;
  /** First module release that no longer reads it. */
  until?: string;
  into: "values" | "meshConfig";
  type: CrType;
  /** undefined: the value changes nothing. */
  apply(value: Json): JsonObject | undefined;
}

/** What the CRD lets stand in a field. */
interface CrType {
  /** "a boolean". */
  expected: string;
  accepts(value: Json): boolean;
}

const BOOLEAN: CrType = { expected: "a boolean", accepts: (value) => typeof value === "boolean" };
const MAP: CrType = { expected: "a map", accepts: isObject };
const COUNT: CrType = {
  expected: "an integer from 0 to 4294967295",
  accepts: (value) => Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 4294967295,
};
const TEXT: CrType = { expected: "a string", accepts: (value) => typeof value === "string" && value !== "" };
const TEXTS: CrType = {
  expected: "a list of strings",
  accepts: (value) => Array.isArray(value) && value.every((item) => typeof item === "string"),
};
const QUANTITY: CrType = {
  expected: 'a quantity as a string, such as "100m"',
  accepts: (value) => typeof value === "string" && isQuantity(value),
};
const STRATEGIES = ["APPEND_FORWARD", "SANITIZE_SET", "SANITIZE", "ALWAYS_FORWARD_ONLY", "FORWARD_ONLY"];
const STRATEGY: CrType = {
  expected: `one of ${STRATEGIES.join(", ")}`,
  accepts: (value) => typeof value === "string" && STRATEGIES.includes(value),
};

const PROXY_METADATA = ["defaultConfig", "proxyMetadata"];
const TOPOLOGY = ["defaultConfig", "gatewayTopology"];

/** Source: kyma-project/istio api/v1alpha2/istio_merge.go, 1.15.0 to 1.30.0. */
const FIELDS: readonly CrField[] = [
  {
    path: ["components", "proxy", "k8s", "resources"],
    into: "values",
    type: MAP,
    apply: (value) => (isObject(value) ? mapWith(["global", "proxy", "resources"], claims(value)) : undefined),
  },
  {
    path: ["config", "telemetry", "metrics", "prometheusMerge"],
    into: "meshConfig",
    type: BOOLEAN,
    apply: (value) => mapWith(["enablePrometheusMerge"], value === true),
  },
  {
    path: ["config", "numTrustedProxies"],
    into: "meshConfig",
    type: COUNT,
    apply: (value) => mapWith([...TOPOLOGY, "numTrustedProxies"], value),
  },
  {
    path: ["config", "forwardClientCertDetails"],
    from: "1.24.0",
    into: "meshConfig",
    type: STRATEGY,
    apply: (value) => mapWith([...TOPOLOGY, "forwardClientCertDetails"], value),
  },
  {
    path: ["config", "trustDomain"],
    from: "1.24.0",
    into: "meshConfig",
    type: TEXT,
    apply: (value) => mapWith(["trustDomain"], value),
  },
  {
    path: ["config", "enableDNSProxying"],
    from: "1.26.0",
    into: "meshConfig",
    type: BOOLEAN,
    apply: (value) => mapWith([...PROXY_METADATA, "ISTIO_META_DNS_CAPTURE"], String(value)),
  },
  {
    path: ["config", "proxyStatsMatcher", "inclusionRegexps"],
    from: "1.30.0",
    into: "meshConfig",
    type: TEXTS,
    apply: (value) =>
      Array.isArray(value) && value.length > 0
        ? mapWith(["defaultConfig", "proxyStatsMatcher", "inclusionRegexps"], value)
        : undefined,
  },
  {
    path: ["experimental", "enableAmbient"],
    from: "1.23.2",
    into: "meshConfig",
    type: BOOLEAN,
    apply: (value) => (value === true ? mapWith([...PROXY_METADATA, "ISTIO_META_ENABLE_HBONE"], "true") : undefined),
  },
  {
    path: ["experimental", "enableAmbient"],
    from: "1.23.2",
    into: "values",
    type: BOOLEAN,
    apply: (value) => (value === true ? mapWith(["pilot", "env", "PILOT_ENABLE_AMBIENT"], "true") : undefined),
  },
  // From 1.26.0 on dual stack is read from the cluster's provisioning info, no longer from the CR.
  {
    path: ["experimental", "enableDualStack"],
    from: "1.23.1",
    until: "1.26.0",
    into: "meshConfig",
    type: BOOLEAN,
    apply: (value) => (value === true ? mapWith([...PROXY_METADATA, "ISTIO_DUAL_STACK"], "true") : undefined),
  },
  {
    path: ["experimental", "enableDualStack"],
    from: "1.23.1",
    until: "1.26.0",
    into: "values",
    type: BOOLEAN,
    apply: (value) => (value === true ? mapWith(["pilot", "env", "ISTIO_DUAL_STACK"], "true") : undefined),
  },
];

/** What a Kyma Istio CR puts over the module's install. */
export interface CrOverlay {
  values: JsonObject;
  meshConfig: JsonObject;
  notes: string[];
}

/**
 * The Pod-changing fields of the CR as this module release reads them; fields it does not know are noted.
 * @throws what the CR's `errorAt` makes of a field that its CRD refuses.
 */
export function kymaIstioOverlay(cr: InputObject, module: string): CrOverlay {
  const overlay: CrOverlay = { values: emptyMap(), meshConfig: emptyMap(), notes: unknownFields(cr) };
  for (const field of FIELDS) {
    const value = crValue(cr, field.path, field.type);
    if (value === undefined) continue;
    const change = field.apply(value);
    if (change === undefined) continue;
    const unread = unreadBy(module, field);
    if (unread === undefined) {
      if (field.type === MAP) checkClaims(cr, field.path);
      overlay[field.into] = mergeValues(overlay[field.into], change);
    } else if (field.into === "meshConfig") overlay.notes.push(unread);
  }
  return overlay;
}

/** Dotted paths of the fields that reach Pods, of those in which the CRs differ. */
export function differingFields(crs: readonly InputObject[]): string[] {
  const paths = [["compatibilityMode"], ...FIELDS.map(({ path }) => path)].map((path) => ["spec", ...path]);
  const differing = paths.filter(
    (path) => new Set(crs.map(({ data }) => JSON.stringify(valueAt(data, ...path) ?? null))).size > 1,
  );
  return [...new Set(differing.map((path) => path.join(".")))];
}

/** `compatibilityMode` of the CR. @throws as kymaIstioOverlay. */
export function crCompatibilityMode(cr: InputObject | undefined): boolean {
  return cr !== undefined && crValue(cr, ["compatibilityMode"], BOOLEAN) === true;
}

/** A field below spec that is set; what stands on the way to it must be maps. */
function crValue(cr: InputObject, path: readonly string[], type: CrType): Json | undefined {
  for (let length = 0; length <= path.length; length++) {
    const field = ["spec", ...path.slice(0, length)];
    const value = valueAt(cr.data, ...field);
    if (value === undefined || value === null) return undefined;
    const { expected, accepts } = length === path.length ? type : MAP;
    if (!accepts(value)) throw cr.errorAt(field, `${field.join(".")}: ${expected} was expected, got ${kindOf(value)}`);
    if (length === path.length) return value;
  }
  return undefined;
}

function checkClaims(cr: InputObject, path: readonly string[]): void {
  for (const group of ["limits", "requests"]) {
    for (const name of ["cpu", "memory"]) crValue(cr, [...path, group, name], QUANTITY);
  }
}

/** Names below a field of the CR; 0: none that reaches a Pod. */
type CrNames = 0 | { readonly [name: string]: CrNames };

/** Source: kyma-project/istio api/v1alpha2, 1.15.0 to 1.30.0; every name that one of them has. */
const CR_NAMES: CrNames = {
  compatibilityMode: 0,
  networkPoliciesEnabled: 0,
  config: {
    numTrustedProxies: 0,
    forwardClientCertDetails: 0,
    authorizers: 0,
    gatewayExternalTrafficPolicy: 0,
    telemetry: { metrics: { prometheusMerge: 0 } },
    trustDomain: 0,
    enableDNSProxying: 0,
    proxyStatsMatcher: { inclusionRegexps: 0 },
  },
  components: {
    pilot: 0,
    ingressGateway: 0,
    egressGateway: 0,
    cni: 0,
    proxy: { k8s: { resources: { limits: { cpu: 0, memory: 0 }, requests: { cpu: 0, memory: 0 } } } },
  },
  experimental: { pilot: 0, enableAmbient: 0, enableDualStack: 0 },
};

/** The CRD drops fields that it does not have. */
function unknownFields({ data, place }: InputObject): string[] {
  const inspect = (value: Json | undefined, names: CrNames, path: string[]): string[] => {
    if (names === 0 || !isObject(value)) return [];
    return Object.keys(value).flatMap((key) => {
      if (Object.hasOwn(names, key)) return inspect(value[key], names[key] ?? 0, [...path, key]);
      const guess = nearest(key, Object.keys(names));
      const meant = guess === undefined ? "" : `; did you mean ${guess}?`;
      return [`${[...path, key].join(".")} of the Istio CR (${place}) is no field of it, and changes nothing${meant}`];
    });
  };
  return inspect(data.spec, CR_NAMES, ["spec"]);
}

function unreadBy(module: string, { path, from, until }: CrField): string | undefined {
  const name = `${path.join(".")} of the Istio CR`;
  if (from && compareVersions(module, from) < 0) return `${name} is read from module ${from} on and ignored before`;
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
