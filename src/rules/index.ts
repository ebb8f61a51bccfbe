import { badInjectValue } from "./bad-inject-value.ts";
import { badOptOut } from "./bad-opt-out.ts";
import { HACK_RULES } from "./hack-rules.ts";
import { injectionDisabledJob } from "./injection-disabled-job.ts";
import { jobNeverEnds } from "./job-never-ends.ts";
import { misplacedAnnotation } from "./misplaced-annotation.ts";
import { redundantOptOut } from "./redundant-opt-out.ts";
import type { Rule } from "./rule.ts";
import { scriptInConfig } from "./script-in-config.ts";
import { staleInjection } from "./stale-injection.ts";

/** All rules, in the order of their documentation. */
export const RULES: readonly Rule[] = [
  ...HACK_RULES,
  injectionDisabledJob,
  scriptInConfig,
  misplacedAnnotation,
  badInjectValue,
  badOptOut,
  redundantOptOut,
  staleInjection,
  jobNeverEnds,
];

export const RULE_NAMES: readonly string[] = RULES.map((rule) => rule.meta.name);
