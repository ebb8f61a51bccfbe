import { createInjector, type Injector } from "../inject/inject.ts";
import { InjectionError, type PodTemplate as PodData } from "../inject/model.ts";
import { isObject, type Json, type JsonObject } from "../json.ts";
import { workloadKindOf } from "../kube/pod-template.ts";
import { groupOf } from "../kube/resource.ts";
import { applyEdits, type TextEdit } from "../source/edit.ts";
import { SourceError } from "../source/failure.ts";
import { type Rewrite, rewriteAll } from "../source/rewrite.ts";
import { AliasBomb, at, type MapNode, type Path, toData } from "../source/tree.ts";
import type { ResolvedTarget } from "../target/index.ts";
import type { Input } from "./input.ts";
import { type Setting, type Workload, workloadDocuments } from "./workload.ts";

export interface Rendered {
  /** The very same object where nothing was injected. */
  input: Input;
  injected: Workload[];
  /** Workloads whose Pods the cluster injects, but whose kind cannot be rendered. */
  unrendered: Workload[];
}

/** Renders the Pod templates of inputs for one target; what depends on the target alone is done once. */
export class Renderer {
  private readonly target: ResolvedTarget;
  private readonly injectors = new Map<boolean, Injector>();

  constructor(target: ResolvedTarget) {
    this.target = target;
  }

  /** @throws {SourceError} where the injector refuses a workload. */
  render(input: Input, setting: Setting): Rendered {
    const edits: TextEdit[] = [];
    const injected: Workload[] = [];
    const unrendered: Workload[] = [];
    for (const { chunk, workloads } of workloadDocuments(input, setting, () => true)) {
      const rewrites: Rewrite[] = [];
      for (const workload of workloads) {
        if (!workload.decision.injected) continue;
        if (!isRenderable(workload)) {
          unrendered.push(workload);
          continue;
        }
        injected.push(workload);
        rewrites.push(this.renderWorkload(workload));
      }
      edits.push(...rewriteAll(chunk.text, rewrites));
    }
    const isChanged = edits.length > 0;
    return { input: isChanged ? input.reread(applyEdits(input.text, edits)) : input, injected, unrendered };
  }

  private renderWorkload(workload: Workload): Rewrite {
    const { resource, path } = workload.pod.template;
    const node = at(resource.root, path) as MapNode;
    try {
      const before = toData(node) as JsonObject;
      const result = this.injectorFor(workload).inject({
        apiVersion: resource.apiVersion,
        kind: resource.kind,
        metadata: objectAt(resource.root, ["metadata"]),
        template: before as PodData,
      });
      return { node, before, after: { ...before, ...(result as JsonObject) } };
    } catch (error) {
      if (error instanceof InjectionError) {
        throw new SourceError(resource.file, resource.text, nearest(node, error.path), describe(workload, error));
      }
      if (error instanceof AliasBomb) throw new SourceError(resource.file, resource.text, node.start, error.message);
      throw error;
    }
  }

  private injectorFor({ decision }: Workload): Injector {
    const nativeByDefault = decision.nativeByDefault;
    let injector = this.injectors.get(nativeByDefault);
    if (injector === undefined) {
      const { istio, values, meshConfig, revision } = this.target;
      injector = createInjector({ istio, values, meshConfig, revision, nativeByDefault });
      this.injectors.set(nativeByDefault, injector);
    }
    return injector;
  }
}

/** Kinds whose Pods we know only in outline: Argo workflows and Knative build theirs in the cluster. */
function isRenderable({ pod }: Workload): boolean {
  const { resource, layout } = pod.template;
  if (layout !== "pod-template" || groupOf(resource.apiVersion) === "serving.knative.dev") return false;
  return workloadKindOf(resource.apiVersion, resource.kind) !== undefined;
}

function objectAt(root: MapNode, path: Path): JsonObject {
  const node = at(root, path);
  const data: Json = node === undefined ? null : toData(node);
  return isObject(data) ? data : Object.create(null);
}

function describe({ pod }: Workload, error: InjectionError): string {
  const { kind, name } = pod.template.resource;
  return `${kind} ${name}: ${error.message}`;
}

/** Offset of the value below a path, or of the innermost one that stands. */
function nearest(node: MapNode, path: Path): number {
  for (let length = path.length; length > 0; length--) {
    const found = at(node, path.slice(0, length));
    if (found !== undefined) return found.start;
  }
  return node.start;
}
