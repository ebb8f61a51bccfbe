import { describe, expect, it } from "vitest";
import type { JsonObject } from "../json.ts";
import { injectorChanges } from "./injector-changes.ts";
import { workloadOwner } from "./workload-owner.ts";

function ownerOfPod(istio: string, controller: JsonObject, labels: Record<string, string> = {}) {
  const metadata = {
    generateName: "x-",
    namespace: "ns",
    labels,
    ownerReferences: [{ ...controller, controller: true }],
  };
  const owner = workloadOwner({ apiVersion: "v1", kind: "Pod", metadata, template: {} }, injectorChanges(istio));
  return `${owner.typeMeta.apiVersion} ${owner.typeMeta.kind} ${owner.deploymentMeta.namespace}/${owner.deploymentMeta.name}`;
}

const replicaSet = { apiVersion: "apps/v1", kind: "ReplicaSet", name: "web-5d4f" };
const job = { apiVersion: "batch/v1", kind: "Job", name: "report-28471230" };

describe("workloadOwner", () => {
  it("names a Deployment by its ReplicaSet's hash", () => {
    expect(ownerOfPod("1.28.10", replicaSet, { "pod-template-hash": "5d4f" })).toBe("apps/v1 Deployment ns/web");
    expect(ownerOfPod("1.28.10", replicaSet)).toBe("apps/v1 ReplicaSet ns/web-5d4f");
  });

  it("knows Argo Rollouts since 1.22", () => {
    expect(ownerOfPod("1.22.0", replicaSet, { "rollouts-pod-template-hash": "5d4f" })).toBe("v1alpha1 Rollout ns/web");
    expect(ownerOfPod("1.21.6", replicaSet, { "rollouts-pod-template-hash": "5d4f" })).toBe(
      "apps/v1 ReplicaSet ns/web-5d4f",
    );
  });

  it("names a CronJob by its Job's time", () => {
    expect(ownerOfPod("1.28.10", job)).toBe("batch/v1 CronJob ns/report");
    expect(ownerOfPod("1.21.6", job)).toBe("batch/v1beta1 CronJob ns/report");
    expect(ownerOfPod("1.28.10", { ...job, name: "report-1" })).toBe("batch/v1 Job ns/report-1");
  });

  it("names a DeploymentConfig by a label", () => {
    const controller = { apiVersion: "v1", kind: "ReplicationController", name: "web-1" };
    expect(ownerOfPod("1.28.10", controller, { deploymentconfig: "web" })).toBe("v1 DeploymentConfig ns/web");
  });

  it("takes a workload's own kind and name", () => {
    const workload = { apiVersion: "apps/v1", kind: "StatefulSet", metadata: { name: "db" }, template: {} };
    expect(workloadOwner(workload, injectorChanges("1.28.10"))).toEqual({
      typeMeta: { kind: "StatefulSet", apiVersion: "apps/v1" },
      deploymentMeta: { name: "db", namespace: "" },
    });
  });
});
