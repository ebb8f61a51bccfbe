import { containerName } from "../kube/pod-template.ts";
import { at, entryOf } from "../source/tree.ts";
import type { Pod, Rule, Site } from "./rule.ts";

interface Exclusion {
  rule: string;
  annotation: string;
  /** What the annotation lists. */
  subject: string;
  /** Matches whatever the injector takes. */
  values: RegExp;
}

/** Replaced as text, wherever it stands: nothing misses it. Other placeholders (kustomize's) are found by their path. */
const SUBSTITUTED = /[${]/;

/** A rule for one of the annotations that keep outbound traffic away from the proxy. */
export function excludeOutboundRule({ rule, annotation, subject, values }: Exclusion): Rule {
  return {
    meta: {
      name: rule,
      severity: "warning",
      summary: `outbound ${subject} bypass the proxy so that init containers reach them`,
      literals: [annotation],
      effective: ["native"],
      isHack: true,
    },
    check(pod) {
      const { resource, metadataPaths } = pod.template;
      return metadataPaths.flatMap((path): Site[] => {
        const annotations = [...path, "annotations"];
        const entry = entryOf(at(resource.root, annotations), annotation);
        if (entry === undefined) return [];
        const { value } = entry;
        const isFilled = value.kind === "scalar" && !values.test(value.text) && !SUBSTITUTED.test(value.text);
        return [
          {
            path: [...annotations, annotation],
            node: value,
            level: isFilled ? "none" : "review",
            severity: hasInitContainers(pod) ? "warning" : "info",
            what: `${annotation} takes outbound ${subject} past the proxy`,
            why: "init containers reach the network through a native sidecar, and the annotation also takes the app's own traffic out of the mesh (no mTLS, policy, telemetry)",
            advice: "remove the annotation",
            remark: isFilled
              ? `not fixed: the value lists no ${subject}; something fills it in and would miss it`
              : `it also covers the app: check that these ${subject} may go through the proxy`,
            operations: isFilled ? [] : [{ kind: "remove", child: entry }],
          },
        ];
      });
    },
  };
}

function hasInitContainers(pod: Pod): boolean {
  return pod.template.containers.some((c) => c.role === "init" && !containerName(c).startsWith("istio-"));
}
