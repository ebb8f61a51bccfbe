import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { resolveTarget, type TargetRequest } from "../target/index.ts";
import type { StripLevel } from "../transform/analyse.ts";
import { readCluster } from "../transform/cluster.ts";
import { currentRenders } from "../transform/current-render.ts";
import type { Finding } from "../transform/finding.ts";
import { pathText } from "../transform/finding.ts";
import type { Input } from "../transform/input.ts";
import { readStream } from "../transform/input.ts";
import { type Inspection, inspect, transform } from "../transform/transform.ts";
import { ruleDocument } from "./documents.ts";
import { RULE_NAMES, RULES } from "./index.ts";

const DOCUMENTS = new URL("../../docs/rules/", import.meta.url);
const CASES = new URL("../../testdata/rules/", import.meta.url);
const NATIVE: TargetRequest = { istio: "1.28", kubernetes: "1.33" };
const HEADINGS = [
  "What it does",
  "Why is this bad",
  "Example",
  "Use instead",
  "Fix safety",
  "When not to use it",
  "Options",
  "References",
];

type Levels = Readonly<Record<string, StripLevel>>;

function settingOf(input: Input, request: TargetRequest) {
  const cluster = readCluster([input]);
  const target = resolveTarget(request, cluster);
  return { target, cluster, podTemplates: [], isCurrent: currentRenders(target) };
}

function inspected(text: string, request: TargetRequest = NATIVE, rules: Levels = {}): Inspection {
  const input = readStream("input.yaml", text);
  return inspect(input, settingOf(input, request), { level: "safe", rules });
}

function fixed(text: string, level: StripLevel, request: TargetRequest = NATIVE, rules: Levels = {}): string {
  const input = readStream("input.yaml", text);
  const strip = { level, rules };
  const optOut = { mode: "off" as const, selectors: [] };
  return transform(input, settingOf(input, request), { strip, optOut, renderer: undefined }).input.text;
}

function told({ rule, level, resource, ...finding }: Finding) {
  const path = pathText({ rule, level, resource, ...finding });
  return { rule: rule.name, level, kind: resource.kind, name: resource.name, path };
}

describe("every rule", () => {
  it("has a document, and no document is without a rule", () => {
    expect(readdirSync(DOCUMENTS).sort()).toEqual(RULE_NAMES.map((name) => `${name}.md`).sort());
  });

  it("has cases, and no case is without a rule", () => {
    expect(readdirSync(CASES).sort()).toEqual([...RULE_NAMES].sort());
  });

  it("can be told to be without findings from a file's bytes", () => {
    for (const { meta } of RULES) {
      expect(meta.literals.length).toBeGreaterThan(0);
      expect(meta.literals).not.toContain("");
    }
  });
});

describe.each(RULES.map((rule) => [rule.meta.name, rule] as const))("document of %s", (name, { meta }) => {
  const text = ruleDocument(name) ?? "";
  const example = fencedBelow(text, "Example");
  const instead = fencedBelow(text, "Use instead");
  const asked: Levels = meta.onRequest ? { [name]: "review" } : {};

  it("has all headings in their order", () => {
    expect(text.startsWith(`# ${name}\n`)).toBe(true);
    expect([...text.matchAll(/^## (.*)$/gm)].map((match) => match[1])).toEqual(HEADINGS);
  });

  it("shows an example that the rule finds", () => {
    expect(inspected(example).findings.map(({ rule }) => rule.name)).toContain(name);
  });

  it("shows what is left after its fix, or by hand", () => {
    const result = fixed(example, "review", NATIVE, asked);
    if (result !== example) expect(instead).toBe(result);
    expect(inspected(instead, NATIVE, asked).findings.map(({ rule }) => rule.name)).not.toContain(name);
  });
});

function fencedBelow(text: string, heading: string): string {
  const section = text.slice(text.indexOf(`## ${heading}\n`));
  return /```yaml\n([\s\S]*?)```/.exec(section)?.[1] ?? "";
}

const cases = RULE_NAMES.flatMap((rule) => {
  const folder = new URL(`${rule}/`, CASES);
  return existsSync(folder) ? readdirSync(folder).map((name) => [`${rule}/${name}`] as const) : [];
});

describe.each(cases)("case %s", (name) => {
  const folder = new URL(`${name}/`, CASES);
  const text = readFileSync(new URL("input.yaml", folder), "utf8");
  const request = requestOf(folder);

  it("has its findings", () => {
    const findings = inspected(text, request).findings.map(told);
    matchGolden(new URL("findings.json", folder), `${JSON.stringify(findings, null, 2)}\n`);
  });

  it("has no finding of a rule whose literals it does not hold", () => {
    for (const { rule } of inspected(text, request).findings)
      expect(rule.literals.some((literal) => text.includes(literal))).toBe(true);
  });

  it.each(["safe", "review"] as const)("is fixed at level %s, once and for all", (level) => {
    const result = fixed(text, level, request);
    const safe = new URL("expected.safe.yaml", folder);
    const review = new URL("expected.review.yaml", folder);
    if (level === "safe") matchGolden(safe, result);
    else if (process.env.UPDATE_GOLDENS && result === readFileSync(safe, "utf8")) rmSync(review, { force: true });
    else matchGolden(existsSync(review) || process.env.UPDATE_GOLDENS ? review : safe, result);
    expect(fixed(result, level, request)).toBe(result);
  });
});

/** Command line words of case.json's target, as the corpus of labelled cases writes them. */
function requestOf(folder: URL): TargetRequest {
  const file = new URL("case.json", folder);
  const { target = "native" } = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {};
  if (target === "native") return NATIVE;
  const words: string[] = target;
  const wordBehind = (flag: string): string | undefined =>
    words.includes(flag) ? words[words.indexOf(flag) + 1] : undefined;
  return {
    istio: wordBehind("--istio"),
    module: wordBehind("--module"),
    kubernetes: wordBehind("--kubernetes"),
    ...(words.includes("--compatibility-mode") && { compatibilityMode: true }),
  };
}

function matchGolden(file: URL, actual: string): void {
  if (process.env.UPDATE_GOLDENS) writeFileSync(file, actual);
  const golden = readFileSync(file, "utf8");
  if (file.pathname.endsWith(".json")) expect(JSON.parse(actual)).toEqual(JSON.parse(golden));
  else expect(actual).toBe(golden);
}
