import { isObject, type JsonObject } from "../json.ts";
import type { InjectorChanges } from "./injector-changes.ts";
import type { InjectedWorkload } from "./model.ts";
import { textOf } from "./scalars.ts";

/** What a Pod counts as: the workload that made it, as far as the injector can tell. */
export interface WorkloadOwner {
  typeMeta: { kind: string; apiVersion: string };
  deploymentMeta: { name: string; namespace: string };
}

/**
 * The owner that the injector names in the proxy's metadata (pkg/kube/util.go, GetDeployMetaFromPod). A workload's own
 * template stands for the Pods that its controllers make.
 */
export function workloadOwner(workload: InjectedWorkload, changes: InjectorChanges): WorkloadOwner {
  const namespace = textOf(workload.metadata.namespace) ?? "";
  const deploymentMeta = { name: textOf(workload.metadata.name) ?? "", namespace };
  switch (workload.kind) {
    case "Pod":
      return changes.podOwnerGuessed ? podOwner(workload.metadata, changes) : podItself(workload.metadata);
    case "CronJob":
      if (!changes.podOwnerGuessed) return podItself({ namespace });
      return { typeMeta: { kind: "CronJob", apiVersion: cronJobVersion(changes) }, deploymentMeta };
    case "Rollout":
      return { typeMeta: { kind: "Rollout", apiVersion: "v1alpha1" }, deploymentMeta };
    default:
      return { typeMeta: { kind: workload.kind, apiVersion: workload.apiVersion }, deploymentMeta };
  }
}

function cronJobVersion(changes: InjectorChanges): string {
  return changes.cronJobIsV1 ? "batch/v1" : "batch/v1beta1";
}

function podItself(metadata: JsonObject): WorkloadOwner {
  return {
    typeMeta: { kind: "Pod", apiVersion: "v1" },
    deploymentMeta: { name: textOf(metadata.name) ?? "", namespace: textOf(metadata.namespace) ?? "" },
  };
}

function podOwner(metadata: JsonObject, changes: InjectorChanges): WorkloadOwner {
  const owner = podItself(metadata);
  const controller = textOf(metadata.generateName) ? controllerOf(metadata) : undefined;
  if (controller === undefined) return owner;
  const kind = textOf(controller.kind) ?? "";
  const name = textOf(controller.name) ?? "";
  owner.typeMeta = { kind, apiVersion: textOf(controller.apiVersion) ?? "" };
  owner.deploymentMeta.name = name || owner.deploymentMeta.name;
  const label = (key: string) => (isObject(metadata.labels) ? (textOf(metadata.labels[key]) ?? "") : "");
  const deploymentHash = label("pod-template-hash");
  const rolloutHash = label("rollouts-pod-template-hash");
  const deploymentConfig = label("deploymentconfig");
  if (kind === "ReplicaSet" && deploymentHash !== "" && name.endsWith(deploymentHash)) {
    owner.typeMeta.kind = "Deployment";
    owner.deploymentMeta.name = withoutSuffix(name, `-${deploymentHash}`);
  } else if (changes.rolloutsKnown && kind === "ReplicaSet" && rolloutHash !== "" && name.endsWith(rolloutHash)) {
    owner.typeMeta = { kind: "Rollout", apiVersion: "v1alpha1" };
    owner.deploymentMeta.name = withoutSuffix(name, `-${rolloutHash}`);
  } else if (kind === "ReplicationController" && deploymentConfig !== "") {
    owner.typeMeta.kind = "DeploymentConfig";
    owner.deploymentMeta.name = deploymentConfig;
  } else if (kind === "Job") {
    // A CronJob's Jobs are named by their time in minutes since 1970.
    const cronJob = /^(.+)-\d{8,10}$/s.exec(name)?.[1];
    if (cronJob === undefined) return owner;
    owner.typeMeta = { kind: "CronJob", apiVersion: cronJobVersion(changes) };
    owner.deploymentMeta.name = cronJob;
  }
  return owner;
}

function controllerOf(metadata: JsonObject): JsonObject | undefined {
  const references = Array.isArray(metadata.ownerReferences) ? metadata.ownerReferences : [];
  return references.filter(isObject).find((reference) => reference.controller === true);
}

function withoutSuffix(text: string, suffix: string): string {
  return text.endsWith(suffix) ? text.slice(0, -suffix.length) : text;
}
