import type { Config } from "../config/config.ts";
import { WORKLOAD_KINDS } from "../kube/pod-template.ts";
import { reported } from "../report/report.ts";
import { UsageError } from "../source/failure.ts";
import type { StripOptions } from "../transform/analyse.ts";
import { pathText, targetsText } from "../transform/finding.ts";
import type { OptOutOptions } from "../transform/opt-out.ts";
import { findingLiterals, type Outcome, transform } from "../transform/transform.ts";
import { type FileChange, writeFiles } from "../wire/write-files.ts";
import { type InputFlags, type Inputs, inputsWith } from "./inputs.ts";
import type { Io } from "./io.ts";
import { runNotes, suppressionNotes, tell } from "./notes.ts";
import { type OpenRun, withRun } from "./open-run.ts";
import type { TargetFlags } from "./options.ts";
import { FOUND, OK } from "./run.ts";
import { wholeSetting } from "./setting.ts";

export interface FixFlags extends TargetFlags, InputFlags {
  unsafe?: boolean;
  optOut?: OptOutOptions["mode"];
  diff?: boolean;
  exitCode?: boolean;
  quiet?: boolean;
}

/** One input that was worked on. */
interface Worked {
  name: string;
  before: string;
  outcome: Outcome;
}

export async function fixCommand(paths: string[], flags: FixFlags, io: Io): Promise<number> {
  if (flags.exitCode && !flags.diff)
    throw new UsageError("--exit-code goes with --diff; without it fix mends the files");
  return withRun(paths, flags, io, (run) => fixInputs(run, flags, io));
}

async function fixInputs(run: OpenRun, flags: FixFlags, io: Io): Promise<number> {
  const { config, inputs } = run;
  const strip = stripOptions(config, flags);
  const optOut = optOutOptions(config, flags);
  const targets = await run.setting();
  const literals = findingLiterals(strip);
  if (optOut.mode !== "off") literals.push(...WORKLOAD_KINDS, ...customKinds(config));
  const suspects = await inputsWith(inputs, literals);
  const setting = await wholeSetting(targets, suspects, inputs);
  const worked = suspects.map((input): Worked => {
    const outcome = transform(input, setting, { strip, optOut, renderer: undefined });
    return { name: input.file, before: input.text, outcome };
  });
  const changed = worked.filter(({ before, outcome }) => outcome.input.text !== before);
  await writeOut(worked, changed, inputs, flags, io);
  if (!flags.quiet) {
    for (const line of summary(worked, flags)) io.stderr(`${line}\n`);
    const matter = worked.some(({ outcome }) => outcome.applied.length + outcome.remaining.length > 0);
    const others = [...worked.flatMap(({ outcome }) => suppressionNotes(outcome.notes)), ...inputs.notes];
    tell(io, runNotes(setting, matter, others));
  }
  return flags.diff && flags.exitCode && changed.length > 0 ? FOUND : OK;
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
    const { createTwoFilesPatch, FILE_HEADERS_ONLY } = await import("./unified-diff.ts");
    const options = { context: 3, headerOptions: FILE_HEADERS_ONLY };
    for (const { name, before, outcome } of changed) {
      io.stdout(createTwoFilesPatch(name, name, before, outcome.input.text, undefined, undefined, options));
    }
  } else if (inputs.files === undefined) {
    for (const { outcome } of worked) io.stdout(outcome.input.text);
  } else {
    await writeFiles(
      changed.map(({ name, before, outcome }): FileChange => ({ file: name, before, text: outcome.input.text })),
    );
  }
}

/** What was fixed in a line, then what was not and why. */
function summary(worked: readonly Worked[], flags: FixFlags): string[] {
  const lines: string[] = [];
  const applied = worked.flatMap(({ outcome }) => outcome.applied);
  const optedOut = worked.flatMap(({ outcome }) => outcome.optedOut);
  const files = worked.filter(({ outcome }) => outcome.applied.length > 0).length;
  const verb = flags.diff ? "would fix" : "fixed";
  if (applied.length > 0)
    lines.push(
      `${verb} ${applied.length} finding${applied.length === 1 ? "" : "s"} in ${files} file${files === 1 ? "" : "s"}`,
    );
  for (const finding of applied) {
    const { file, line, rule, path } = reported(finding);
    lines.push(`  ${file}:${line} ${rule} ${path}${finding.remark === undefined ? "" : ` (${finding.remark})`}`);
  }
  for (const { pod } of optedOut)
    lines.push(
      `${flags.diff ? "would opt out" : "opted out"} ${pod.template.resource.kind} ${pod.template.resource.name}`,
    );
  for (const { outcome } of worked) {
    for (const { workload, message } of outcome.remarks) {
      const { kind, name } = workload.pod.template.resource;
      lines.push(`${kind} ${name}: ${message}`);
    }
  }
  const optedKeys = (outcome: Outcome): Set<string> => new Set(outcome.optedOut.map(({ key }) => key));
  const left = worked.flatMap(({ outcome }) =>
    outcome.remaining.filter((f) => !optedKeys(outcome).has(f.workload ?? "")),
  );
  if (left.length > 0) lines.push(`not fixed: ${left.length}`);
  for (const finding of left) {
    const { file, line, rule } = reported(finding);
    const why = finding.remark ?? (finding.level === "none" ? "no automatic fix" : "switched off");
    const what = finding.level === "review" ? "; fix --unsafe does it" : `; ${finding.site.advice}`;
    const where = targetsText(finding);
    lines.push(
      `  ${file}:${line} ${rule} ${pathText(finding)}: ${why}${what}${where === undefined ? "" : ` [at ${where}]`}`,
    );
  }
  return lines;
}
