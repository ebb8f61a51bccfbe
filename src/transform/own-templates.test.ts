import { describe, expect, test } from "vitest";
import { type Config, NO_CONFIG } from "../config/config.ts";
import { type CreateInjector, createInjector } from "../inject/inject.ts";
import type { TargetRequest } from "../target/index.ts";
import { readCluster } from "./cluster.ts";
import { currentRenders } from "./current-render.ts";
import { readStream } from "./input.ts";
import { Renderer } from "./render.ts";
import { settingOf, withTemplates } from "./targets.ts";
import { inspect, type Outcome, type Plan, transform } from "./transform.ts";
import { type Setting, type Workload, workloadDocuments } from "./workload.ts";

interface Install {
  tag?: string;
  revision?: string;
  /** What the config says besides. */
  more?: string;
}

/** The ConfigMaps of an injector with this sidecar template. */
function installed(template: string, { tag = "1.28.10", revision = "", more = "" }: Install = {}): string {
  const suffix = revision && `-${revision}`;
  const values = JSON.stringify({ revision, global: { tag, hub: "hub" } });
  return `apiVersion: v1
kind: ConfigMap
metadata: {name: istio-sidecar-injector${suffix}}
data:
  config: |
    policy: enabled
${more.replace(/^(?=.)/gm, "    ")}
    templates:
      gateway: "spec: {containers: [{name: istio-proxy, image: hub/proxyv2:${tag}}]}"
      sidecar: |
${template.replace(/^(?=.)/gm, "        ")}
  values: '${values}'
---
apiVersion: v1
kind: ConfigMap
metadata: {name: istio${suffix}}
data: {mesh: "{}"}
---
`;
}

const namespace = (name: string, label: string) => `apiVersion: v1
kind: Namespace
metadata: {name: ${name}, labels: {${label}}}
---
`;

const job = (name: string, { ns = "shop", annotations = "{}", labels = "{}" } = {}) => `apiVersion: batch/v1
kind: Job
metadata: {name: ${name}, namespace: ${ns}}
spec:
  template:
    metadata: {annotations: ${annotations}, labels: ${labels}}
    spec:
      restartPolicy: Never
      containers:
      - name: main
        image: i
        command: [sh, -c, "main; rc=$?; curl -X POST localhost:15020/quitquitquit; exit $rc"]
---
`;

const NATIVE = `spec:
  initContainers:
  - {name: istio-proxy, image: p, restartPolicy: Always, startupProbe: {httpGet: {port: 1}}}
`;
const REGULAR = "spec:\n  containers:\n  - {name: istio-proxy, image: p}\n";
/** As the real ones do it: what is asked of the annotation, and of istiod. */
const ASKING = `{{ $native := .NativeSidecars }}
{{ with index .ObjectMeta.Annotations "sidecar.istio.io/nativeSidecar" }}{{ $native = ne . "false" }}{{ end }}
spec:
  {{ if $native }}initContainers{{ else }}containers{{ end }}:
  - name: istio-proxy
    image: p
    {{ if $native }}restartPolicy: Always{{ end }}
`;

function settingFor(text: string, request: TargetRequest = {}, create: CreateInjector = createInjector): Setting {
  const config: Config = { ...NO_CONFIG, targets: [{ kubernetes: "1.33", ...request }] };
  const setting = withTemplates(settingOf(config, readCluster([readStream("a.yaml", text)])), create);
  return { ...setting, isCurrent: currentRenders(setting.target) };
}

function workloads(text: string, request: TargetRequest = {}): Workload[] {
  const documents = workloadDocuments(readStream("a.yaml", text), settingFor(text, request), () => true);
  return [...documents].flatMap((document) => document.workloads);
}

function only(text: string, request: TargetRequest = {}): Workload["decision"] {
  const [workload] = workloads(text, request);
  if (workload === undefined) throw new RangeError("no workload");
  return workload.decision;
}

function findings(text: string, request: TargetRequest = {}) {
  return inspect(readStream("a.yaml", text), settingFor(text, request), { level: "safe", rules: {} }).findings;
}

function fixed(text: string, plan: Partial<Plan> = {}, request: TargetRequest = {}): Outcome {
  return transform(readStream("a.yaml", text), settingFor(text, request), {
    strip: { level: "safe", rules: {} },
    optOut: { mode: "off", selectors: [] },
    renderer: undefined,
    ...plan,
  });
}

const QUIT = "quitquitquit";

describe("the run of a template tells the sidecar, not its text", () => {
  test.each([
    ["native, in flow style", "spec: {initContainers: [{name: istio-proxy, restartPolicy: Always}]}"],
    ["native, in JSON", '{"spec": {"initContainers": [{"name": "istio-proxy", "restartPolicy": "Always"}]}}'],
    ["native, computed", 'spec:\n  initContainers:\n  - name: istio-proxy\n    restartPolicy: {{ "Always" }}'],
    [
      "native, from a helper",
      `{{ define "p" }}istio-{{ . }}{{ end }}${NATIVE.replace("istio-proxy", '{{ template "p" "proxy" }}')}`,
    ],
  ])("%s", (_, template) => {
    const text = installed(template) + job("j");
    expect(only(text)).toMatchObject({ sidecar: "native", decidedBy: "template", undecided: undefined });
    expect(fixed(text).input.text).not.toContain(QUIT);
  });

  test.each([
    ["another container stays", `${REGULAR}  initContainers:\n  - {name: agent, image: a, restartPolicy: Always}`],
    ["a comment speaks of nativeSidecar", `{{- /* our build knows no nativeSidecar */}}\n${REGULAR}`],
    ["a variable names it in vain", `{{ $nativeSidecar := true }}\n${REGULAR}`],
    ["another kind is native", `{{ if eq .TypeMeta.Kind "Deployment" }}\n${NATIVE}{{ else }}\n${REGULAR}{{ end }}`],
  ])("regular: %s", (_, template) => {
    const text = installed(template) + job("j");
    expect(only(text)).toMatchObject({ sidecar: "regular", decidedBy: "template" });
    expect(findings(text)).toEqual([]);
    expect(fixed(text).input.text).toBe(text);
  });

  test("none, where no container is istio-proxy, or it does not stay", () => {
    expect(only(installed("metadata: {labels: {for: istio-proxy}}") + job("j"))).toMatchObject({ sidecar: "none" });
    const passing = installed("spec: {initContainers: [{name: istio-proxy, image: p}]}") + job("j");
    expect(only(passing).reason).toBe(
      "none: the default template is sidecar, whose istio-proxy is an init container that does not stay",
    );
  });

  test("of values as well, where these bring their own", () => {
    const values = { sidecarInjectorWebhook: { templates: { sidecar: REGULAR } } };
    expect(only(job("j"), { istio: "1.28.10", values })).toMatchObject({ sidecar: "regular", decidedBy: "template" });
    expect(fixed(job("j"), {}, { istio: "1.28.10", values }).input.text).toContain(QUIT);
    expect(fixed(job("j"), {}, { istio: "1.28.10" }).input.text).not.toContain(QUIT);
  });

  test("of Pods that are built in the cluster too", () => {
    const workflow = `apiVersion: argoproj.io/v1alpha1
kind: Workflow
metadata: {name: w, namespace: shop}
spec:
  templates:
  - name: main
    script: {image: i, command: [sh], source: "main; rc=$?; curl -X POST localhost:15020/quitquitquit; exit $rc"}
`;
    expect(fixed(installed(REGULAR) + workflow).input.text).toContain(QUIT);
    expect(fixed(installed(NATIVE) + workflow).input.text).not.toContain(QUIT);
  });

  test("an earlier render of it is looked through", () => {
    const text = installed(ASKING) + job("j", { annotations: '{sidecar.istio.io/nativeSidecar: "false"}' });
    const rendered = new Renderer(settingFor(text).target, "pods").render(readStream("a.yaml", text), settingFor(text));
    expect(only(rendered.input.text.replace('sidecar.istio.io/nativeSidecar: "false"', "a: b")).sidecar).toBe("native");
  });
});

describe("the true reason is told", () => {
  const text = (annotations = "{}") => installed(ASKING) + job("j", { annotations });
  const FALSE = '{sidecar.istio.io/nativeSidecar: "false"}';

  test("istiod's default", () => {
    expect(only(text())).toMatchObject({
      reason: "native: Istio 1.28.10 injects native sidecars by default (auto) and Kubernetes is 1.33",
      decidedBy: "default",
    });
    expect(only(text()).flips[0]).toBe('sidecar.istio.io/nativeSidecar: "false" on the Pod template → regular');
  });

  test("the annotation, where it is read", () => {
    expect(only(text(FALSE))).toMatchObject({
      reason: 'regular: the Pod has the annotation sidecar.istio.io/nativeSidecar: "false"',
      flips: ["without the annotation → native"],
    });
    const unread = only(installed(NATIVE) + job("j", { annotations: FALSE }));
    expect(unread).toMatchObject({ sidecar: "native", decidedBy: "template", flips: [] });
    expect(unread.reason).toMatch(
      /^native: the template sidecar of ConfigMap istio-sidecar-injector \(a\.yaml:1\) makes/,
    );
  });

  test("what a Pod would get that is not injected", () => {
    const off = job("j", { labels: '{sidecar.istio.io/inject: "false"}' });
    expect(only(installed(REGULAR) + off).flips).toEqual(["without the label sidecar.istio.io/inject → regular"]);
    expect(findings(installed(REGULAR) + off)).toEqual([]);
    expect(findings(installed(NATIVE) + off).map(({ rule }) => rule.name)).toEqual(["injection-disabled-job"]);
  });
});

describe("nothing is changed where nobody can tell", () => {
  test.each([
    ["a template that fails", installed('{{ fail "no way" }}'), /template "sidecar", line 1, .*no way/],
    ["a template that makes no Pod", installed("spec: {containers: [{name: 1}]}"), /makes no Pod/],
    [
      "a template that the config lacks",
      installed(NATIVE, { more: "defaultTemplates: [sidecr]" }),
      /no template "sidecr"/,
    ],
  ])("%s", (_, maps, why) => {
    const text = maps + job("j");
    expect(only(text)).toMatchObject({ injected: true, decidedBy: "refusal", reason: expect.stringMatching(why) });
    const [finding, ...others] = findings(text);
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ level: "none", remark: expect.stringMatching(why) });
    expect(finding?.remark).toMatch(/^not fixed: which sidecar the Pod gets cannot be told: the injector refuses it: /);
    expect(fixed(text, { strip: { level: "review", rules: {} } }).input.text).toBe(text);
    const optOut = fixed(text, { optOut: { mode: "auto", selectors: [] } });
    expect(optOut.input.text).toBe(text);
    expect(optOut.remarks.map(({ message }) => message)).toEqual([expect.stringMatching(why)]);
  });

  test("an opt-out that leaves no Pod is none", () => {
    const spire = "spire: 'spec: {initContainers: [{name: istio-proxy, env: []}]}'\n";
    const more = "defaultTemplates: [sidecar, spire]";
    const maps = installed(ASKING, { more }).replace("    templates:\n", `    templates:\n      ${spire}`);
    const text = maps + job("j");
    expect(only(text)).toMatchObject({ sidecar: "native", decidedBy: "default", flips: [] });
    const { input, remarks } = fixed(text, { optOut: { mode: "selected", selectors: [{ kinds: ["Job"] }] } });
    expect(input.text).not.toContain("nativeSidecar:");
    expect(remarks[0]?.message).toMatch(/^not opted out: opted out, which sidecar .* make two containers istio-proxy/);
    const optedOut =
      maps + job("j", { annotations: '{sidecar.istio.io/nativeSidecar: "false"}' }).replace(QUIT, "stats");
    expect(findings(optedOut).map(({ rule }) => rule.name)).toEqual([]);
  });

  test("an opt-out that the template does not read is none", () => {
    const text = installed(NATIVE) + job("j");
    const { input, remarks } = fixed(text, { optOut: { mode: "selected", selectors: [{ kinds: ["Job"] }] } });
    expect(input.text).not.toContain("nativeSidecar:");
    expect(remarks[0]?.message).toBe(
      "not opted out: ConfigMap istio-sidecar-injector (a.yaml:1) does not read the annotation; remove the workaround by hand",
    );
  });
});

test("waits stay where the template's proxy has no startupProbe", () => {
  const wait = job("j").replace(
    /main; rc=.*exit \$rc/,
    "until curl -sf localhost:15021/healthz/ready; do sleep 1; done; main",
  );
  const levels = (template: string) => findings(installed(template) + wait).map(({ level }) => level);
  expect(levels(NATIVE)).toEqual(["safe"]);
  expect(levels(NATIVE.replace(/, startupProbe.*/, "}"))).toEqual(["none"]);
});

test("Pods without a finding are not rendered", () => {
  const plain = job("j").replaceAll("Job", "Deployment").replace("batch/v1", "apps/v1").replace(QUIT, "stats");
  const many = Array.from({ length: 20 }, (_, n) => plain.replace("name: j,", `name: j${n},`)).join("");
  let made = 0;
  const counting: CreateInjector = (settings) => {
    const injector = createInjector(settings);
    return {
      ...injector,
      afresh: (workload) => {
        made++;
        return injector.afresh(workload);
      },
    };
  };
  const text = installed(ASKING) + many + job("k").replaceAll("Job", "Deployment").replace("batch/v1", "apps/v1");
  const found = inspect(readStream("a.yaml", text), settingFor(text, {}, counting), { level: "safe", rules: {} });
  expect(found.findings).toHaveLength(1);
  expect(made).toBe(1);
});

describe("a Pod of another revision whose injector stands in the input", () => {
  const maps = installed(NATIVE) + installed(REGULAR, { tag: "1.26.8", revision: "old" });
  const text =
    maps +
    namespace("past", "istio.io/rev: old") +
    namespace("shop", "istio-injection: enabled") +
    namespace("open", "a: b") +
    job("past", { ns: "past", labels: "{istio.io/rev: default}" }) +
    job("shop", { labels: "{istio.io/rev: old}" }) +
    job("open", { ns: "open", labels: "{istio.io/rev: old}" }) +
    job("other", { ns: "elsewhere", labels: "{istio.io/rev: old}" });
  const sidecars = (request: TargetRequest = {}) =>
    workloads(text, request).map(({ pod, decision }) => `${pod.template.resource.name} ${decision.sidecar}`);

  test("is decided by that one", () => {
    expect(sidecars()).toEqual(["past regular", "shop native", "open regular", "other regular"]);
    expect(sidecars({ istio: "1.28.10" })).toEqual(sidecars());
    expect(findings(text).map(({ resource }) => resource.name)).toEqual(["shop"]);
  });

  test("and rendered by it", () => {
    const setting = settingFor(text);
    const { input } = new Renderer(setting.target, "pods").render(readStream("a.yaml", text), setting);
    const revisions = [...input.text.slice(maps.length).matchAll(/"revision":"(\w+)"/g)].map(
      ([, revision]) => revision,
    );
    expect(revisions).toEqual(["old", "default", "old", "old"]);
    expect(new Renderer(setting.target, "pods").render(input, settingFor(input.text)).input.text).toBe(input.text);
  });

  test("is nobody's where the target names a revision", () => {
    expect(sidecars({ revision: "default" })).toEqual(["past none", "shop native", "open none", "other none"]);
    expect(sidecars({ revision: "old" })).toEqual(["past regular", "shop none", "open regular", "other regular"]);
  });

  test("is nobody's where that injector cannot be read", () => {
    const broken = text.replace('"tag":"1.26.8"', '"tag":"latest"');
    const setting = settingFor(broken);
    expect(setting.target.notes.join("\n")).toMatch(
      /the injector of revision old in the input serves no Pods here: .*latest/,
    );
    const [past] = workloads(broken);
    expect(past?.decision.reason).toBe("none: the Namespace past belongs to revision old, the target is default");
  });
});

test("a rendered gateway is not stale", () => {
  const gateway = `apiVersion: apps/v1
kind: Deployment
metadata: {name: gw, namespace: shop}
spec:
  template:
    metadata: {annotations: {inject.istio.io/templates: gateway}}
    spec:
      containers: [{name: istio-proxy, image: auto}]
`;
  for (const [maps, request] of [
    [installed(NATIVE), {}],
    ["", { istio: "1.28.10" }],
  ] as const) {
    const text = maps + gateway;
    const { input } = new Renderer(settingFor(text, request).target, "pods").render(
      readStream("a.yaml", text),
      settingFor(text, request),
    );
    expect(input.text).toContain("sidecar.istio.io/status");
    expect(findings(input.text, request)).toEqual([]);
    const edited = input.text.replace(/image: .*proxyv2:1.28.10/, "image: hub/proxyv2:1.20.0");
    expect(findings(edited, request).map(({ rule }) => rule.name)).toEqual(["stale-injection"]);
  }
});

describe("a render over an earlier one", () => {
  const workload = job("j").replaceAll(/command: .*/g, "tty: true");
  const app = `${workload.replace("- name: main\n", "- {name: istio-proxy, image: auto, resources: {requests: {cpu: 50m}}}\n      - name: main\n")}`;
  const render = (maps: string, text: string) => {
    const whole = maps + text;
    const setting = settingFor(whole);
    const renderer = new Renderer(setting.target, "pods");
    const { input } = renderer.render(readStream("a.yaml", whole), setting);
    return { text: input.text.slice(maps.length), notes: renderer.notes() };
  };
  const RICH = `${ASKING.replace("image: p", 'image: "{{ .Values.global.hub }}/proxyv2:{{ .Values.global.tag }}"')}    env:\n    - {name: ONLY, value: "1"}\n`;
  const [before, after] = [installed(RICH, { tag: "1.28.6-own.1" }), installed(RICH, { tag: "1.28.10-own.1" })];

  test("of the injector's earlier release is that of the original", () => {
    const again = render(after, render(before, app).text);
    expect(again.text).toBe(render(after, app).text);
    expect(again.notes).toEqual([]);
  });

  test("of templates that are not known says so", () => {
    const other = installed(RICH.replace("ONLY", "ONCE"), { tag: "1.28.6-own.1" });
    const again = render(after, render(other, app).text);
    expect(again.notes.join()).toMatch(/^1 workload was injected before, with settings that are not known here: /);
    expect(render(after, render(after, app).text).notes).toEqual([]);
  });
});
