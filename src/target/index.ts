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
  templatesOf,
  withAnnotation,
  without,
} from "./effective-sidecar.ts";
export { INJECT_KEY, type InjectionCause } from "./injection-policy.ts";
export { defaultSidecar } from "./native-default.ts";
export { resolveTarget } from "./resolve-target.ts";
export {
  type Assumption,
  type ClusterFacts,
  type InjectorFacts,
  type InjectorFiles,
  type InjectorText,
  type InputObject,
  type NamespaceFacts,
  type ProxyConfigFacts,
  type ResolvedTarget,
  type TargetRequest,
  UNKNOWN_CLUSTER,
} from "./target.ts";
export { TargetError } from "./target-error.ts";
export { parseTargetWords } from "./target-words.ts";
export { type IstioRow, type ModuleRow, versions } from "./versions.ts";
