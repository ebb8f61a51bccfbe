import { isIPv4, isIPv6 } from "node:net";
import type { JsonObject } from "../json.ts";
import type { InjectorChanges } from "./injector-changes.ts";
import { InjectionError } from "./model.ts";
import { isQuantity } from "./quantity.ts";
import { parseBool, parseUint, textOf } from "./scalars.ts";

/** Says what is wrong with an annotation's value, or nothing. */
type Validator = (value: string) => string | undefined;

export type AnnotationValidators = ReadonlyMap<string, Validator>;

export const RESOURCE_ANNOTATIONS = [
  "sidecar.istio.io/proxyCPU",
  "sidecar.istio.io/proxyMemory",
  "sidecar.istio.io/proxyCPULimit",
  "sidecar.istio.io/proxyMemoryLimit",
] as const;

/**
 * The annotations that the injector looks at before it does anything (pkg/kube/inject/validate.go).
 * @param proxyConfig says what is wrong with a proxy.istio.io/config, or nothing
 */
export function annotationValidators(changes: InjectorChanges, proxyConfig: Validator): AnnotationValidators {
  const validators = new Map<string, Validator>([
    ["sidecar.istio.io/interceptionMode", validateInterceptionMode],
    ["status.sidecar.istio.io/port", validatePort],
    ["readiness.status.sidecar.istio.io/initialDelaySeconds", validateUint32],
    ["readiness.status.sidecar.istio.io/periodSeconds", validateUint32],
    ["readiness.status.sidecar.istio.io/failureThreshold", validateUint32],
    ["traffic.sidecar.istio.io/includeOutboundIPRanges", orStar(validateRanges)],
    ["traffic.sidecar.istio.io/excludeOutboundIPRanges", validateRanges],
    ["traffic.sidecar.istio.io/includeInboundPorts", orStar(validatePorts)],
    ["traffic.sidecar.istio.io/excludeInboundPorts", validatePorts],
    ["traffic.sidecar.istio.io/excludeOutboundPorts", validatePorts],
    ["prometheus.istio.io/merge-metrics", validateBool],
    ["proxy.istio.io/config", proxyConfig],
  ]);
  if (changes.coreDumpValidated) validators.set("sidecar.istio.io/enableCoreDump", validateBool);
  if (changes.quantitiesValidated) for (const name of RESOURCE_ANNOTATIONS) validators.set(name, validateQuantity);
  if (changes.interfacesValidated) {
    validators.set("traffic.sidecar.istio.io/excludeInterfaces", validateInterfaces);
    validators.set("traffic.sidecar.istio.io/kubevirtInterfaces", validateInterfaces);
    validators.set("istio.io/reroute-virtual-interfaces", validateInterfaces);
  }
  return validators;
}

/** @throws InjectionError at the first bad annotation; the message names all of them */
export function validateAnnotations(annotations: JsonObject, validators: AnnotationValidators): void {
  const problems: string[] = [];
  let first: string | undefined;
  for (const name of Object.keys(annotations)) {
    const validate = validators.get(name);
    const value = validate && textOf(annotations[name]);
    const problem = value === undefined ? undefined : validate?.(value);
    if (problem === undefined) continue;
    first ??= name;
    problems.push(annotationProblem(name, value ?? "", problem));
  }
  if (first !== undefined) throw new InjectionError(problems.join("; "), ["metadata", "annotations", first]);
}

export function annotationProblem(name: string, value: string, problem: string): string {
  return `invalid value ${JSON.stringify(value)} of annotation ${name}: ${problem}`;
}

function orStar(validate: Validator): Validator {
  return (value) => (value === "*" ? undefined : validate(value));
}

function validateInterceptionMode(value: string): string | undefined {
  return ["REDIRECT", "TPROXY", "NONE"].includes(value) ? undefined : "must be REDIRECT, TPROXY or NONE";
}

function validatePort(value: string): string | undefined {
  return parseUint(value.trim(), 16) === undefined ? "must be a port, 0 to 65535" : undefined;
}

function validatePorts(value: string): string | undefined {
  if (value.trim() === "") return undefined;
  const bad = value.split(",").find((port) => validatePort(port) !== undefined);
  return bad === undefined ? undefined : `${JSON.stringify(bad)} is no port`;
}

function validateUint32(value: string): string | undefined {
  return parseUint(value, 32) === undefined ? "must be a whole number from 0 to 4294967295" : undefined;
}

function validateBool(value: string): string | undefined {
  return parseBool(value) === undefined ? 'must be a boolean ("true" or "false")' : undefined;
}

function validateQuantity(value: string): string | undefined {
  return isQuantity(value) ? undefined : 'must be a quantity like "100m" or "128Mi"';
}

function validateRanges(value: string): string | undefined {
  if (value === "") return undefined;
  const bad = value.split(",").find((range) => !isPrefix(range));
  return bad === undefined ? undefined : `${JSON.stringify(bad)} is no IP range like "10.0.0.0/8"`;
}

/** net/netip.ParsePrefix: an address without zone, a length without sign or leading zero. */
function isPrefix(range: string): boolean {
  const slash = range.lastIndexOf("/");
  if (slash < 0) return false;
  const address = range.slice(0, slash);
  const length = range.slice(slash + 1);
  if (!/^(?:0|[1-9]\d{0,2})$/.test(length) || address.includes("%")) return false;
  if (isIPv4(address)) return Number(length) <= 32;
  return isIPv6(address) && Number(length) <= 128;
}

function validateInterfaces(value: string): string | undefined {
  if (value === "") return undefined;
  const bad = value.split(",").find((name) => !/^[a-zA-Z][a-zA-Z0-9_.-]{0,14}$/.test(name.trim()));
  return bad === undefined ? undefined : `${JSON.stringify(bad)} is no interface name of at most 15 characters`;
}
