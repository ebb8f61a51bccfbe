import { containerName } from "../kube/pod-template.ts";
import { at, entryOf, type MapNode } from "../source/tree.ts";
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
      return context?.kind === "map" ? siteOf(pod, [...container.path, "securityContext"], context) : [];
    });
  },
};

function siteOf(pod: Pod, path: (string | number)[], context: MapNode): Site[] {
  const user = entryOf(context, "runAsUser");
  if (user === undefined || !isProxyId(context, "runAsUser")) return [];
  const operations: Operation[] = [{ kind: "remove", child: user }];
  const group = entryOf(context, "runAsGroup");
  if (group !== undefined && isProxyId(context, "runAsGroup")) operations.push({ kind: "remove", child: group });
  const isSafe = otherUserApplies(pod);
  return [
    {
      path: [...path, "runAsUser"],
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

/** The Pod's own securityContext names a user that is neither root nor the proxy. */
function otherUserApplies(pod: Pod): boolean {
  const { resource, specPath } = pod.template;
  const user = at(resource.root, [...specPath, "securityContext", "runAsUser"]);
  return user?.kind === "scalar" && typeof user.value === "number" && user.value > 0 && user.value !== PROXY_ID;
}
