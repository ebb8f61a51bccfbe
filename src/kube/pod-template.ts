import { at, entryOf, itemsAt, type MapNode, type Path, textAt } from "../source/tree.ts";
import { groupOf, type Resource } from "./resource.ts";

/** How Pods of a kind are laid out. */
type Layout = "pod-template" | "argo-workflow";

interface WorkloadKind {
  kind: string;
  /** API groups; "" is the core group. */
  groups: readonly string[];
  /** Where the Pod template (or the Argo workflow spec) stands, from the resource's root. */
  path: Path;
  layout: Layout;
}

/** A kind of the user's own whose Pods are injected too (functionConfig `podTemplates`). */
export interface CustomPodTemplate {
  apiVersion: string;
  kind: string;
  /** Dotted path of the Pod template: "spec.podTemplate". */
  path: string;
}

const TEMPLATE = ["spec", "template"];
const CRON_TEMPLATE = ["spec", "jobTemplate", "spec", "template"];

/** Kinds whose Pods an injector sees. Sources: the kinds' own API types, Kubernetes 1.33, Argo 3.6, Knative 1.17. */
const KINDS: readonly WorkloadKind[] = [
  { kind: "Pod", groups: [""], path: [], layout: "pod-template" },
  { kind: "ReplicationController", groups: [""], path: TEMPLATE, layout: "pod-template" },
  { kind: "PodTemplate", groups: [""], path: ["template"], layout: "pod-template" },
  ...["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"].map(
    (kind): WorkloadKind => ({ kind, groups: ["apps", "extensions"], path: TEMPLATE, layout: "pod-template" }),
  ),
  { kind: "Job", groups: ["batch"], path: TEMPLATE, layout: "pod-template" },
  { kind: "CronJob", groups: ["batch"], path: CRON_TEMPLATE, layout: "pod-template" },
  { kind: "DeploymentConfig", groups: ["apps.openshift.io", ""], path: TEMPLATE, layout: "pod-template" },
  { kind: "Rollout", groups: ["argoproj.io"], path: TEMPLATE, layout: "pod-template" },
  { kind: "Service", groups: ["serving.knative.dev"], path: TEMPLATE, layout: "pod-template" },
  { kind: "Workflow", groups: ["argoproj.io"], path: ["spec"], layout: "argo-workflow" },
  { kind: "WorkflowTemplate", groups: ["argoproj.io"], path: ["spec"], layout: "argo-workflow" },
  { kind: "ClusterWorkflowTemplate", groups: ["argoproj.io"], path: ["spec"], layout: "argo-workflow" },
  { kind: "CronWorkflow", groups: ["argoproj.io"], path: ["spec", "workflowSpec"], layout: "argo-workflow" },
];

/** Names of all workload kinds, as a document must contain one of them to hold a Pod template. */
export const WORKLOAD_KINDS: readonly string[] = KINDS.map(({ kind }) => kind);

/** Kinds of batch whose Pods are to end by themselves. */
export const JOB_KINDS: ReadonlySet<string> = new Set(["Job", "CronJob"]);

export interface Container {
  /** `init` starts before the app's own containers; an Argo `script` runs its `source`. */
  role: "init" | "main" | "script";
  node: MapNode;
  path: Path;
}

/** Where the Pods of one workload come from. Paths start at the resource's root. */
export interface PodTemplate {
  resource: Resource;
  layout: Layout;
  /** The template: holds `metadata` and `spec`; for Argo the workflow spec. */
  path: Path;
  /** Where the Pods' labels and annotations stand: `….metadata`; for Argo `spec.podMetadata`, then each template's. */
  metadataPath: Path;
  /** `metadataPath`, and for Argo the metadata of each template. */
  metadataPaths: Path[];
  /** The Pod spec; for Argo the workflow spec, whose own fields mean the same (hostNetwork, securityContext). */
  specPath: Path;
  containers: Container[];
}

/** The Pod template of a resource; undefined where the resource makes no Pods or names none. */
export function podTemplateOf(resource: Resource, custom: readonly CustomPodTemplate[] = []): PodTemplate | undefined {
  const kind = workloadKindOf(resource.apiVersion, resource.kind, custom);
  if (kind === undefined || at(resource.root, kind.path)?.kind !== "map") return undefined;
  const isArgo = kind.layout === "argo-workflow";
  const specPath = isArgo ? kind.path : [...kind.path, "spec"];
  if (at(resource.root, specPath)?.kind !== "map") return undefined;
  const metadataPath = [...kind.path, isArgo ? "podMetadata" : "metadata"];
  return {
    resource,
    layout: kind.layout,
    path: kind.path,
    metadataPath,
    metadataPaths: isArgo
      ? [metadataPath, ...argoTemplates(resource.root, specPath).map((t) => [...t, "metadata"])]
      : [metadataPath],
    specPath,
    containers: isArgo ? argoContainers(resource.root, specPath) : podContainers(resource.root, specPath),
  };
}

/** How a kind lays out its Pods; undefined for kinds that make none we know of. */
export function workloadKindOf(
  apiVersion: string,
  kind: string,
  custom: readonly CustomPodTemplate[] = [],
): WorkloadKind | undefined {
  const own = custom.find((c) => c.apiVersion === apiVersion && c.kind === kind);
  if (own) return { kind, groups: [], path: own.path.split("."), layout: "pod-template" };
  const group = groupOf(apiVersion);
  return KINDS.find((known) => known.kind === kind && known.groups.includes(group));
}

function podContainers(root: MapNode, specPath: Path): Container[] {
  return [
    ...containersAt(root, [...specPath, "initContainers"], "init"),
    ...containersAt(root, [...specPath, "containers"], "main"),
  ].sort((a, b) => a.node.start - b.node.start);
}

function containersAt(root: MapNode, path: Path, role: Container["role"]): Container[] {
  return itemsAt(root, path).flatMap((_, index) => containerAt(root, [...path, index], role));
}

function containerAt(root: MapNode, path: Path, role: Container["role"]): Container[] {
  const node = at(root, path);
  return node?.kind === "map" ? [{ role, node, path }] : [];
}

function argoTemplates(root: MapNode, specPath: Path): Path[] {
  const defaults = entryOf(at(root, specPath), "templateDefaults") ? [[...specPath, "templateDefaults"]] : [];
  const listed = itemsAt(root, [...specPath, "templates"]).map((_, index) => [...specPath, "templates", index]);
  return [...defaults, ...listed];
}

/** Every template of a workflow that runs a Pod: container, script, containerSet, with their inits and sidecars. */
function argoContainers(root: MapNode, specPath: Path): Container[] {
  return argoTemplates(root, specPath)
    .flatMap((template) => [
      ...containersAt(root, [...template, "initContainers"], "init"),
      ...containerAt(root, [...template, "container"], "main"),
      ...containerAt(root, [...template, "script"], "script"),
      ...containersAt(root, [...template, "containerSet", "containers"], "main"),
      ...containersAt(root, [...template, "sidecars"], "main"),
    ])
    .sort((a, b) => a.node.start - b.node.start);
}

/** Name of a container, "" where it has none. */
export function containerName(container: Container): string {
  return textAt(container.node, ["name"]) ?? "";
}
