import { JOB_KINDS } from "../kube/pod-template.ts";
import { decideSidecar, INJECT_KEY, type SidecarPod } from "../target/index.ts";
import { type InjectEntry, injectEntries } from "./inject-entries.ts";
import type { Rule, Site } from "./rule.ts";

/** A Job left out of the mesh so that it ends. */
export const injectionDisabledJob: Rule = {
  meta: {
    name: "injection-disabled-job",
    severity: "info",
    summary: "injection is switched off for a Job",
    literals: [INJECT_KEY],
    effective: ["none"],
    isHack: false,
  },
  check(pod, { target, cluster }) {
    if (!JOB_KINDS.has(pod.template.resource.kind)) return [];
    const off = injectEntries(pod).filter(({ isExact, meant }) => isExact && meant === "false");
    const deciding = pod.labels[INJECT_KEY] === undefined ? off : off.filter(() => pod.labels[INJECT_KEY] === "false");
    if (deciding.length === 0) return [];
    const { sidecar, undecided } = decideSidecar(target, cluster, withoutEntries(pod.seen, off));
    return sidecar === "native" && undecided === undefined ? deciding.map(siteOf) : [];
  },
};

function withoutEntries(seen: SidecarPod, entries: readonly InjectEntry[]): SidecarPod {
  const isGone = (field: InjectEntry["field"]): boolean => entries.some((entry) => entry.field === field);
  return {
    ...seen,
    ...(isGone("labels") && { podLabels: withoutInject(seen.podLabels) }),
    ...(isGone("annotations") && { podAnnotations: withoutInject(seen.podAnnotations) }),
  };
}

function withoutInject(map: Readonly<Record<string, string>>): Record<string, string> {
  const kept: Record<string, string> = Object.assign(Object.create(null), map);
  delete kept[INJECT_KEY];
  return kept;
}

function siteOf({ entry, path, field }: InjectEntry): Site {
  const word = field === "labels" ? "label" : "annotation";
  return {
    path,
    node: entry.value,
    level: "review",
    what: `the ${word} ${INJECT_KEY}: "false" keeps the Job out of the mesh`,
    why: "a Job ends by itself with a native sidecar",
    advice: `remove the ${word}`,
    remark: "not safe: inside the mesh the Job's traffic is subject to mTLS and policies",
    operations: [{ kind: "remove", child: entry }],
  };
}
