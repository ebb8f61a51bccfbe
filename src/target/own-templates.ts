import {
  type AnnotationValidators,
  annotationValidators,
  validateAnnotations,
} from "../inject/annotation-validation.ts";
import type { CreateInjector, Injector } from "../inject/inject.ts";
import { injectorChanges } from "../inject/injector-changes.ts";
import { type InjectedWorkload, InjectionError } from "../inject/model.ts";
import { podProxyConfigs } from "../inject/pod-proxy-config.ts";
import { isObject, type Json, type JsonObject } from "../json.ts";
import type { ClusterFacts, ResolvedTarget } from "./target.ts";
import { valueAt } from "./value-path.ts";

type StringMap = Readonly<Record<string, string>>;

/** The templates that istiod brings along (manifests/charts/istio-control/istio-discovery/files, 1.20 to 1.31). */
const STOCK: readonly string[] = ["sidecar", "gateway", "grpc-simple", "grpc-agent"];

/** A Pod that templates are run for. */
export interface TemplatedPod {
  namespace: string | undefined;
  podLabels: StringMap;
  podAnnotations: StringMap;
  podSpec: JsonObject;
  /** The workload as it stands; undefined: nothing but the above is known, and a bare Pod stands for it. */
  workload?: (() => InjectedWorkload) | undefined;
}

/** What own templates make of a Pod's proxy. */
export type OwnProxy =
  | {
      sidecar: "native" | "regular" | "none";
      /** The container istio-proxy; undefined where there is none. */
      proxy: JsonObject | undefined;
    }
  /** Why there is no such Pod, as a clause: "the injector refuses it: ConfigMap …". */
  | { refusal: string };

/** Whether one of these templates is the cluster's, or that of the values: what it makes is told by its run alone. */
export function runsOwnTemplate({ injector, values }: ResolvedTarget, names: readonly string[]): boolean {
  return injector !== undefined || names.some((name) => Object.hasOwn(templatesIn(values), name));
}

/** Whether a target may have to run templates that are not built in. */
export function hasOwnTemplates({ injector, values, revisions }: ResolvedTarget): boolean {
  if (injector !== undefined || Object.keys(templatesIn(values)).length > 0) return true;
  return [...(revisions?.values() ?? [])].some(hasOwnTemplates);
}

/** Those of the names that the target's injector does not have: it refuses the Pod. */
export function missingTemplates({ injector, values }: ResolvedTarget, names: readonly string[]): string[] {
  const own = templatesIn(values);
  return names.filter((name) =>
    injector === undefined ? !STOCK.includes(name) && !Object.hasOwn(own, name) : !injector.config.templates.has(name),
  );
}

function templatesIn(values: JsonObject): JsonObject {
  const own = valueAt(values, "sidecarInjectorWebhook", "templates");
  return isObject(own) ? own : {};
}

/** The same target with what runs its templates, and those of its revisions. */
export function withTemplateRunner(target: ResolvedTarget, createInjector: CreateInjector): ResolvedTarget {
  if (!hasOwnTemplates(target)) return target;
  const { revisions } = target;
  const others = revisions && new Map([...revisions].map(([name, one]) => [name, { ...one, createInjector }]));
  return { ...target, createInjector, ...(others && { revisions: others }) };
}

/** The injector of a target. @param nativeByDefault what ENABLE_NATIVE_SIDECARS comes to for the workload. */
export function injectorSettings(
  { istio, values, meshConfig, revision, injector }: ResolvedTarget,
  nativeByDefault: boolean,
  proxyConfigs: ClusterFacts["proxyConfigs"] = [],
): Parameters<CreateInjector>[0] {
  return { istio, values, meshConfig, revision, nativeByDefault, proxyConfigs: [...proxyConfigs], injector };
}

const REFUSED = "the injector refuses it";

/** What something fills in before the cluster sees it: "${PORT}", "{{ port }}", "DATABASE_PORT". */
const PLACEHOLDER = /\$[({]|\{\{|^[A-Z0-9]+_[A-Z0-9_]+$/;

function settled(annotations: StringMap): JsonObject {
  return Object.fromEntries(Object.entries(annotations).filter(([, value]) => !PLACEHOLDER.test(value)));
}

/** Runs a target's templates to see what becomes of Pods' proxies; its injectors are made once. */
export class TemplateRun {
  private readonly target: ResolvedTarget;
  private readonly cluster: ClusterFacts;
  private readonly injectors = new Map<boolean, Injector>();
  private validators: AnnotationValidators | undefined;

  constructor(target: ResolvedTarget, cluster: ClusterFacts) {
    this.target = target;
    this.cluster = cluster;
  }

  /** Why the injector refuses a Pod before it runs any template, as a clause: for the values of its annotations. */
  refusalOf({ podAnnotations }: TemplatedPod): string | undefined {
    if (!Object.keys(podAnnotations).some((key) => key.includes("istio.io/"))) return undefined;
    const { istio } = this.target;
    this.validators ??= annotationValidators(
      injectorChanges(istio),
      podProxyConfigs(injectorSettings(this.target, false)).problem,
    );
    try {
      validateAnnotations(settled(podAnnotations), this.validators);
      return undefined;
    } catch (error) {
      if (!(error instanceof InjectionError)) throw error;
      return `${REFUSED}: ${error.message}`;
    }
  }

  proxyOf(pod: TemplatedPod, nativeByDefault: boolean): OwnProxy {
    const { createInjector } = this.target;
    if (createInjector === undefined) return { refusal: "its templates cannot be run here" };
    let injector = this.injectors.get(nativeByDefault);
    if (injector === undefined) {
      injector = createInjector(injectorSettings(this.target, nativeByDefault, this.cluster.proxyConfigs));
      this.injectors.set(nativeByDefault, injector);
    }
    try {
      return placed(injector.afresh(this.workloadOf(pod)).spec ?? {});
    } catch (error) {
      if (!(error instanceof InjectionError)) throw error;
      return { refusal: `${REFUSED}: ${error.message}` };
    }
  }

  /** The workload with the labels and annotations that are asked about. */
  private workloadOf({ namespace, podLabels, podAnnotations, podSpec, workload }: TemplatedPod): InjectedWorkload {
    const { metadata, template, ...rest } = workload?.() ?? barePod(namespace, podSpec);
    const asked = { ...template.metadata, labels: podLabels, annotations: podAnnotations };
    const known = this.cluster.namespaces.get(namespace ?? "default");
    return {
      ...rest,
      metadata,
      template: { ...template, metadata: asked },
      ...(known && { namespaceAnnotations: known.annotations }),
    };
  }
}

function barePod(namespace: string | undefined, podSpec: JsonObject): InjectedWorkload {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "app", ...(namespace !== undefined && { namespace }) },
    template: { spec: { ...podSpec, containers: [{ name: "app", image: "app" }] } },
  };
}

const PROXY = "istio-proxy";

/** A native sidecar is an init container that stays (Kubernetes 1.29, restartPolicy Always). */
function placed({ containers, initContainers }: JsonObject): OwnProxy {
  const main = named(containers);
  if (main !== undefined) return { sidecar: "regular", proxy: main };
  const init = named(initContainers);
  return { sidecar: init?.restartPolicy === "Always" ? "native" : "none", proxy: init };
}

function named(containers: Json | undefined): JsonObject | undefined {
  return Array.isArray(containers)
    ? containers.filter(isObject).find((container) => container.name === PROXY)
    : undefined;
}
