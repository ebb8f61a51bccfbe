import type { Config } from "../config/config.ts";
import { RULES } from "../rules/index.ts";
import { type ClusterFacts, type ResolvedTarget, resolveTarget, TargetError } from "../target/index.ts";
import { analyse, ruleLevel, type StripOptions } from "./analyse.ts";
import type { Finding } from "./finding.ts";
import type { Input } from "./input.ts";
import { type OptOutOptions, type Remark, stripAndOptOut } from "./opt-out.ts";
import type { Renderer } from "./render.ts";
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
  injected: Workload[];
  unrendered: Workload[];
}

const REPORT_ONLY: StripOptions = { level: "off", rules: {} };

/** Carries out a plan on one input. @throws {SourceError} bad input, workloads that the injector refuses. */
export function transform(input: Input, setting: Setting, plan: Plan): Outcome {
  const options = plan.strip ?? REPORT_ONLY;
  const stripped = stripAndOptOut(input, setting, activeRules(options), options, plan.optOut);
  const { applied, remaining, optedOut, remarks } = stripped;
  const rendered = plan.renderer?.render(stripped.input, setting);
  return {
    input: rendered?.input ?? stripped.input,
    applied,
    remaining,
    optedOut,
    remarks,
    injected: rendered?.injected ?? [],
    unrendered: rendered?.unrendered ?? [],
  };
}

/** Findings of one input as it stands. */
export function check(input: Input, setting: Setting, options: StripOptions): Finding[] {
  return [...analyse(input, setting, activeRules(options))].flatMap((document) => document.findings);
}

/** Rules that are not switched off by name; the general level `off` only keeps fixes from being applied. */
function activeRules(options: StripOptions): typeof RULES {
  return RULES.filter(
    ({ meta }) => !Object.hasOwn(options.rules, meta.name) || ruleLevel(meta.name, options) !== "off",
  );
}

/** Literals of which a file must hold one to have any finding. */
export function findingLiterals(options: StripOptions): string[] {
  return [...new Set(activeRules(options).flatMap((rule) => rule.meta.literals))];
}

/** The target that a config asks for. @throws {SourceError | TargetError} a target that cannot be had. */
export function targetOf(config: Config, cluster: ClusterFacts): ResolvedTarget {
  try {
    return resolveTarget(config.targets[0] ?? {}, cluster);
  } catch (error) {
    if (error instanceof TargetError) throw config.errorAt(error.field, error.message) ?? error;
    throw error;
  }
}
