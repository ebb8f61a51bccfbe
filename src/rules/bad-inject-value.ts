import { INJECT_KEY } from "../target/index.ts";
import { injectEntries } from "./inject-entries.ts";
import type { Rule, Site } from "./rule.ts";

/** An inject label or annotation whose value changes its meaning between Istio 1.26 and 1.27. */
export const badInjectValue: Rule = {
  meta: {
    name: "bad-inject-value",
    severity: "error",
    summary: 'the value of sidecar.istio.io/inject is neither "true" nor "false"',
    literals: [INJECT_KEY],
    effective: ["native", "regular", "none"],
    isHack: false,
    standsAlone: true,
  },
  check(pod) {
    return injectEntries(pod)
      .filter(({ isExact }) => !isExact)
      .map(({ entry, path, meant }): Site => {
        const isFixed = meant !== undefined;
        return {
          path,
          node: entry.value,
          level: isFixed ? "review" : "none",
          what: `the value of ${INJECT_KEY} is not exactly "true" or "false"`,
          why: "Istio reads words like yes and no up to 1.26 and leaves the Pod to the default from 1.27 on, and the API server refuses what is no string",
          advice: isFixed ? `write "${meant}"` : 'write "true" or "false", or remove it',
          remark: isFixed
            ? "not safe: the Pod may gain or lose its sidecar"
            : "not fixed: what is meant cannot be told",
          operations: isFixed ? [{ kind: "set-text", node: entry.value, text: meant }] : [],
        };
      });
  },
};
