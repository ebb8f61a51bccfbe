import { at, entryOf } from "../source/tree.ts";
import { proxyCallsOf, siteOfCall } from "./container-scripts.ts";
import type { Pod, Rule, Site } from "./rule.ts";

/** What Argo's executor runs in the proxy's container to end it (argo-workflows, docs/sidecar-injection.md, 3.6). */
const KILL_COMMAND = "workflows.argoproj.io/kill-cmd-istio-proxy";

/** A script ends the proxy by a signal, or the Pod is made so that others can. */
export const killProxy: Rule = {
  meta: {
    name: "kill-proxy",
    severity: "warning",
    summary: "something kills the proxy's process",
    literals: ["kill", "fuser"],
    effective: ["native"],
    isHack: true,
  },
  check(pod) {
    const calls = proxyCallsOf(pod)
      .filter((call) => call.kind === "kill")
      .map((call) =>
        siteOfCall(call, {
          what: "a signal ends the proxy's process",
          why: "a native sidecar ends by itself after the app's containers, and Kubernetes starts it again when it ends before",
        }),
      );
    return [...calls, ...sharedProcesses(pod, calls), ...killCommands(pod)];
  },
};

/** `shareProcessNamespace: true`, where a script of the Pod needs it to see the proxy's process. */
function sharedProcesses(pod: Pod, calls: readonly Site[]): Site[] {
  const { resource, specPath } = pod.template;
  const entry = entryOf(at(resource.root, specPath), "shareProcessNamespace");
  const value = entry && at(entry.value, []);
  if (calls.length === 0 || entry === undefined || value?.kind !== "scalar" || value.value !== true) return [];
  return [
    {
      path: [...specPath, "shareProcessNamespace"],
      node: entry.value,
      level: "review",
      what: "shareProcessNamespace lets a container of the Pod signal the proxy",
      why: "the proxy need not be killed, and all containers see each other's processes and files",
      advice: "remove shareProcessNamespace",
      remark: "not safe: something else, like a debugger, may rely on it",
      operations: [{ kind: "remove", child: entry }],
      after: calls,
    },
  ];
}

function killCommands({ template: { resource, metadataPaths } }: Pod): Site[] {
  return metadataPaths.flatMap((path): Site[] => {
    const annotations = [...path, "annotations"];
    const entry = entryOf(at(resource.root, annotations), KILL_COMMAND);
    if (entry === undefined) return [];
    return [
      {
        path: [...annotations, KILL_COMMAND],
        node: entry.value,
        level: "review",
        what: "the annotation tells Argo how to end the proxy",
        why: "a native sidecar ends by itself after the app's containers",
        advice: "remove the annotation",
        remark: "not safe: Argo uses the command also when it stops a workflow early",
        operations: [{ kind: "remove", child: entry }],
      },
    ];
  });
}
