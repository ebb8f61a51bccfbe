import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Config, NO_CONFIG } from "../config/config.ts";
import { createInjector } from "../inject/inject.ts";
import { RULE_NAMES } from "../rules/index.ts";
import type { TargetRequest } from "../target/index.ts";
import { readCluster } from "./cluster.ts";
import { currentRenders } from "./current-render.ts";
import { type Finding, pathText, targetsText } from "./finding.ts";
import { type Input, readStream } from "./input.ts";
import { settingOf, withTemplates } from "./targets.ts";
import { inspect, type Outcome, type Plan, transform } from "./transform.ts";
import type { Setting } from "./workload.ts";

const NATIVE: TargetRequest = { istio: "1.28.3", kubernetes: "1.33" };
const REGULAR: TargetRequest = { istio: "1.26.8", kubernetes: "1.33" };
const NONE: TargetRequest = {
  istio: "1.29",
  kubernetes: "1.33",
  values: { global: { proxy: { autoInject: "disabled" } } },
};
/** The app's containers do not wait for this one's proxy. */
const NO_PROBE: TargetRequest = {
  istio: "1.28.2",
  kubernetes: "1.33",
  values: { global: { proxy: { startupProbe: { enabled: false } } } },
};
/** Native, and does not read the annotation that would opt out. */
const UNREADING: TargetRequest = { istio: "1.23.6", kubernetes: "1.33", nativeSidecars: true };

function settingFor(input: Input, targets: readonly TargetRequest[]): Setting {
  const config: Config = { ...NO_CONFIG, targets: [...targets] };
  const setting = withTemplates(settingOf(config, readCluster([input])), createInjector);
  const whole = (one: Setting): Setting => ({ ...one, isCurrent: currentRenders(one.target) });
  return { ...whole(setting), ...(setting.others && { others: setting.others.map(whole) }) };
}

const REVIEW = { level: "review", rules: {} } as const;
const ALL = { level: "review", rules: { "redundant-opt-out": "review" } } as const;

function found(text: string, targets: readonly TargetRequest[]): Finding[] {
  const input = readStream("a.yaml", text);
  return inspect(input, settingFor(input, targets), { level: "safe", rules: {} }).findings;
}

function fixed(text: string, targets: readonly TargetRequest[], plan: Partial<Plan> = {}): Outcome {
  const input = readStream("a.yaml", text);
  const optOut = { mode: "off" as const, selectors: [] };
  return transform(input, settingFor(input, targets), {
    strip: { level: "safe", rules: {} },
    optOut,
    renderer: undefined,
    ...plan,
  });
}

const AUTO: Partial<Plan> = { optOut: { mode: "auto", selectors: [] } };

function told(findings: readonly Finding[]): string[] {
  return findings.map((finding) => `${finding.rule.name} ${finding.level}: ${targetsText(finding)}`);
}

function pod(metadata: string, script = "work; curl -X POST localhost:15020/quitquitquit"): string {
  return `apiVersion: batch/v1
kind: Job
metadata: {name: a}
spec:
  template:
    metadata: ${metadata}
    spec:
      containers:
        - name: a
          command: [sh, -c, "${script}"]
`;
}

describe("a workaround", () => {
  it("goes where it is obsolete at all targets", () => {
    const { input, applied } = fixed(pod("{}"), [NATIVE, { istio: "1.29", kubernetes: "1.33" }]);
    expect(input.text).toContain('[sh, -c, "work"]');
    expect(told(applied)).toEqual(["quit-call safe: every target"]);
  });

  it("stays where one target's sidecar is regular, whatever the order of the targets", () => {
    for (const targets of [
      [NATIVE, REGULAR],
      [REGULAR, NATIVE],
    ]) {
      const { input, remaining } = fixed(pod("{}"), targets, { strip: ALL });
      expect(input.text).toBe(pod("{}"));
      expect(told(remaining)).toEqual(["quit-call none: istio 1.28.3; not at istio 1.26.8 (regular)"]);
      expect(remaining[0]?.remark).toBe("not fixed: at istio 1.26.8 the sidecar is regular and needs it");
    }
  });

  it("is for a person to look at where one target injects none", () => {
    const [finding] = found(pod("{}"), [NATIVE, NONE]);
    expect(finding?.level).toBe("review");
    expect(finding?.remark).toContain("not safe: at istio 1.29.6 no sidecar is injected");
    expect(fixed(pod("{}"), [NATIVE, NONE]).applied).toEqual([]);
    expect(fixed(pod("{}"), [NATIVE, NONE], { strip: ALL }).applied).toHaveLength(1);
  });

  it("goes where no sidecar is injected if only that would read it", () => {
    const text = pod('{annotations: {proxy.istio.io/config: "holdApplicationUntilProxyStarts: true"}}', "work");
    expect(told(fixed(text, [NATIVE, NONE]).applied)).toEqual([
      "hold-application safe: istio 1.28.3; not at istio 1.29.6 (no sidecar)",
    ]);
  });

  it("has the lowest of its levels, with the reason of the target that gives it", () => {
    const text = pod('{annotations: {proxy.istio.io/config: "holdApplicationUntilProxyStarts: true"}}', "work");
    const [finding] = found(text, [NATIVE, NO_PROBE]);
    expect(finding?.level).toBe("none");
    expect(finding?.remark).toMatch(/^at istio 1\.28\.2: not fixed: the proxy has no startupProbe/);
  });

  it("that shares its text with one that must stay, stays", () => {
    const text = `${pod("{}").replace('[sh, -c, "work; curl', '&run [sh, -c, "work; curl')}`;
    const list = `apiVersion: v1
kind: List
items:
  - ${text.trimEnd().replaceAll("\n", "\n    ")}
  - apiVersion: batch/v1
    kind: Job
    metadata: {name: b}
    spec:
      template:
        metadata: {annotations: {sidecar.istio.io/nativeSidecar: "true"}}
        spec: {containers: [{name: b, command: *run}]}
`;
    const { input, remaining } = fixed(list, [NATIVE, REGULAR]);
    expect(input.text).toBe(list);
    expect(told(remaining)).toEqual([
      "quit-call none: istio 1.28.3; not at istio 1.26.8 (regular)",
      "quit-call none: every target",
    ]);
    expect(remaining[1]?.remark).toContain("shared by an anchor");
  });
});

describe("what holds for every sidecar", () => {
  it("holds at every target, and its fix is made", () => {
    const text = pod('{annotations: {sidecar.istio.io/nativeSidecar: "no"}}', "work");
    expect(told(found(text, [NATIVE, REGULAR]))).toEqual(expect.arrayContaining(["bad-opt-out review: every target"]));
    expect(fixed(text, [NATIVE, REGULAR], { strip: REVIEW }).input.text).toContain('nativeSidecar: "false"');
  });

  it("a Job that never ends does so where its sidecar is regular", () => {
    expect(told(found(pod("{}", "work"), [NATIVE, REGULAR]))).toEqual([
      "job-never-ends none: istio 1.26.8; not at istio 1.28.3 (native)",
    ]);
  });

  it("a Job is kept out of the mesh for good where its sidecar would be regular", () => {
    const text = pod('{labels: {sidecar.istio.io/inject: "false"}}', "work");
    expect(told(found(text, [NATIVE, REGULAR]))).toEqual([
      "injection-disabled-job none: istio 1.28.3; not at istio 1.26.8 (no sidecar)",
    ]);
    expect(fixed(text, [NATIVE, REGULAR], { strip: ALL }).applied).toEqual([]);
  });
});

describe("an opt-out", () => {
  const OPTED_OUT = '{annotations: {sidecar.istio.io/nativeSidecar: "false"}}';

  it("is redundant only where it is so at every target", () => {
    expect(told(found(pod(OPTED_OUT), [REGULAR]))).toEqual(["redundant-opt-out none: undefined"]);
    expect(told(found(pod(OPTED_OUT), [NATIVE, REGULAR]))).toEqual([]);
    const [finding] = found(pod(OPTED_OUT, "work"), [NATIVE, REGULAR]).filter((f) => f.rule.everywhere);
    expect(targetsText(finding as Finding)).toBe("every target");
    expect(finding?.site.why).toBe(
      "at istio 1.28.3 nothing in the Pod works round a regular sidecar; at istio 1.26.8 the sidecar is regular without it as well",
    );
    expect(fixed(pod(OPTED_OUT), [NATIVE, REGULAR], { strip: ALL }).applied).toEqual([]);
  });

  it("is for what keeps a workaround and is native at one target", () => {
    const { input, optedOut, applied } = fixed(pod("{}"), [REGULAR, NATIVE], AUTO);
    expect(optedOut).toHaveLength(1);
    expect(applied).toEqual([]);
    expect(input.text).toContain('sidecar.istio.io/nativeSidecar: "false"');
    expect(fixed(input.text, [REGULAR, NATIVE], AUTO).input.text).toBe(input.text);
  });

  it("is for nothing that is native at no target, and says so", () => {
    const other: TargetRequest = { istio: "1.28.3", kubernetes: "1.32" };
    const selected: Partial<Plan> = { optOut: { mode: "selected", selectors: [{ kinds: ["Job"] }] } };
    const { input, remarks } = fixed(pod("{}"), [REGULAR, other], selected);
    expect(input.text).toBe(pod("{}"));
    expect(remarks[0]?.message).toContain("not opted out: its sidecar is native at none of the targets (istio 1.26.8:");
  });

  it("is for nothing where no target reads it", () => {
    const text = pod('{annotations: {traffic.sidecar.istio.io/excludeOutboundPorts: "5432"}}', "work");
    const { input, remarks } = fixed(text, [UNREADING], AUTO);
    expect(input.text).toBe(text);
    expect(remarks[0]?.message).toBe(
      "not opted out: Istio 1.23.6 does not read the annotation (since 1.24); remove the workaround by hand",
    );
    expect(fixed(text, [UNREADING, NATIVE], AUTO).optedOut).toHaveLength(1);
  });

  it("is not put over an explicit true or a value that is neither", () => {
    for (const value of ["true", "no"]) {
      const text = pod(`{annotations: {sidecar.istio.io/nativeSidecar: "${value}"}}`, 'sh -c \\"$CMD quitquitquit\\"');
      expect(fixed(text, [NATIVE, REGULAR], AUTO).optedOut).toEqual([]);
    }
  });
});

it("is documented for every rule", () => {
  const text = readFileSync(new URL("../../docs/several-targets.md", import.meta.url), "utf8");
  for (const name of RULE_NAMES) expect(text).toContain(name);
});

describe("names of targets", () => {
  it("say what targets of one version differ in", () => {
    const [finding] = found(pod("{}"), [NATIVE, { ...NATIVE, kubernetes: "1.32" }, REGULAR]);
    expect(targetsText(finding as Finding)).toBe(
      "istio 1.28.3 with Kubernetes 1.33; not at istio 1.28.3 with Kubernetes 1.32 (regular), istio 1.26.8 (regular)",
    );
    const values = { global: { logAsJson: true } };
    expect(targetsText(found(pod("{}"), [NATIVE, { ...NATIVE, values }, REGULAR])[0] as Finding)).toBe(
      "istio 1.28.3 (target 1), istio 1.28.3 (target 2); not at istio 1.26.8 (regular)",
    );
  });

  it("are none where one target is given twice", () => {
    const [once] = found(pod("{}"), [NATIVE]);
    const [twice] = found(pod("{}"), [NATIVE, { ...NATIVE }]);
    expect(once?.targets).toBeUndefined();
    expect(twice?.targets).toBeUndefined();
    expect(twice?.level).toBe(once?.level);
  });
});

const CASES = new URL("../../testdata/rules/", import.meta.url);

/** All inputs of the rules' cases. */
const MANIFESTS = (readdirSync(CASES, { recursive: true }) as string[])
  .filter((name) => /input[^/]*\.ya?ml$/.test(name))
  .sort()
  .map((name) => readFileSync(new URL(name, CASES), "utf8"));

const TARGETS: readonly TargetRequest[] = [
  NATIVE,
  REGULAR,
  NONE,
  NO_PROBE,
  UNREADING,
  { istio: "1.27.1", kubernetes: "1.32" },
  { istio: "1.30", kubernetes: "1.33", nativeSidecars: false },
  { module: "1.21.0", kubernetes: "1.33" },
  { module: "1.25.0", kubernetes: "1.33" },
];

describe("for any manifests and targets", () => {
  const targets = fc.uniqueArray(fc.constantFrom(...TARGETS), { minLength: 2, maxLength: 4 });
  const manifests = fc.constantFrom(...MANIFESTS);
  const strip = fc.constantFrom<Plan["strip"][]>({ level: "safe", rules: {} }, REVIEW, ALL);
  const name = (finding: Finding): string =>
    `${finding.rule.name} ${finding.resource.document} ${finding.resource.name} ${pathText(finding)} ${finding.site.what}`;

  it("there are many of them", () => {
    expect(MANIFESTS.length).toBeGreaterThan(50);
  });

  it("only what each target's own run fixes is fixed, or what no sidecar of the target asks for", () => {
    fc.assert(
      fc.property(manifests, targets, strip, (text, several, level) => {
        const { applied } = fixed(text, several, { strip: level });
        for (const [n, target] of several.entries()) {
          const alone = new Set(fixed(text, [target], { strip: level }).applied.map(name));
          for (const finding of applied) {
            const isIdle = finding.targets?.[n]?.sidecar === "none";
            if (isIdle && finding.level === "safe") expect(finding.site.path).toContain("annotations");
            if (!isIdle) expect(alone, `${name(finding)} at target ${n}`).toContain(name(finding));
          }
        }
      }),
      { numRuns: 120 },
    );
  });

  it("their order changes nothing, one given twice is one, and a second run finds nothing to do", () => {
    fc.assert(
      fc.property(manifests, targets, strip, fc.boolean(), (text, several, level, optsOut) => {
        const plan = { strip: level, ...(optsOut && AUTO) };
        const { input } = fixed(text, several, plan);
        expect(fixed(text, several.toReversed(), plan).input.text).toBe(input.text);
        expect(fixed(text, [...several, ...several], plan).input.text).toBe(input.text);
        expect(fixed(input.text, several, plan).input.text).toBe(input.text);
      }),
      { numRuns: 60 },
    );
  });
});

describe("a target whose injector refuses the Pod", () => {
  const extra = { sidecarInjectorWebhook: { templates: { extra: "metadata: {}" } } };
  const text = `apiVersion: v1
kind: Pod
metadata:
  name: a
  annotations:
    inject.istio.io/templates: sidecar,extra
    proxy.istio.io/config: '{"holdApplicationUntilProxyStarts": true}'
spec:
  containers:
  - name: a
    image: b
`;

  it.each([REGULAR, NATIVE])("stops the fixes of those that do not", (refusing) => {
    const targets = [{ ...NATIVE, values: extra }, refusing];
    const [finding, ...others] = found(text, targets).filter(({ rule }) => rule.name === "hold-application");
    expect(others).toEqual([]);
    expect(finding?.level).toBe("none");
    expect(finding?.remark).toContain('has no template "extra"');
    expect(fixed(text, targets).input.text).toBe(text);
  });
});
