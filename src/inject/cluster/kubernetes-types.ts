import {
  BOOL,
  type Field,
  GoInt,
  GoList,
  GoMap,
  GoStruct,
  INT32,
  INT64,
  type IntType,
  listOf,
  newMap,
  pointerTo,
  STRING,
  STRING_MAP,
  type StructType,
  type Type,
  type Value,
  type ValueMap,
} from "../../go-template/index.ts";
import { isObject, type Json, type JsonObject } from "../../json.ts";
import { goJson } from "../scalars.ts";

/**
 * Kubernetes objects as Go structs over their JSON (k8s.io/api/core/v1 and apimachinery/meta/v1, 0.28 to 0.34). Columns: JSON
 * name in the order of the struct, then the type where it is no string: bool, int32, int64, {} for a map of strings, NAME for a
 * struct of this table, *NAME for a pointer to one, []NAME or []string for a list. "!" is written to JSON even where it is
 * zero, "?" is a pointer to a scalar. A type that is not in this table is "any": its fields cannot be read one by one.
 */
const TABLE: Readonly<Record<string, string>> = {
  ObjectMeta:
    "name generateName namespace selfLink uid resourceVersion generation:int64 creationTimestamp:any! deletionTimestamp:any " +
    "deletionGracePeriodSeconds:int64? labels:{} annotations:{} ownerReferences:[]OwnerReference finalizers:[]string",
  OwnerReference: "apiVersion! kind! name! uid! controller:bool? blockOwnerDeletion:bool?",
  PodSpec:
    "volumes:[]Volume initContainers:[]Container containers:[]Container! ephemeralContainers:[]any restartPolicy " +
    "terminationGracePeriodSeconds:int64? activeDeadlineSeconds:int64? dnsPolicy nodeSelector:{} serviceAccountName " +
    "serviceAccount automountServiceAccountToken:bool? nodeName hostNetwork:bool hostPID:bool hostIPC:bool " +
    "shareProcessNamespace:bool? securityContext:*PodSecurityContext imagePullSecrets:[]LocalObjectReference hostname subdomain affinity:any " +
    "schedulerName tolerations:[]Toleration hostAliases:[]any priorityClassName priority:int32? dnsConfig:any " +
    "readinessGates:[]any runtimeClassName enableServiceLinks:bool? preemptionPolicy overhead:any " +
    "topologySpreadConstraints:[]any setHostnameAsFQDN:bool? os:any hostUsers:bool? schedulingGates:[]any resourceClaims:[]any",
  Container:
    "name! image command:[]string args:[]string workingDir ports:[]ContainerPort envFrom:[]any env:[]EnvVar resources:ResourceRequirements! " +
    "resizePolicy:[]any restartPolicy volumeMounts:[]VolumeMount volumeDevices:[]VolumeDevice livenessProbe:*Probe " +
    "readinessProbe:*Probe startupProbe:*Probe lifecycle:any terminationMessagePath terminationMessagePolicy imagePullPolicy " +
    "securityContext:*SecurityContext stdin:bool stdinOnce:bool tty:bool",
  ContainerPort: "name hostPort:int32 containerPort:int32! protocol hostIP",
  EnvVar: "name! value valueFrom:*EnvVarSource",
  VolumeMount: "name! readOnly:bool recursiveReadOnly mountPath! subPath mountPropagation subPathExpr",
  VolumeDevice: "name! devicePath!",
  Volume:
    "name! hostPath:any emptyDir:any secret:any persistentVolumeClaim:any downwardAPI:any configMap:any projected:any csi:any",
  LocalObjectReference: "name",
  ResourceRequirements: "limits:{} requests:{} claims:[]any",
  SecurityContext:
    "capabilities:*Capabilities privileged:bool? seLinuxOptions:any windowsOptions:any runAsUser:int64? runAsGroup:int64? " +
    "runAsNonRoot:bool? readOnlyRootFilesystem:bool? allowPrivilegeEscalation:bool? procMount seccompProfile:*SeccompProfile " +
    "appArmorProfile:any",
  PodSecurityContext:
    "seLinuxOptions:any windowsOptions:any runAsUser:int64? runAsGroup:int64? runAsNonRoot:bool? supplementalGroups:[]any " +
    "supplementalGroupsPolicy fsGroup:int64? sysctls:[]any fsGroupChangePolicy seccompProfile:*SeccompProfile appArmorProfile:any",
  Capabilities: "add:[]string drop:[]string",
  SeccompProfile: "type! localhostProfile",
  Probe:
    "exec:*ExecAction httpGet:*HTTPGetAction tcpSocket:any grpc:any initialDelaySeconds:int32 timeoutSeconds:int32 " +
    "periodSeconds:int32 successThreshold:int32 failureThreshold:int32 terminationGracePeriodSeconds:int64?",
  ExecAction: "command:[]string",
  HTTPGetAction: "path port:any! host scheme httpHeaders:[]any",
  EnvVarSource:
    "fieldRef:*ObjectFieldSelector resourceFieldRef:any configMapKeyRef:*KeySelector secretKeyRef:*KeySelector",
  ObjectFieldSelector: "apiVersion fieldPath!",
  KeySelector: "name key! optional:bool?",
  Toleration: "key operator value effect tolerationSeconds:int64?",
};
const INITIALISMS: ReadonlyMap<string, string> = new Map([
  ["uid", "UID"],
  ["apiVersion", "APIVersion"],
  ["dnsPolicy", "DNSPolicy"],
  ["dnsConfig", "DNSConfig"],
  ["tty", "TTY"],
  ["os", "OS"],
  ["csi", "CSI"],
  ["httpGet", "HTTPGet"],
  ["httpHeaders", "HTTPHeaders"],
  ["tcpSocket", "TCPSocket"],
  ["grpc", "GRPC"],
  ["seLinuxOptions", "SELinuxOptions"],
  ["fsGroup", "FSGroup"],
  ["fsGroupChangePolicy", "FSGroupChangePolicy"],
]);

interface Column {
  json: string;
  type: string;
  /** Written even where it is zero. */
  required: boolean;
  /** A pointer to a scalar, nil where the field is missing. */
  optional: boolean;
}

const columns = new Map<string, Column[]>(
  Object.entries(TABLE).map(([name, row]) => [name, row.split(" ").map((column) => readColumn(column))]),
);
const types = new Map<string, StructType>();

function readColumn(column: string): Column {
  const required = column.endsWith("!");
  const [json = "", type = "string"] = column.replace(/[!?]$/, "").split(":");
  return { json, type, required, optional: column.endsWith("?") };
}

/** The struct type of a name of the table, e.g. "Container". */
export function kubernetesType(name: string): StructType {
  const known = types.get(name);
  if (known !== undefined) return known;
  const fields = new Map<string, Field>();

  const type: StructType = { kind: "struct", name: `v1.${name}`, fields, methods: new Map() };
  types.set(name, type);
  for (const column of columns.get(name) ?? []) fields.set(goName(column.json), fieldOf(column));
  return type;
}

function goName(json: string): string {
  return INITIALISMS.get(json) ?? `${json[0]?.toUpperCase()}${json.slice(1)}`;
}

function fieldOf(column: Column): Field {
  const { json, type, optional } = column;
  const read = (data: JsonObject): Json | undefined => (Object.hasOwn(data, json) ? data[json] : undefined);
  if (optional) {
    const { type: scalar, get } = fieldOf({ ...column, optional: false });
    return { type: scalar, get: (data: JsonObject) => ((read(data) ?? null) === null ? null : get(data as never)) };
  }
  if (type === "string") return { type: STRING, get: (data: JsonObject) => text(read(data)) };
  if (type === "bool") return { type: BOOL, get: (data: JsonObject) => read(data) === true };
  if (type === "int32" || type === "int64") return integer(type === "int32" ? INT32 : INT64, read);
  if (type === "{}") return { type: STRING_MAP, get: (data: JsonObject) => stringMap(read(data)) };
  if (type.startsWith("[]")) return listField(type.slice(2), read);
  if (type.startsWith("*")) {
    const target = kubernetesType(type.slice(1));
    const pointed = (data: Json | undefined) => (isObject(data) ? data : null);
    return { type: pointerTo(target), get: (data: JsonObject) => new GoStruct(target, pointed(read(data)), true) };
  }
  const struct = type === "any" ? OPAQUE : kubernetesType(type);
  return { type: struct, get: (data: JsonObject) => structOf(struct, read(data)) };
}

function integer(type: IntType, read: (data: JsonObject) => Json | undefined): Field {
  return {
    type,
    get: (data: JsonObject) => {
      const value = Number(read(data) ?? 0);
      return new GoInt(type, Number.isInteger(value) ? BigInt(value) : 0n);
    },
  };
}

function listField(elem: string, read: (data: JsonObject) => Json | undefined): Field {
  const struct = elem === "any" || elem === "string" ? undefined : kubernetesType(elem);
  const elemType: Type = elem === "string" ? STRING : (struct ?? OPAQUE);
  return {
    type: listOf(elemType),
    get: (data: JsonObject): Value => {
      const items = read(data);
      if (!Array.isArray(items)) return new GoList(elemType, [], true);
      const one = (item: Json): Value => (elem === "string" ? text(item) : structOf(struct ?? OPAQUE, item));
      return new GoList(elemType, items.map(one));
    },
  };
}

/** Data whose fields this table does not know; it prints and is written as JSON alone. */
const OPAQUE: StructType = {
  kind: "struct",
  name: "v1.Object",
  fields: new Map(),
  methods: new Map(),
  json: (data: Value) => data,
};

function structOf(struct: StructType, data: Json | undefined): Value {
  if (struct === OPAQUE && (data === undefined || data === null)) return null;
  return new GoStruct(struct, isObject(data) ? data : newMap());
}

function text(value: Json | undefined): string {
  return typeof value === "string" ? value : value === undefined || value === null ? "" : String(value);
}

export function stringMap(value: Json | undefined): GoMap {
  return isObject(value) ? new GoMap(STRING, value as ValueMap) : new GoMap(STRING, newMap(), true);
}

/** encoding/json's form of a struct of the table: its fields in order, without those that are zero. */
export function structJson({ struct, data }: GoStruct): string {
  const name = struct.name.replace(/^v1\./, "");
  const known = columns.get(name);
  if (known === undefined || !isObject(data as Json)) return goJson(data);
  return goJson(ordered(known, data as JsonObject));
}

function ordered(known: Column[], data: JsonObject): JsonObject {
  const fields: JsonObject = {};
  for (const { json, type, required } of known) {
    const value = Object.hasOwn(data, json) ? data[json] : undefined;
    if (isZero(value)) {
      if (required) fields[json] = zeroOf(type);
      continue;
    }
    const inner = columns.get(type.replace(/^(?:\[\]|\*)/, ""));
    if (inner !== undefined && Array.isArray(value)) {
      fields[json] = value.map((item) => (isObject(item) ? ordered(inner, item) : item));
    } else fields[json] = inner !== undefined && isObject(value) ? ordered(inner, value) : value;
  }
  return fields;
}

function zeroOf(type: string): Json {
  if (type === "int32" || type === "int64") return 0;
  return type === "string" ? "" : type === "any" || columns.has(type) ? {} : null;
}

function isZero(value: Json | undefined): boolean {
  if (value === undefined || value === null || value === "" || value === 0 || value === false) return true;
  return Array.isArray(value) ? value.length === 0 : isObject(value) && Object.keys(value).length === 0;
}
