import { isObject, type Json, type JsonObject } from "../json.ts";
import { type ContainerList, containersOf, findContainer, findSidecar, type Pod, PROXY } from "./containers.ts";
import { type NamedContainers, OVERRIDES, type Overrides, STATUS } from "./earlier-injection.ts";
import type { PodTemplate } from "./model.ts";
import { restoreProbes } from "./probe-rewrite.ts";
import { restorePrometheusAnnotations } from "./prometheus-merge.ts";
import { canonicalQuantity } from "./quantity.ts";
import { textOf } from "./scalars.ts";
import { copyMap } from "./strategic-merge.ts";

const LISTS: ContainerList[] = ["containers", "initContainers"];

export interface EarlierInjection {
  injected: NamedContainers;
  overrides: Overrides;
  /** The agent's port, by which the injector's own annotations are known. */
  statusPort: string;
}

/**
 * A Pod without what an earlier injection put there: the injected containers give way to what the user had of them, probes and
 * Prometheus annotations come back out of the proxy's environment. Volumes and labels stay, the next injection lays its own over
 * them.
 * @param regularProxy whether an own proxy goes back to the main containers
 */
export function removeInjection(pod: Pod, earlier: EarlierInjection, regularProxy: boolean): PodTemplate {
  const env = sidecarEnv(pod);
  const annotations = copyMap(isObject(pod.metadata.annotations) ? pod.metadata.annotations : undefined);
  restorePrometheusAnnotations(annotations, env.get("ISTIO_PROMETHEUS_ANNOTATIONS"), earlier.statusPort);
  delete annotations[STATUS];
  delete annotations[OVERRIDES];
  const removed: Pod = { metadata: copyMap(pod.metadata), spec: copyMap(pod.spec) };
  removed.metadata.annotations = annotations;
  const overrides = regularProxy ? withRegularProxy(earlier.overrides) : earlier.overrides;
  for (const list of LISTS) {
    const kept = containersOf(pod.spec, list).filter(
      (item) => !earlier.injected[list].includes(textOf(item.name) ?? ""),
    );
    const missing = overrides[list].filter(
      (override) => findContainer(kept, textOf(override.name) ?? "") === undefined,
    );
    if (kept.length + missing.length > 0) removed.spec[list] = [...kept, ...missing.map(asWritten)];
    else delete removed.spec[list];
  }
  restoreProbes(removed, env.get("ISTIO_KUBE_APP_PROBERS"));
  return removed as PodTemplate;
}

function sidecarEnv(pod: Pod): ReadonlyMap<string, string> {
  const env = findSidecar(pod)?.container.env;
  const entries = Array.isArray(env) ? env.filter(isObject) : [];
  return new Map(entries.map((entry) => [textOf(entry.name) ?? "", textOf(entry.value) ?? ""]));
}

/**
 * A container as its author wrote it: overrides leave "auto" out, which a target that does not define the container leaves to
 * the Pod, and have resources in any case.
 */
function asWritten({ name, image, resources, ...others }: JsonObject): JsonObject {
  return {
    ...(name !== undefined && { name }),
    image: image ?? "auto",
    ...(!isEmpty(resources) && { resources }),
    ...others,
  } as JsonObject;
}

function withRegularProxy(overrides: Overrides): Overrides {
  const proxy = findContainer(overrides.initContainers, PROXY);
  if (proxy === undefined || findContainer(overrides.containers, PROXY) !== undefined) return overrides;
  const { restartPolicy: _, ...regular } = proxy;
  return {
    containers: [...overrides.containers, regular],
    initContainers: overrides.initContainers.filter((container) => container !== proxy),
  };
}

/** Whether two Pods mean the same: empty and missing are alike, so are the notations of a text or a quantity. */
export function meansTheSame(left: Json | undefined, right: Json | undefined, key = ""): boolean {
  if (left === right) return true;
  if (isEmpty(left) || isEmpty(right)) return isEmpty(left) && isEmpty(right);
  if (Array.isArray(left) && Array.isArray(right)) {
    return left.length === right.length && left.every((item, at) => meansTheSame(item, right[at]));
  }
  if (isObject(left) && isObject(right)) {
    const inner = key === "limits" || key === "requests" ? "quantity" : undefined;
    return [...new Set([...Object.keys(left), ...Object.keys(right)])].every((name) =>
      meansTheSame(left[name], right[name], inner ?? name),
    );
  }
  const [leftText, rightText] = [textOf(left), textOf(right)];
  if (leftText === undefined || rightText === undefined) return false;
  if (key === "quantity") return canonicalQuantity(leftText) === canonicalQuantity(rightText);
  return leftText === rightText;
}

function isEmpty(value: Json | undefined): boolean {
  if (value === undefined || value === null) return true;
  return Array.isArray(value) ? value.length === 0 : isObject(value) && Object.keys(value).length === 0;
}
