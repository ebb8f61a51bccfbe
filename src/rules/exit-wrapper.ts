import { type Container, containerName } from "../kube/pod-template.ts";
import { type ContainerRun, readContainerCommand, type ScriptPlace } from "../shell/index.ts";
import { at, entryOf, type Item, itemsAt, type Path, textAt } from "../source/tree.ts";
import { proxyCallsOf, siteOfCall, strings } from "./container-scripts.ts";
import { isKubexitForProxy, otherNeedOfKubexit, wrappersOf } from "./kubexit.ts";
import type { Operation, Pod, Rule, Site } from "./rule.ts";

/** Variables that scuttle, envoy-preflight and their forks read (redboxllc/scuttle 1.3, monzo/envoy-preflight 1.0). */
const WRAPPER_ENV =
  /^(?:ENVOY_ADMIN_API|ISTIO_QUIT_API|ENVOY_KILL_API|ALWAYS_KILL_ENVOY|NEVER_KILL_ISTIO\w*|ISTIO_FALLBACK_PKILL|START_WITHOUT_ENVOY|WAIT_FOR_ENVOY_TIMEOUT|QUIT_WITHOUT_ENVOY_TIMEOUT|SCUTTLE_\w+)$/;
const NOT_PROVEN = "not safe: the wrapper may do more for the program than start it";

/** A program in front of the container's own that waits for the proxy and ends it afterwards. */
export const exitWrapper: Rule = {
  meta: {
    name: "exit-wrapper",
    severity: "warning",
    summary: "a wrapper starts the program and ends the proxy after it",
    literals: [
      "scuttle",
      "envoy-preflight",
      "KUBEXIT_",
      "ENVOY_ADMIN_API",
      "ISTIO_QUIT_API",
      "ENVOY_KILL_API",
      "ALWAYS_KILL_ENVOY",
      "NEVER_KILL_ISTIO",
      "ISTIO_FALLBACK_PKILL",
      "START_WITHOUT_ENVOY",
      "WAIT_FOR_ENVOY_TIMEOUT",
      "QUIT_WITHOUT_ENVOY_TIMEOUT",
      "SCUTTLE_",
    ],
    effective: ["native"],
    isHack: true,
  },
  check(pod) {
    const inScripts = proxyCallsOf(pod)
      .filter((call) => call.kind === "wrapper")
      .map((call) => ({ ...siteOfCall(call, WORD), advice: "call the program itself" }));
    const containers = pod.template.containers.filter((container) => !containerName(container).startsWith("istio-"));
    return [
      ...inScripts,
      ...containers.flatMap((container) => [...words(pod, container), ...variables(pod, container)]),
    ];
  },
};

const WORD = {
  what: "a wrapper starts the program and ends the proxy after it",
  why: "a native sidecar is ready before the program and ends by itself after it",
};

/** Wrapper words of `command` and `args`. */
function words(pod: Pod, container: Container): Site[] {
  const [command, args] = [strings(container, ["command"]), strings(container, ["args"])];
  const run = readContainerCommand(command, args, wrappersOf(container));
  return run.wrappers.map((place): Site => {
    const operations = unwrapping(container, run, place);
    const need = isKubexitForProxy(container) ? otherNeedOfKubexit(pod, container) : undefined;
    const isFixed = operations !== undefined && need === undefined;
    const remark = isFixed ? NOT_PROVEN : `not fixed: ${need ?? "nothing would be left to run"}`;
    const path = [...container.path, place.list, place.index];
    const node = at(container.node, [place.list, place.index]) ?? container.node;
    const level = isFixed ? "review" : "none";
    return { path, node, level, ...WORD, advice: "start the program itself", remark, operations: operations ?? [] };
  });
}

/**
 * The wrapper's word goes, with a `--` behind it; where it is all that `command` holds, the first of `args` takes its
 * place. Undefined where no program would be left.
 */
function unwrapping(container: Container, run: ContainerRun, place: ScriptPlace): Operation[] | undefined {
  const [command, args] = [itemsAt(container.node, ["command"]), itemsAt(container.node, ["args"])];
  const list = place.list === "command" ? command : args;
  const word = list[place.index];
  if (word === undefined || (run.kind === "program" && run.program >= run.argv.length)) return undefined;
  const next = list[place.index + 1];
  const gone = next !== undefined && textOf(next) === "--" ? [word, next] : [word];
  const others = run.wrappers.filter((other) => other.list === "command" && other.index < place.index);
  const isAlone = place.list === "command" && command.length === gone.length + others.length;
  if (!isAlone) return gone.map((child) => ({ kind: "remove", child }));
  // Several wrappers and nothing else: more than one finding's fix can say.
  return others.length > 0 || gone.length > 1 ? undefined : takePlace(container, word, args);
}

function takePlace(container: Container, word: Item, args: readonly Item[]): Operation[] | undefined {
  const first = args[0];
  const value = first && at(first.value, []);
  const whole = entryOf(container.node, "args");
  if (first === undefined || value?.kind !== "scalar" || whole === undefined || textOf(first) === "--")
    return undefined;
  const child = args.length === 1 ? whole : first;
  return [
    { kind: "put", node: word.value, from: value },
    { kind: "remove", child },
  ];
}

function textOf(item: Item): string | undefined {
  return textAt(item.value, []);
}

/** Entries of `env` that only a wrapper reads. */
function variables(pod: Pod, container: Container): Site[] {
  const kubexit = isKubexitForProxy(container);
  const need = kubexit ? otherNeedOfKubexit(pod, container) : undefined;
  return itemsAt(container.node, ["env"]).flatMap((item, index): Site[] => {
    const name = textAt(item.value, ["name"]) ?? "";
    const isKubexit = kubexit && name.startsWith("KUBEXIT_");
    if (!isKubexit && !WRAPPER_ENV.test(name)) return [];
    const path: Path = [...container.path, "env", index];
    const isFixed = !isKubexit || need === undefined;
    return [
      {
        path,
        node: item.value,
        level: isFixed ? "review" : "none",
        what: `${name} configures a wrapper that ends the proxy`,
        why: "with a native sidecar the wrapper has nothing to wait for and nothing to end",
        advice: "remove the variable",
        remark: isFixed ? "not safe: the program itself may read the variable" : `not fixed: ${need}`,
        operations: isFixed ? [{ kind: "remove", child: item }] : [],
      },
    ];
  });
}
