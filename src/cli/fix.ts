import type { Config } from "../config/config.ts";
import { WORKLOAD_KINDS } from "../kube/pod-template.ts";
import { reported } from "../report/report.ts";
import { UsageError } from "../source/failure.ts";
import type { StripOptions } from "../transform/analyse.ts";
import { type Finding, pathText, targetsText } from "../transform/finding.ts";
import type { Input } from "../transform/input.ts";
import type { OptOutOptions } from "../transform/opt-out.ts";
import { findingLiterals, type Outcome, transform } from "../transform/transform.ts";
import type { Setting } from "../transform/workload.ts";
import { type FileChange, writeFiles } from "../wire/write-files.ts";
import { type InputFlags, type Inputs, inputsWith } from "./inputs.ts";
import type { Io } from "./io.ts";
import { inJobs, type JobsFlag, type SliceWork } from "./jobs.ts";
import { runNotes, suppressionNotes, tell } from "./notes.ts";
import { type OpenRun, withRun } from "./open-run.ts";
import type { TargetFlags } from "./options.ts";
import { FOUND, OK } from "./run.ts";
import { sharedFacts, wholeSetting } from "./setting.ts";

export interface FixFlags extends TargetFlags, InputFlags, JobsFlag {
  unsafe?: boolean;
  optOut?: OptOutOptions["mode"];
  diff?: boolean;
  exitCode?: boolean;
  quiet?: boolean;
}

/** What became of one input, as far as people are told: plain data. */
interface Fixed {
  /** undefined: as it was. */
  text: string | undefined;
  /** Lines of what was fixed, opted out, remarked and not fixed. */
  applied: string[];
  optedOut: string[];
  remarks: string[];
  left: string[];
  /** Number of findings, fixed or not. */
  findings: number;
  notes: string[];
}

/** One input that was worked on. */
interface Worked extends Fixed {
  name: string;
  before: string;
}

export async function fixCommand(paths: string[], flags: FixFlags, io: Io): Promise<number> {
  if (flags.exitCode && !flags.diff)
    throw new UsageError("--exit-code goes with --diff; without it fix mends the files");
  return withRun(paths, flags, io, (run) => fixInputs(run, flags, io));
}

async function fixInputs(run: OpenRun, flags: FixFlags, io: Io): Promise<number> {
  const { config, inputs } = run;
  const optOut = optOutOptions(config, flags);
  const targets = await run.setting();
  const literals = findingLiterals(stripOptions(config, flags));
  if (optOut.mode !== "off") literals.push(...WORKLOAD_KINDS, ...customKinds(config));
  const suspects = await inputsWith(inputs, literals);
  const shared = await sharedFacts(targets, suspects, inputs);
  const setting = await wholeSetting(targets, shared);
  const parts = await inJobs(fixWork(config, setting, flags), suspects, { command: "fix", flags, shared }, { run, io });
  const fixed = parts.flat();
  const worked = suspects.flatMap(({ file, text }, n): Worked[] => {
    const one = fixed[n];
    return one === undefined ? [] : [{ ...one, name: file, before: text }];
  });
  const changed = worked.filter(({ text }) => text !== undefined);
  await writeOut(worked, changed, inputs, flags, io);
  if (!flags.quiet) {
    for (const line of summary(worked, flags)) io.stderr(`${line}\n`);
    const matter = worked.some(({ findings }) => findings > 0);
    const others = [...worked.flatMap(({ notes }) => notes), ...inputs.notes];
    tell(io, runNotes(setting, matter, others));
  }
  return flags.diff && flags.exitCode && changed.length > 0 ? FOUND : OK;
}

export function fixWork(config: Config, setting: Setting, flags: FixFlags): SliceWork<Fixed[]> {
  const plan = { strip: stripOptions(config, flags), optOut: optOutOptions(config, flags), renderer: undefined };
  return (inputs) => {
    const fixed: Fixed[] = [];
    for (const input of inputs) fixed.push(told(input, transform(input, setting, plan), flags));
    return fixed;
  };
}

function stripOptions(config: Config, flags: FixFlags): StripOptions {
  const configured: StripOptions = config.strip ?? { level: "safe", rules: {} };
  return flags.unsafe ? { ...configured, level: "review" } : configured;
}

function optOutOptions(config: Config, flags: FixFlags): OptOutOptions {
  const mode = flags.optOut ?? config.optOut.mode;
  if (mode === "selected" && config.optOut.selectors.length === 0) {
    throw new UsageError("--opt-out selected needs optOut.selectors in the config (.native-sidecar.yaml or --config)");
  }
  return { ...config.optOut, mode };
}

function customKinds(config: Config): string[] {
  return config.podTemplates.map(({ kind }) => kind);
}

async function writeOut(worked: Worked[], changed: Worked[], inputs: Inputs, flags: FixFlags, io: Io): Promise<void> {
  if (flags.diff) {
    const { unifiedDiff } = await import("./unified-diff.ts");
    for (const { name, before, text = before } of changed) io.stdout(unifiedDiff(name, before, text));
  } else if (inputs.files === undefined) {
    for (const { before, text = before } of worked) io.stdout(text);
  } else {
    await writeFiles(changed.map(({ name, before, text = before }): FileChange => ({ file: name, before, text })));
  }
}

/** What was fixed in a line, then what was not and why. */
function summary(worked: readonly Worked[], flags: FixFlags): string[] {
  const applied = worked.flatMap((one) => one.applied);
  const files = worked.filter((one) => one.applied.length > 0).length;
  const left = worked.flatMap((one) => one.left);
  const verb = flags.diff ? "would fix" : "fixed";
  const lines: string[] = [];
  if (applied.length > 0)
    lines.push(
      `${verb} ${applied.length} finding${applied.length === 1 ? "" : "s"} in ${files} file${files === 1 ? "" : "s"}`,
    );
  lines.push(...applied, ...worked.flatMap(({ optedOut }) => optedOut), ...worked.flatMap(({ remarks }) => remarks));
  if (left.length > 0) lines.push(`not fixed: ${left.length}`);
  return [...lines, ...left];
}

function told(before: Input, { input, applied, optedOut, remarks, remaining, notes }: Outcome, flags: FixFlags): Fixed {
  const optedKeys = new Set(optedOut.map(({ key }) => key));
  return {
    text: input.text === before.text ? undefined : input.text,
    applied: applied.map(appliedLine),
    optedOut: optedOut.map(
      ({ pod }) =>
        `${flags.diff ? "would opt out" : "opted out"} ${pod.template.resource.kind} ${pod.template.resource.name}`,
    ),
    remarks: remarks.map(({ workload, message }) => {
      const { kind, name } = workload.pod.template.resource;
      return `${kind} ${name}: ${message}`;
    }),
    left: remaining.filter(({ workload }) => !optedKeys.has(workload ?? "")).map(leftLine),
    findings: applied.length + remaining.length,
    notes: suppressionNotes(notes),
  };
}

function appliedLine(finding: Finding): string {
  const { file, line, rule, path } = reported(finding);
  return `  ${file}:${line} ${rule} ${path}${finding.remark === undefined ? "" : ` (${finding.remark})`}`;
}

function leftLine(finding: Finding): string {
  const { file, line, rule } = reported(finding);
  const why = finding.remark ?? (finding.level === "none" ? "no automatic fix" : "switched off");
  const what = finding.level === "review" ? "; fix --unsafe does it" : `; ${finding.site.advice}`;
  const where = targetsText(finding);
  const at = where === undefined ? "" : ` [at ${where}]`;
  return `  ${file}:${line} ${rule} ${pathText(finding)}: ${why}${what}${at}`;
}
