import { type Config, readConfig } from "../config/config.ts";
import { createInjector } from "../inject/inject.ts";
import type { Resource } from "../kube/resource.ts";
import { maskSecrets } from "../report/mask.ts";
import { messageOf, reported } from "../report/report.ts";
import { lineReport } from "../report/text.ts";
import { RULE_NAMES } from "../rules/index.ts";
import { textAt } from "../source/tree.ts";
import type { ResolvedTarget } from "../target/index.ts";
import { readCluster } from "../transform/cluster.ts";
import { currentRenders } from "../transform/current-render.ts";
import { type Finding, pathText, targetsText } from "../transform/finding.ts";
import { Renderer } from "../transform/render.ts";
import { refuseSeveral, settingOf, sharedNotes, withTemplates } from "../transform/targets.ts";
import { type Outcome, transform } from "../transform/transform.ts";
import { type Setting, settingsOf } from "../transform/workload.ts";
import { addCopies, dropCopies, type Preview, withoutCopies } from "./preview.ts";
import type { ResourceList } from "./resource-list.ts";
import { originOf, type Result, withResults } from "./results.ts";

export interface FunctionOutcome {
  /** The ResourceList to write to stdout. */
  text: string;
  /** Lines for people, without line breaks. */
  messages: string[];
  /** A result has severity error. */
  failed: boolean;
}

/**
 * The KRM function: carries out its functionConfig on the items and tells of it in `results`.
 * @param config in place of the list's own functionConfig.
 * @throws {SourceError | TargetError} bad input or config; nothing is to be written then.
 */
export function runFunction(list: ResourceList, config?: Config): FunctionOutcome {
  const { pieces, messages, failed } = functionPieces(list, config);
  return { text: pieces.join(""), messages, failed };
}

/** What a function gives back, its text in pieces that are to be written in their order: a list may be huge. */
export interface FunctionPieces extends Omit<FunctionOutcome, "text"> {
  pieces: readonly string[];
}

/** The same for those who write the text. @throws as `runFunction` */
export function functionPieces(list: ResourceList, config: Config = ownConfig(list)): FunctionPieces {
  const originals = withoutCopies(list);
  const cluster = readCluster([originals]);
  const setting = withRenders(withTemplates(settingOf(config, cluster), createInjector));
  const isRendered = rendersPods(config);
  if (isRendered) refuseSeveral(config, setting, ["render", "mode"]);
  const renderer = config.render.mode === "inPlace" ? new Renderer(setting.target, "pods") : undefined;
  const outcome = transform(originals, setting, { strip: config.strip, optOut: config.optOut, renderer });
  const { text, copies, unrendered, notes: ofPreview } = previewed(list.file, outcome.input.text, setting, config);
  outcome.unrendered.push(...unrendered);
  const ofRender = [...(renderer?.notes() ?? []), ...ofPreview].map((note) => info(note));
  const told = [...notes(setting, outcome, config), ...ofRender, ...droppedCopies(copies)];
  const results = [...told, ...findingResults(outcome)];
  return {
    pieces: withResults(
      text,
      results.map(({ result }) => result),
    ),
    messages: results.map(({ line }) => line),
    failed: results.some(({ result }) => result.severity === "error"),
  };
}

function rendersPods({ render: { mode } }: Config): boolean {
  return mode === "inPlace" || mode === "preview";
}

/** Copies come with the preview and go with another mode; where the config has no such section they stay. */
function previewed(
  file: string,
  text: string,
  setting: Setting,
  { render: { mode } }: Config,
): Preview & { copies: number } {
  if (mode === "preview") return { ...addCopies(file, text, setting), copies: 0 };
  const { text: without, count } = mode === undefined ? { text, count: 0 } : dropCopies(file, text);
  return { text: without, copies: count, unrendered: [], notes: [] };
}

function droppedCopies(count: number): Told[] {
  return count === 0 ? [] : [info(`took out ${count} rendered cop${count === 1 ? "y" : "ies"} of an earlier preview`)];
}

/** The setting with what its targets render, which only committed injections ask for. */
function withRenders(setting: Setting): Setting {
  const { others } = setting;
  return {
    ...setting,
    isCurrent: currentRenders(setting.target),
    ...(others && { others: others.map(withRenders) }),
  };
}

function ownConfig({ functionConfig, file, text }: ResourceList): Config {
  return readConfig(functionConfig, { file, text }, RULE_NAMES);
}

/** One result and the same in one line. */
interface Told {
  result: Result;
  line: string;
}

function notes(setting: Setting, outcome: Outcome, config: Config): Told[] {
  const { cluster } = setting;
  const told = sharedNotes(
    settingsOf(setting).map(({ name, target }) => ({ name, notes: targetNotes(target, rendersPods(config)) })),
  ).map((note) => info(note));
  for (const { resource, message } of outcome.notes) told.push(info(message, resource));
  for (const { workload, message } of outcome.remarks) told.push(info(message, workload.pod.template.resource));
  for (const workload of outcome.optedOut) {
    told.push(info('opted out: added sidecar.istio.io/nativeSidecar: "false"', workload.pod.template.resource));
  }
  if (outcome.unrendered.length > 0) {
    const kinds = [...new Set(outcome.unrendered.map(({ pod }) => pod.template.resource.kind))].sort().join(", ");
    told.push(info(`not rendered: ${outcome.unrendered.length} of kind ${kinds}, whose Pods are built in the cluster`));
  }
  if (config.render.mode === "inPlace") told.push(...committedRenders(outcome.injected, cluster.namespaces));
  return told;
}

function targetNotes(target: ResolvedTarget, isRendered: boolean): string[] {
  const notes = [...target.notes, ...(isRendered ? target.renderNotes : [])];
  if (target.assumed.includes("kubernetes"))
    notes.push(`assumed Kubernetes ${target.kubernetes}: neither the functionConfig nor the input names a version`);
  if (target.assumed.includes("namespaces"))
    notes.push("assumed that namespaces which are not in the input have injection enabled");
  return notes;
}

/** A render that reaches a cluster with an injector of its own is injected again: said once a namespace. */
function committedRenders(injected: Outcome["injected"], known: Setting["cluster"]["namespaces"]): Told[] {
  const namespaces = new Set(injected.map(({ namespace }) => namespace ?? "default"));
  return [...namespaces]
    .filter((name) => known.get(name)?.labels["istio-injection"] !== "disabled")
    .map((name) => {
      const message = `rendered in place for namespace ${name}, where injection is not known to be off: the cluster's own injector meets these Pods again, and a regular one makes a native render invalid; render.mode preview avoids this`;
      return { result: { message, severity: "warning" }, line: `warning: ${message}` };
    });
}

function info(message: string, resource?: Resource): Told {
  const reference = resource && referenceTo(resource);
  const file = resource && originOf(resource);
  return {
    result: { message, severity: "info", ...(reference && { resourceRef: reference }), ...(file && { file }) },
    line: `info: ${resource === undefined ? "" : `${resource.kind} ${resource.name}: `}${message}`,
  };
}

function findingResults({ applied, remaining }: Outcome): Told[] {
  return [...applied.map(fixedResult), ...remaining.map(findingResult)];
}

function fixedResult(finding: Finding): Told {
  const { resource, site, rule } = finding;
  const message = `fixed ${rule.name}: ${site.what}${finding.remark === undefined ? "" : ` (${finding.remark})`}`;
  const line = `info: ${resource.kind} ${resource.name} ${pathText(finding)}: ${message}`;
  return { result: { ...located(finding), message, severity: "info", tags: { rule: rule.name } }, line };
}

function findingResult(finding: Finding): Told {
  const { rule, severity, level } = finding;
  const message = `${rule.name}: ${messageOf(finding)}`;
  const at = targetsText(finding);
  const tags = { rule: rule.name, fix: level, ...(at !== undefined && { at }) };
  return { result: { ...located(finding), message, severity, tags }, line: lineReport(reported(finding)) };
}

/** Longer values, in characters, are left out of results: these would grow by megabytes. */
const LONGEST_VALUE = 16_384;

function shown(field: "currentValue" | "proposedValue", text: string): Partial<Record<typeof field, string>> {
  return text.length > LONGEST_VALUE ? {} : { [field]: maskSecrets(text) };
}

function located(finding: Finding): Omit<Result, "message" | "severity"> {
  const { resource, site } = finding;
  const file = originOf(resource);
  const path = pathText(finding);
  const current = site.node.kind === "scalar" ? textAt(site.node, []) : undefined;
  return {
    resourceRef: referenceTo(resource),
    field: { path, ...(current !== undefined && shown("currentValue", current)), ...proposedOf(site) },
    ...(file && { file }),
  };
}

/** The string after the fix, where the fix changes one; a field that goes has no value to propose. */
function proposedOf(site: Finding["site"]): { proposedValue?: string } {
  const operation = site.operations.find(({ kind }) => kind === "edit-script" || kind === "set-text");
  if (operation?.kind === "set-text") return shown("proposedValue", operation.text);
  if (operation?.kind !== "edit-script") return {};
  const fix = operation.script.fix([operation.call]);
  return operation.hook !== undefined && fix.empty ? {} : shown("proposedValue", fix.text);
}

function referenceTo(resource: Finding["resource"]): NonNullable<Result["resourceRef"]> {
  const { apiVersion, kind, name, namespace } = resource;
  return { apiVersion, kind, name, ...(namespace !== undefined && { namespace }) };
}
