import { describe, expect, test } from "vitest";
import { SourceError } from "../source/failure.ts";
import { decideSidecar, resolveTarget, TargetError } from "../target/index.ts";
import { readCluster } from "./cluster.ts";
import { readStream } from "./input.ts";

function facts(...texts: string[]) {
  return readCluster(texts.map((text, n) => readStream(`${n}.yaml`, text)));
}

const pod = (metadata: string): string =>
  `apiVersion: v1\nkind: Pod\nmetadata:\n${metadata}spec:\n  containers:\n  - {name: namespace, image: x}\n`;

describe("namespaces in use", () => {
  test.each([
    ["plain", pod("  name: a\n  namespace: shop # here\n"), ["shop"]],
    ["quoted", pod('  namespace: "shop"\n  name: a\n'), ["shop"]],
    ["none", pod("  name: a\n  labels:\n    namespace: no\n"), ["default"]],
    ["a quoted key", pod('  "namespace": shop\n'), ["shop"]],
    ["flow", "apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: shop}\n", ["shop"]],
    ["an anchor", pod("  name: &n shop\n  namespace: *n\n"), ["shop"]],
    ["CRLF", pod("  name: a\n  namespace: shop\n").replaceAll("\n", "\r\n"), ["shop"]],
    ["JSON", '{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a", "namespace": "shop"}}', ["shop"]],
    ["a List", `kind: List\nitems:\n- ${pod("  namespace: shop\n").replaceAll("\n", "\n  ").trimEnd()}\n`, ["shop"]],
    ["no workload", "apiVersion: v1\nkind: Service\nmetadata:\n  name: a\n", []],
  ])("%s", (_, text, namespaces) => {
    expect([...(facts(text).usedNamespaces ?? [])]).toEqual(namespaces);
  });

  test.each([
    ["in the input", pod("  namespace: shop\n"), []],
    ["not in the input", pod("  namespace: other\n"), ["namespaces"]],
    ["never injected", pod("  namespace: kube-system\n"), []],
  ])("%s: assumed is exact", (_, text, assumed) => {
    const namespace =
      "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: shop\n  labels: {istio-injection: enabled}\n";
    const target = resolveTarget({ istio: "1.28.3", kubernetes: "1.33" }, facts(text, namespace));
    expect(target.assumed).toEqual(assumed);
  });
});

test("facts inside Lists count, at any depth", () => {
  const namespace = "{apiVersion: v1, kind: Namespace, metadata: {name: a, labels: {x: y}, annotations: {z: on}}}";
  const { namespaces, nodes } = facts(
    `apiVersion: v1\nkind: List\nitems:\n- kind: List\n  items:\n  - ${namespace}\n- {apiVersion: v1, kind: Node, metadata: {name: n}, status: {nodeInfo: {kubeletVersion: v1.32.1}}}\n`,
  );
  expect(namespaces.get("a")).toEqual({ labels: { x: "y" }, annotations: { z: "on" } });
  expect(nodes.get("n")).toEqual({ kubeletVersion: "v1.32.1" });
});

test("ProxyConfig resources", () => {
  const text =
    "apiVersion: networking.istio.io/v1beta1\nkind: ProxyConfig\nmetadata: {name: p, namespace: shop}\nspec: {concurrency: 4}\n";
  expect(facts(text).proxyConfigs).toMatchObject([{ name: "p", namespace: "shop", spec: { concurrency: 4 } }]);
});

const SAIL = (version: string): string =>
  `apiVersion: sailoperator.io/v1\nkind: Istio\nmetadata: {name: default}\nspec: {version: ${version}}\n`;
const KYMA = (namespace: string, mode: boolean): string =>
  `apiVersion: operator.kyma-project.io/v1alpha2\nkind: Istio\nmetadata: {name: default, namespace: ${namespace}}\nspec: {compatibilityMode: ${mode}}\n`;
const OPERATOR = (spec: string): string =>
  `apiVersion: install.istio.io/v1alpha1\nkind: IstioOperator\nmetadata: {name: i}\nspec: ${spec}\n`;

describe("several objects that settle the target", () => {
  test("alike: as one", () => {
    expect(resolveTarget({}, facts(SAIL("v1.27.1"), SAIL("v1.27.1"))).istio).toBe("1.27.1");
  });

  test("different: refused with their places", () => {
    const cluster = facts(SAIL("v1.27.1"), SAIL("v1.28.3"));
    expect(() => resolveTarget({}, cluster)).toThrow(TargetError);
    expect(() => resolveTarget({}, cluster)).toThrow(/several Istio installs .*0\.yaml:1.*1\.yaml:1/);
    expect(resolveTarget({ istio: "1.28.3" }, cluster).istio).toBe("1.28.3");
  });

  test("of Kyma, the one in kyma-system counts", () => {
    const cluster = facts(KYMA("other", false), KYMA("kyma-system", true));
    expect(resolveTarget({ module: "1.22.0" }, cluster).compatibilityMode).toBe(true);
    const two = facts(KYMA("kyma-system", false), KYMA("kyma-system", true));
    expect(() => resolveTarget({ module: "1.22.0" }, two)).toThrow(
      /several Istio CRs of Kyma.*spec\.compatibilityMode/,
    );
  });

  test("of Kyma, fields that reach no Pod may differ", () => {
    const withAuthorizer = KYMA("kyma-system", true).replace("spec: {", "spec: {config: {authorizers: [{name: a}]}, ");
    expect(withAuthorizer).toContain("authorizers");
    const cluster = facts(KYMA("kyma-system", true), withAuthorizer);
    expect(resolveTarget({ module: "1.22.0" }, cluster).compatibilityMode).toBe(true);
  });

  test("a Node that no kubelet has filled in says nothing", () => {
    const node = (status: string): string => `apiVersion: v1\nkind: Node\nmetadata: {name: a}\n${status}`;
    expect(facts(node("")).nodes.size).toBe(0);
    expect(facts(node('status: {nodeInfo: {kubeletVersion: ""}}\n')).nodes.size).toBe(1);
  });

  test("an IstioOperator without tag names no version", () => {
    expect(() => resolveTarget({}, facts(OPERATOR("{profile: default}")))).toThrow(/no spec\.tag.*--istio/);
    expect(resolveTarget({}, facts(OPERATOR("{tag: 1.27.1}"))).istio).toBe("1.27.1");
  });

  test("faults are shown where they stand", () => {
    const at = (text: string, request = {}): string => {
      try {
        resolveTarget(request, facts(text));
      } catch (error) {
        if (error instanceof SourceError) return error.describe();
        throw error;
      }
      return "";
    };
    expect(at(OPERATOR("{tag: latest}"))).toMatch(/^0\.yaml:4:13: IstioOperator i: spec\.tag is "latest", no version/);
    const cr = KYMA("kyma-system", true).replace("compatibilityMode: true", "config: {numTrustedProxies: lots}");
    expect(at(cr, { module: "1.25.0" })).toMatch(
      /^0\.yaml:4:36: Istio default: spec\.config\.numTrustedProxies: an int/,
    );
    const proxyConfig =
      "apiVersion: networking.istio.io/v1beta1\nkind: ProxyConfig\nmetadata: {name: p}\nspec:\n  concurrency: many\n";
    expect(at(proxyConfig, { istio: "1.28.3" })).toMatch(/^0\.yaml:5:16: ProxyConfig p: spec\.concurrency: an integer/);
  });
});

describe("the cluster's own ConfigMaps", () => {
  const values = `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: istio-sidecar-injector}\ndata:\n  values: |-\n    {"global": {"tag": "1.28.3"}}\n`;
  const mesh =
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: istio}\ndata:\n  mesh: |-\n    defaultConfig:\n      discoveryAddress: istiod:15012\n";

  test("are a target together", () => {
    expect(resolveTarget({}, facts(values, mesh))).toMatchObject({
      istio: "1.28.3",
      meshConfig: { defaultConfig: { discoveryAddress: "istiod:15012" } },
    });
    expect(facts(values).injectors).toEqual([]);
  });

  test("that differ are refused with both places, where one of them would be used", () => {
    const other = values.replace("1.28.3", "1.26.8");
    const two = facts(values, mesh, other, mesh);
    const rivals = /2 ConfigMaps istio-sidecar-injector that differ \(0\.yaml:1, [23]\.yaml:1\).*--inject-config/;
    const config = (text: string) => text.replace(/^data:/m, "data:\n  config: '{templates: {sidecar: x}}'");
    const unnamed = (text: string) => text.replace(/1\.2[68]\.[38]/, (tag) => `build-${tag}`);
    for (const cluster of [two, facts(other, mesh, values), facts(values, mesh, mesh.replace("15012", "15010"), other)])
      expect(() => resolveTarget({}, cluster)).toThrow(rivals);
    expect(() => resolveTarget({}, facts(values, mesh, mesh.replace("15012", "15010")))).toThrow(
      /2 ConfigMaps istio that differ \(1\.yaml:1, 2\.yaml:1\)/,
    );
    expect(() => resolveTarget({ istio: "1.26.8" }, facts(config(values), mesh, config(other)))).toThrow(rivals);
    const unused = [
      facts(config(values), mesh, config(other)),
      facts(...[config(values), mesh, config(other)].map(unnamed)),
    ];
    for (const cluster of unused) {
      const target = resolveTarget({ istio: "1.27.1" }, cluster);
      expect(target.injector).toBeUndefined();
      expect(target.notes.join()).toContain("not used");
    }
  });

  test("that stand there twice are one", () => {
    const spaced = values.replace('{"global"', '{  "global"');
    expect(resolveTarget({}, facts(values, mesh, spaced, mesh)).istio).toBe("1.28.3");
  });

  test("that hold no map are refused with their place", () => {
    expect(() => facts(values.replace('{"global"', '["global"').replace("}}", "}]"), mesh)).toThrow(/data\.values/);
  });
});

describe("Sail's IstioRevisionTags", () => {
  const istio = (name: string, strategy: string) =>
    `apiVersion: sailoperator.io/v1\nkind: Istio\nmetadata: {name: ${name}}\nspec: {version: v1.28.3, updateStrategy: {type: ${strategy}}}\n`;
  const tag = (name: string, kind: string, target: string) =>
    `apiVersion: sailoperator.io/v1\nkind: IstioRevisionTag\nmetadata: {name: ${name}}\nspec: {targetRef: {kind: ${kind}, name: ${target}}}\n`;
  const shop = (label: string) => `apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {${label}}}\n`;
  const decided = (label: string, ...texts: string[]) => {
    const cluster = facts(shop(label), ...texts);
    const target = resolveTarget({ kubernetes: "1.33" }, cluster);
    const seen = { namespace: "shop", podLabels: {}, podAnnotations: {}, podSpec: {} };
    return decideSidecar(target, cluster, seen).sidecar;
  };

  test("name the revision of an Istio, which is named after its version, or an IstioRevision", () => {
    const blue = istio("blue", "RevisionBased");
    expect(decided("istio.io/rev: blue-v1-28-3", blue)).toBe("native");
    expect(decided("istio.io/rev: prod", blue)).toBe("none");
    expect(decided("istio.io/rev: prod", blue, tag("prod", "Istio", "blue"))).toBe("native");
    expect(decided("istio.io/rev: prod", blue, tag("prod", "IstioRevision", "blue-v1-28-3"))).toBe("native");
    expect(decided("istio.io/rev: prod", blue, tag("prod", "IstioRevision", "blue-v1-27-1"))).toBe("none");
    expect(decided("istio.io/rev: prod", blue, tag("prod", "Istio", "green"))).toBe("none");
    expect(decided("istio.io/rev: prod", istio("blue", "InPlace"), tag("prod", "Istio", "blue"))).toBe("native");
  });

  test("named default serve what names no revision", () => {
    const blue = istio("blue", "RevisionBased");
    expect(decided("istio-injection: enabled", blue)).toBe("none");
    expect(decided("istio-injection: enabled", blue, tag("default", "Istio", "blue"))).toBe("native");
  });
});
