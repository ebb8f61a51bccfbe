import { type Container, containerName, type PodTemplate } from "../kube/pod-template.ts";
import { at, type Entry, entryBehind, entryOf, type MapNode, type Node, type Path, resolve } from "../source/tree.ts";
import type { Operation, Pod, Rule, Site } from "./rule.ts";

/** The uid and gid of the proxy, whose traffic is never redirected (tools/istio-iptables, all versions). */
const PROXY_ID = 1337;

/** `securityContext.runAsUser: 1337` on an init container, to get past the redirection before the proxy runs. */
export const initRunAsProxyUid: Rule = {
  meta: {
    name: "init-run-as-proxy-uid",
    severity: "warning",
    summary: "an init container runs as the proxy's user to get past its redirection",
    literals: ["1337"],
    effective: ["native"],
    isHack: true,
  },
  check(pod) {
    const { containers } = pod.template;
    return containers.flatMap((container) => {
      if (container.role !== "init" || containerName(container).startsWith("istio-")) return [];
      const context = at(container.node, ["securityContext"]);
      return context?.kind === "map" ? siteOf(pod, container, context) : [];
    });
  },
};

function siteOf({ template }: Pod, container: Container, context: MapNode): Site[] {
  const user = entryOf(context, "runAsUser");
  if (user === undefined || !isProxyId(context, "runAsUser")) return [];
  const operations: Operation[] = [{ kind: "remove", child: user, mayUncover: true }];
  const group = entryOf(context, "runAsGroup");
  if (group !== undefined && isProxyId(context, "runAsGroup"))
    operations.push({ kind: "remove", child: group, mayUncover: true });
  const isSafe = isOtherUser(userBehind(user, context) ?? podUser(template, container));
  return [
    {
      path: [...container.path, "securityContext", "runAsUser"],
      node: user.value,
      level: isSafe ? "safe" : "review",
      what: "the init container runs as uid 1337, the proxy's own",
      why: "a native sidecar runs before the init containers and serves their traffic; as 1337 they bypass it",
      advice: "remove runAsUser: 1337",
      ...(!isSafe && { remark: "no other runAsUser applies then: the image's own user may be root" }),
      operations,
    },
  ];
}

function isProxyId(context: MapNode, field: string): boolean {
  const value = at(context, [field]);
  return value?.kind === "scalar" && value.value === PROXY_ID;
}

/** What a merge key says of the container's user once its own entry is gone; undefined: nothing. */
function userBehind(user: Entry, context: MapNode): Node | undefined {
  const behind = entryBehind(context, user);
  return behind === undefined || isNull(behind.value) ? undefined : behind.value;
}

/** Where the Pod itself says who its containers run as. */
function podUser({ resource: { root }, layout, specPath }: PodTemplate, { path }: Container): Node | undefined {
  const userOf = (owner: Path): Node | undefined => at(root, [...owner, "securityContext", "runAsUser"]);
  if (layout !== "argo-workflow") return userOf(specPath);
  // An Argo template's securityContext, what templateDefaults gives it included, stands in the place of the
  // workflow's (argo-workflows 3.6, workflow/controller/workflowpod.go). Which templates use a default's container is
  // not followed.
  const defaults = [...specPath, "templateDefaults"];
  if (path[specPath.length] === "templateDefaults") return undefined;
  const owners = [path.slice(0, specPath.length + 2), defaults].filter((owner) => {
    const own = at(root, [...owner, "securityContext"]);
    return own !== undefined && !isNull(own);
  });
  if (owners.length === 0) return userOf(specPath);
  return owners.map(userOf).find((user) => user !== undefined);
}

function isNull(node: Node): boolean {
  const value = resolve(node);
  return value.kind === "scalar" && value.value === null;
}

/** A user that is neither root nor the proxy. */
function isOtherUser(user: Node | undefined): boolean {
  const value = user && resolve(user);
  return value?.kind === "scalar" && typeof value.value === "number" && value.value > 0 && value.value !== PROXY_ID;
}
