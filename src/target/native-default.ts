import type { ClusterFacts, ResolvedTarget } from "./target.ts";
import { parseKubernetes } from "./target-versions.ts";
import { isSince } from "./version.ts";

/** Minor from which `auto` means native: native sidecars are stable in Kubernetes 1.33 (DetectNativeSidecar, 1.27). */
export const STABLE_MINOR = 33;

/** The sidecar of Pods whose annotations say nothing. */
export interface NativeDefault {
  isNative: boolean;
  /** A clause for reasons: "Istio 1.28.10 injects native sidecars by default (auto) and Kubernetes is 1.33". */
  because: string;
  flips: string[];
}

/**
 * What ENABLE_NATIVE_SIDECARS comes to: `auto` asks every node's kubelet, or the one of `nodeName` (a node of the
 * input); without Nodes in the input the target's Kubernetes version stands for all.
 * Source: DetectNativeSidecar in pkg/kube/inject/webhook.go, 1.27 to 1.31, which looks at the minor alone.
 */
export function nativeDefault(
  target: ResolvedTarget,
  cluster: ClusterFacts,
  nodeName: string | undefined,
): NativeDefault {
  if (target.nativeSidecars !== "auto") return fixedDefault(target, target.nativeSidecars);
  const from = `${target.nativeSidecarsFrom} (auto)`;
  const off = "ENABLE_NATIVE_SIDECARS=false on istiod → regular";
  const on = "ENABLE_NATIVE_SIDECARS=true on istiod → native";
  if (cluster.nodes.size === 0) {
    return target.kubernetesMinor >= STABLE_MINOR
      ? {
          isNative: true,
          because: `${from} and Kubernetes is ${target.kubernetes}`,
          flips: [`a node with Kubernetes below 1.33 → regular`, off],
        }
      : {
          isNative: false,
          because: `${from}, but only from Kubernetes 1.33 on, and it is ${target.kubernetes}`,
          flips: ["Kubernetes 1.33 on all nodes → native", on],
        };
  }
  const old = oldNode(cluster, nodeName);
  const where =
    nodeName === undefined
      ? "every node of the input runs Kubernetes 1.33 or later"
      : `the node ${nodeName} runs Kubernetes 1.33 or later`;
  return old === undefined
    ? { isNative: true, because: `${from} and ${where}`, flips: [`a node with Kubernetes below 1.33 → regular`, off] }
    : {
        isNative: false,
        because: `${from}, but ${old}`,
        flips: [`Kubernetes 1.33 on ${nodeName ?? "all nodes"} → native`, on],
      };
}

/** A clause on the first node that keeps native sidecars off; undefined where none does. */
function oldNode({ nodes }: ClusterFacts, nodeName: string | undefined): string | undefined {
  for (const [name, { kubeletVersion }] of nodes) {
    if (nodeName !== undefined && name !== nodeName) continue;
    const minor = parseKubernetes(kubeletVersion)?.minor;
    if (minor === undefined) return `the node ${name} has no readable kubelet version`;
    if (minor < STABLE_MINOR) return `the node ${name} runs Kubernetes ${kubeletVersion}, below 1.33`;
  }
  return undefined;
}

/** "native" or "regular": what Pods get that say nothing and may land on any node. */
export function defaultSidecar(target: ResolvedTarget, cluster: ClusterFacts): "native" | "regular" {
  return nativeDefault(target, cluster, undefined).isNative ? "native" : "regular";
}

function fixedDefault(target: ResolvedTarget, isNative: boolean): NativeDefault {
  const because = target.nativeSidecarsFrom;
  if (isNative) return { isNative, because, flips: ["ENABLE_NATIVE_SIDECARS=false on istiod → regular"] };
  const flips = ["ENABLE_NATIVE_SIDECARS=true on istiod → native"];
  if (target.compatibilityMode && target.nativeSidecarsFrom.endsWith("with compatibilityMode")) {
    flips.push("compatibilityMode: false in the Istio CR → native");
  } else if (target.module !== null && !isSince(target.module, 22))
    flips.push("Kyma's Istio module 1.22.0 or later → native");
  else if (target.module === null && !isSince(target.factsIstio, 27)) flips.push("Istio 1.27 or later → native");
  return { isNative, because, flips };
}
