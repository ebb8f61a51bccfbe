export { earlierTargets } from "./earlier-targets.ts";
export {
  decideSidecar,
  servingTarget,
  sidecarWithoutInject,
  sidecarWithoutOptOut,
  templatesOf,
} from "./effective-sidecar.ts";
export { INJECT_KEY, type InjectionCause } from "./injection-policy.ts";
export { defaultSidecar } from "./native-default.ts";
export { hasOwnTemplates, injectorSettings, withTemplateRunner } from "./own-templates.ts";
export { resolveTarget } from "./resolve-target.ts";
export { sailRevisionTags } from "./sail-revision.ts";
export { settingNames } from "./setting-names.ts";
export type { Sidecar, SidecarDecision } from "./sidecar-decision.ts";
export { NATIVE_KEY, type SidecarPod, withAnnotation, without } from "./sidecar-pod.ts";
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
export { valueAt } from "./value-path.ts";
export { type IstioRow, type ModuleRow, versions } from "./versions.ts";
