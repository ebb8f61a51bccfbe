import { STATUS } from "../inject/earlier-injection.ts";
import type { Injector } from "../inject/inject.ts";
import { meansTheSame } from "../inject/injection-removal.ts";
import { type InjectedWorkload, InjectionError, type PodTemplate as PodData } from "../inject/model.ts";
import { newerFields, presentFields } from "../inject/newer-fields.ts";
import { hasTypedFields, typedForm, typedListMetadata } from "../inject/typed-form.ts";
import { isObject, type Json, type JsonObject } from "../json.ts";
import { workloadKindOf } from "../kube/pod-template.ts";
import { groupOf, type Resource, resourcesOf } from "../kube/resource.ts";
import { aliasesOf } from "../source/aliases.ts";
import { applyEdits, type TextEdit } from "../source/edit.ts";
import { isSameData } from "../source/equal.ts";
import { SourceError } from "../source/failure.ts";
import { parseChunk, sourceOf } from "../source/parse.ts";
import { type Rewrite, rewriteAll } from "../source/rewrite.ts";
import { AliasBomb, at, entryOf, type MapNode, type Node, type Path, textAt, toData } from "../source/tree.ts";
import { type ClusterFacts, type ResolvedTarget, servingTarget } from "../target/index.ts";
import { EarlierRenders, injectorOf } from "./earlier-render.ts";
import type { DocumentChunk, Input } from "./input.ts";
import { count, emptyTally, type RenderTally, renderNotes, tallyOf } from "./render-tally.ts";
import { type Setting, type Workload, workloadDocuments } from "./workload.ts";

/** An injected workload by name: its tree is not kept, inputs have thousands. */
export interface InjectedName {
  /** As of its Workload. */
  key: string;
  kind: string;
  namespace: string | undefined;
  name: string;
}

export interface Rendered {
  /** The very same object where nothing was injected. */
  input: Input;
  injected: InjectedName[];
  /** Number of workloads, injected or not. */
  workloads: number;
  /** Workloads whose Pods the cluster injects, but whose kind cannot be rendered. */
  unrendered: Workload[];
}

/**
 * `pods`: nothing but Pod templates changes. `typed`: also what the injector's own output restates of the workloads
 * around them (see typed-form.ts), as `istioctl kube-inject` prints it.
 */
export type RenderForm = "pods" | "typed";

/** Renders the Pod templates of inputs for one target in one cluster; what depends on these alone is done once. */
export class Renderer {
  private readonly target: ResolvedTarget;
  private readonly form: RenderForm;
  private readonly injectors = new Map<boolean, Injector>();
  private readonly earlier: EarlierRenders;
  private readonly newer: readonly string[][];
  /** What there is to tell of the workloads rendered so far. */
  readonly tally: RenderTally;
  /** For the Pods of other revisions. */
  private readonly revisions = new Map<ResolvedTarget, Renderer>();

  constructor(target: ResolvedTarget, form: RenderForm, tally: RenderTally = emptyTally(target.istio)) {
    this.target = target;
    this.tally = tally;
    this.form = form;
    this.earlier = new EarlierRenders(target);
    this.newer = newerFields(target.factsIstio);
  }

  /** What people should know of the workloads rendered so far. */
  notes(): string[] {
    return renderNotes(this.tally);
  }

  /** @throws {SourceError} where the injector refuses a workload. */
  render(input: Input, setting: Setting): Rendered {
    const edits: TextEdit[] = [];
    const injected: InjectedName[] = [];
    const unrendered: Workload[] = [];
    let seen = 0;
    for (const { chunk, root, resources, workloads } of workloadDocuments(input, setting, () => true)) {
      seen += workloads.length;
      for (const resource of resources) refuseWithoutTemplate(resource);
      const rewrites: Rewrite[] = [];
      const expected = new Map<number, WorkloadRewrite>();
      for (const workload of workloads) {
        const isInjected = workload.decision.injected && isRenderable(workload);
        if (isInjected) injected.push(nameOf(workload));
        else if (workload.decision.injected) unrendered.push(workload);
        const rewrite = this.rewriteWorkload(workload, isInjected, setting);
        if (rewrite === undefined) continue;
        rewrites.push(rewrite);
        expected.set(resources.indexOf(workload.pod.template.resource), rewrite);
      }
      if (this.form === "typed") rewrites.push(...restatedList(root, workloads));
      const own = rewriteAll(chunk.text, rewrites);
      if (own.length > 0 && aliasesOf(chunk.text, root).length > 0) verify(chunk, resources, expected, own);
      edits.push(...own);
    }
    const isChanged = edits.length > 0;
    return {
      input: isChanged ? input.edited(edits) : input,
      injected,
      workloads: seen,
      unrendered,
    };
  }

  /**
   * The Pod template of a renderable workload as plain data: injected, or as the input has it where nothing is.
   * @throws {SourceError} where the injector refuses the workload.
   */
  podTemplate(workload: Workload, setting: Setting): JsonObject {
    const { resource, path } = workload.pod.template;
    return refusingAliasBombs(resource, () => {
      const written = toData(at(resource.root, path) as MapNode) as JsonObject;
      return workload.decision.injected ? this.inject(workload, written, setting) : written;
    });
  }

  private rewriteWorkload(workload: Workload, isInjected: boolean, setting: Setting): WorkloadRewrite | undefined {
    const { resource, path } = workload.pod.template;
    const isTyped = this.form === "typed" && hasTypedFields(resource.kind) && isRenderable(workload);
    if (!isInjected && !isTyped) return undefined;
    return refusingAliasBombs(resource, () => {
      const inject = (template: JsonObject): JsonObject => this.inject(workload, template, setting);
      const place = ownPlace(resource, isTyped ? [] : path);
      const before = toData(place.node) as JsonObject;
      const injected = isInjected ? replacedAt(before, path.slice(place.depth), inject) : before;
      const after = isTyped ? typedForm(resource.kind, injected) : injected;
      const way = path.slice(0, place.depth);
      return {
        node: place.node,
        before,
        after,
        whole: () => replacedAt(toData(resource.root) as JsonObject, way, () => after),
      };
    });
  }

  private inject(workload: Workload, template: JsonObject, setting: Setting): JsonObject {
    const { cluster } = setting;
    const served = servingTarget(this.target, cluster, workload.pod.seen);
    if (served !== this.target) return this.rendererOf(served).inject(workload, template, setting);
    const { resource, path } = workload.pod.template;
    const namespace = cluster.namespaces.get(resource.namespace ?? "default");
    const injected: InjectedWorkload = {
      apiVersion: resource.apiVersion,
      kind: resource.kind,
      metadata: objectAt(resource.root, ["metadata"]),
      template: template as PodData,
      ...(namespace && { namespaceAnnotations: namespace.annotations }),
    };
    try {
      const result = this.injectOriginal(this.injectorFor(workload, cluster), injected, cluster);
      this.countDropped(template);
      return { ...template, ...(result as JsonObject) };
    } catch (error) {
      if (!(error instanceof InjectionError)) throw error;
      const node = at(resource.root, path) as MapNode;
      throw new SourceError(resource.file, resource.text, nearest(node, error.path), describe(workload, error));
    }
  }

  private rendererOf(target: ResolvedTarget): Renderer {
    const known = this.revisions.get(target);
    if (known !== undefined) return known;
    const [revision = ""] = [...(this.target.revisions ?? [])].find(([, one]) => one === target) ?? [];
    const renderer = new Renderer(target, this.form, tallyOf(this.tally, revision, target.istio));
    this.revisions.set(target, renderer);
    return renderer;
  }

  private countDropped({ spec }: JsonObject): void {
    if (!isObject(spec)) return;
    for (const field of presentFields(spec, this.newer)) count(this.tally.dropped, field, 1);
  }

  /** A Pod rendered for another target is injected as it was before; what cannot be taken back, as it is. */
  private injectOriginal(injector: Injector, injected: InjectedWorkload, cluster: ClusterFacts): PodData {
    let outcome: () => PodData;
    try {
      const result = injector.inject(injected);
      if (result === injected.template) return result;
      outcome = () => result;
    } catch (error) {
      if (!(error instanceof InjectionError)) throw error;
      outcome = () => {
        throw error;
      };
    }
    const original = this.earlier.originalOf(injected, cluster);
    if (original !== undefined) return injector.inject({ ...injected, template: original });
    const result = outcome();
    if (keepsEarlier(injector, injected, result)) this.tally.kept++;
    return result;
  }

  private injectorFor({ decision }: Workload, { proxyConfigs = [] }: ClusterFacts): Injector {
    const nativeByDefault = decision.nativeByDefault;
    let injector = this.injectors.get(nativeByDefault);
    if (injector === undefined) {
      injector = injectorOf(this.target, nativeByDefault, proxyConfigs);
      this.injectors.set(nativeByDefault, injector);
    }
    return injector;
  }
}

/** Whether a Pod comes out otherwise than one that was never injected: its proxy passes for the user's own. */
function keepsEarlier(injector: Injector, injected: InjectedWorkload, result: PodData): boolean {
  if (injected.template.metadata?.annotations?.[STATUS] === undefined) return false;
  try {
    const { metadata, spec } = injector.afresh(injected);
    return !meansTheSame(
      { metadata: metadata ?? null, spec: spec ?? null },
      { metadata: result.metadata ?? null, spec: result.spec ?? null },
    );
  } catch (error) {
    if (error instanceof InjectionError) return true;
    throw error;
  }
}

interface WorkloadRewrite extends Rewrite {
  /** The whole workload as it is to be. */
  whole(): JsonObject;
}

/**
 * The innermost node on the way to `path` that belongs to this workload alone: behind an alias or a merge key the text
 * is somebody else's too, and the alias itself (or the map that merges) is what has to say something else.
 */
function ownPlace(resource: Resource, path: Path): { node: Node; depth: number } {
  const { node, file, text, root } = resource;
  if (node === undefined) {
    const message = `${resource.kind} ${resource.name} stands in a list behind an alias; write the list out to render it`;
    throw new SourceError(file, text, root.start, message);
  }
  let here: Node = node;
  for (const [depth, step] of path.entries()) {
    if (here.kind !== "map") return { node: here, depth };
    const entry = entryOf(here, String(step));
    if (entry === undefined || entry.map !== here) return { node: here, depth };
    here = entry.value;
  }
  return { node: here, depth: path.length };
}

/** Aliases make a document's parts depend on each other: what was edited is read again before it counts. */
function verify(
  chunk: DocumentChunk,
  resources: readonly Resource[],
  expected: ReadonlyMap<number, WorkloadRewrite>,
  edits: readonly TextEdit[],
): void {
  const shifted = edits.map((edit) => ({ ...edit, start: edit.start - chunk.start, end: edit.end - chunk.start }));
  const text = applyEdits(sourceOf(chunk), shifted);
  const fail = (): never => {
    const first = resources[0] as Resource;
    const message = "its anchors and aliases cannot be kept apart by a render; write the aliases out";
    throw new SourceError(first.file, first.text, first.root.start, message);
  };
  const root = reparsed(text, fail);
  const after = resourcesOf({ file: chunk.file, text, document: chunk.index }, root);
  resources.forEach((resource, index) => {
    const wanted = expected.get(index)?.whole() ?? toData(resource.root);
    const actual = after[index];
    if (actual === undefined || !isSameData(wanted, toData(actual.root))) fail();
  });
}

function reparsed(text: string, fail: () => never): Node | undefined {
  try {
    return parseChunk({ file: "", text, start: 0, end: text.length });
  } catch {
    return fail();
  }
}

function nameOf({ key, pod }: Workload): InjectedName {
  const { kind, namespace, name } = pod.template.resource;
  return { key, kind, namespace, name };
}

function refusingAliasBombs<T>(resource: Resource, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof AliasBomb)
      throw new SourceError(resource.file, resource.text, resource.root.start, error.message);
    throw error;
  }
}

/** Kinds whose Pods we know only in outline: Argo workflows and Knative build theirs in the cluster. */
export function isRenderable({ pod }: Workload): boolean {
  const { resource, layout } = pod.template;
  if (layout !== "pod-template" || groupOf(resource.apiVersion) === "serving.knative.dev") return false;
  return workloadKindOf(resource.apiVersion, resource.kind) !== undefined;
}

/** The injector takes a controller without a template for a fault (inject.go, IntoObject). */
function refuseWithoutTemplate(resource: Resource): void {
  if (resource.kind !== "ReplicationController" || resource.apiVersion !== "v1") return;
  if (at(resource.root, ["spec", "template"])?.kind === "map") return;
  const offset = (at(resource.root, ["spec"]) ?? resource.root).start;
  const message = `ReplicationController ${resource.name}: spec.template is missing; the injector refuses it`;
  throw new SourceError(resource.file, resource.text, offset, message);
}

/** Data with the map below a path replaced, all on the way copied. */
function replacedAt(data: JsonObject, path: Path, replace: (map: JsonObject) => JsonObject): JsonObject {
  const [step, ...rest] = path;
  if (step === undefined) return replace(data);
  const inner = data[step];
  return isObject(inner) ? { ...data, [step]: replacedAt(inner, rest, replace) } : data;
}

/** The metadata of a List around workloads. */
function restatedList(root: MapNode, workloads: readonly Workload[]): Rewrite[] {
  const node = at(root, ["metadata"]);
  const isList = textAt(root, ["kind"]) === "List" && textAt(root, ["apiVersion"]) === "v1";
  if (!isList || node?.kind !== "map" || workloads.length === 0) return [];
  const before = toData(node) as JsonObject;
  return [{ node, before, after: typedListMetadata(before) }];
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
