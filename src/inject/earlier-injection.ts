import { isObject, type Json, type JsonObject, parseJsonText } from "../json.ts";
import { type ContainerList, containersOf, findContainer, type Pod } from "./containers.ts";
import { InjectionError } from "./model.ts";
import { clearPrometheusAnnotations, prometheusPort } from "./prometheus-merge.ts";
import { textOf } from "./scalars.ts";
import { copyMap } from "./strategic-merge.ts";

export const STATUS = "sidecar.istio.io/status";
export const OVERRIDES = "proxy.istio.io/overrides";

/** Containers by name, as the injector's annotations list them. */
export interface NamedContainers {
  containers: string[];
  initContainers: string[];
}

/** Containers of an earlier injection as the user had them. */
export interface Overrides {
  containers: JsonObject[];
  initContainers: JsonObject[];
}

const LISTS: ContainerList[] = ["containers", "initContainers"];

/** The status annotation, parsed; undefined without it or where it is no JSON. */
export function statusOf(annotations: JsonObject): Json | undefined {
  const text = textOf(annotations[STATUS]);
  return text === undefined ? undefined : parseJson(text);
}

/** What the status annotation says was injected; undefined without the annotation, empty where it is no JSON. */
export function injectedBefore(annotations: JsonObject): NamedContainers | undefined {
  const text = textOf(annotations[STATUS]);
  if (text === undefined) return undefined;
  const status = parseJson(text);
  const names = (list: ContainerList) => {
    const items = isObject(status) ? status[list] : undefined;
    return Array.isArray(items) ? items.filter((item) => typeof item === "string") : [];
  };
  return { containers: names("containers"), initContainers: names("initContainers") };
}

/** @throws InjectionError when the annotation is no JSON */
export function overridesOf(annotations: JsonObject): Overrides {
  const text = textOf(annotations[OVERRIDES]);
  if (text === undefined) return { containers: [], initContainers: [] };
  const overrides = parseJson(text);
  if (!isObject(overrides)) {
    throw new InjectionError(`annotation ${OVERRIDES} holds no JSON object`, ["metadata", "annotations", OVERRIDES]);
  }
  return {
    containers: containersOf(overrides, "containers"),
    initContainers: containersOf(overrides, "initContainers"),
  };
}

function parseJson(text: string): Json | undefined {
  try {
    return parseJsonText(text);
  } catch {
    return undefined;
  }
}

/**
 * The Pod as it was before an earlier injection, for the templates to look at (pkg/kube/inject, stripPod and
 * reinsertOverrides).
 * @param statusPort the mesh's status port: Prometheus annotations that name it are the injector's own
 */
export function beforeInjection(pod: Pod, overrides: Overrides, statusPort: string): Pod {
  const annotations = isObject(pod.metadata.annotations) ? pod.metadata.annotations : {};
  const status = textOf(annotations[STATUS]);
  const wasInjected = status !== undefined && isObject(parseJson(status));
  const hasOverrides = overrides.containers.length > 0 || overrides.initContainers.length > 0;
  if (!wasInjected && !hasOverrides) return pod;
  const stripped: Pod = { metadata: copyMap(pod.metadata), spec: copyMap(pod.spec) };
  if (wasInjected) stripInjection(stripped, annotations, statusPort);
  for (const list of LISTS) reinsert(stripped.spec, list, overrides[list]);
  return stripped;
}

function stripInjection(pod: Pod, annotations: JsonObject, statusPort: string): void {
  const injected = injectedBefore(annotations);
  for (const list of LISTS) {
    const names = injected?.[list] ?? [];
    const items = containersOf(pod.spec, list);
    if (items.length > 0) pod.spec[list] = items.filter((item) => !names.includes(textOf(item.name) ?? ""));
  }
  const kept = copyMap(annotations);
  if (prometheusPort(kept) === statusPort) clearPrometheusAnnotations(kept, false);
  delete kept[STATUS];
  pod.metadata.annotations = kept;
}

function reinsert(spec: JsonObject, list: ContainerList, overrides: JsonObject[]): void {
  const items = containersOf(spec, list);
  const missing = overrides.filter((override) => findContainer(items, textOf(override.name) ?? "") === undefined);
  if (missing.length > 0) spec[list] = [...items, ...missing];
}
