import { isObject, type JsonObject } from "../json.ts";

/*
 * The injector reads workloads into API types and prints them again; fields that these types always print appear in
 * its output although nobody wrote them (k8s.io/api apps/v1 and core/v1, openshift/api apps/v1: fields without
 * omitempty). `istioctl kube-inject` shows them for every workload it reads, injected or not.
 */
const STATUS: Readonly<Record<string, readonly string[]>> = {
  DaemonSet: ["currentNumberScheduled", "desiredNumberScheduled", "numberMisscheduled", "numberReady"],
  StatefulSet: ["availableReplicas", "replicas"],
  ReplicaSet: ["replicas"],
  ReplicationController: ["replicas"],
  DeploymentConfig: [
    "availableReplicas",
    "latestVersion",
    "observedGeneration",
    "replicas",
    "unavailableReplicas",
    "updatedReplicas",
  ],
};

/** Whether the API type of a kind prints fields that a manifest may leave out. */
export function hasTypedFields(kind: string): boolean {
  return Object.hasOwn(STATUS, kind);
}

/** The workload with the fields that its API type always prints, zero where the manifest has none. */
export function typedForm(kind: string, workload: JsonObject): JsonObject {
  const counts = STATUS[kind] ?? [];
  const own = isObject(workload.status) ? workload.status : {};
  const status: JsonObject = { ...own };
  for (const field of counts) status[field] ??= 0;
  const spec = isObject(workload.spec) ? workload.spec : {};
  const typed =
    kind === "DeploymentConfig" ? { ...spec, replicas: spec.replicas ?? 0, test: spec.test ?? false } : spec;
  return { ...workload, spec: typed, status };
}

/** Metadata of a v1 List as its type prints it: empty fields are left out. */
export function typedListMetadata(metadata: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(metadata).filter(([, value]) => value !== "" && value !== null));
}
