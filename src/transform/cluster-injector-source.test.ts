import { describe, expect, test } from "vitest";
import { SourceError } from "../source/failure.ts";
import { resolveTarget } from "../target/index.ts";
import { readCluster } from "./cluster.ts";
import { type InjectorTexts, installedInjector } from "./cluster-injector-source.ts";
import { readStream } from "./input.ts";

const CONFIG = 'policy: enabled\ntemplates:\n  sidecar: "{{ .ProxyImage }}"\n';
const VALUES = '{"revision": "canary", "global": {"tag": "1.28.6"}}';
const MESH = "trustDomain: own\n";
const file = (name: string, text: string) => ({ name, text });
const indented = (text: string): string => text.replace(/^(?=.)/gm, "    ");

const INJECTOR = `apiVersion: v1
kind: ConfigMap
metadata: {name: istio-sidecar-injector-canary}
data:
  config: |-
${indented(CONFIG)}  values: |-
${indented(VALUES)}
`;
const ISTIO = `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: istio-canary}\ndata:\n  mesh: |-\n${indented(MESH)}`;
const LIST = `apiVersion: v1\nkind: List\nitems:\n${[INJECTOR, ISTIO].map((item) => item.replace(/^(?=.)/gm, "    ").replace("   ", "  -")).join("")}`;

const FORMS: Record<string, InjectorTexts> = {
  "texts of their own": {
    config: file("c.yaml", CONFIG),
    values: file("v.json", VALUES),
    meshConfig: file("m.yaml", MESH),
  },
  "both ConfigMaps": { config: file("c.yaml", INJECTOR), values: undefined, meshConfig: file("m.yaml", ISTIO) },
  "each named": {
    config: file("c.yaml", INJECTOR),
    values: file("c.yaml", INJECTOR),
    meshConfig: file("m.yaml", ISTIO),
  },
  "one stream": { config: file("c.yaml", `${ISTIO}---\n${INJECTOR}`), values: undefined, meshConfig: undefined },
  "a List": { config: file("c.yaml", LIST), values: undefined, meshConfig: undefined },
};

describe("an injector in files", () => {
  test.each(Object.entries(FORMS))("%s", (_, texts) => {
    const installed = installedInjector(texts);
    expect(installed.revision).toBe("canary");
    const target = resolveTarget({ installed }, { namespaces: new Map(), nodes: new Map() });
    expect(target).toMatchObject({ istio: "1.28.6", revision: "canary", meshConfig: { trustDomain: "own" } });
    expect(target.injector?.config.templates.get("sidecar")).toBe("{{ .ProxyImage }}");
    expect(target.injector?.name).toMatch(/c\.yaml/);
    expect(target.notes).toEqual([]);
  });

  test.each<[string, InjectorTexts, RegExp]>([
    ["no values", { ...(FORMS["texts of their own"] as InjectorTexts), values: undefined }, /no values: .*--values/],
    ["no MeshConfig", { ...(FORMS["both ConfigMaps"] as InjectorTexts), meshConfig: undefined }, /--mesh-config/],
    [
      "another ConfigMap",
      { ...(FORMS["texts of their own"] as InjectorTexts), config: file("c.yaml", ISTIO) },
      /^c\.yaml:1:1: ConfigMap istio-canary has no data\.config/,
    ],
    [
      "MeshConfig and values in each other's place",
      { config: file("c.yaml", CONFIG), values: file("m.yaml", MESH), meshConfig: file("v.json", VALUES) },
      /^m\.yaml:1:1: holds MeshConfig, not an injector's values; this file goes with --mesh-config .*, another with --values/,
    ],
    [
      "values and config in each other's place",
      { config: file("v.json", VALUES), values: file("c.yaml", CONFIG), meshConfig: file("m.yaml", MESH) },
      /^v\.json:1:1: holds an injector's values, not an injector's config; this file goes with --values/,
    ],
    [
      "the ConfigMaps in each other's place",
      { config: file("m.yaml", ISTIO), values: undefined, meshConfig: file("c.yaml", INJECTOR) },
      /^m\.yaml:1:1: ConfigMap istio-canary has no data\.config, .*; this file goes with --mesh-config/,
    ],
    [
      "values that are no map",
      { ...(FORMS["texts of their own"] as InjectorTexts), values: file("v.json", "[1]") },
      /^v\.json:1:1: holds no map/,
    ],
  ])("is refused: %s", (_, texts, message) => {
    let said = "";
    try {
      installedInjector(texts);
    } catch (error) {
      said = error instanceof SourceError ? error.describe() : (error as Error).message;
    }
    expect(said).toMatch(message);
  });
});

describe("a fault in one of the files names that file, and the line", () => {
  const texts: InjectorTexts = {
    config: file("c.yaml", CONFIG),
    values: file("v.json", VALUES),
    meshConfig: file("m.yaml", `${MESH}defaultConfig:\n  concurrency: many\n`),
  };

  test.each([{}, { istio: "1.28.6" }, { module: "1.26.7" }])("beside %j", (request) => {
    const installed = installedInjector(texts);
    let said = "";
    try {
      resolveTarget({ ...request, installed }, { namespaces: new Map(), nodes: new Map() });
    } catch (error) {
      said = error instanceof SourceError ? error.describe() : (error as Error).message;
    }
    expect(said).toMatch(/^m\.yaml:3:16: mesh\.defaultConfig\.concurrency: an integer/);
  });
});

describe("an injector in the input", () => {
  const facts = (...texts: string[]) => readCluster(texts.map((text, n) => readStream(`${n}.yaml`, text)));

  test("is that of both ConfigMaps, wherever they stand", () => {
    const { injectors } = facts(ISTIO, INJECTOR);
    expect(injectors).toMatchObject([{ revision: "canary", config: { name: expect.stringContaining("(1.yaml:1)") } }]);
    expect(facts(LIST).injectors).toHaveLength(1);
    expect(resolveTarget({}, facts(LIST)).revision).toBe("canary");
  });

  test("with half of them there is none, and the reader is told", () => {
    expect(() => resolveTarget({}, facts(INJECTOR))).toThrow(
      "the ConfigMap istio-sidecar-injector-canary (0.yaml:1) stands without istio-canary",
    );
  });

  test("a fault in data.config is shown where it stands", () => {
    const broken = INJECTOR.replace("templates:\n", "templates: [\n");
    expect(() => resolveTarget({}, facts(broken, ISTIO))).toThrow(SourceError);
    expect(() => resolveTarget({}, facts(broken, ISTIO))).toThrow(/data\.config: line \d+: /);
  });
});
