import { describe, expect, it } from "vitest";
import { createInjector } from "../inject/inject.ts";
import type { JsonObject } from "../json.ts";
import { decideSidecar } from "./effective-sidecar.ts";
import { releaseOfTag } from "./own-injector.ts";
import { withTemplateRunner } from "./own-templates.ts";
import { resolveTarget } from "./resolve-target.ts";
import type { ClusterFacts, InjectorFacts, InputObject, TargetRequest } from "./target.ts";

const CONFIG = `
policy: enabled
defaultTemplates: [mine]
aliases: {plain: [sidecar], both: [sidecar, mine]}
neverInjectSelector: [{matchLabels: {skip: "true"}}]
alwaysInjectSelector: [{matchLabels: {must: "true"}}]
injectedAnnotations: {by: us}
templates:
  sidecar: |
    spec:
      {{ if .NativeSidecars }}initContainers: [{name: istio-proxy, restartPolicy: Always}]
      {{ else }}containers: [{name: istio-proxy}]{{ end }}
  old: "spec: {containers: [{name: istio-proxy}]}"
  mine: "metadata: {labels: {mine: 'yes'}}"
`;

function object(data: JsonObject, place = "a.yaml:1"): InputObject {
  return { name: "istio-sidecar-injector", data, place, errorAt: (_, message) => new Error(message) };
}

function injector(tag: string | null, revision = "", config = CONFIG): InjectorFacts {
  const values = { revision, global: tag === null ? {} : { tag } };
  const name = `ConfigMap istio-sidecar-injector${revision && `-${revision}`} (a.yaml:1)`;
  const text = { text: config, name, errorAt: (message: string) => new Error(`config: ${message}`) };
  return { revision, values: object(values), meshConfig: object({ trustDomain: "own" }), config: text };
}

function cluster(...injectors: InjectorFacts[]): ClusterFacts {
  return { namespaces: new Map(), nodes: new Map(), injectors };
}

function resolved(request: TargetRequest, ...injectors: InjectorFacts[]) {
  return resolveTarget(request, cluster(...injectors));
}

function refusal(request: TargetRequest, facts: ClusterFacts): string {
  try {
    resolveTarget(request, facts);
  } catch (error) {
    return (error as Error).message;
  }
  return "";
}

describe("the injector of the input", () => {
  it("is the target where nothing else is said, with its values and MeshConfig alone", () => {
    const target = resolved({}, injector("1.28.6-distroless"));
    expect(target.istio).toBe("1.28.6");
    expect(target.injector?.name).toBe("ConfigMap istio-sidecar-injector (a.yaml:1)");
    expect({ ...target.meshConfig }).toEqual({ trustDomain: "own" });
    expect(target.notes.join()).toContain("its own templates make the Pods");
  });

  it("is chosen by revision, as the webhook does", () => {
    const two = [injector("1.27.1", "canary"), injector("1.28.6")];
    expect(resolved({}, ...two)).toMatchObject({ istio: "1.28.6", revision: "" });
    expect(resolved({}, ...two).notes.join()).toContain(
      "also holds the injector of revision canary: it makes the Pods that istio.io/rev gives to it; --revision",
    );
    expect(resolved({ revision: "default" }, ...two).notes.join()).toContain(
      "revision canary: its Pods are left alone",
    );
    expect(resolved({ revision: "canary" }, ...two)).toMatchObject({ istio: "1.27.1", revision: "canary" });
    expect(resolved({ revision: "default" }, ...two)).toMatchObject({ istio: "1.28.6", revision: "" });
    const named = [injector("1.27.1", "blue"), injector("1.28.6", "green")];
    expect(refusal({}, cluster(...named))).toMatch(/--revision blue(,| or) green/);
    expect(refusal({ revision: "red" }, cluster(injector("1.28.6", "blue")))).toContain("give --revision blue");
  });

  it("renders for a version of its own where that is its release, or its tag names none", () => {
    const own = (request: TargetRequest, tag: string | null) => resolved(request, injector(tag)).injector !== undefined;
    expect(own({ istio: "1.28.6" }, "1.28.6-distroless")).toBe(true);
    expect(own({ istio: "1.28.6" }, "stable")).toBe(true);
    expect(own({ istio: "1.28.6" }, null)).toBe(true);
    expect(own({ module: "1.26.7" }, "1.28.6-distroless")).toBe(true);
    expect(own({ istio: "1.28.6", profile: "openshift" }, "1.28.6")).toBe(false);
    expect(own({ istio: "1.28.5" }, "1.28.6")).toBe(false);
    expect(own({ module: "1.25.0" }, "1.28.6")).toBe(false);
    expect(resolved({ istio: "1.28.6" }, injector("1.28.6")).notes).toEqual([
      "the cluster's own injector is used, ConfigMap istio-sidecar-injector (a.yaml:1): it is of the target's release",
    ]);
    expect(resolved({ istio: "1.28.6" }, injector("stable")).notes.join()).toContain(
      `its image tag "stable" names no release, so it is taken for the target's`,
    );
    expect(resolved({ istio: "1.28.6" }, injector(null)).notes.join()).toContain("name no image tag (global.tag)");
    const [note, ...others] = resolved({ istio: "1.28.5" }, injector("1.28.6")).notes;
    expect(note).toMatch(/not used.* leave the version out, or name its release$/);
    expect(others).toEqual([]);
  });

  it("may be newer than everything that is known", () => {
    const target = resolved({}, injector("1.99.2"));
    expect(target).toMatchObject({ istio: "1.99.2", nativeSidecars: "auto" });
    expect(target.notes.join()).toContain("Istio 1.99.2 is not among the known releases");
    expect(resolved({ istio: "1.98" }, injector(null)).istio).toBe("1.98.0");
    expect(refusal({ istio: "1.98" }, cluster())).toContain("unknown Istio version");
  });

  it("needs a version from somewhere", () => {
    expect(refusal({}, cluster(injector(null)))).toContain("no global.tag");
    expect(refusal({}, cluster(injector("latest")))).toContain('"latest", no version; give one: --istio');
    expect(refusal({}, { ...cluster(), injectorParts: ["the ConfigMap istio (a.yaml:1) stands without x"] })).toContain(
      "stands without x",
    );
  });

  it.each([
    ["{{", "line 1: "],
    ["[1]", "is a map with templates"],
    ["templates: {}", "it has no templates"],
    ["templates: {a: [1]}", "templates.a is no text"],
    ["templates: {a: x}\naliases: {b: a}", "b is no list"],
  ])("is refused with its place where it is none: %s", (config, message) => {
    const error = refusal({}, cluster(injector("1.28.6", "", config)));
    expect(error).toContain("config: ");
    expect(error).toContain(message);
  });

  it("is read from files by who has them", () => {
    const installed = injector("1.28.6");
    const files = { config: "a.yaml" };
    expect(resolved({ injector: files, installed }, injector("1.27.1")).istio).toBe("1.28.6");
    expect(resolved({ istio: "1.27.1", installed }).istio).toBe("1.27.1");
    expect(resolved({ module: "1.25.0", installed })).toMatchObject({ istio: "1.28.2", module: "1.25.0" });
    expect(refusal({ injector: files }, cluster())).toContain("config.kubernetes.io/local-config");
  });
});

describe("what it decides", () => {
  const target = withTemplateRunner(resolved({ kubernetes: "1.33" }, injector("1.28.6")), createInjector);
  const decided = (labels: Record<string, string>, annotations: Record<string, string> = {}) =>
    decideSidecar(target, cluster(), {
      namespace: undefined,
      podLabels: labels,
      podAnnotations: annotations,
      podSpec: {},
    });
  const templates = (names: string) => decided({}, { "inject.istio.io/templates": names });

  it("follows its selectors and its policy, not the values'", () => {
    expect(decided({ skip: "true" }).reason).toContain("neverInjectSelector");
    const off = resolved({ kubernetes: "1.33" }, injector("1.28.6", "", CONFIG.replace("enabled", "disabled")));
    const seen = { namespace: undefined, podLabels: {}, podAnnotations: {}, podSpec: {} };
    expect(decideSidecar(off, cluster(), seen).reason).toBe("none: the injector's policy is disabled");
    expect(decideSidecar(off, cluster(), { ...seen, podLabels: { must: "true" } }).injected).toBe(true);
  });

  it("follows default templates and aliases", () => {
    expect(decided({})).toMatchObject({ sidecar: "none", injected: true, decidedBy: "template" });
    expect(decided({}).reason).toContain("the default template is mine, which adds no istio-proxy");
    expect(templates("plain")).toMatchObject({ sidecar: "native", decidedBy: "default" });
    expect(templates("both").sidecar).toBe("native");
    expect(templates("old")).toMatchObject({ sidecar: "regular", decidedBy: "template" });
  });

  it("refuses a Pod that asks for a template it does not have, whoever has the templates", () => {
    const missing = { injected: true, decidedBy: "refusal", flips: [] };
    expect(templates("sidecar,mien")).toMatchObject(missing);
    expect(templates("mien").reason).toBe(
      'unknown: the injector refuses it: ConfigMap istio-sidecar-injector (a.yaml:1) has no template "mien"',
    );
    const seen = {
      namespace: undefined,
      podLabels: {},
      podAnnotations: { "inject.istio.io/templates": "mine" },
      podSpec: {},
    };
    const stock = decideSidecar(resolved({ istio: "1.28.6", kubernetes: "1.33" }), cluster(), seen);
    expect(stock).toMatchObject({
      ...missing,
      undecided: expect.stringContaining('its injector has no template "mine"'),
    });
  });

  it("is not known where nobody runs its templates", () => {
    const alone = resolved({ kubernetes: "1.33" }, injector("1.28.6"));
    const seen = { namespace: undefined, podLabels: {}, podAnnotations: {}, podSpec: {} };
    expect(decideSidecar(alone, cluster(), seen).undecided).toContain("its templates cannot be run here");
  });
});

describe("a tag that names a minor alone", () => {
  it("means that minor", () => {
    const target = resolved({}, injector("1.28-platform.2"));
    expect(target.istio).toMatch(/^1\.28\.\d+$/);
    expect(target.notes.join()).toContain(`the image tag names Istio 1.28 without a patch: ${target.istio} is assumed`);
    expect(resolved({ istio: "1.28.3" }, injector("1.28")).injector).toBeDefined();
    expect(resolved({ istio: "1.27.3" }, injector("1.28")).injector).toBeUndefined();
  });
});

describe("files of another release than the target's", () => {
  const notes = (request: TargetRequest) => resolved({ ...request, installed: injector("1.28.10") }).notes.join();

  it.each([{ istio: "1.26.8" }, { istio: "1.28.1" }, { module: "1.25.0" }])("are told from it: %j", (request) => {
    expect(notes(request)).toMatch(
      /templates and images are those of the injector's files, of 1\.28\.10; .* follows the target's 1\./,
    );
  });

  it("are not where they are the same", () => {
    expect(notes({ istio: "1.28.10" })).not.toContain("follows the target's");
    expect(notes({ istio: "1.28" })).not.toContain("follows the target's");
  });
});

it("knows releases in the tags of vendors", () => {
  const tags = ["1.28.6", "v1.28.6-distroless", "1.24.3-asm.5", "1.27.1-tetrate-v2", "1.31.0-rc.0", "1.28", "latest"];
  expect(tags.map(releaseOfTag)).toEqual(["1.28.6", "1.28.6", "1.24.3", "1.27.1", "1.31.0-rc.0", "1.28", undefined]);
});
