import { isAbsolute, sep } from "node:path";
import { pathToFileURL } from "node:url";
import type { Severity } from "../rules/rule.ts";
import { fingerprints } from "./fingerprint.ts";
import { shownTargets } from "./json.ts";
import { lineHashes } from "./line-hash.ts";
import { type Report, type ReportItem, workloadName } from "./report.ts";
import { clipped, LEVELS, RULE_INDEX, ruleDescriptors } from "./sarif-rules.ts";

const SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/** GitHub refuses a run with more results, and shows the most severe ones up to the second number. */
const MAX_RESULTS = 25_000;
const SHOWN_RESULTS = 5_000;
const MAX_MESSAGE = 1024;

/** SARIF 2.1.0 within the limits of GitHub's code scanning; `results: []` where nothing was found. */
export function sarifReport({ version, targets, items }: Report): string {
  const kept = mostSevere(items, MAX_RESULTS);
  const hashes = new Map<string, string[]>();
  const names = fingerprints(items);
  const results = kept.map((item) => {
    const { text } = item;
    const lines = hashes.get(text) ?? lineHashes(text);
    hashes.set(text, lines);
    const prints = {
      primaryLocationLineHash: lines[item.line - 1],
      "nativeSidecarFinding/v1": names.get(item),
    };
    return result(item, prints);
  });
  const run = {
    tool: { driver: { name: "native-sidecar", semanticVersion: version, rules: ruleDescriptors() } },
    invocations: [{ executionSuccessful: true, toolExecutionNotifications: notifications(items.length) }],
    originalUriBaseIds: { [BASE]: { description: { text: "The directory that the program was run in." } } },
    columnKind: "utf16CodeUnits",
    results,
    properties: shownTargets(targets),
  };
  return `${JSON.stringify({ $schema: SCHEMA, version: "2.1.0", runs: [run] }, null, 2)}\n`;
}

const BASE = "%SRCROOT%";
const RANK: readonly Severity[] = ["error", "warning", "info"];

/** As many as may be, in their own order; the least severe ones are left out first. */
function mostSevere(items: readonly ReportItem[], max: number): readonly ReportItem[] {
  if (items.length <= max) return items;
  const sorted = RANK.flatMap((severity) => items.filter((item) => item.severity === severity));
  const kept = new Set(sorted.slice(0, max));
  return items.filter((item) => kept.has(item));
}

function notifications(found: number): object[] {
  if (found <= SHOWN_RESULTS) return [];
  const left = found > MAX_RESULTS ? `; the ${MAX_RESULTS} most severe of them are in this file` : "";
  const text = `${found} findings${left}; GitHub shows the ${SHOWN_RESULTS} most severe ones`;
  return [{ level: found > MAX_RESULTS ? "warning" : "note", message: { text } }];
}

function result(item: ReportItem, partialFingerprints: object): object {
  const { rule, severity, message, line, column, end, path, document, ownFix: fix } = item;
  const artifactLocation = artifactOf(item.file);
  const region = { startLine: line, startColumn: column, endLine: end.line, endColumn: end.column };
  return {
    ruleId: rule,
    ruleIndex: RULE_INDEX.get(rule),
    level: LEVELS[severity],
    message: { text: clipped(message, MAX_MESSAGE) },
    locations: [
      {
        physicalLocation: { artifactLocation, region },
        logicalLocations: [{ name: path, fullyQualifiedName: `${workloadName(item)} ${path}`, kind: "member" }],
      },
    ],
    partialFingerprints,
    ...(fix !== undefined && {
      fixes: [
        {
          description: { text: clipped(fix.description, MAX_MESSAGE) },
          artifactChanges: [{ artifactLocation, replacements: fix.replacements }],
        },
      ],
    }),
    properties: { fix: item.fix, resource: item.resource, document, ...(item.at && { at: item.at }) },
  };
}

/** Relative to the working directory, as code scanning needs it; a path from the root as the URI of that file. */
function artifactOf(file: string): { uri: string; uriBaseId?: string } {
  if (isAbsolute(file)) return { uri: pathToFileURL(file).href };
  return { uri: file.split(sep).join("/").split("/").map(encodeURIComponent).join("/"), uriBaseId: BASE };
}
