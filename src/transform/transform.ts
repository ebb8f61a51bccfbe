import { RULES } from "../rules/index.ts";
import type { Rule } from "../rules/rule.ts";
import { analyse, type StripOptions, withScripts } from "./analyse.ts";
import type { Finding } from "./finding.ts";
import type { Input } from "./input.ts";
import { type OptOutOptions, type Remark, stripAndOptOut } from "./opt-out.ts";
import type { Rendered, Renderer } from "./render.ts";
import { SUPPRESSION_LITERALS, type SuppressionNote } from "./suppression.ts";
import type { Setting, Workload } from "./workload.ts";

/** What is done with an input; always in this order: decide who opts out, strip the others, opt out, render. */
export interface Plan {
  /** undefined: findings are only reported. */
  strip: StripOptions | undefined;
  optOut: OptOutOptions;
  /** undefined: nothing is rendered. */
  renderer: Renderer | undefined;
}

export interface Outcome {
  /** The very same object as went in where nothing was changed. */
  input: Input;
  applied: Finding[];
  /** What stands afterwards, in document order. */
  remaining: Finding[];
  optedOut: Workload[];
  remarks: Remark[];
  /** What is wrong with suppressions. */
  notes: SuppressionNote[];
  injected: Rendered["injected"];
  unrendered: Workload[];
}

const REPORT_ONLY: StripOptions = { level: "off", rules: {} };

/** Carries out a plan on one input. @throws {SourceError} bad input, workloads that the injector refuses. */
export function transform(input: Input, setting: Setting, plan: Plan): Outcome {
  const options = plan.strip ?? REPORT_ONLY;
  const whole = withScripts(input, setting);
  const stripped = stripAndOptOut(input, whole, activeRules(options), options, plan.optOut);
  const { applied, remaining, optedOut, remarks, notes } = stripped;
  const rendered = plan.renderer?.render(stripped.input, setting);
  return {
    input: rendered?.input ?? stripped.input,
    applied,
    remaining,
    optedOut,
    remarks,
    notes,
    injected: rendered?.injected ?? [],
    unrendered: rendered?.unrendered ?? [],
  };
}

/** What stands in one input. */
export interface Inspection {
  findings: Finding[];
  suppressed: Finding[];
  /** What is wrong with suppressions. */
  notes: SuppressionNote[];
}

/** Findings of one input as it stands, and what its suppressions do. */
export function inspect(input: Input, setting: Setting, options: StripOptions): Inspection {
  const documents = [...analyse(input, setting, activeRules(options))];
  return {
    findings: documents.flatMap(({ findings }) => findings),
    suppressed: documents.flatMap(({ suppressed }) => suppressed),
    notes: documents.flatMap(({ notes }) => notes),
  };
}

/** Findings of one input as it stands. */
export function check(input: Input, setting: Setting, options: StripOptions): Finding[] {
  return inspect(input, setting, options).findings;
}

/** Rules that are not switched off by name; the general level `off` only keeps fixes from being applied. */
function activeRules({ rules }: StripOptions): Rule[] {
  return RULES.filter(({ meta }) => !Object.hasOwn(rules, meta.name) || rules[meta.name] !== "off").map((rule) =>
    rule.meta.onRequest && !(Object.hasOwn(rules, rule.meta.name) && rules[rule.meta.name] === "review")
      ? reportOnly(rule)
      : rule,
  );
}

function reportOnly(rule: Rule): Rule {
  const remark = `not fixed: only strip.rules {${rule.meta.name}: review} asks for it`;
  const check: Rule["check"] = (pod, context) =>
    rule.check(pod, context).map((site) => ({ ...site, level: "none", remark, operations: [] }));
  return { ...rule, check };
}

/** Literals of which a file must hold one to have any finding. */
export function findingLiterals(options: StripOptions): string[] {
  return [...new Set([...activeRules(options).flatMap((rule) => rule.meta.literals), ...SUPPRESSION_LITERALS])];
}
