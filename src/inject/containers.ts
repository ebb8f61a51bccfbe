import { isObject, type Json, type JsonObject } from "../json.ts";

export const PROXY = "istio-proxy";
export const INIT = "istio-init";
export const VALIDATION = "istio-validation";
export const CORE_DUMP = "enable-core-dump";

export type ContainerList = "containers" | "initContainers";

/** A Pod in the injector's hands: both maps are its own and may be changed, what they hold is shared. */
export interface Pod {
  metadata: JsonObject;
  spec: JsonObject;
}

export function containersOf(spec: JsonObject, list: ContainerList): JsonObject[] {
  const items = spec[list];
  return Array.isArray(items) ? items.filter(isObject) : [];
}

export function findContainer(containers: readonly JsonObject[], name: string): JsonObject | undefined {
  return containers.find((container) => container.name === name);
}

/** Puts a changed container in the place of the one it was made from. */
export function replaceContainer(pod: Pod, list: ContainerList, old: JsonObject, changed: JsonObject): void {
  pod.spec[list] = (pod.spec[list] as Json[]).map((item) => (item === old ? changed : item));
}

/** The istio-proxy container: a main container before an init container (app_probe.go, FindSidecar). */
export function findSidecar(pod: Pod): { list: ContainerList; container: JsonObject } | undefined {
  for (const list of ["containers", "initContainers"] as const) {
    const container = findContainer(containersOf(pod.spec, list), PROXY);
    if (container !== undefined) return { list, container };
  }
  return undefined;
}

/** Changes the environment of the Pod's istio-proxy, if it has one. */
export function changeSidecarEnv(pod: Pod, change: (env: Json[]) => Json[]): void {
  const sidecar = findSidecar(pod);
  if (sidecar === undefined) return;
  const { list, container } = sidecar;
  const env = change(Array.isArray(container.env) ? container.env : []);
  const changed = Object.assign(Object.create(null), container, { env }) as JsonObject;
  replaceContainer(pod, list, container, changed);
}
