import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { SourceError } from "../source/failure.ts";
import type { Path } from "../source/tree.ts";
import { type Config, NO_CONFIG, readConfig, readConfigText } from "./config.ts";
import { findConfigFile } from "./find-config.ts";
import { CONFIG_MAP_SCHEMA, NATIVE_SIDECAR_SCHEMA } from "./schema.ts";

const RULES = ["quit-call", "wait-for-proxy", "exclude-outbound-ports"];
const OWN = "apiVersion: fn.native-sidecar.io/v1alpha1\nkind: NativeSidecar\n";
const MAP = "apiVersion: v1\nkind: ConfigMap\ndata:\n";

function read(text: string): Config {
  return readConfigText("c.yaml", text, RULES);
}

/** Data without functions and prototypes. */
function plain(config: Config): unknown {
  return JSON.parse(JSON.stringify(config));
}

function failure(text: string): string {
  try {
    read(text);
  } catch (error) {
    if (error instanceof SourceError) return error.describe();
    throw error;
  }
  return "accepted";
}

const FULL = {
  targets: [
    {
      module: "1.22",
      kubernetes: "1.30",
      compatibilityMode: true,
      profile: "kyma-light",
      nativeSidecars: "auto",
      revision: "1",
      values: { a: { b: null }, off: false },
      meshConfig: { m: [1, "1"] },
    },
  ],
  strip: { level: "off", rules: { "quit-call": "off", "exclude-outbound-ports": "review" } },
  optOut: { mode: "selected", selectors: [{ kinds: ["Job"], names: ["1.30"], labels: { app: "true" } }] },
  render: { mode: "preview" },
  podTemplates: [{ apiVersion: "example.com/v1", kind: "Worker", path: "spec.podTemplate" }],
};

describe("the own kind", () => {
  test("every field; strings are read as written", () => {
    const text = `${OWN}metadata: {name: x, annotations: {a: b}}
spec:
  target:
    module: 1.22
    kubernetes: 1.30
    compatibilityMode: true
    profile: kyma-light
    nativeSidecars: auto
    revision: 1
    values: {a: {b: null}, "off": off}
    meshConfig: {m: [1, "1"]}
  strip: {level: off, rules: {quit-call: off, exclude-outbound-ports: review}}
  optOut: {selectors: [{kinds: [Job], names: [1.30], labels: {app: true}}]}
  render: {mode: preview}
  podTemplates: [{apiVersion: example.com/v1, kind: Worker, path: spec.podTemplate}]
`;
    expect(plain(read(text))).toEqual(FULL);
  });

  test.each([OWN, `${OWN}spec:\n`, `${OWN}spec: {}\n`, `${OWN}spec: {target: {}, strip: null}\n`])(
    "bare: %j",
    (text) => {
      expect(plain(read(text))).toEqual(plain(NO_CONFIG));
    },
  );

  test("sections that hold nothing do what they are for", () => {
    const config = read(`${OWN}spec: {strip: {}, optOut: {}}\n`);
    expect(config.strip).toEqual({ level: "safe", rules: {} });
    expect(config.optOut).toEqual({ mode: "auto", selectors: [] });
  });

  test("several targets, through an anchor and a merge key", () => {
    const text = `${OWN}spec:\n  targets:\n  - &a {istio: 1.26.8, kubernetes: "1.33"}\n  - {<<: *a, istio: 1.28}\n`;
    const targets = [
      { istio: "1.26.8", kubernetes: "1.33" },
      { istio: "1.28", kubernetes: "1.33" },
    ];
    expect(plain(read(text))).toMatchObject({ targets });
  });

  test.each([
    ["true", true],
    ["'false'", "false"],
    ["auto", "auto"],
  ])("nativeSidecars: %s", (written, expected) => {
    expect(read(`${OWN}spec: {target: {istio: "1.27", nativeSidecars: ${written}}}`).targets[0]?.nativeSidecars).toBe(
      expected,
    );
  });
});

describe("the ConfigMap form", () => {
  test("every field", () => {
    const text = `${MAP}  module: '1.22'
  kubernetes: "1.30"
  compatibilityMode: 'true'
  profile: kyma-light
  nativeSidecars: auto
  revision: "1"
  values: '{"a": {"b": null}, "off": false}'
  meshConfig: |
    m: [1, "1"]
  strip: '{level: off, rules: {quit-call: off, exclude-outbound-ports: review}}'
  optOut: '{selectors: [{kinds: [Job], names: [1.30], labels: {app: true}}]}'
  render: preview
  podTemplates: '[{"apiVersion": "example.com/v1", "kind": "Worker", "path": "spec.podTemplate"}]'
`;
    expect(plain(read(text))).toEqual(FULL);
  });

  test.each([
    ["strip: safe", { strip: { level: "safe", rules: {} } }],
    ["strip: off", { strip: { level: "off", rules: {} } }],
    ["strip: 'review'", { strip: { level: "review", rules: {} } }],
    ["optOut: auto", { optOut: { mode: "auto", selectors: [] } }],
    ["render: inPlace", { render: { mode: "inPlace" } }],
    ["compatibilityMode: false", { targets: [{ compatibilityMode: false }] }],
    ["nativeSidecars: 'true'", { targets: [{ nativeSidecars: true }] }],
    ["istio: 1.30", { targets: [{ istio: "1.30" }] }],
    ["targets: '[{istio: 1.30}]'", { targets: [{ istio: "1.30" }] }],
    [
      "targets: istio=1.30 module=1.22,kubernetes=1.32",
      { targets: [{ istio: "1.30" }, { module: "1.22", kubernetes: "1.32" }] },
    ],
    ["istio: ''", { targets: [] }],
  ])("%s", (line, expected) => {
    expect(plain(read(`${MAP}  ${line}\n`))).toMatchObject(expected);
  });

  test.each(["apiVersion: v1\nkind: ConfigMap\n", `${MAP}`, `${MAP}  {}\n`])("bare: %j", (text) => {
    expect(plain(read(text))).toEqual(plain(NO_CONFIG));
  });
});

describe("refusals are one line with place, field and what was meant", () => {
  test.each([
    [`${OWN}spec:\n  strip:\n    levle: safe\n`, 'c.yaml:5:5: spec.strip: unknown field "levle"; did you mean level?'],
    [`${OWN}spec:\n  stripp: {}\n`, 'c.yaml:4:3: spec: unknown field "stripp"; did you mean strip?'],
    [`${OWN}specs: {}\n`, 'c.yaml:3:1: unknown field "specs"; did you mean spec?'],
    [
      `${OWN}spec: {zzz: 1}\n`,
      'c.yaml:3:8: spec: unknown field "zzz"; known are target, targets, strip, optOut, render, podTemplates',
    ],
    [
      `${OWN}spec:\n  strip: {level: saef}\n`,
      'c.yaml:4:18: spec.strip.level must be off, safe or review, not "saef"; did you mean safe?',
    ],
    [
      `${OWN}spec: {strip: {rules: {quit-calls: off}}}\n`,
      'c.yaml:3:24: spec.strip.rules: unknown rule "quit-calls"; did you mean quit-call?',
    ],
    [
      `${OWN}spec: {strip: {rules: {quit-call: maybe}}}\n`,
      'c.yaml:3:35: spec.strip.rules.quit-call must be off, safe or review, not "maybe"',
    ],
    [
      `${OWN}spec: {target: {module: "1", istio: "1"}}\n`,
      "c.yaml:3:16: spec.target holds both module and istio; give one of them",
    ],
    [
      `${OWN}spec: {target: {istio: "1"}, targets: [{istio: "1"}]}\n`,
      "c.yaml:3:7: spec holds both target and targets; give one of them",
    ],
    [`${OWN}spec: {targets: []}\n`, "c.yaml:3:17: spec.targets must not be empty"],
    [
      `${OWN}spec: {target: {compatibilityMode: "yes"}}\n`,
      'c.yaml:3:36: spec.target.compatibilityMode must be true or false, not "yes"',
    ],
    [`${OWN}spec: {target: 1.27}\n`, "c.yaml:3:16: spec.target must be a map, not 1.27"],
    [
      `${OWN}spec: {target: {nativeSidecars: sometimes}}\n`,
      'c.yaml:3:33: spec.target.nativeSidecars must be auto, true or false, not "sometimes"',
    ],
    [`${OWN}spec: {target: {istio: [1]}}\n`, "c.yaml:3:24: spec.target.istio must be a string, not a list"],
    [`${OWN}spec: {podTemplates: [{kind: A, apiVersion: b}]}\n`, "c.yaml:3:23: spec.podTemplates[0] lacks path"],
    [
      `${OWN}spec: {podTemplates: [{kind: A, apiVersion: b, path: "a..b"}]}\n`,
      'c.yaml:3:54: spec.podTemplates[0].path must look like spec.podTemplate, not "a..b"',
    ],
    [
      `${OWN}spec: {optOut: {mode: selected}}\n`,
      "c.yaml:3:16: spec.optOut selects workloads, but has no selectors; add some, or set the mode to auto",
    ],
    [`${OWN}spec: {optOut: {selectors: [{}]}}\n`, "c.yaml:3:29: spec.optOut.selectors[0] must not be empty"],
    [`${OWN}spec: {render: {}}\n`, "c.yaml:3:16: spec.render lacks mode"],
    [`${MAP}  modul: "1.22"\n`, 'c.yaml:4:3: data: unknown field "modul"; did you mean module?'],
    [
      `${MAP}  strip: saef\n`,
      'c.yaml:4:10: data.strip.level must be off, safe or review, not "saef"; did you mean safe?',
    ],
    [
      `${MAP}  strip: '{level: safe, rule: {}}'\n`,
      'c.yaml:4:10: data.strip: unknown field "rule"; did you mean rules?',
    ],
    [`${MAP}  strip: '{level: '\n`, "c.yaml:4:10: data.strip: "],
    [`${MAP}  targets: istio=1.30 1.31\n`, 'c.yaml:4:12: data.targets: "1.31" is no target; write it as'],
    [
      `${MAP}  istio: "1.30"\n  targets: istio=1.30\n`,
      "c.yaml:4:3: data holds both target and targets; give one of them",
    ],
    [`${MAP}  compatibilityMode: "yes"\n`, 'c.yaml:4:22: data.compatibilityMode must be true or false, not "yes"'],
    [`${MAP}  module: "1"\n  istio: "1"\n`, "c.yaml:4:3: data holds both module and istio; give one of them"],
    [`${MAP}  values: {a: 1}\n`, "c.yaml:4:11: data.values must be a string, not a map"],
    [`${MAP}  values: "1"\n`, "c.yaml:4:11: data.values must be a map, not 1"],
    [
      "kind: NativeSidecar\napiVersion: v1\n",
      "c.yaml:2:13: the config is a NativeSidecar (v1); a config is a NativeSidecar (fn.native-sidecar.io/v1alpha1) or a ConfigMap (v1)",
    ],
    ["kind: Sidecar\n", "c.yaml:1:7: the config is a Sidecar (no apiVersion); a config is a"],
    ["- a\n", "c.yaml:1:1: the config is no map; a config is"],
    ["# nothing\n", "c.yaml:1:1: the file is empty; a config is"],
    [`${OWN}---\n${OWN}`, "c.yaml:3:1: "],
  ])("%j", (text, message) => {
    expect(failure(text).slice(0, message.length)).toBe(message);
    expect(failure(text)).not.toContain("\n");
  });

  test("an alias bomb", () => {
    const levels = Array.from(
      { length: 24 },
      (_, i) => `  a${i}: &a${i} [${i === 0 ? "1" : `*a${i - 1}, *a${i - 1}`}]`,
    );
    expect(failure(`${OWN}metadata:\n${levels.join("\n")}\n`)).toContain("aliases unfold");
    expect(failure(`${MAP}  values: |\n    x:\n${levels.map((l) => `    ${l}`).join("\n")}\n`)).toContain(
      "data.values: aliases unfold",
    );
  });

  test.each(["__proto__", "constructor", "hasOwnProperty"])("the key %s", (key) => {
    expect(failure(`${OWN}spec: {${key}: {level: safe}}\n`)).toContain(`unknown field "${key}"`);
    expect(failure(`${MAP}  ${key}: safe\n`)).toContain(`unknown field "${key}"`);
    expect(failure(`${OWN}spec: {strip: {rules: {${key}: safe}}}\n`)).toContain(`unknown rule "${key}"`);
  });
});

test("an error of the target is shown where its field stands", () => {
  const place = (text: string, field: Path): string | undefined => {
    const error = read(text).errorAt(field, "unknown");
    return error instanceof SourceError ? error.describe() : error?.message;
  };
  const own = `${OWN}spec:\n  target:\n    module: 9.9.9\n`;
  expect(place(own, ["target", "module"])).toBe("c.yaml:5:13: spec.target.module: unknown");
  expect(place(own, ["target", "kubernetes"])).toBe("c.yaml:5:5: spec.target.kubernetes: unknown");
  expect(place(`${MAP}  module: 9.9.9\n`, ["target", "module"])).toBe("c.yaml:4:11: data.module: unknown");
  const several = `${OWN}spec:\n  targets:\n  - istio: 1.28.3\n  - module: 9.9.9\n`;
  expect(place(several, ["targets", 1, "module"])).toBe("c.yaml:6:13: spec.targets[1].module: unknown");
  expect(place(`${OWN}spec:\n  targets:\n  - module: 9.9.9\n`, ["target", "module"])).toBe(
    "c.yaml:5:13: spec.targets[0].module: unknown",
  );
  expect(place(`${MAP}  targets: istio=1.28.3 module=9.9.9\n`, ["targets", 1, "module"])).toBe(
    "c.yaml:4:12: data.targets[1].module: unknown",
  );
  expect(NO_CONFIG.errorAt(["target"], "unknown")).toBeUndefined();
});

test("no functionConfig at all", () => {
  expect(readConfig(undefined, { file: "", text: "" }, RULES)).toBe(NO_CONFIG);
});

test("the generated validators are those of the schemas", async () => {
  const root = new URL("../../", import.meta.url);
  const script = `import(${JSON.stringify(new URL("scripts/schema.mjs", root).href)}).then((m) => process.stdout.write(m.validatorCode()))`;
  const code = execFileSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" });
  expect(readFileSync(new URL("./validate.generated.mjs", import.meta.url), "utf8")).toBe(code);
});

test("the schemas describe every field, and their own examples pass", () => {
  const fields: [string, unknown][] = [];
  const walk = (schema: unknown, path: string): void => {
    if (typeof schema !== "object" || schema === null) return;
    for (const [key, value] of Object.entries(schema)) {
      if (key === "properties")
        for (const [name, field] of Object.entries(value)) fields.push([`${path}/${name}`, field]);
      walk(value, `${path}/${key}`);
    }
  };
  for (const schema of [NATIVE_SIDECAR_SCHEMA, CONFIG_MAP_SCHEMA]) {
    walk(schema, "");
    for (const example of schema.examples as unknown[]) expect(() => read(JSON.stringify(example))).not.toThrow();
  }
  const silent = fields.filter(([, field]) => !("description" in (field as object)) && !("$ref" in (field as object)));
  expect(silent).toEqual([]);
});

test("the examples in fn/ are accepted", () => {
  const directory = new URL("../../fn/examples/", import.meta.url);
  const files = readdirSync(directory).filter((name) => name.endsWith(".yaml"));
  expect(files.length).toBeGreaterThan(1);
  for (const name of files) expect(read(readFileSync(new URL(name, directory), "utf8")).targets).toHaveLength(1);
});

test("the configuration file is looked for upwards", async () => {
  const top = mkdtempSync(join(tmpdir(), "config-"));
  const deep = join(top, "a", "b");
  mkdirSync(deep, { recursive: true });
  expect(await findConfigFile(deep)).toBeUndefined();
  writeFileSync(join(top, ".native-sidecar.yaml"), OWN);
  expect(await findConfigFile(deep)).toBe(join(top, ".native-sidecar.yaml"));
  // What is no file is not passed over: reading it tells what is wrong.
  mkdirSync(join(top, "a", ".native-sidecar.yaml"));
  expect(await findConfigFile(deep)).toBe(join(top, "a", ".native-sidecar.yaml"));
  symlinkSync("nowhere", join(deep, ".native-sidecar.yaml"));
  expect(await findConfigFile(deep)).toBe(join(deep, ".native-sidecar.yaml"));
});
