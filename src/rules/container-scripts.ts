import { type Container, containerName, type PodTemplate } from "../kube/pod-template.ts";
import {
  analyseScript,
  type CallKind,
  type Classified,
  classifyArgv,
  classifyRequest,
  expandKubeletVariables,
  findTextCalls,
  readContainerCommand,
  type ScriptAnalysis,
  type ScriptFinding,
  type ScriptRole,
} from "../shell/index.ts";
import { programName } from "../shell/requests.ts";
import type { Child } from "../source/remove.ts";
import { editScalar } from "../source/scalar-text.ts";
import { at, entryOf, itemsAt, type Path, type resolve, type ScalarNode, textAt } from "../source/tree.ts";
import { wrappersOf } from "./kubexit.ts";
import type { FixLevel, Operation, Pod, Site } from "./rule.ts";

/** A call to the proxy that something in a Pod makes. */
export interface ProxyCall {
  kind: CallKind;
  container: Container;
  /** The string (or list, or httpGet) that holds it, from the resource's root. */
  path: Path;
  node: ScalarNode | ReturnType<typeof resolve>;
  /** Where in the string of `node` it starts; 0 where the whole node is the call. */
  offset: number;
  /** Where in that string it ends; undefined where the whole node is the call. */
  end: number | undefined;
  level: FixLevel;
  reason: string | undefined;
  effect: string | undefined;
  operations: Operation[];
}

const NOTATION = "the notation of the string does not let a part of it be taken out";
const NOTATION_TOGETHER = "the notation of the string lets it go only together with calls that need a look";

const known = new WeakMap<PodTemplate, ProxyCall[]>();

/** All proxy calls of a Pod's containers, in document order; worked out once for all rules and targets. */
export function proxyCallsOf(pod: Pod): ProxyCall[] {
  let calls = known.get(pod.template);
  if (calls === undefined) {
    const own = ownPrograms(pod);
    calls = pod.template.containers.flatMap((container) => [
      ...commandCalls(pod, container, own),
      ...["postStart", "preStop"].flatMap((hook) => hookCalls(pod, container, hook, own)),
    ]);
    known.set(pod.template, calls);
  }
  return calls;
}

/** The site of a rule for a call, with what the rule says of it. */
export function siteOfCall(call: ProxyCall, told: Pick<Site, "what" | "why" | "severity">): Site {
  const { path, node, offset, end, level, operations } = call;
  const advice = level === "none" ? "remove the call by hand" : "remove the call";
  return {
    path,
    node,
    offset,
    ...(end !== undefined && { end }),
    level,
    ...told,
    advice,
    ...remarkOf(call),
    operations,
  };
}

/** Why a fix is held back, or what it changes. */
function remarkOf({ level, reason, effect }: ProxyCall): { remark?: string } {
  const parts = [
    ...(level !== "safe" && reason !== undefined ? [`${level === "none" ? "not fixed" : "not safe"}: ${reason}`] : []),
    ...(effect === undefined ? [] : [effect]),
  ];
  return parts.length === 0 ? {} : { remark: parts.join("; ") };
}

/** Names of programs that the Pod itself runs: an `envoy` of its own is not the proxy. */
function ownPrograms(pod: Pod): Set<string> {
  const names = new Set<string>();
  for (const container of pod.template.containers) {
    const name = containerName(container);
    if (name.startsWith("istio-")) continue;
    const run = readContainerCommand(strings(container, ["command"]), strings(container, ["args"]));
    if (run.kind === "program") names.add(programName(run.argv[run.program] ?? ""));
    const image = textAt(container.node, ["image"]) ?? "";
    names.add(name).add(programName(withoutTag(image)));
  }
  return names;
}

/** Strings of a list below a container, "" for what is no string. */
export function strings(container: Container, path: Path): string[] {
  return itemsAt(container.node, path).map((_, index) => textAt(container.node, [...path, index]) ?? "");
}

/** Container env with values known from the manifest; the kubelet expands `$(NAME)` of entries before. */
function envOf(container: Container): Map<string, string> {
  const env = new Map<string, string>();
  for (const [index] of itemsAt(container.node, ["env"]).entries()) {
    const name = textAt(container.node, ["env", index, "name"]);
    const value = textAt(container.node, ["env", index, "value"]);
    if (name !== undefined && value !== undefined) env.set(name, expandKubeletVariables(value, env));
  }
  return env;
}

/** Names whose value the container gets from elsewhere, and the arguments behind a script. */
function untoldNames(container: Container, argumentCount: number): (name: string) => boolean {
  const names = new Set<string>();
  for (const [index] of itemsAt(container.node, ["env"]).entries()) {
    const name = textAt(container.node, ["env", index, "name"]);
    if (name !== undefined && at(container.node, ["env", index, "valueFrom"]) !== undefined) names.add(name);
  }
  const isFed = itemsAt(container.node, ["envFrom"]).length > 0;
  const own = envOf(container);
  return (name) => {
    if (/^\d+$/.test(name)) return Number(name) > 0 && Number(name) <= argumentCount;
    return names.has(name) || (isFed && /^[A-Za-z_]/.test(name) && !own.has(name));
  };
}

function commandCalls(pod: Pod, container: Container, own: ReadonlySet<string>): ProxyCall[] {
  const command = strings(container, ["command"]);
  const args = strings(container, ["args"]);
  const wrappers = wrappersOf(container);
  const run = readContainerCommand(command, args, wrappers);
  const role: ScriptRole = container.role === "init" ? "init" : "main";
  if (run.kind === "script") {
    return scriptCalls(pod, container, [run.place.list, run.place.index], {
      shell: run.shell,
      errexit: run.errexit,
      role,
      own,
      wrappers,
      argumentCount: (run.place.list === "command" ? command.length + args.length : args.length) - run.place.index - 2,
    });
  }
  if (container.role === "script" && run.kind === "shell") {
    return scriptCalls(pod, container, ["source"], { shell: run.shell, errexit: run.errexit, role, own, wrappers });
  }
  if (run.kind === "code") return foreignCalls(container, run.language, [run.place.list, run.place.index]);
  if (run.kind !== "program") return [];
  const source = container.role === "script" ? foreignCalls(container, run.argv[run.program] ?? "", ["source"]) : [];
  return [...directCalls(container, command, args), ...source];
}

interface ScriptSetting {
  shell: string;
  errexit: boolean;
  role: ScriptRole;
  own: ReadonlySet<string>;
  wrappers: ReadonlySet<string>;
  hook?: Child;
  /** Words behind the script and its `$0`. */
  argumentCount?: number;
}

function scriptCalls(pod: Pod, container: Container, place: Path, setting: ScriptSetting): ProxyCall[] {
  const scalar = at(container.node, place);
  if (scalar?.kind !== "scalar") return [];
  const { shell, errexit, role, own, wrappers, hook, argumentCount = 0 } = setting;
  const script = analyseScript({
    text: scalar.text,
    shell,
    errexit,
    env: envOf(container),
    isUntold: untoldNames(container, argumentCount),
    role,
    wrappers,
    ownPrograms: own,
  });
  const placeable = placeableCalls(pod, scalar, script, hook);
  return script.findings.map((call) => {
    const held =
      call.variable === undefined ? { path: place, node: scalar } : heldByEnv(container, call.variable, place, scalar);
    const level = call.level === "none" ? "none" : (placeable.get(call) ?? "none");
    const reason = level === call.level ? call.reason : level === "none" ? NOTATION : NOTATION_TOGETHER;
    return {
      kind: call.kind,
      container,
      path: [...container.path, ...held.path],
      node: held.node,
      offset: held.node === scalar ? call.start : 0,
      end: held.node === scalar ? call.end : undefined,
      level,
      reason,
      effect: call.effect,
      operations: level === "none" ? [] : [{ kind: "edit-script", scalar, script, call, hook }],
    };
  });
}

/** The env entry whose value is the command. */
function heldByEnv(
  container: Container,
  variable: string,
  place: Path,
  scalar: ScalarNode,
): { path: Path; node: ScalarNode } {
  for (const [index] of itemsAt(container.node, ["env"]).entries()) {
    const path = ["env", index, "value"];
    const node = at(container.node, path);
    if (textAt(container.node, ["env", index, "name"]) === variable && node?.kind === "scalar") return { path, node };
  }
  return { path: place, node: scalar };
}

/**
 * Calls that the notation of their string lets go: with all others of their level, else with as many as go together,
 * else alone, in a round of their own. One that goes only together with another needs both to be let go, at the level
 * of both.
 */
function placeableCalls(
  pod: Pod,
  scalar: ScalarNode,
  script: ScriptAnalysis,
  hook: Child | undefined,
): Map<ScriptFinding, FixLevel> {
  const { text } = pod.template.resource;
  const applied = (calls: readonly ScriptFinding[]): ScriptFinding[] => {
    const fix = script.fix(calls);
    const isLet = (hook !== undefined && fix.empty) || editScalar(text, scalar, fix.edits) !== undefined;
    return isLet ? fix.applied : [];
  };
  const placeable = new Map<ScriptFinding, FixLevel>();
  const place = (call: ScriptFinding, level: FixLevel): void => {
    if (!placeable.has(call)) placeable.set(call, level);
  };
  for (const most of ["safe", "review"] as const) {
    const calls = script.findings.filter(({ level }) => level === "safe" || level === most);
    const together = applied(calls);
    let chosen: ScriptFinding[] = together;
    if (together.length < calls.length) {
      for (const call of calls) {
        const more = applied([...chosen, call]);
        if (more.includes(call)) chosen = more;
        else if (applied([call]).includes(call)) place(call, most);
      }
    }
    for (const call of chosen) place(call, most);
  }
  return placeable;
}

/** `["curl", "-X", "POST", "http://localhost:15020/quitquitquit"]` as a container's only program. */
function directCalls(container: Container, command: string[], args: string[]): ProxyCall[] {
  const env = envOf(container);
  const list = classifyArgv(command, env) === undefined ? "args" : "command";
  const call = classifyArgv([...(command.length > 0 ? command : entrypointOf(container)), ...args], env);
  const node = at(container.node, [list]);
  if (call === undefined || node === undefined) return [];
  return [listCall(call, container, [list], node, "nothing would be left to run")];
}

/** A call that is a list of words and cannot go. */
function listCall(call: Classified, container: Container, list: Path, node: ProxyCall["node"], why: string): ProxyCall {
  const { kind, besides: reason = why } = call;
  const path = [...container.path, ...list];
  return {
    kind,
    container,
    path,
    node,
    offset: 0,
    end: undefined,
    level: "none",
    reason,
    effect: undefined,
    operations: [],
  };
}

/** Program of images that are named for it and start it. */
function entrypointOf(container: Container): string[] {
  const image = textAt(container.node, ["image"]) ?? "";
  const name = programName(withoutTag(image));
  return name === "curl" ? [name] : [];
}

/** Calls in code that no shell reads: `python -c`, `node -e`, Argo's `script.source` of another language. */
function foreignCalls(container: Container, program: string, place: Path): ProxyCall[] {
  const node = at(container.node, place);
  if (node?.kind !== "scalar") return [];
  return findTextCalls(node.text).map(({ kind, start, end }): ProxyCall => {
    const reason = `it is made by ${programName(program)}, not by a shell`;
    const path = [...container.path, ...place];
    return {
      kind,
      container,
      path,
      node,
      offset: start,
      end,
      level: "none",
      reason,
      effect: undefined,
      operations: [],
    };
  });
}

function hookCalls(pod: Pod, container: Container, name: string, own: ReadonlySet<string>): ProxyCall[] {
  const hook = entryOf(at(container.node, ["lifecycle"]), name);
  if (hook === undefined) return [];
  const base = ["lifecycle", name];
  const whole = (kind: CallKind | undefined, path: Path): ProxyCall[] => {
    const node = at(container.node, path);
    if (kind === undefined || node === undefined) return [];
    const operations: Operation[] = [{ kind: "remove", child: hook }];
    const at0 = { reason: undefined, effect: undefined, offset: 0, end: undefined };
    return [{ kind, container, path: [...container.path, ...path], node, level: "safe", operations, ...at0 }];
  };
  const httpGet = [...base, "httpGet"];
  if (at(container.node, httpGet) !== undefined) {
    const field = (key: string): string => textAt(container.node, [...httpGet, key]) ?? "";
    return whole(classifyRequest(field("host") || "localhost", field("port"), field("path")), httpGet);
  }
  const command = [...base, "exec", "command"];
  const argv = strings(container, command);
  const wrappers = wrappersOf(container);
  const run = readContainerCommand(argv, [], wrappers);
  if (run.kind === "script") {
    const argumentCount = argv.length - run.place.index - 2;
    const setting = {
      shell: run.shell,
      errexit: run.errexit,
      role: "hook" as const,
      own,
      wrappers,
      hook,
      argumentCount,
    };
    return scriptCalls(pod, container, [...command, run.place.index], setting);
  }
  if (run.kind === "code") return foreignCalls(container, run.language, [...command, run.place.index]);
  const call = classifyArgv(argv, envOf(container));
  const node = at(container.node, command);
  if (call?.besides !== undefined && node !== undefined) return [listCall(call, container, command, node, "")];
  return whole(call?.kind, command);
}

/** An image's name without its tag or digest. */
function withoutTag(image: string): string {
  return image.split(/[:@]/, 1)[0] ?? image;
}
