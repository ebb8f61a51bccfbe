import type { FixLevel, Severity } from "../rules/rule.ts";
import { type Position, positionAt } from "../source/position.ts";
import { at, type Node, textAt } from "../source/tree.ts";
import type { Sidecar } from "../target/index.ts";
import { type Finding, pathText, targetsText } from "../transform/finding.ts";
import { lineIndex } from "./line-index.ts";
import { maskSecrets } from "./mask.ts";
import { type Place, placeOf } from "./place.ts";

/** A finding in `check --format json` and in the library; plain data, no offsets left. */
export interface ReportedFinding {
  rule: string;
  severity: Severity;
  fix: FixLevel;
  message: string;
  resource: { apiVersion: string; kind: string; namespace: string | null; name: string };
  path: string;
  file: string;
  document: number;
  /** 1-based. */
  line: number;
  /** 1-based, UTF-16 units. */
  column: number;
  /** Of several targets, those at which it holds, from 0; undefined where there is only one. */
  at?: number[];
}

export type MessageParts = Record<"what" | "why" | "advice" | "remark" | "at", string>;

export interface Replacement {
  deletedRegion: { startLine: number; startColumn: number; endLine: number; endColumn: number };
  insertedContent: { text: string };
}

/** A fix of one finding on its own, whatever becomes of the others. */
export interface Fix {
  description: string;
  replacements: Replacement[];
}

/** A finding as reporters get it: plain data that a worker can hand over, and no tree. */
export interface ReportItem extends ReportedFinding {
  parts: MessageParts;
  /** Its path with names of list items (containers, env) in place of their numbers, where they have one. */
  namedPath: string[];
  /** Of the whole file. */
  text: string;
  place: Place;
  /** Behind its last character; 1-based. */
  end: Position;
  /** Only for reports that show it. */
  ownFix?: Fix | undefined;
}

/** A target as JSON shows it. */
export interface TargetSummary {
  istio: string;
  module: string | null;
  kubernetes: string;
  nativeSidecars: boolean;
  assumed: string[];
}

/** How much a run looked at. */
export interface Counts {
  files: number;
  documents: number;
  workloads: number;
  /** Workloads by what they get, one for each target. */
  sidecars: readonly Record<Sidecar, number>[];
}

/** All that a run has to report. */
export interface Report {
  /** Of this program. */
  version: string;
  /** One or several. */
  targets: readonly TargetSummary[];
  /** Names of all files that were looked at, with and without findings. */
  files: readonly string[];
  /** File by file, in document order. */
  items: readonly ReportItem[];
  /** From which severity on findings make the run fail. */
  failOn: Severity | "never";
  colours: boolean;
  /** Reads every document of the inputs: only for reports that show it. */
  counts(): Promise<Counts>;
}

/** Writes a report in one format; what it gives is all that goes to stdout. */
export type Reporter = (report: Report) => string | Promise<string>;

/**
 * Findings with their lines and columns: these are found here, once a finding is to be shown.
 * @param fixOf for reports that show what a fix changes.
 */
export function reportItems(findings: readonly Finding[], fixOf?: (finding: Finding) => Fix | undefined): ReportItem[] {
  const indexes = new Map<string, (offset: number) => Position>();
  return findings.map((finding) => {
    const { text } = finding.resource;
    const positionOf = indexes.get(text) ?? lineIndex(text);
    indexes.set(text, positionOf);
    const place = placeOf(finding);
    const end = positionOf(place.end);
    const parts = messageParts(finding);
    const shown = { parts, namedPath: namedPath(finding), text, place, end, ...(fixOf && { ownFix: fixOf(finding) }) };
    return { ...describe(finding, parts, positionOf(place.start)), ...shown };
  });
}

function namedPath({ resource, site }: Finding): string[] {
  let here: Node | undefined = resource.root;
  return site.path.map((step) => {
    here = at(here, [step]);
    if (typeof step === "string") return step;
    const name = textAt(here, ["name"]);
    return name === undefined ? `[${step}]` : `[name=${name}]`;
  });
}

/** One finding as plain data. */
export function reported(finding: Finding): ReportedFinding {
  return describe(finding, messageParts(finding), positionAt(finding.resource.text, placeOf(finding).start));
}

/** The fields that JSON shows, without those that only reporters need. */
export function plainFinding(item: ReportItem): ReportedFinding {
  const { parts: _, namedPath: _path, text: _text, place: _place, end: _end, ownFix: _fix, ...plain } = item;
  return plain;
}

function describe(finding: Finding, parts: MessageParts, { line, column }: Position): ReportedFinding {
  const { resource } = finding;
  return {
    rule: finding.rule.name,
    severity: finding.severity,
    fix: finding.level,
    message: wholeMessage(parts),
    resource: {
      apiVersion: resource.apiVersion,
      kind: resource.kind,
      namespace: resource.namespace ?? null,
      name: resource.name,
    },
    path: pathText(finding),
    file: resource.file,
    document: resource.document,
    line,
    column,
    ...(finding.targets && { at: finding.targets.flatMap(({ holds }, n) => (holds ? [n] : [])) }),
  };
}

/** What is there, why it matters, what to do, what holds a fix back, and at which of several targets it holds. */
export function messageOf(finding: Finding): string {
  return wholeMessage(messageParts(finding));
}

function wholeMessage({ what, why, advice, remark, at }: MessageParts): string {
  return `${what}: ${why}; ${advice}${remark === "" ? "" : ` (${remark})`}${at === "" ? "" : ` [at ${at}]`}`;
}

/** A finding in words, part by part, without secrets; "" for what there is not. */
export function messageParts(finding: Finding): MessageParts {
  const { site, remark } = finding;
  const masked = [site.what, site.why, site.advice, remark ?? ""].map(maskSecrets);
  const [what = "", why = "", advice = "", held = ""] = masked;
  return { what, why, advice, remark: held, at: targetsText(finding) ?? "" };
}

/** "Istio 1.26.8, Kubernetes 1.33", "module 1.25.0, Istio 1.28.3, Kubernetes 1.33". */
export function targetName({ module, istio, kubernetes }: TargetSummary): string {
  return `${module === null ? "" : `module ${module}, `}Istio ${istio}, Kubernetes ${kubernetes}`;
}

/** "Deployment shop/api". */
export function workloadName({ resource: { kind, namespace, name } }: ReportedFinding): string {
  return `${kind} ${namespace === null ? "" : `${namespace}/`}${name}`;
}

/** "3 findings (1 error, 2 warnings) in 2 files; 1 fixable with fix, 2 more with fix --unsafe". */
export function summaryLine(items: readonly ReportedFinding[]): string {
  const count = (test: (item: ReportedFinding) => boolean): number => items.filter(test).length;
  const severities = (["error", "warning", "info"] as const)
    .map((severity) => [severity, count((item) => item.severity === severity)] as const)
    .filter(([, n]) => n > 0)
    .map(([severity, n]) => `${n} ${severity}${n === 1 || severity === "info" ? "" : "s"}`);
  const files = new Set(items.map(({ file }) => file)).size;
  const safe = count(({ fix }) => fix === "safe");
  const review = count(({ fix }) => fix === "review");
  const fixable = safe + review > 0 ? `; ${safe} fixable with fix, ${review} more with fix --unsafe` : "";
  const found = severities.length > 0 ? ` (${severities.join(", ")})` : "";
  return `${counted(items.length, "finding")}${found} in ${counted(files, "file")}${fixable}`;
}

/** "1 finding", "2 findings". */
export function counted(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? "" : "s"}`;
}

const RANK: readonly Severity[] = ["info", "warning", "error"];

/** Whether a finding makes a run fail that fails from this severity on. */
export function isFailure({ severity }: Pick<ReportedFinding, "severity">, failOn: Report["failOn"]): boolean {
  return failOn !== "never" && RANK.indexOf(severity) >= RANK.indexOf(failOn);
}

/** Findings by file, in order. */
export function byFile<Item extends ReportedFinding>(items: readonly Item[]): Map<string, Item[]> {
  const files = new Map<string, Item[]>();
  for (const item of items) {
    const known = files.get(item.file);
    if (known === undefined) files.set(item.file, [item]);
    else known.push(item);
  }
  return files;
}
