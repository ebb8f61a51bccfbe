import { isObject, type Json, type JsonObject } from "../json.ts";
import { parseRelease } from "./istio-release.ts";

/*
 * The injector reads a Pod into the API types it was built with and answers with the difference between what came in
 * and what it holds then (webhook.go, createPatch): fields that are newer than its types are taken out of the Pod.
 */

/** Minor of k8s.io/api that an Istio minor is built with (go.mod of each release). */
const API_OF_ISTIO: Readonly<Record<number, number>> = {
  20: 28,
  21: 29,
  22: 30,
  23: 30,
  24: 31,
  25: 32,
  26: 33,
  27: 33,
  28: 34,
  29: 35,
  30: 35,
  31: 36,
};

/** Fields by the k8s.io/api minor that brought them (core/v1/types.go); `*` is any item, CONTAINERS any container list. */
const FIELDS: Readonly<Record<number, readonly string[]>> = {
  29: [
    "CONTAINERS.*.lifecycle.postStart.sleep",
    "CONTAINERS.*.lifecycle.preStop.sleep",
    "AFFINITY.matchLabelKeys",
    "AFFINITY.mismatchLabelKeys",
    "volumes.*.ephemeral.volumeClaimTemplate.spec.volumeAttributesClassName",
    "volumes.*.projected.sources.*.clusterTrustBundle",
  ],
  30: [
    "securityContext.appArmorProfile",
    "CONTAINERS.*.securityContext.appArmorProfile",
    "CONTAINERS.*.volumeMounts.*.recursiveReadOnly",
  ],
  31: [
    "securityContext.supplementalGroupsPolicy",
    "resourceClaims.*.resourceClaimName",
    "resourceClaims.*.resourceClaimTemplateName",
    "CONTAINERS.*.resources.claims.*.request",
    "volumes.*.image",
  ],
  32: ["resources", "securityContext.seLinuxChangePolicy"],
  33: ["CONTAINERS.*.lifecycle.stopSignal"],
  34: [
    "hostnameOverride",
    "CONTAINERS.*.restartPolicyRules",
    "CONTAINERS.*.env.*.valueFrom.fileKeyRef",
    "volumes.*.projected.sources.*.podCertificate",
  ],
  35: ["workloadRef", "volumes.*.projected.sources.*.podCertificate.userAnnotations"],
  36: ["schedulingGroup"],
};

const CONTAINERS = ["containers", "initContainers", "ephemeralContainers"];
const REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution.*";
const PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution.*.podAffinityTerm";
const AFFINITY = ["podAffinity", "podAntiAffinity"].flatMap((kind) =>
  [REQUIRED, PREFERRED].map((terms) => `affinity.${kind}.${terms}`),
);

/** Paths of the Pod spec's fields that a release's injector does not know. */
export function newerFields(istio: string): string[][] {
  const api = API_OF_ISTIO[parseRelease(istio).minor] ?? Number.POSITIVE_INFINITY;
  const unknown = Object.entries(FIELDS).filter(([minor]) => Number(minor) > api);
  return unknown.flatMap(([, fields]) => fields).flatMap(unfold);
}

function unfold(field: string): string[][] {
  const [head = "", ...rest] = field.split(".");
  const heads = head === "CONTAINERS" ? CONTAINERS : head === "AFFINITY" ? AFFINITY : [head];
  return heads.map((first) => [...first.split("."), ...rest]);
}

/** The Pod spec without these fields; the very same object where it has none of them. */
export function withoutFields(spec: JsonObject, paths: readonly string[][]): JsonObject {
  return paths.reduce((left, path) => without(left, path) as JsonObject, spec);
}

/** Names of these fields that a Pod spec has, without the places in lists: "containers.lifecycle.stopSignal". */
export function presentFields(spec: JsonObject, paths: readonly string[][]): string[] {
  const present = paths.filter((path) => without(spec, path) !== spec);
  return present.map((path) => path.filter((step) => step !== "*").join("."));
}

function without(value: Json, path: readonly string[]): Json {
  const [step, ...rest] = path;
  if (step === "*")
    return Array.isArray(value)
      ? sameOr(
          value,
          value.map((item) => without(item, rest)),
        )
      : value;
  if (step === undefined || !isObject(value) || !Object.hasOwn(value, step)) return value;
  if (rest.length === 0) {
    const copy: JsonObject = Object.assign(Object.create(null), value);
    delete copy[step];
    return copy;
  }
  const inner = value[step] ?? null;
  const left = without(inner, rest);
  return left === inner ? value : Object.assign(Object.create(null), value, { [step]: left });
}

function sameOr(before: Json[], after: Json[]): Json[] {
  return after.every((item, index) => item === before[index]) ? before : after;
}
