import picomatch from "picomatch";
import { unsettledSidecar } from "../rules/native-annotation.ts";
import type { Rule } from "../rules/rule.ts";
import type { TextEdit } from "../source/edit.ts";
import { RawScalar, type Written } from "../source/emit.ts";
import { insertEntry } from "../source/insert.ts";
import { SharedText } from "../source/shared.ts";
import { at, type MapNode, type Node } from "../source/tree.ts";
import { decideSidecar, NATIVE_KEY, servingTarget, withAnnotation } from "../target/index.ts";
import type { StripOptions } from "./analyse.ts";
import { type AnnotationPlace, annotationPlace } from "./annotation-place.ts";
import type { Input } from "./input.ts";
import { type Stripped, strip } from "./strip.ts";
import {
  type Setting,
  settingsOf,
  type Workload,
  type WorkloadDocument,
  workloadAt,
  workloadDocuments,
} from "./workload.ts";

export interface OptOutSelector {
  kinds?: readonly string[];
  namespaces?: readonly string[];
  names?: readonly string[];
  labels?: Readonly<Record<string, string>>;
}

export interface OptOutOptions {
  mode: "off" | "selected" | "auto";
  selectors: readonly OptOutSelector[];
}

/** Something to tell about a workload that is no finding. */
export interface Remark {
  workload: Workload;
  message: string;
}

export interface OptedOut extends Stripped {
  /** Workloads that got the annotation. */
  optedOut: Workload[];
  remarks: Remark[];
}

/**
 * Decides who opts out, strips the others, then annotates. A workload that opts out keeps all its hacks: with a
 * regular sidecar it needs them.
 */
export function stripAndOptOut(
  input: Input,
  setting: Setting,
  rules: readonly Rule[],
  options: StripOptions,
  optOut: OptOutOptions,
): OptedOut {
  if (optOut.mode === "off") {
    return { ...strip(input, setting, rules, options, new Set()), optedOut: [], remarks: [] };
  }
  // What is no hack goes first: it may decide which sidecar a workload gets.
  const others = rules.filter(({ meta }) => !meta.isHack);
  const settled = strip(input, setting, others, options, optedOutOnRequest(input, setting, optOut));
  const outcome = decideAndStrip(settled.input, setting, rules, options, optOut);
  return { ...outcome, applied: [...settled.applied, ...outcome.applied] };
}

function decideAndStrip(
  input: Input,
  setting: Setting,
  rules: readonly Rule[],
  options: StripOptions,
  optOut: OptOutOptions,
): OptedOut {
  const keep = new Set<string>();
  const remarks: Remark[] = [];
  if (optOut.mode === "selected") {
    for (const workload of allWorkloads(input, setting)) {
      if (!isSelected(workload, optOut.selectors)) continue;
      const obstacle = obstacleOf(workload, setting);
      if (obstacle === undefined) keep.add(workload.key);
      else remarks.push({ workload, message: `not opted out: ${obstacle}` });
    }
  }
  const asIs = new Set([...keep, ...optedOutOnRequest(input, setting, optOut)]);
  let stripped = strip(input, setting, rules, options, asIs);
  if (optOut.mode === "auto")
    stripped = keepWhatRemains(input, setting, rules, options, optOut, keep, remarks, stripped);
  if (keep.size === 0) return { ...stripped, optedOut: [], remarks };
  return annotate(stripped, setting, keep, remarks);
}

/** Workloads that a selector names and that are opted out already: their opt-out is wanted, even where it looks redundant. */
function optedOutOnRequest(input: Input, setting: Setting, { mode, selectors }: OptOutOptions): Set<string> {
  if (mode !== "selected") return new Set();
  const chosen = allWorkloads(input, setting).filter(
    (workload) => workload.pod.annotations[NATIVE_KEY] === "false" && isSelected(workload, selectors),
  );
  return new Set(chosen.map(({ key }) => key));
}

/** A workload that keeps a hack opts out; what shares its text may then keep one as well, hence the loop. */
function keepWhatRemains(
  input: Input,
  setting: Setting,
  rules: readonly Rule[],
  options: StripOptions,
  optOut: OptOutOptions,
  keep: Set<string>,
  remarks: Remark[],
  first: Stripped,
): Stripped {
  const byKey = new Map<string, Workload>();
  let stripped = first;
  for (;;) {
    const remaining = new Set(
      stripped.remaining.filter((f) => f.rule.isHack && f.pod?.sidecar === "native").flatMap((f) => f.workload ?? []),
    );
    const added = [...remaining].filter((key) => !keep.has(key));
    if (added.length > 0 && byKey.size === 0) for (const w of allWorkloads(input, setting)) byKey.set(w.key, w);
    const eligible = added.filter((key) => {
      const workload = byKey.get(key);
      if (workload === undefined || (optOut.selectors.length > 0 && !isSelected(workload, optOut.selectors)))
        return false;
      const obstacle = obstacleOf(workload, setting);
      if (obstacle === undefined) return true;
      if (!remarks.some((remark) => remark.workload === workload))
        remarks.push({ workload, message: `not opted out: ${obstacle}` });
      return false;
    });
    if (eligible.length === 0) return stripped;
    for (const key of eligible) keep.add(key);
    stripped = strip(input, setting, rules, options, keep);
  }
}

function allWorkloads(input: Input, setting: Setting): Workload[] {
  return [...workloadDocuments(input, setting, () => true)].flatMap((document) => document.workloads);
}

function isSelected({ pod }: Workload, selectors: readonly OptOutSelector[]): boolean {
  const { resource } = pod.template;
  const matches = (patterns: readonly string[] | undefined, value: string): boolean =>
    patterns === undefined || (patterns.length > 0 && picomatch.isMatch(value, [...patterns], { bash: true }));
  return selectors.some(
    (selector) =>
      (selector.kinds === undefined || selector.kinds.includes(resource.kind)) &&
      matches(selector.namespaces, resource.namespace ?? "default") &&
      matches(selector.names, resource.name) &&
      Object.entries(selector.labels ?? {}).every(
        ([key, value]) => labelOf(pod.template.resource.root, pod.labels, key) === value,
      ),
  );
}

/** A label of the Pod template, else of the workload itself. */
function labelOf(root: MapNode, labels: Readonly<Record<string, string>>, key: string): string | undefined {
  const own = at(root, ["metadata", "labels", key]);
  return labels[key] ?? (own?.kind === "scalar" ? own.text : undefined);
}

/** Why an opt-out would change nothing at any target, or must not be added. */
function obstacleOf(workload: Workload, setting: Setting): string | undefined {
  const { pod } = workload;
  const present = pod.annotations[NATIVE_KEY];
  if (present === "false") return "it is opted out already";
  const unknown = undecidedAt(workload, setting);
  if (unknown !== undefined) return unknown;
  if (!isNative(workload, setting)) return whyNotNative(workload, setting);
  if (present === "true") return `its template says ${NATIVE_KEY}: "true"`;
  const unsettled = unsettledSidecar(pod);
  if (unsettled !== undefined) return `${unsettled}; put that right first`;
  const optedOut = withAnnotation(pod.seen, NATIVE_KEY, "false");
  const native = settingsOf(setting).filter((one) => workloadAt(workload, one).pod.sidecar === "native");
  const turned = native.map(({ target, cluster }) => decideSidecar(target, cluster, optedOut));
  const refused = turned.find(({ undecided }) => undecided !== undefined)?.undecided;
  if (refused !== undefined) return `opted out, ${refused}`;
  if (turned.some(({ sidecar }) => sidecar !== "native")) return undefined;
  const served = native.map(({ target, cluster }) => servingTarget(target, cluster, pod.seen));
  const readers = served.map(({ istio, injector }) =>
    injector === undefined
      ? `Istio ${istio} does not read the annotation (since 1.24)`
      : `${injector.name} does not read the annotation`,
  );
  return `${[...new Set(readers)].join(", ")}; remove the workaround by hand`;
}

/** Why it cannot be told at one of the targets which sidecar the Pod gets. */
function undecidedAt({ pod }: Workload, setting: Setting): string | undefined {
  return settingsOf(setting)
    .map(({ target, cluster }) => decideSidecar(target, cluster, pod.seen).undecided)
    .find((why) => why !== undefined);
}

/** Native at one target at least: only there an opt-out changes something. */
function isNative(workload: Workload, setting: Setting): boolean {
  return settingsOf(setting).some((one) => workloadAt(workload, one).pod.sidecar === "native");
}

function whyNotNative({ pod, decision }: Workload, setting: Setting): string {
  const { others } = setting;
  if (others === undefined)
    return `its sidecar is ${pod.sidecar === "none" ? "not injected" : "regular"} (${decision.reason})`;
  const reasons = settingsOf(setting).map(
    (one) => `${one.name}: ${decideSidecar(one.target, one.cluster, pod.seen).reason}`,
  );
  return `its sidecar is native at none of the targets (${reasons.join("; ")})`;
}

function annotate(stripped: Stripped, setting: Setting, keep: ReadonlySet<string>, remarks: Remark[]): OptedOut {
  const edits: TextEdit[] = [];
  const optedOut: Workload[] = [];
  for (const document of workloadDocuments(stripped.input, setting, () => true)) {
    // Another fix of the same run may have left a workload without a native sidecar.
    const chosen = document.workloads.filter((workload) => keep.has(workload.key) && isNative(workload, setting));
    const plan = annotateDocument(document, chosen, remarks);
    edits.push(...plan.edits);
    optedOut.push(...plan.optedOut);
  }
  if (edits.length === 0) return { ...stripped, optedOut, remarks };
  return { ...stripped, input: stripped.input.edited(edits), optedOut, remarks };
}

const OPTED_OUT = new RawScalar('"false"', "false");
const SHARED = "not opted out: its annotations are shared by an anchor with a workload that does not opt out";

function annotateDocument(
  { chunk, root }: WorkloadDocument,
  chosen: readonly Workload[],
  remarks: Remark[],
): { edits: TextEdit[]; optedOut: Workload[] } {
  const shared = new SharedText(root);
  const places = new Map<Node, { place: AnnotationPlace; users: Workload[] }>();
  for (const workload of chosen) {
    const place = annotationPlace(workload.pod.template);
    const known = places.get(place.node);
    if (known) known.users.push(workload);
    else places.set(place.node, { place, users: [workload] });
  }
  const edits: TextEdit[] = [];
  const optedOut: Workload[] = [];
  for (const { place, users } of places.values()) {
    if (shared.readersOf(place.node) > users.length) {
      for (const workload of users) remarks.push({ workload, message: SHARED });
      continue;
    }
    optedOut.push(...users);
    const [key = NATIVE_KEY, ...inner] = [...place.missing, NATIVE_KEY];
    const value = inner.reduceRight<Written>((held, name) => ({ [name]: held }), OPTED_OUT);
    edits.push(
      ...insertEntry(chunk.text, place.node, key, value, place.before === undefined ? {} : { before: place.before }),
    );
  }
  return { edits, optedOut };
}
