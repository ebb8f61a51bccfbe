import { isObject, type Json } from "../json.ts";
import { CORE_DUMP, type ContainerList, INIT, type Pod, PROXY, VALIDATION } from "./containers.ts";

/**
 * Puts the injected containers where they belong (pkg/kube/inject/webhook.go, reorderPod): a native proxy behind the container
 * that redirects traffic and before the user's init containers; else validation first and redirection last, and the proxy
 * behind the user's containers unless they wait for it.
 */
export function orderContainers(pod: Pod, proxyFirst: boolean): void {
  move(pod, "containers", PROXY, proxyFirst);
  if (names(pod, "initContainers").includes(PROXY)) {
    for (const name of [CORE_DUMP, PROXY, VALIDATION, INIT]) move(pod, "initContainers", name, true);
  } else {
    move(pod, "initContainers", VALIDATION, true);
    move(pod, "initContainers", INIT, false);
    move(pod, "initContainers", CORE_DUMP, false);
  }
}

function names(pod: Pod, list: ContainerList): Json[] {
  const items = pod.spec[list];
  return Array.isArray(items) ? items.map(nameOf) : [];
}

function nameOf(item: Json): Json {
  return isObject(item) ? (item.name ?? null) : null;
}

/** Several containers of the name come down to the last one, as in modifyContainers. */
function move(pod: Pod, list: ContainerList, name: string, toFront: boolean): void {
  const items = pod.spec[list];
  if (!Array.isArray(items)) return;
  const moved = items.filter((item) => nameOf(item) === name).at(-1);
  if (moved === undefined) return;
  const others = items.filter((item) => nameOf(item) !== name);
  pod.spec[list] = toFront ? [moved, ...others] : [...others, moved];
}
