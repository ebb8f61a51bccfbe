import type { Resource } from "../kube/resource.ts";
import { lineEnd, lineStart, positionAt } from "../source/position.ts";
import { childrenOf } from "../source/remove.ts";
import { at, effectiveEntries, type Node, type Path, resolve, type ScalarNode } from "../source/tree.ts";
import { type Finding, offsetOf } from "./finding.ts";
import type { WorkloadDocument } from "./workload.ts";

const COMMENT = "native-sidecar-ignore";
const ANNOTATION = "native-sidecar.io/ignore";

/** A document without any of these suppresses nothing. */
export const SUPPRESSION_LITERALS: readonly string[] = [COMMENT, ANNOTATION];

/** Something to tell about a suppression itself; never a finding. */
export interface SuppressionNote {
  file: string;
  /** 1-based. */
  line: number;
  message: string;
  /** In which it stands; undefined outside of all. */
  resource: Resource | undefined;
}

/** `rule: reason`, of a comment or an annotation. */
interface Suppression {
  rule: string;
  reason: string;
  /** Where it stands in the file. */
  offset: number;
  isUsed: boolean;
}

export interface Suppressed {
  /** Findings that nothing suppresses. */
  open: Finding[];
  suppressed: Finding[];
  notes: SuppressionNote[];
}

/** Names of rules that exist, and of those that were run. */
export interface RuleNames {
  known: ReadonlySet<string>;
  active: ReadonlySet<string>;
}

/**
 * Takes suppressed findings out of those of a document and tells what suppressions are wrong or unused.
 * @param isWhole false where some workloads were not looked at: then none counts as unused.
 */
export function suppress(
  { chunk, root, resources }: Pick<WorkloadDocument, "chunk" | "root" | "resources">,
  findings: Finding[],
  names: RuleNames,
  isWhole: boolean,
): Suppressed {
  const own = chunk.text.slice(chunk.start, chunk.end);
  if (!SUPPRESSION_LITERALS.some((literal) => own.includes(literal)))
    return { open: findings, suppressed: [], notes: [] };
  const comments = commentsOf(chunk, root);
  const annotations = new Map(resources.map((resource) => [resource.root, annotationsOf(resource.root, names.known)]));
  const open: Finding[] = [];
  const suppressed: Finding[] = [];
  for (const finding of findings) {
    const candidates = [...comments.at(finding), ...(annotations.get(finding.resource.root) ?? [])];
    const matching = candidates.filter(({ rule, reason }) => rule === finding.rule.name && reason !== "");
    for (const suppression of matching) suppression.isUsed = true;
    (matching.length > 0 ? suppressed : open).push(finding);
  }
  const all = [...comments.all, ...[...annotations.values()].flat()].sort((a, b) => a.offset - b.offset);
  const notes = all.flatMap((suppression): SuppressionNote[] => {
    const message = complaint(suppression, names, isWhole);
    return message === undefined
      ? []
      : [
          {
            file: chunk.file,
            line: positionAt(chunk.text, suppression.offset).line,
            message,
            resource: resources.findLast(({ root }) => root.start <= suppression.offset) ?? resources[0],
          },
        ];
  });
  return { open, suppressed, notes };
}

function complaint({ rule, reason, isUsed }: Suppression, names: RuleNames, isWhole: boolean): string | undefined {
  if (!names.known.has(rule)) return `the suppression names no rule: ${JSON.stringify(rule)}`;
  if (reason === "") return `the suppression of ${rule} gives no reason and is not heeded`;
  const isUnused = !isUsed && isWhole && names.active.has(rule);
  return isUnused ? `the suppression of ${rule} is not used: there is no such finding; remove it` : undefined;
}

interface Comments {
  all: Suppression[];
  /**
   * Those on or right above the line of a finding, or of the list item or key that holds its value, in the file or in
   * the script that holds it.
   */
  at(finding: Finding): Suppression[];
}

function commentsOf({ text, start, end }: WorkloadDocument["chunk"], root: Node): Comments {
  const scalars = scalarsWith(text, root);
  const inScalars = new Map(scalars.map((scalar) => [scalar, suppressionLines(scalar.text, 0, scalar.text.length)]));
  for (const [scalar, lines] of inScalars) for (const { suppression } of lines) suppression.offset = scalar.start;
  const isInScalar = (offset: number): boolean => scalars.some((s) => offset >= s.start && offset < s.end);
  const inFile = suppressionLines(text, start, end).filter(({ suppression }) => !isInScalar(suppression.offset));
  const lines = [...inFile, ...[...inScalars.values()].flat()];
  return {
    all: lines.map(({ suppression }) => suppression),
    at(finding) {
      const scalar = resolve(finding.site.node);
      const places = new Set([...holdersOf(finding.site.node), scalar.start, offsetOf(finding)]);
      const near = [...places].flatMap((place) => speakingAbout(text, inFile, place));
      if (scalar.kind !== "scalar") return near;
      return [...near, ...speakingAbout(scalar.text, inScalars.get(scalar) ?? [], finding.site.offset ?? 0)];
    },
  };
}

/** Where a value starts, and the list items and lists around it, up to the key that all of this is the value of. */
function holdersOf(node: Node): number[] {
  const { parent } = node;
  if (parent === undefined) return [node.start];
  return "map" in parent ? [node.start, parent.start] : [node.start, parent.start, ...holdersOf(parent.seq)];
}

/** A suppressing comment and the line that holds it, in the file or in a script. */
interface SuppressionLine {
  lineStart: number;
  suppression: Suppression;
}

const LINE = /#[ \t]*native-sidecar-ignore\b[ \t]*([^\r\n]*)/g;

function suppressionLines(text: string, from: number, to: number): SuppressionLine[] {
  return [...text.slice(from, to).matchAll(LINE)].map((match) => {
    const offset = from + match.index;
    return {
      lineStart: lineStart(text, offset),
      suppression: { ...ruleAndReason(match[1] ?? ""), offset, isUsed: false },
    };
  });
}

function ruleAndReason(text: string): Pick<Suppression, "rule" | "reason"> {
  const colon = text.indexOf(":");
  const rule = colon < 0 ? text : text.slice(0, colon);
  return { rule: rule.trim(), reason: colon < 0 ? "" : text.slice(colon + 1).trim() };
}

/** Comments on the line of an offset, and on the full-line comments right above it. */
function speakingAbout(text: string, lines: readonly SuppressionLine[], offset: number): Suppression[] {
  if (lines.length === 0) return [];
  const starts = new Set([lineStart(text, offset)]);
  for (let line = lineStart(text, offset); line > 0; ) {
    line = lineStart(text, line - 1);
    if (!text.slice(line, lineEnd(text, line)).trimStart().startsWith("#")) break;
    starts.add(line);
  }
  return lines.filter((line) => starts.has(line.lineStart)).map(({ suppression }) => suppression);
}

/** Scalars whose own text speaks of suppressions: scripts. */
function scalarsWith(text: string, node: Node): ScalarNode[] {
  if (node.kind === "alias" || !text.slice(node.start, node.end).includes(COMMENT)) return [];
  if (node.kind === "scalar") return [node];
  return childrenOf(node).flatMap((child) => scalarsWith(text, child.value));
}

/** Metadata of a workload and of what it is made of, whose annotations may hold suppressions. */
const METADATA: readonly Path[] = [
  ["metadata"],
  ["template", "metadata"],
  ["spec", "template", "metadata"],
  ["spec", "jobTemplate", "metadata"],
  ["spec", "jobTemplate", "spec", "template", "metadata"],
  ["spec", "podMetadata"],
  ["spec", "workflowMetadata"],
  ["spec", "workflowSpec", "podMetadata"],
];

function annotationsOf(root: Node, known: ReadonlySet<string>): Suppression[] {
  return METADATA.flatMap((path) => {
    const entry = effectiveEntries(at(root, [...path, "annotations"])).find(({ name }) => name === ANNOTATION);
    const value = entry && at(entry.value, []);
    if (entry === undefined || value?.kind !== "scalar") return [];
    return pieces(value.text, known).map((piece) => ({ ...ruleAndReason(piece), offset: entry.start, isUsed: false }));
  });
}

/** One `rule: reason` a line or between `;`; what does not begin like one belongs to the reason before it. */
function pieces(text: string, known: ReadonlySet<string>): string[] {
  const found: string[] = [];
  for (const part of text.split(/[\n;]/)) {
    if (part.trim() === "") continue;
    if (found.length === 0 || /^\s*[\w-]+\s*:/.test(part) || known.has(part.trim())) found.push(part);
    else found.push(`${found.pop()};${part}`);
  }
  return found;
}
