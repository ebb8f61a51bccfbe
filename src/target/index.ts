export { earlierTargets } from "./earlier-targets.ts";
export {
  decideSidecar,
  NATIVE_KEY,
  readsNativeAnnotation,
  type Sidecar,
  type SidecarDecision,
  type SidecarPod,
  sidecarWithoutInject,
  sidecarWithoutOptOut,
  withAnnotation,
  without,
} from "./effective-sidecar.ts";
export { INJECT_KEY, type InjectionCause } from "./injection-policy.ts";
export { resolveTarget } from "./resolve-target.ts";
export {
  type Assumption,
  type ClusterFacts,
  type NamespaceFacts,
  type ProxyConfigFacts,
  type ResolvedTarget,
  type TargetRequest,
  UNKNOWN_CLUSTER,
} from "./target.ts";
export { TargetError } from "./target-error.ts";
export { parseTargetWords } from "./target-words.ts";
export { type IstioRow, type ModuleRow, versions } from "./versions.ts";
