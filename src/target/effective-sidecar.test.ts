import { describe, expect, it } from "vitest";
import type { JsonObject } from "../json.ts";
import { decideSidecar, sidecarWithoutInject, sidecarWithoutOptOut } from "./effective-sidecar.ts";
import { resolveTarget } from "./resolve-target.ts";
import type { Sidecar, SidecarDecision } from "./sidecar-decision.ts";
import type { SidecarPod } from "./sidecar-pod.ts";
import type { ClusterFacts, TargetRequest } from "./target.ts";

interface Situation {
  target?: TargetRequest;
  /** Labels of the Pod's Namespace `shop`; absent: it is not in the input. */
  namespaceLabels?: Record<string, string>;
  namespace?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  spec?: JsonObject;
  /** Kubelet versions by node. */
  nodes?: Record<string, string>;
}

function prepared({
  target,
  namespaceLabels,
  namespace = "shop",
  labels = {},
  annotations = {},
  spec = {},
  nodes = {},
}: Situation) {
  const cluster: ClusterFacts = {
    namespaces: new Map(namespaceLabels ? [["shop", { labels: namespaceLabels, annotations: {} }]] : []),
    nodes: new Map(Object.entries(nodes).map(([name, kubeletVersion]) => [name, { kubeletVersion }])),
  };
  const pod: SidecarPod = { namespace, podLabels: labels, podAnnotations: annotations, podSpec: spec };
  return { target: resolveTarget(target ?? { istio: "1.28.3", kubernetes: "1.33" }, cluster), cluster, pod };
}

function decided(situation: Situation): SidecarDecision {
  const { target, cluster, pod } = prepared(situation);
  return decideSidecar(target, cluster, pod);
}

const INJECT = "sidecar.istio.io/inject";
const NATIVE = "sidecar.istio.io/nativeSidecar";
const at = (istio: string, kubernetes = "1.33"): TargetRequest => ({ istio, kubernetes });

describe("annotation nativeSidecar by version", () => {
  it.each<[string, string | undefined, Sidecar]>([
    ["1.23.6", undefined, "regular"],
    ["1.23.6", "true", "regular"],
    ["1.24.0", "true", "native"],
    ["1.26.8", "True", "regular"],
    ["1.26.8", "", "regular"],
    ["1.26.8", undefined, "regular"],
    ["1.27.0", undefined, "native"],
    ["1.27.0", "", "native"],
    ["1.27.0", "false", "regular"],
    ["1.28.3", "False", "native"],
    ["1.28.3", "0", "native"],
    ["1.31.0-rc.0", "no", "native"],
  ])("%s with %j is %s", (istio, value, sidecar) => {
    const annotations: Record<string, string> = value === undefined ? {} : { [NATIVE]: value };
    expect(decided({ target: at(istio), annotations }).sidecar).toBe(sidecar);
  });

  it("present hides a native default in 1.24 to 1.26", () => {
    const target = { istio: "1.25.5", nativeSidecars: true };
    expect(decided({ target }).sidecar).toBe("native");
    expect(decided({ target, annotations: { [NATIVE]: "" } }).sidecar).toBe("regular");
    expect(
      decided({ target: { istio: "1.23.6", nativeSidecars: true }, annotations: { [NATIVE]: "false" } }).sidecar,
    ).toBe("native");
  });

  it("switches native on where the module's default is regular", () => {
    const target = { module: "1.21.1", kubernetes: "1.33" };
    expect(decided({ target }).sidecar).toBe("regular");
    expect(decided({ target, annotations: { [NATIVE]: "False" } })).toMatchObject({
      sidecar: "native",
      decidedBy: "annotation",
    });
  });
});

describe("auto", () => {
  it.each<[TargetRequest, Record<string, string>, JsonObject, Sidecar]>([
    [at("1.28.3", "1.33"), {}, {}, "native"],
    [at("1.28.3", "1.32"), {}, {}, "regular"],
    [at("1.28.3", "v1.33.2+k3s1"), {}, {}, "native"],
    [at("1.28.3", "1.32"), { a: "v1.33.0" }, {}, "native"],
    [at("1.28.3", "1.33"), { a: "v1.34.1", b: "v1.32.4" }, {}, "regular"],
    [at("1.28.3", "1.33"), { a: "v1.34.1", b: "" }, {}, "regular"],
    [at("1.28.3", "1.33"), { a: "v1.34.1", b: "v1.32.4" }, { nodeName: "a" }, "native"],
    [at("1.28.3", "1.33"), { a: "v1.34.1", b: "v1.32.4" }, { nodeName: "b" }, "regular"],
    [at("1.28.3", "1.33"), { a: "v1.34.1", b: "v1.32.4" }, { nodeName: "c" }, "regular"],
    [{ istio: "1.28.3", nativeSidecars: true }, { b: "v1.32.4" }, {}, "native"],
    [{ istio: "1.28.3", nativeSidecars: false, kubernetes: "1.34" }, {}, {}, "regular"],
    [{ module: "1.22.0", kubernetes: "1.32" }, {}, {}, "regular"],
    [{ module: "1.25.0", kubernetes: "1.33", compatibilityMode: true }, {}, {}, "native"],
  ])("%o with nodes %o and %o is %s", (target, nodes, spec, sidecar) => {
    expect(decided({ target, nodes, spec }).sidecar).toBe(sidecar);
  });
});

describe("inject values", () => {
  it.each<[string, string, boolean, boolean]>([
    // value, label or annotation, injected at ≤ 1.26, injected at ≥ 1.27
    ["true", "annotation", true, true],
    ["false", "annotation", false, false],
    ["false", "label", false, false],
    ["no", "label", false, true],
    ["False", "annotation", false, true],
    ["enabled", "label", false, true],
    ["", "label", true, true],
    ["YES", "annotation", true, true],
    ["off", "annotation", false, true],
  ])("%j as %s", (value, where, before, since) => {
    const map = { [INJECT]: value };
    const pod = where === "label" ? { labels: map } : { annotations: map };
    expect(decided({ target: at("1.26.8"), ...pod }).injected).toBe(before);
    expect(decided({ target: at("1.27.0"), ...pod }).injected).toBe(since);
  });

  it("a label, even an empty one, hides the annotation", () => {
    const annotations = { [INJECT]: "false" };
    expect(decided({ labels: { [INJECT]: "" }, annotations }).sidecar).toBe("native");
    expect(decided({ labels: { [INJECT]: "true" }, annotations }).sidecar).toBe("native");
    expect(decided({ annotations }).sidecar).toBe("none");
  });
});

describe("namespaces", () => {
  const wants = { [INJECT]: "true" };
  it.each<[Record<string, string>, Record<string, string>, Sidecar]>([
    [{ "istio-injection": "enabled" }, {}, "native"],
    [{ "istio-injection": "enabled", "istio.io/dataplane-mode": "ambient" }, {}, "native"],
    [{ "istio-injection": "disabled" }, wants, "none"],
    [{ "istio-injection": "disabled", "istio.io/rev": "x" }, wants, "none"],
    [{ "istio-injection": "true" }, wants, "none"],
    [{ "istio.io/rev": "any" }, {}, "native"],
    [{ "istio.io/dataplane-mode": "ambient" }, {}, "none"],
    [{ "istio.io/dataplane-mode": "ambient" }, wants, "native"],
    [{}, {}, "none"],
    [{}, wants, "native"],
    [{}, { [INJECT]: "yes" }, "none"],
    [{}, { "istio.io/rev": "any" }, "native"],
    [{}, { "istio.io/rev": "any", [INJECT]: "false" }, "none"],
  ])("%o with Pod labels %o is %s", (namespaceLabels, labels, sidecar) => {
    expect(decided({ namespaceLabels, labels }).sidecar).toBe(sidecar);
  });

  it("an unknown one counts as enabled, an ignored one never does", () => {
    expect(decided({}).sidecar).toBe("native");
    expect(decided({ namespace: "kube-system", labels: wants })).toMatchObject({
      sidecar: "none",
      decidedBy: "ignored-namespace",
    });
  });

  it("of another revision are not ours once the target names one", () => {
    const target = { istio: "1.28.3", kubernetes: "1.33", revision: "canary", values: { revisionTags: ["prod"] } };
    const sidecar = (rev: string) => decided({ target, namespaceLabels: { "istio.io/rev": rev } }).sidecar;
    expect([sidecar("canary"), sidecar("prod"), sidecar("stable")]).toEqual(["native", "native", "none"]);
    expect(decided({ target, labels: { "istio.io/rev": "stable" } }).decidedBy).toBe("revision");
  });

  it("that leave the revision open are the default revision's", () => {
    const target = (values: JsonObject) => ({ istio: "1.28.3", kubernetes: "1.33", revision: "stable", values });
    const enabled = { "istio-injection": "enabled" };
    const decision = decided({ target: target({}), namespaceLabels: enabled });
    expect(decision).toMatchObject({ sidecar: "none", decidedBy: "revision" });
    expect(decision.reason).toContain("istio-injection: enabled, which asks for the default revision");
    expect(decision.flips.join()).toContain("istio.io/rev: stable in place of istio-injection");
    expect(decided({ target: target({}), namespaceLabels: {}, labels: wants }).decidedBy).toBe("revision");
    const tagged = target({ revisionTags: ["default"] });
    expect(decided({ target: tagged, namespaceLabels: enabled }).sidecar).toBe("native");
    expect(decided({ target: target({}) }).sidecar).toBe("native");
  });

  it("are all enabled with enableNamespacesByDefault", () => {
    const target = { ...at("1.28.3"), values: { sidecarInjectorWebhook: { enableNamespacesByDefault: true } } };
    expect(decided({ target, namespaceLabels: {} }).sidecar).toBe("native");
    expect(decided({ target, namespaceLabels: { "istio-injection": "disabled" } }).sidecar).toBe("none");
  });
});

describe("values", () => {
  const target = (proxy: JsonObject, sidecarInjectorWebhook: JsonObject): TargetRequest => ({
    ...at("1.28.3"),
    values: { global: { proxy }, sidecarInjectorWebhook },
  });

  it("autoInject: disabled leaves the Pods that ask", () => {
    expect(decided({ target: target({ autoInject: "disabled" }, {}) }).sidecar).toBe("none");
    expect(decided({ target: target({ autoInject: "disabled" }, {}), annotations: { [INJECT]: "true" } }).sidecar).toBe(
      "native",
    );
    expect(decided({ target: target({ autoInject: "on" }, {}), annotations: { [INJECT]: "true" } }).sidecar).toBe(
      "none",
    );
  });

  it.each<[JsonObject, Record<string, string>, Sidecar]>([
    [{ neverInjectSelector: [{ matchLabels: { app: "a" } }] }, { app: "a" }, "none"],
    [{ neverInjectSelector: [{ matchLabels: { app: "a" } }] }, { app: "b" }, "native"],
    [{ neverInjectSelector: [{ matchLabels: { app: "a" } }] }, { app: "a", [INJECT]: "true" }, "native"],
    [{ neverInjectSelector: [{ matchExpressions: [{ key: "batch", operator: "Exists" }] }] }, { batch: "" }, "none"],
    [{ neverInjectSelector: [{ matchExpressions: [{ key: "a", operator: "NotIn", values: ["x"] }] }] }, {}, "none"],
    [{ neverInjectSelector: [{ matchExpressions: [{ key: "a", operator: "Near" }] }] }, { a: "x" }, "native"],
    [{ neverInjectSelector: [{}] }, { a: "x" }, "native"],
  ])("%j with %o is %s", (webhook, labels, sidecar) => {
    expect(decided({ target: target({}, webhook), labels }).sidecar).toBe(sidecar);
  });

  it("alwaysInjectSelector overrules autoInject, neverInjectSelector overrules it", () => {
    const always = { alwaysInjectSelector: [{ matchExpressions: [{ key: "a", operator: "In", values: ["x"] }] }] };
    expect(decided({ target: target({ autoInject: "disabled" }, always), labels: { a: "x" } }).sidecar).toBe("native");
    const both = { ...always, neverInjectSelector: [{ matchLabels: { a: "x" } }] };
    expect(decided({ target: target({}, both), labels: { a: "x" } }).sidecar).toBe("none");
  });
});

describe("Pods", () => {
  it("on the node's network get none", () => {
    expect(decided({ spec: { hostNetwork: true }, labels: { [INJECT]: "true" } })).toMatchObject({
      sidecar: "none",
      injected: false,
    });
  });

  it("with other templates get no sidecar of the sidecar template", () => {
    const sidecar = (templates: string) => decided({ annotations: { "inject.istio.io/templates": templates } });
    expect(sidecar("gateway")).toMatchObject({ sidecar: "none", injected: true });
    expect(sidecar("grpc-agent").sidecar).toBe("regular");
    expect(sidecar("sidecar,own").sidecar).toBe("native");
    expect(sidecar("own").sidecar).toBe("native");
  });

  it("can be asked about without their opt-outs", () => {
    const { target, cluster, pod } = prepared({ annotations: { [NATIVE]: "false", [INJECT]: "false" } });
    expect(decideSidecar(target, cluster, pod).sidecar).toBe("none");
    expect(sidecarWithoutInject(target, cluster, pod)).toBe("regular");
    expect(sidecarWithoutOptOut(target, cluster, { ...pod, podAnnotations: { [NATIVE]: "false" } })).toBe("native");
  });
});

describe("reasons and flips", () => {
  it.each<[Situation, string, string]>([
    [
      { target: at("1.28.10") },
      "native: Istio 1.28.10 injects native sidecars by default (auto) and Kubernetes is 1.33",
      `${NATIVE}: "false" on the Pod template → regular`,
    ],
    [
      { target: at("1.28.10", "1.32") },
      "regular: Istio 1.28.10 injects native sidecars by default (auto), but only from Kubernetes 1.33 on, and it is 1.32",
      "Kubernetes 1.33 on all nodes → native",
    ],
    [
      { target: at("1.23.6") },
      "regular: Istio 1.23.6 injects regular sidecars by default",
      "Istio 1.27 or later → native",
    ],
    [
      { target: { module: "1.22.0", kubernetes: "1.33", compatibilityMode: true } },
      "regular: Kyma's Istio module 1.22.0 (Istio 1.27.1) injects regular sidecars with compatibilityMode",
      "compatibilityMode: false in the Istio CR → native",
    ],
    [
      { namespaceLabels: { "istio-injection": "disabled" } },
      "none: the Namespace shop has the label istio-injection: disabled",
      "istio-injection: enabled on the Namespace shop → native",
    ],
    [
      { annotations: { [NATIVE]: "False" } },
      `native: the Pod has the annotation ${NATIVE}: "False", and Istio 1.28.3 takes anything but "false" for native`,
      `${NATIVE}: "false" on the Pod template → regular`,
    ],
    [
      { annotations: { [NATIVE]: "false" } },
      `regular: the Pod has the annotation ${NATIVE}: "false"`,
      "without the annotation → native",
    ],
    [
      { labels: { [INJECT]: "false" } },
      `none: the Pod has the label ${INJECT}: "false"`,
      `without the label ${INJECT} → native`,
    ],
  ])("%o", (situation, reason, flip) => {
    const decision = decided(situation);
    expect(decision.reason).toBe(reason);
    expect(decision.flips).toContain(flip);
  });

  it("promise nothing that another reason would undo", () => {
    expect(
      decided({ namespaceLabels: { "istio-injection": "disabled" }, labels: { [INJECT]: "false" } }).flips,
    ).toEqual([]);
  });
});

describe("annotations that the injector refuses", () => {
  const PORT = "traffic.sidecar.istio.io/excludeOutboundPorts";

  it.each<[Record<string, string>, string | undefined]>([
    [{ "status.sidecar.istio.io/port": "abc" }, "annotation status.sidecar.istio.io/port"],
    [{ "sidecar.istio.io/interceptionMode": "FOO" }, "interceptionMode"],
    [{ "proxy.istio.io/config": "{" }, "proxy.istio.io/config"],
    [{ [PORT]: "http" }, "excludeOutboundPorts"],
    [{ [PORT]: "8080" }, undefined],
    [{ [PORT]: "$" + "{PORT}" }, undefined],
    [{ [PORT]: "DATABASE_PORT" }, undefined],
    [{ "example.com/port": "abc" }, undefined],
  ])("%o", (annotations, refused) => {
    const { undecided, reason } = decided({ annotations });
    if (refused === undefined) expect(undecided).toBeUndefined();
    else {
      expect(undecided).toContain(refused);
      expect(reason).toMatch(/^unknown: the injector refuses it: /);
    }
  });
});
