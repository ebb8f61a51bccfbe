import { JOB_KINDS } from "../kube/pod-template.ts";
import { at } from "../source/tree.ts";
import { endsSidecar } from "./hack-rules.ts";
import type { Rule } from "./rule.ts";

/** A Job whose regular sidecar nothing ends. */
export const jobNeverEnds: Rule = {
  meta: {
    name: "job-never-ends",
    severity: "warning",
    summary: "nothing ends the regular sidecar of a Job",
    literals: ["Job"],
    effective: ["regular"],
    isHack: false,
    standsAlone: true,
  },
  check(pod, context) {
    const { resource, specPath } = pod.template;
    const spec = at(resource.root, specPath);
    if (spec === undefined || !JOB_KINDS.has(resource.kind) || endsSidecar(pod, context)) return [];
    return [
      {
        path: specPath,
        node: spec,
        level: "none",
        what: "nothing ends the sidecar of this Job",
        why: "a regular sidecar keeps its Pod running after the program has ended, so the Job never completes",
        advice:
          "move to native sidecars (remove an opt-out that is no longer needed), or end the proxy after the program",
        remark: "not fixed: which way to take is for its owner to say",
        operations: [],
      },
    ];
  },
};
