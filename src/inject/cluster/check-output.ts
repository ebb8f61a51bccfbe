import { isObject, type Json, type JsonObject } from "../../json.ts";

/**
 * What the injector cannot read of a template's output into a Pod (encoding/json over k8s.io/api/core/v1): the path and what it
 * should be, or nothing. Fields are known by their names, which mean the same wherever they stand in a Pod.
 */
export function outputProblem(output: JsonObject): string | undefined {
  const metadata = isObject(output.metadata) ? output.metadata : {};
  for (const field of ["labels", "annotations"]) {
    const problem = stringsProblem(metadata[field]);
    if (problem !== undefined) return `metadata.${field}${problem}`;
  }
  const problem = isObject(output.spec) ? valueProblem(output.spec) : undefined;
  return problem === undefined ? undefined : `spec${problem}`;
}

/** List items without a problem: Pods of one template share them (read-yaml.ts). */
const sound = new Set<object>();
const REMEMBERED = 5000;

const STRINGS = new Set(
  (
    "name image value mountPath subPath subPathExpr workingDir imagePullPolicy restartPolicy protocol hostIP fieldPath path medium " +
    "secretName audience serviceAccountName nodeName hostname subdomain schedulerName priorityClassName runtimeClassName dnsPolicy " +
    "driver resource signerName terminationMessagePath terminationMessagePolicy host scheme claimName"
  ).split(" "),
);
const STRING_LISTS = new Set(["args", "command"]);
const STRING_MAPS = new Set(["nodeSelector", "matchLabels", "volumeAttributes"]);
const BOOLEANS = new Set(
  (
    "privileged readOnly runAsNonRoot allowPrivilegeEscalation readOnlyRootFilesystem optional hostNetwork hostPID hostIPC stdin " +
    "stdinOnce tty automountServiceAccountToken enableServiceLinks shareProcessNamespace"
  ).split(" "),
);
const INT32 = new Set(
  (
    "initialDelaySeconds timeoutSeconds periodSeconds successThreshold failureThreshold containerPort hostPort defaultMode mode " +
    "priority"
  ).split(" "),
);
const INT64 = new Set(
  "runAsUser runAsGroup fsGroup expirationSeconds terminationGracePeriodSeconds activeDeadlineSeconds tolerationSeconds".split(
    " ",
  ),
);
const LISTS = new Set(
  "containers initContainers volumes env ports volumeMounts imagePullSecrets tolerations sources items".split(" "),
);
/** Quantities and settings of drivers have keys of their own. */
const UNTYPED = new Set(["limits", "requests", "volumeAttributes", "overhead"]);

/** A problem starts with the path from the value on: `.name must be a string`. */
function valueProblem(value: Json | undefined): string | undefined {
  if (Array.isArray(value)) return itemsProblem(value);
  if (!isObject(value)) return undefined;
  for (const key of Object.keys(value)) {
    const field = value[key];
    if (field === null || field === undefined) continue;
    const problem = fieldProblem(key, field);
    if (problem !== undefined) return `.${key}${problem}`;
  }
  return undefined;
}

function itemsProblem(items: Json[]): string | undefined {
  for (let index = 0; index < items.length; index++) {
    const item = items[index] as Json;
    if (typeof item !== "object" || item === null || sound.has(item)) continue;
    const problem = valueProblem(item);
    if (problem !== undefined) return `[${index}]${problem}`;
    if (sound.size >= REMEMBERED) sound.clear();
    sound.add(item);
  }
  return undefined;
}

function fieldProblem(key: string, value: Json): string | undefined {
  if (STRING_MAPS.has(key)) return stringsProblem(value);
  if (UNTYPED.has(key)) return undefined;
  if (STRINGS.has(key)) return typeof value === "string" ? undefined : noString(value);
  if (BOOLEANS.has(key)) return typeof value === "boolean" ? undefined : " must be true or false";
  if (INT32.has(key)) return integerProblem(value, 2 ** 31, "32");
  if (INT64.has(key)) return integerProblem(value, 2 ** 63, "64");
  if (STRING_LISTS.has(key)) {
    const strings = Array.isArray(value) && value.every((item) => item === null || typeof item === "string");
    return strings ? undefined : " must be a list of strings";
  }
  if (LISTS.has(key) && !Array.isArray(value)) return " must be a list";
  return valueProblem(value);
}

function stringsProblem(value: Json | undefined): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (!isObject(value)) return " must be a map";
  for (const key of Object.keys(value)) {
    const item = value[key];
    if (item !== null && typeof item !== "string") return `[${JSON.stringify(key)}]${noString(item)}`;
  }
  return undefined;
}

/** A container called `n` is one that a template has to quote: YAML 1.1 takes the word for false. */
function noString(value: Json | undefined): string {
  const why = typeof value === "boolean" ? `, got ${value}, as which YAML reads y, n, on and off without quotes` : "";
  return ` must be a string${why}`;
}

function integerProblem(value: Json, limit: number, bits: string): string | undefined {
  const fits = typeof value === "number" && Number.isInteger(value) && value >= -limit && value < limit;
  return fits ? undefined : ` must be an integer of ${bits} bits`;
}
