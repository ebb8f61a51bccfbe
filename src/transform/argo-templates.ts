import { stringMapAt } from "../kube/labels.ts";
import { at, itemsAt, type Path } from "../source/tree.ts";
import { decideSidecar, type Sidecar } from "../target/index.ts";
import type { Finding } from "./finding.ts";
import { annotationsAt, type Setting, type Workload } from "./workload.ts";

const REGULAR_TOO = "not fixed: a template of the workflow has Pods with a regular sidecar, which need it";

/**
 * Findings of a workload as they hold for the Pods that each template of an Argo workflow makes: a template's own
 * metadata may opt its Pods out, or keep them out of the mesh (argo-workflows 3.6, workflow/controller/workflowpod.go:
 * podMetadata first, then the template's). Other workloads have Pods of one kind.
 */
export function forArgoTemplates(findings: Finding[], workload: Workload, setting: Setting): Finding[] {
  const { template } = workload.pod;
  if (template.layout !== "argo-workflow" || findings.length === 0) return findings;
  const sidecars = templateSidecars(workload, setting);
  if (sidecars === undefined) return findings;
  const all = new Set(sidecars.values());
  return findings.flatMap((finding) => {
    const { rule, site } = finding;
    if (!rule.isHack) return finding;
    const [field, index] = site.path.slice(template.specPath.length);
    const own = field === "templates" && typeof index === "number" ? sidecars.get(index) : undefined;
    if (own !== undefined) return rule.effective.includes(own) ? finding : [];
    if (!rule.effective.some((sidecar) => all.has(sidecar))) return [];
    return all.has("regular") ? { ...finding, level: "none", remark: REGULAR_TOO } : finding;
  });
}

/** By the index of templates that run Pods; undefined where no template has metadata of its own. */
function templateSidecars({ pod }: Workload, { target, cluster }: Setting): Map<number, Sidecar> | undefined {
  const { resource, specPath, containers } = pod.template;
  const { root } = resource;
  const defaults = [...specPath, "templateDefaults", "metadata"];
  const templates = itemsAt(root, [...specPath, "templates"]).map((_, index) => index);
  const metadataOf = (index: number): Path => [...specPath, "templates", index, "metadata"];
  if (![defaults, ...templates.map(metadataOf)].some((path) => at(root, path) !== undefined)) return undefined;
  const running = templates.filter((index) =>
    containers.some(({ path }) => path[specPath.length] === "templates" && path[specPath.length + 1] === index),
  );
  const sidecarOf = (index: number): Sidecar => {
    const places = [defaults, metadataOf(index)];
    const podLabels = merged([pod.labels, ...places.map((path) => stringMapAt(root, [...path, "labels"]))]);
    const podAnnotations = merged([pod.annotations, ...places.map((path) => annotationsAt(root, path))]);
    return decideSidecar(target, cluster, { ...pod.seen, podLabels, podAnnotations }).sidecar;
  };
  return new Map(running.map((index) => [index, sidecarOf(index)]));
}

/** Later maps win. */
function merged(maps: readonly Readonly<Record<string, string>>[]): Record<string, string> {
  return Object.assign(Object.create(null), ...maps);
}
