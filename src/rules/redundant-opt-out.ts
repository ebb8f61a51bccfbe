import { NATIVE_KEY, sidecarWithoutOptOut } from "../target/index.ts";
import { holdsHack } from "./hack-rules.ts";
import { nativeEntries } from "./native-annotation.ts";
import type { Pod, Rule, RuleContext, Site } from "./rule.ts";

/** An opt-out from native sidecars that nothing in the Pod needs. */
export const redundantOptOut: Rule = {
  meta: {
    name: "redundant-opt-out",
    severity: "info",
    summary: "a Pod opts out of native sidecars although nothing in it needs that",
    literals: [NATIVE_KEY],
    effective: ["native", "regular"],
    isHack: false,
    onRequest: true,
    everywhere: true,
  },
  check(pod, context) {
    if (pod.annotations[NATIVE_KEY] !== "false") return [];
    const why = whyRedundant(pod, context);
    if (why === undefined) return [];
    return nativeEntries(pod)
      .filter(({ isMisspelt, isExact, meant }) => !isMisspelt && isExact && meant === "false")
      .map(
        ({ entry, path }): Site => ({
          path,
          node: entry.value,
          level: "review",
          what: "the Pod opts out of native sidecars",
          why,
          advice: "remove the annotation",
          remark: "not safe: it may guard something that cannot be seen here",
          operations: [{ kind: "remove", child: entry }],
        }),
      );
  },
};

function whyRedundant(pod: Pod, context: RuleContext): string | undefined {
  const without = sidecarWithoutOptOut(context.target, context.cluster, pod.seen);
  if (without === "regular") return "the sidecar is regular without it as well";
  return without === "native" && !holdsHack(pod, context)
    ? "nothing in the Pod works round a regular sidecar"
    : undefined;
}
