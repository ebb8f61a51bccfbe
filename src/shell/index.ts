export {
  analyseScript,
  type ScriptAnalysis,
  type ScriptContext,
  type ScriptFinding,
  type ScriptFix,
  type ScriptRole,
} from "./analyse.ts";
export {
  type ContainerRun,
  classifyArgv,
  expandKubeletVariables,
  findShell,
  readContainerCommand,
  type ScriptPlace,
  type ShellRun,
  unwrap,
  WRAPPER_PROGRAMS,
} from "./command.ts";
export type { Level } from "./discovery.ts";
export { type CallKind, type Classified, classifyRequest } from "./requests.ts";
export { findTextCalls, isProse, type TextCall } from "./text-calls.ts";
