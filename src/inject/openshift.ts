import { isObject, type JsonObject } from "../json.ts";
import { containersOf, findSidecar, INIT, type Pod, PROXY, replaceContainer, VALIDATION } from "./containers.ts";
import { textOf } from "./scalars.ts";
import { copyMap } from "./strategic-merge.ts";

const PROXY_ID = 1337;

/**
 * User and group of the proxy (pkg/kube/inject/inject.go GetProxyIDs, openshift.go): the ends of the ranges that OpenShift
 * gave the namespace, else 1337.
 * @param annotations the namespace's
 */
export function proxyIds(annotations: JsonObject): { proxyUID: number; proxyGID: number } {
  const users = textOf(annotations["openshift.io/sa.scc.uid-range"]);
  const groups = textOf(annotations["openshift.io/sa.scc.supplemental-groups"]) ?? users;
  const groupRanges = groups?.split(",").map(rangeEnd);
  const group = groupRanges?.includes(undefined) ? undefined : groupRanges?.[0];
  return {
    proxyUID: (users === undefined ? undefined : rangeEnd(users)) ?? PROXY_ID,
    proxyGID: group ?? PROXY_ID,
  };
}

/** The last id of "START/SIZE" or "START-END". */
function rangeEnd(range: string): number | undefined {
  const match = /^\s*(\d{1,10})([/-])(\d{1,10})/.exec(range);
  if (match === null) return undefined;
  return match[2] === "/" ? Number(match[1]) + Number(match[3]) - 1 : Number(match[3]);
}

/**
 * OpenShift gives every container the same user; a proxy with its application's user cannot be told from it, so the injector
 * forgets that user (webhook.go, isSidecarUserMatchingAppUser). Changes the Pod's spec.
 */
export function dropSharedUser(pod: Pod, withInitContainers: boolean): void {
  const sidecar = findSidecar(pod);
  if (sidecar === undefined || !isObject(sidecar.container.securityContext)) return;
  let proxyUser = 0;
  let appUser = 0;
  const looked = withInitContainers ? containersOf(pod.spec, "initContainers") : [];
  for (const container of [...containersOf(pod.spec, "containers"), ...looked]) {
    const user = isObject(container.securityContext) ? container.securityContext.runAsUser : undefined;
    if (typeof user !== "number") continue;
    if (container.name === PROXY) proxyUser = user;
    else if (container.name !== VALIDATION && container.name !== INIT) appUser = user;
  }
  if (proxyUser !== appUser) return;
  const changed = copyMap(sidecar.container);
  const context = copyMap(sidecar.container.securityContext);
  delete context.runAsUser;
  delete context.runAsGroup;
  changed.securityContext = context;
  replaceContainer(pod, sidecar.list, sidecar.container, changed);
}
