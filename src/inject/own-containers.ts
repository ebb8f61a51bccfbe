import { isObject, type Json, type JsonObject } from "../json.ts";
import {
  type ContainerList,
  containersOf,
  findContainer,
  findSidecar,
  INIT,
  type Pod,
  replaceContainer,
  VALIDATION,
} from "./containers.ts";
import { type NamedContainers, OVERRIDES, type Overrides } from "./earlier-injection.ts";
import type { InjectorChanges } from "./injector-changes.ts";
import { goJson, textOf } from "./scalars.ts";
import { copyMap, mergeTypedPod } from "./strategic-merge.ts";
import { containerOverlay, typedContainer } from "./typed-container.ts";

const DEFAULT_PROXY_USER = 1337;

export interface OwnContainers {
  /** The Pod as the user wrote it. */
  original: Pod;
  /** What the templates gave. */
  template: Pod;
  /** Containers that an earlier injection had overridden. */
  overrides: Overrides;
  /** What an earlier injection added; undefined where there was none. */
  injected: NamedContainers | undefined;
}

/**
 * Puts the user's settings of containers that the templates define as well over the templates' (pkg/kube/inject/webhook.go,
 * reapplyOverwrittenContainers), and keeps them in an annotation for the next injection.
 */
export function reapplyOwnContainers(pod: Pod, own: OwnContainers, changes: InjectorChanges): Pod {
  const kept: Overrides = { containers: [], initContainers: [] };
  let merged = pod;
  for (const list of ["containers", "initContainers"] as const) {
    for (const templateContainer of containersOf(own.template.spec, list)) {
      const name = textOf(templateContainer.name) ?? "";
      if (own.injected?.[list].includes(name)) continue;
      const found = findContainer(own.overrides[list], name) ?? ownContainer(own.original, list, name);
      if (found === undefined) continue;
      const overlay = overlayOf(found, templateContainer, changes);
      kept[list].push(overlay);
      merged = mergeTypedPod(merged as unknown as JsonObject, {
        spec: { [list]: [containerOverlay(overlay)] },
      }) as unknown as Pod;
    }
  }
  if (own.injected === undefined && (kept.containers.length > 0 || kept.initContainers.length > 0)) {
    const annotations = copyMap(isObject(merged.metadata.annotations) ? merged.metadata.annotations : undefined);
    annotations[OVERRIDES] = writeOverrides(kept);
    merged = { ...merged, metadata: copyMap(merged.metadata) };
    merged.metadata.annotations = annotations;
  }
  return merged;
}

/** A template's init container may be one of the user's main containers: the proxy that became native. */
function ownContainer(original: Pod, list: ContainerList, name: string): JsonObject | undefined {
  const main = findContainer(containersOf(original.spec, "containers"), name);
  if (list === "containers" || main !== undefined) return main;
  return findContainer(containersOf(original.spec, "initContainers"), name);
}

function overlayOf(own: JsonObject, template: JsonObject, changes: InjectorChanges): JsonObject {
  const overlay = copyMap(own);
  if (overlay.image === "auto") delete overlay.image;
  const templateUser = isObject(template.securityContext) ? template.securityContext.runAsUser : undefined;
  const yields = changes.templateUserWins && templateUser !== undefined && templateUser !== DEFAULT_PROXY_USER;
  if (yields && isObject(overlay.securityContext)) {
    const context = copyMap(overlay.securityContext);
    delete context.runAsUser;
    delete context.runAsGroup;
    overlay.securityContext = context;
  }
  return overlay;
}

function writeOverrides(overrides: Overrides): string {
  const json: JsonObject = {};
  if (overrides.containers.length > 0) json.containers = overrides.containers.map(typedContainer);
  if (overrides.initContainers.length > 0) json.initContainers = overrides.initContainers.map(typedContainer);
  return goJson(json);
}

/**
 * Carries the user and group of an own istio-proxy over to what redirects or validates its traffic (webhook.go,
 * adjustInitContainerUser). Changes the Pod's spec.
 * @param proxyTproxy whether the proxy configuration asks for TPROXY
 */
export function adjustInitContainerUser(pod: Pod, original: Pod, proxyTproxy: boolean): void {
  const context = findSidecar(original)?.container.securityContext;
  if (!isObject(context)) return;
  const user = context.runAsUser ?? undefined;
  const group = context.runAsGroup ?? undefined;
  if (user === undefined && group === undefined) return;
  const init = [INIT, VALIDATION]
    .map((name) => findContainer(containersOf(pod.spec, "initContainers"), name))
    .find((container) => container !== undefined);
  if (init === undefined) return;
  const annotations = isObject(pod.metadata.annotations) ? pod.metadata.annotations : {};
  const tproxy = proxyTproxy || annotations["sidecar.istio.io/interceptionMode"] === "TPROXY";
  // Intercepting with TPROXY needs root, whoever the user wants the proxy to be.
  if (tproxy && user !== undefined) setProxyUser(pod, 0);
  const changed = copyMap(init);
  if (!tproxy && init.name === VALIDATION) {
    const validation = copyMap(isObject(init.securityContext) ? init.securityContext : undefined);
    if (user !== undefined) validation.runAsUser = user;
    if (group !== undefined) validation.runAsGroup = group;
    changed.securityContext = validation;
  }
  if (user !== undefined && user !== 0) changed.args = withRedirectUser(init.args, String(user));
  replaceContainer(pod, "initContainers", init, changed);
}

function setProxyUser(pod: Pod, user: number): void {
  const sidecar = findSidecar(pod);
  if (sidecar === undefined || !isObject(sidecar.container.securityContext)) return;
  const changed = copyMap(sidecar.container);
  changed.securityContext = Object.assign(copyMap(sidecar.container.securityContext), { runAsUser: user });
  replaceContainer(pod, sidecar.list, sidecar.container, changed);
}

function withRedirectUser(args: Json | undefined, user: string): Json | undefined {
  if (!Array.isArray(args)) return args;
  const at = args.indexOf("-u");
  return at < 0 || at + 1 >= args.length ? args : args.with(at + 1, user);
}
