// Input that is made to break programs: refused in one line, or handed through as it is. Never a crash, a hang, a
// stack trace or another byte.

import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { emptyDirectory } from "./case-folder.ts";
import { BUNDLE, MODULE_1_22, type Run } from "./program.ts";

const CONTAINERS = "      containers:\n        - name: main\n          image: alpine\n";
const JOB = `apiVersion: batch/v1
kind: Job
metadata:
  name: hostile
spec:
  template:
    spec:
${CONTAINERS}          args: [quitquitquit, "1337"]
`;
/** A Job with something strange below `metadata.annotations`. */
const withExtra = (extra: string): string => JOB.replace("metadata:\n", `metadata:\n  annotations:\n${extra}`);

/** Every rule's prefilter passes, so that the text really is parsed. */
const bomb = (levels: number): string => {
  const rows = Array.from(
    { length: levels },
    (_, n) => `x${n + 1}: &x${n + 1} [${Array(10).fill(`*x${n}`).join(", ")}]`,
  );
  return `x0: &x0 [quitquitquit]\n${rows.join("\n")}\n${JOB}          env: *x${levels}\n`;
};
const deep = (open: string, close: string, levels: number): string =>
  `${JOB}          extra: ${open.repeat(levels)}1${close.repeat(levels)}\n`;
const deepBlock = (levels: number): string => {
  const lines = Array.from({ length: levels }, (_, n) => `${" ".repeat(n + 1)}k:`);
  return `extra:\n${lines.join("\n")} 1\n${JOB}`;
};

/** Merge keys that double with each level. */
const mergeBomb = (levels: number): string => {
  const rows = Array.from({ length: levels }, (_, n) => `m${n + 1}: &m${n + 1}\n  <<: [*m${n}, *m${n}]`);
  return `m0: &m0 {k: quitquitquit}\n${rows.join("\n")}\n${JOB}`;
};
/** Each list holds the one before. */
const chain = (levels: number): string => {
  const rows = Array.from({ length: levels }, (_, n) => `- &x${n + 1} [*x${n}]`);
  return `${JOB}extra:\n- &x0 quitquitquit\n${rows.join("\n")}\n`;
};

/** Handed through byte by byte by `fix`, with status 0. */
const KEPT: Record<string, string | Buffer> = {
  "a __proto__ key": withExtra("    __proto__: {inject: yes}\n"),
  "constructor and prototype keys": withExtra("    constructor: {prototype: {polluted: yes}}\n    toString: a\n"),
  "a __proto__ key beside the template": JOB.replace("  template:", "  __proto__: {template: {spec: {}}}\n  template:"),
  "mappings and lists as keys": withExtra("    ? {a: b}\n    : c\n    ? [d]\n    : e\n"),
  "keys that are no strings": withExtra("    1: a\n    true: b\n    ~: c\n    1.5: d\n"),
  directives: `%YAML 1.1\n%TAG ! tag:example.com,2000:\n---\n${JOB}`,
  "explicit tags": withExtra(
    "    a: !!str 1\n    b: !!binary aGk=\n    c: !<tag:example.com,2000:x> d\n    e: !x {f: g}\n",
  ),
  "content on the marker line": `--- {apiVersion: v1, kind: Pod, metadata: {name: quitquitquit}}\n--- # comment\n${JOB}`,
  "end markers": `${JOB}...\n# quitquitquit\n...\n---\n${JOB}...\n`,
  "a byte order mark": `\ufeff${JOB}`,
  "a byte order mark before a later document": `${JOB}---\n\ufeff${JOB}`,
  CRLF: JOB.replaceAll("\n", "\r\n"),
  "line breaks of three kinds": `${JOB}# a\r\n# b\n# \u0085 \u2028 \u2029\n`,
  "escaped lone surrogates": withExtra('    a: "\\ud800 quitquitquit \\udfff"\n'),
  "escaped NUL": withExtra('    a: "\\0 quitquitquit"\n'),
  "an alias bomb": bomb(12),
  "blanks at every end": JOB.replaceAll("\n", "   \n"),
  "a document of comments": "# quitquitquit\n# 15020\n",
  nothing: "",
  "null documents": "---\n---\n~\n---\nnull\n",
  "a scalar": "kind: quitquitquit\n--- quitquitquit kill\n",
  "a list": "- kind: Job\n- quitquitquit\n",
  "10,000 documents": `kind: Job\n# quitquitquit\n---\n`.repeat(10_000),
  "a line of a million characters": withExtra(`    a: ${"quitquitquit ".repeat(80_000)}\n`),
  "a scalar of 50 MB": withExtra(`    a: |\n${`      ${"x".repeat(99)}\n`.repeat(500_000)}`),
  "a quoted scalar of 50 MB": withExtra(`    a: "${"quitquitquit ".repeat(4_000_000)}"\n`),
  "a million items": `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: quitquitquit}\ndata: {a: "${"0,".repeat(1_000_000)}"}\n`,
};

/** Refused with one line. */
const REFUSED: Record<string, [text: string | Buffer, message: RegExp]> = {
  "lists 10,000 deep": [deep("[", "]", 10_000), /nested too deeply/],
  "maps 10,000 deep": [deep("{a: ", "}", 10_000), /nested too deeply/],
  "blocks 10,000 deep": [deepBlock(10_000), /nested too deeply/],
  "an unclosed list 10,000 deep": [deep("[", "", 10_000), /nested too deeply|mend the YAML/],
  "doubled keys": [`${JOB}spec: {}\n`, /unique|mend the YAML/],
  "doubled __proto__ keys": [withExtra("    __proto__: a\n    __proto__: b\n"), /unique|mend the YAML/],
  "tabs for indentation": [JOB.replace("  name: hostile", "\tname: hostile"), /[Tt]ab|mend the YAML/],
  "UTF-16, little endian": [Buffer.from(`\ufeff${JOB}`, "utf16le"), /UTF-16/],
  "UTF-16 without a mark": [Buffer.from(JOB, "utf16le"), /UTF-16/],
  "UTF-32": [Buffer.concat([Buffer.from([0xff, 0xfe, 0, 0]), Buffer.from(JOB)]), /UTF-16 or UTF-32/],
  "invalid UTF-8": [Buffer.from(JOB.replace("hostile", "\xff\xfe"), "latin1"), /not valid UTF-8/],
  "a surrogate in UTF-8": [Buffer.concat([Buffer.from(JOB), Buffer.from([0x23, 0xed, 0xa0, 0x80])]), /not valid UTF-8/],
  "an overlong slash": [Buffer.concat([Buffer.from(JOB), Buffer.from([0x23, 0xc0, 0xaf])]), /not valid UTF-8/],
  "lists 2,000 deep, unclosed": [deep("[", "", 2000), /nested too deeply/],
  "list items in list items on one line": [`${JOB}extra:\n  ${"- ".repeat(100_000)}a\n`, /nested too deeply/],
  "keys in keys on one line": [`${JOB}extra:\n  ${"? ".repeat(100_000)}a\n`, /nested too deeply/],
  "tags in list items on one line": [`${JOB}extra:\n  ${"- !!a ".repeat(100_000)}\n`, /mend the YAML/],
  "anchors in list items on one line": [`${JOB}extra:\n  ${"- &a ".repeat(100_000)}\n`, /mend the YAML/],
  "a merge bomb": [mergeBomb(30), /merge keys \(<<\) bring more than/],
  "merge keys 1,000 deep": [
    `${JOB}${Array.from({ length: 1000 }, (_, n) => `x${n}: &x${n} {<<: ${n === 0 ? "{}" : `*x${n - 1}`}, k${n}: 1}`).join("\n")}\n`,
    /nested too deeply/,
  ],
  "aliases 1,000 deep": [chain(1000), /nested too deeply/],
  "a lone CR behind a comment": [
    JOB.replace("image: alpine\n", "image: alpine # as ever\r"),
    /a carriage return without a line feed/,
  ],
  "a lone CR in a text": [withExtra("    a: |\n      b\rquitquitquit\n"), /a carriage return without a line feed/],
  "a lone CR at the end": [`${JOB.trimEnd()}\r`, /a carriage return without a line feed/],
  "an alias without anchor": [`${JOB}          env: *gone\n`, /[Aa]lias/],
  "an anchor inside of itself": [`${JOB}          env: &a [*a]\n`, /alias \*a stands inside its own anchor/],
  templates: [
    `${JOB}{{- if .Values.x }}\n          env: {{ .Values.env }}\n{{- end }}\n`,
    /render it \(helm template\) first/,
  ],
};

/** Those beside `fix`. */
const COMMANDS = [
  ["check", "-", "--fail-on", "never"],
  ["render", "-", "--quiet"],
] as const;

function runLimited(args: readonly string[], input: string | Buffer): Run {
  const { status, signal, stdout, stderr, error } = spawnSync(process.execPath, [BUNDLE, ...args], {
    cwd: emptyDirectory(),
    input,
    encoding: "utf8",
    maxBuffer: 2 ** 30,
    timeout: 120_000,
    // Only some aliases of a bomb need to be unfolded to fill the memory of any machine.
    env: { ...process.env, NODE_OPTIONS: "--max-old-space-size=1024" },
  });
  if (error !== undefined) throw error;
  expect(signal).toBeNull();
  expect([0, 1, 2]).toContain(status);
  expect(stderr).not.toMatch(/internal error|\n {4}at |native-sidecar\.mjs:\d/);
  if (status === 2) {
    expect(stdout).toBe("");
    expect(stderr).toMatch(/^native-sidecar: [^\n]{1,500}\n$/);
  }
  return { status, stdout, stderr };
}

describe.each(Object.entries(KEPT))("%s", (_, text) => {
  test("comes out of fix as it went in", () => {
    const { status, stdout, stderr } = runLimited(["fix", "-", "--quiet", ...MODULE_1_22], text);
    expect(status, stderr).toBe(0);
    expect(stdout === text.toString(), `${stdout.length} of ${text.length} characters`).toBe(true);
  });

  test("ends other commands well", () => {
    for (const command of COMMANDS) runLimited([...command, ...MODULE_1_22], text);
  });

  test("as an item of a ResourceList too", () => {
    const list = resourceList(text.toString());
    const { status, stdout } = runLimited([], list);
    if (status === 0) expect(stdout.startsWith(list.slice(0, list.indexOf("functionConfig:")))).toBe(true);
  });
});

describe.each(Object.entries(REFUSED))("%s", (_, [text, message]) => {
  test("is refused in one line", () => {
    const { status, stderr } = runLimited(["fix", "-", ...MODULE_1_22], text);
    expect(status, stderr).toBe(2);
    expect(stderr).toMatch(message);
  });

  test("ends other commands well", () => {
    for (const command of COMMANDS) runLimited([...command, ...MODULE_1_22], text);
    runLimited([], resourceList(text.toString()));
  });
});

test.each([
  ["a lone CR", `apiVersion: v1\rkind: Pod\rmetadata: {name: quitquitquit}\r`],
  ["NUL characters", `${JOB}# \0\0\0\n`],
  ["nothing but NUL", "\0".repeat(5000)],
  ["random bytes", Buffer.from(Array.from({ length: 5000 }, (_, n) => (n * 7919 + (n >> 3) * 104_729) % 256))],
])("%s: every command ends well, and fix changes nothing", (_, text) => {
  for (const command of COMMANDS) runLimited([...command, ...MODULE_1_22], text);
  const { status, stdout } = runLimited(["fix", "-", "--quiet", ...MODULE_1_22], text);
  if (status === 0) expect(stdout).toBe(text.toString());
});

describe("annotations that nest or multiply", () => {
  const annotated = (name: string, value: string): string =>
    `apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n  annotations:\n    ${name}: ${JSON.stringify(value)}\nspec:\n  containers:\n  - {name: a, image: b, args: [quitquitquit]}\n`;
  const bombs: Record<string, string> = {
    "unclosed lists": "[".repeat(2000),
    lists: "[".repeat(2000) + "]".repeat(2000),
    maps: `${'{"a":'.repeat(5000)}1${"}".repeat(5000)}`,
    "list items": "- ".repeat(50_000),
    keys: "? ".repeat(50_000),
    aliases: bomb(12),
    "merge keys": mergeBomb(30),
    "a merge key of no map": "<<: 1\n",
    "an alias of itself": "&a [*a]",
  };
  const ANNOTATIONS = [
    "proxy.istio.io/config",
    "sidecar.istio.io/userVolume",
    "sidecar.istio.io/userVolumeMount",
    "proxy.istio.io/overrides",
    "sidecar.istio.io/status",
    "istio.io/prometheus-merge-config",
    "k8s.v1.cni.cncf.io/networks",
    "sidecar.istio.io/proxyCPU",
  ];

  test.each(ANNOTATIONS)("%s: every command ends well", (name) => {
    for (const value of Object.values(bombs)) {
      const text = annotated(name, value);
      for (const command of [...COMMANDS, ["fix", "-"], ["fix", "-", "--opt-out", "auto"]])
        runLimited([...command, "--istio", "1.28.10", "--kubernetes", "1.33"], text);
      runLimited([], resourceList(text));
    }
  });

  test("the injector's own config", () => {
    for (const value of Object.values(bombs)) {
      for (const key of ["config", "values", "mesh"]) {
        const data = { config: "templates: {sidecar: 'spec: {}'}\n", values: "{}", mesh: "{}", [key]: value };
        const maps = [
          ["istio-sidecar-injector", { config: data.config, values: data.values }],
          ["istio", { mesh: data.mesh }],
        ].map(
          ([name, held]) =>
            `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\ndata: ${JSON.stringify(held)}\n`,
        );
        runLimited(["render", "-", "--kubernetes", "1.33"], [...maps, JOB].join("---\n"));
      }
      const config = JSON.stringify({ templates: { sidecar: value } });
      const maps = `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: istio-sidecar-injector}\ndata: {config: ${JSON.stringify(config)}, values: "{}"}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: istio}\ndata: {mesh: "{}"}\n`;
      runLimited(["render", "-", "--kubernetes", "1.33"], `${maps}---\n${JOB}`);
    }
  });
});

/** Everything that is parsed at all is parsed as an item. */
function resourceList(text: string): string {
  const item = text.replace(/^\ufeff/, "").replace(/^(?:%[^\n]*\n)*---[^\n]*\n/, "");
  return `apiVersion: config.kubernetes.io/v1
kind: ResourceList
items:
- ${item.trimEnd().replaceAll("\n", "\n  ")}
functionConfig:
  apiVersion: fn.native-sidecar.io/v1alpha1
  kind: NativeSidecar
  metadata: {name: x}
  spec: {target: {module: "1.22.0", kubernetes: "1.33"}, strip: {level: safe}}
`;
}

describe("a path in an annotation", () => {
  test.each(["../../../etc/passwd", "/etc/passwd", "..\\\\..\\\\x", "a/../../b.yaml", "\\u0000"])(
    "%s is told, never opened",
    (path) => {
      const directory = emptyDirectory();
      const annotations = `    config.kubernetes.io/path: "${path}"\n    internal.config.kubernetes.io/path: "${path}"\n`;
      const list = resourceList(withExtra(annotations));
      for (const mode of ["off", "preview", "inPlace"]) {
        const input = list.replace("strip: {level: safe}", `render: {mode: ${mode}}`);
        const { status, stdout, stderr } = spawnSync(process.execPath, [BUNDLE], {
          cwd: directory,
          input,
          encoding: "utf8",
        });
        expect(stderr).not.toMatch(/internal error|\n {4}at /);
        expect([0, 1, 2]).toContain(status);
        // Who writes the copies of a preview must not be led out of its directory either.
        for (const [, copy = ""] of stdout.matchAll(/path: ["']?(rendered\/[^"'\n]*)/g))
          expect(copy.split(/[/\\]/)).not.toContain("..");
      }
    },
  );
});

describe("what is quoted of the input cannot bury the message", () => {
  const long = "x".repeat(100_000);
  const config = (spec: string): string =>
    `apiVersion: fn.native-sidecar.io/v1alpha1\nkind: NativeSidecar\nspec: ${spec}\n`;
  const files: Readonly<Record<string, string>> = {
    "job.yaml": JOB,
    "field.yaml": config(`{${long}: 1}`),
    "word.yaml": config(`{strip: {level: ${long}}}`),
    "version.yaml": config(`{target: {istio: ${long}}}`),
    "values.yaml": `global: {${long}: 1, proxy: ${long}}\n`,
    "alias.yaml": `apiVersion: batch/v1\nkind: Job\nmetadata: {name: *${long}}\nspec: quitquitquit\n`,
    "port.yaml": `apiVersion: v1\nkind: Pod\nmetadata:\n  name: p\n  annotations: {traffic.sidecar.istio.io/excludeOutboundPorts: "${long}"}\nspec: {containers: [{name: a, image: b}]}\n`,
  };

  test.each([
    [[long]],
    [[`--${long}`]],
    [["check", "job.yaml", `--${long}`]],
    [["check", "job.yaml", "--format", long]],
    [["check", "job.yaml", "--istio", long]],
    [["check", "job.yaml", "--istio", `1.27.1 ${"no ".repeat(30_000)}`]],
    [["check", "job.yaml", "--module", "1.22.0", "--profile", long]],
    [["check", "job.yaml", "--target", long]],
    [["check", "job.yaml", "--config", "field.yaml"]],
    [["check", "job.yaml", "--config", "word.yaml"]],
    [["check", "job.yaml", "--config", "version.yaml"]],
    [["check", "job.yaml", "--istio", "1.28.3", "--values", "values.yaml"]],
    [["check", "alias.yaml", "--istio", "1.28.3"]],
    [["render", "port.yaml", "--istio", "1.28.3"]],
    [["explain", long]],
    [["check", long, "--istio", "1.28.3"]],
  ])("%#", (args) => {
    const directory = emptyDirectory();
    for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
    const { status, stdout, stderr } = spawnSync(process.execPath, [BUNDLE, ...args], {
      cwd: directory,
      input: "",
      encoding: "utf8",
    });
    expect(status).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).toMatch(/^native-sidecar: [^\n]+\n$/);
    expect(stderr.length).toBeLessThan(1500);
  });

  test("explain and notes", () => {
    const directory = emptyDirectory();
    const annotations = `{sidecar.istio.io/nativeSidecar: "${long}", native-sidecar.io/ignore: "${long}: x"}`;
    const pod = `apiVersion: v1\nkind: Pod\nmetadata: {name: "p\\e[2J", annotations: ${annotations}}\nspec: {containers: []}\n`;
    writeFileSync(join(directory, "pod.yaml"), pod);
    for (const command of [["explain", "--workload"], ["check"]]) {
      const { status, stdout, stderr } = spawnSync(
        process.execPath,
        [BUNDLE, ...command, "pod.yaml", "--istio", "1.28.3"],
        { cwd: directory, input: "", encoding: "utf8" },
      );
      expect(status, stderr).not.toBe(2);
      for (const line of `${stdout}${stderr}`.split("\n")) expect(line.length).toBeLessThan(1500);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
      expect(`${stdout}${stderr}`).not.toMatch(/\x1b/);
    }
  });
});
