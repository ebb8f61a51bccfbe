import { SourceError } from "../source/failure.ts";
import { decideSidecar } from "../target/index.ts";
import type { Input } from "../transform/input.ts";
import { isRenderable, Renderer } from "../transform/render.ts";
import { type Setting, type Workload, workloadDocuments } from "../transform/workload.ts";
import type { Change, WorkloadDiff } from "./change.ts";
import { comparePods } from "./compare-pods.ts";
import { effectsOf, type Side } from "./effects.ts";

/** What an upgrade does to the workloads of some inputs. */
export interface Upgrade {
  /** Workloads that differ, in the inputs' order. */
  differing: WorkloadDiff[];
  /** Why both injectors refuse a workload, with its place: there are no Pods to compare. */
  refused: string[];
  /** What each injector drops of the Pods, for people. */
  notes: { from: string[]; to: string[] };
  counts: {
    workloads: number;
    changed: number;
    /** Refused by both injectors. */
    refused: number;
    /** Kinds whose Pods are built in the cluster: only the sidecar was compared. */
    unrendered: number;
  };
}

/**
 * Renders every workload for two targets and compares the Pods. Both settings are of one cluster.
 * @throws {SourceError} malformed input; a refusal of the injector is part of the outcome instead.
 */
export async function compareTargets(inputs: AsyncIterable<Input>, from: Setting, to: Setting): Promise<Upgrade> {
  const upgrade: Upgrade = {
    differing: [],
    refused: [],
    notes: { from: [], to: [] },
    counts: { workloads: 0, changed: 0, refused: 0, unrendered: 0 },
  };
  const [before, after] = [new Renderer(from.target, "pods"), new Renderer(to.target, "pods")];
  for await (const input of inputs) {
    for (const { workloads } of workloadDocuments(input, from, () => true)) {
      for (const workload of workloads) {
        const left = sideOf(workload, before, from);
        const right = sideOf(decidedFor(workload, to), after, to);
        count(upgrade, workload, left, right);
        const diff = diffOf(workload, left, right);
        if (diff.changes.length + diff.effects.length > 0) upgrade.differing.push(diff);
      }
    }
  }
  upgrade.counts.changed = upgrade.differing.length;
  upgrade.notes = { from: before.notes(), to: after.notes() };
  return upgrade;
}

/** The same workload as another target decides about it. */
function decidedFor(workload: Workload, { target, cluster }: Setting): Workload {
  const decision = decideSidecar(target, cluster, workload.pod.seen);
  return { ...workload, pod: { ...workload.pod, sidecar: decision.sidecar }, decision };
}

function sideOf(workload: Workload, renderer: Renderer, setting: Setting): Side {
  const { decision } = workload;
  if (!isRenderable(workload)) return { decision, template: undefined, refusal: undefined };
  try {
    return { decision, template: renderer.podTemplate(workload, setting), refusal: undefined };
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    return { decision, template: undefined, refusal: error.describe() };
  }
}

function count({ counts, refused }: Upgrade, workload: Workload, from: Side, to: Side): void {
  counts.workloads++;
  if (from.refusal !== undefined && to.refusal !== undefined) refused.push(to.refusal);
  counts.refused = refused.length;
  if (!isRenderable(workload) && (from.decision.injected || to.decision.injected)) counts.unrendered++;
}

function diffOf({ pod }: Workload, from: Side, to: Side): WorkloadDiff {
  const { apiVersion, kind, name, namespace, file, document } = pod.template.resource;
  const sidecar = { from: from.decision.sidecar, to: to.decision.sidecar };
  const refusals = [from, to].filter(({ refusal }) => refusal !== undefined).length;
  return {
    resource: { apiVersion, kind, name, namespace, file, document },
    sidecar,
    // Told for what differs alone: with own templates it takes renders.
    get reason() {
      return { from: from.decision.reason, to: to.decision.reason };
    },
    effects: refusals === 2 ? [] : effectsOf(kind, from, to),
    // Of Pods that are refused there is nothing to compare.
    changes: refusals > 0 ? [] : changesOf(from, to),
  };
}

function changesOf({ decision: from, template: before }: Side, { decision: to, template: after }: Side): Change[] {
  const sidecar: Change = { aspect: "sidecar", field: "type", from: from.sidecar, to: to.sidecar };
  const isBoth = before !== undefined && after !== undefined;
  return [
    ...(from.sidecar === to.sidecar ? [] : [sidecar]),
    ...(isBoth ? comparePods({ from: before, to: after }) : []),
  ];
}
