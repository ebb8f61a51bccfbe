import { isObject, type Json, type JsonObject } from "../json.ts";
import { canonicalQuantity } from "./quantity.ts";
import { textOf } from "./scalars.ts";

/**
 * How a Go field of the API's types is written as JSON: `set` leaves zero values out (omitempty), `pointer` only null,
 * `required` nothing.
 */
type Presence = "set" | "pointer" | "required";
type Shape =
  | { type: "text" | "scalar"; presence: Presence; zero?: Json }
  | { type: "quantity" | "quantities" }
  | { type: "texts" }
  | { type: "struct"; fields: Fields; presence: Presence }
  | { type: "structs"; fields: Fields };
type Fields = [name: string, shape: Shape][];

const text: Shape = { type: "text", presence: "set" };
const textPointer: Shape = { type: "text", presence: "pointer" };
const requiredText: Shape = { type: "text", presence: "required", zero: "" };
const number: Shape = { type: "scalar", presence: "set" };
const flag: Shape = { type: "scalar", presence: "set" };
const pointer: Shape = { type: "scalar", presence: "pointer" };
const requiredNumber: Shape = { type: "scalar", presence: "required", zero: 0 };
const texts: Shape = { type: "texts" };
const optional = (fields: Fields): Shape => ({ type: "struct", fields, presence: "pointer" });
const listOf = (fields: Fields): Shape => ({ type: "structs", fields });

const NAME_AND_KEY: Fields = [
  ["name", text],
  ["key", requiredText],
  ["optional", pointer],
];
const NAMED: Fields = [
  ["name", text],
  ["optional", pointer],
];
const ENV_SOURCE: Fields = [
  [
    "fieldRef",
    optional([
      ["apiVersion", text],
      ["fieldPath", requiredText],
    ]),
  ],
  [
    "resourceFieldRef",
    optional([
      ["containerName", text],
      ["resource", requiredText],
      ["divisor", { type: "quantity" }],
    ]),
  ],
  ["configMapKeyRef", optional(NAME_AND_KEY)],
  ["secretKeyRef", optional(NAME_AND_KEY)],
  [
    "fileKeyRef",
    optional([
      ["volumeName", requiredText],
      ["path", requiredText],
      ["key", requiredText],
      ["optional", pointer],
    ]),
  ],
];

const EXEC = optional([["command", texts]]);
const HTTP_GET = optional([
  ["path", text],
  ["port", requiredNumber],
  ["host", text],
  ["scheme", text],
  [
    "httpHeaders",
    listOf([
      ["name", requiredText],
      ["value", requiredText],
    ]),
  ],
]);
const TCP_SOCKET = optional([
  ["port", requiredNumber],
  ["host", text],
]);
const GRPC = optional([
  ["port", requiredNumber],
  ["service", { type: "text", presence: "required", zero: null }],
]);
const PROBE = optional([
  ["exec", EXEC],
  ["httpGet", HTTP_GET],
  ["tcpSocket", TCP_SOCKET],
  ["grpc", GRPC],
  ["initialDelaySeconds", number],
  ["timeoutSeconds", number],
  ["periodSeconds", number],
  ["successThreshold", number],
  ["failureThreshold", number],
  ["terminationGracePeriodSeconds", pointer],
]);
const HANDLER = optional([
  ["exec", EXEC],
  ["httpGet", HTTP_GET],
  ["tcpSocket", TCP_SOCKET],
  ["sleep", optional([["seconds", requiredNumber]])],
]);
const PROFILE = optional([
  ["type", requiredText],
  ["localhostProfile", textPointer],
]);

const SECURITY_CONTEXT: Fields = [
  [
    "capabilities",
    optional([
      ["add", texts],
      ["drop", texts],
    ]),
  ],
  ["privileged", pointer],
  [
    "seLinuxOptions",
    optional([
      ["user", text],
      ["role", text],
      ["type", text],
      ["level", text],
    ]),
  ],
  [
    "windowsOptions",
    optional([
      ["gmsaCredentialSpecName", textPointer],
      ["gmsaCredentialSpec", textPointer],
      ["runAsUserName", textPointer],
      ["hostProcess", pointer],
    ]),
  ],
  ["runAsUser", pointer],
  ["runAsGroup", pointer],
  ["runAsNonRoot", pointer],
  ["readOnlyRootFilesystem", pointer],
  ["allowPrivilegeEscalation", pointer],
  ["procMount", textPointer],
  ["seccompProfile", PROFILE],
  ["appArmorProfile", PROFILE],
];

/** The fields of corev1.Container in their Go order (k8s.io/api v0.36; fields a version does not know do not occur there). */
const CONTAINER: Fields = [
  ["name", requiredText],
  ["image", text],
  ["command", texts],
  ["args", texts],
  ["workingDir", text],
  [
    "ports",
    listOf([
      ["name", text],
      ["hostPort", number],
      ["containerPort", requiredNumber],
      ["protocol", text],
      ["hostIP", text],
    ]),
  ],
  [
    "envFrom",
    listOf([
      ["prefix", text],
      ["configMapRef", optional(NAMED)],
      ["secretRef", optional(NAMED)],
    ]),
  ],
  [
    "env",
    listOf([
      ["name", requiredText],
      ["value", text],
      ["valueFrom", optional(ENV_SOURCE)],
    ]),
  ],
  [
    "resources",
    {
      type: "struct",
      presence: "required",
      fields: [
        ["limits", { type: "quantities" }],
        ["requests", { type: "quantities" }],
        [
          "claims",
          listOf([
            ["name", requiredText],
            ["request", text],
          ]),
        ],
      ],
    },
  ],
  [
    "resizePolicy",
    listOf([
      ["resourceName", requiredText],
      ["restartPolicy", requiredText],
    ]),
  ],
  ["restartPolicy", textPointer],
  [
    "restartPolicyRules",
    listOf([
      ["action", text],
      [
        "exitCodes",
        optional([
          ["operator", requiredText],
          ["values", texts],
        ]),
      ],
    ]),
  ],
  [
    "volumeMounts",
    listOf([
      ["name", requiredText],
      ["readOnly", flag],
      ["recursiveReadOnly", textPointer],
      ["mountPath", requiredText],
      ["subPath", text],
      ["mountPropagation", textPointer],
      ["subPathExpr", text],
    ]),
  ],
  [
    "volumeDevices",
    listOf([
      ["name", requiredText],
      ["devicePath", requiredText],
    ]),
  ],
  ["livenessProbe", PROBE],
  ["readinessProbe", PROBE],
  ["startupProbe", PROBE],
  [
    "lifecycle",
    optional([
      ["postStart", HANDLER],
      ["preStop", HANDLER],
      ["stopSignal", textPointer],
    ]),
  ],
  ["terminationMessagePath", text],
  ["terminationMessagePolicy", text],
  ["imagePullPolicy", text],
  ["securityContext", optional(SECURITY_CONTEXT)],
  ["stdin", flag],
  ["stdinOnce", flag],
  ["tty", flag],
];

/** A container as Go's encoding/json writes corev1.Container: known fields in their order, text as text, canonical quantities. */
export function typedContainer(container: JsonObject): JsonObject {
  return project(container, CONTAINER, true);
}

/** What of a container a typed overlay would carry: no unknown fields, no zero values; the values stay as they were written. */
export function containerOverlay(container: JsonObject): JsonObject {
  return project(container, CONTAINER, false);
}

/** An httpGet or tcpSocket or grpc action as Go's encoding/json writes it. */
export function typedAction(kind: "httpGet" | "tcpSocket" | "grpc", action: JsonObject): JsonObject {
  const shape = { httpGet: HTTP_GET, tcpSocket: TCP_SOCKET, grpc: GRPC }[kind];
  return project(action, shape.type === "struct" ? shape.fields : [], true);
}

function project(source: JsonObject, fields: Fields, canonical: boolean): JsonObject {
  const out: JsonObject = {};
  for (const [name, shape] of fields) {
    const value = projectField(source[name], shape, canonical);
    if (value !== undefined) out[name] = value;
  }
  return out;
}

function projectField(value: Json | undefined, shape: Shape, canonical: boolean): Json | undefined {
  switch (shape.type) {
    case "text":
    case "scalar":
      return projectScalar(value, shape, canonical);
    case "quantity":
      return canonical ? canonicalQuantity(textOf(value) ?? "0") : (value ?? undefined);
    case "quantities":
      return projectQuantities(value, canonical);
    case "texts":
      if (!Array.isArray(value) || value.length === 0) return undefined;
      return canonical ? value.map((item) => textOf(item) ?? "") : value;
    case "struct":
      if (isObject(value)) return project(value, shape.fields, canonical);
      return shape.presence === "required" ? {} : undefined;
    case "structs":
      if (!Array.isArray(value) || value.length === 0) return undefined;
      return value.map((item) => project(isObject(item) ? item : {}, shape.fields, canonical));
  }
}

function projectScalar(
  value: Json | undefined,
  shape: Shape & { type: "text" | "scalar" },
  canonical: boolean,
): Json | undefined {
  if (value === undefined || value === null) return shape.presence === "required" && canonical ? shape.zero : undefined;
  if (shape.presence === "set" && (value === "" || value === 0 || value === false)) return undefined;
  return canonical && shape.type === "text" ? (textOf(value) ?? "") : value;
}

function projectQuantities(value: Json | undefined, canonical: boolean): Json | undefined {
  if (!isObject(value)) return undefined;
  const names = Object.keys(value).filter((name) => value[name] !== undefined);
  if (names.length === 0) return undefined;
  const out: JsonObject = Object.create(null);
  for (const name of canonical ? names.sort() : names) {
    out[name] = canonical ? canonicalQuantity(textOf(value[name]) ?? "0") : value[name];
  }
  return out;
}
