// What docs/several-targets.md says, held against the program.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { NATIVE_SIDECAR_SCHEMA, schemaAt } from "../../src/config/schema.ts";
import { RULE_NAMES } from "../../src/rules/index.ts";
import { emptyDirectory } from "./case-folder.ts";
import { runProgram } from "./program.ts";

const DOC = readFileSync(new URL("../../docs/several-targets.md", import.meta.url), "utf8");
const JOB = `apiVersion: batch/v1
kind: Job
metadata: {name: j, namespace: shop}
spec:
  template:
    spec:
      containers:
        - {name: j, image: x, command: ["sh", "-c", "work; curl -X POST localhost:15020/quitquitquit"]}
`;

function inWorkplace(files: Readonly<Record<string, string>>): (...args: string[]) => ReturnType<typeof runProgram> {
  const directory = emptyDirectory();
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
  return (...args) => runProgram(args, directory);
}

describe("docs/several-targets.md", () => {
  test("names what a target may hold, in words and in the configuration", () => {
    const bullet = /^- A TARGET is .*$/m.exec(DOC)?.[0] ?? "";
    const named = [...bullet.matchAll(/`(\w+)(?:=[\d.]+)?`/g)].map(([, name]) => name);
    const target = schemaAt(NATIVE_SIDECAR_SCHEMA, ["spec", "targets", 0]);
    expect(named.sort()).toEqual(Object.keys(target?.properties as object).sort());
  });

  test("names every rule once, but for the words about annotations", () => {
    const rows = [...DOC.matchAll(/^\| ([^|]+) \|/gm)].flatMap(([, rules = ""]) => rules.split(", "));
    const listed = rows.filter((word) => /^[a-z]+(?:-[a-z]+)+$/.test(word));
    expect([...listed].sort()).toEqual([...RULE_NAMES].sort());
  });

  test("shows a configuration, and its short form, that are taken for the same", () => {
    const own = /```yaml\n([\s\S]*?)```/.exec(DOC)?.[1] ?? "";
    const words = /`(targets: [^`]+)`/.exec(DOC)?.[1] ?? "";
    const map = `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata:\n  ${words}\n  strip: safe\n  optOut: auto\n`;
    const check = inWorkplace({ "job.yaml": JOB, "own.yaml": own, "map.yaml": map });
    const [first, second] = ["own.yaml", "map.yaml"].map((config) =>
      check("check", "job.yaml", "--config", config, "--format", "json"),
    );
    expect(first?.status, first?.stderr).toBe(1);
    expect(second).toEqual(first);
    const { targets, findings, summary } = JSON.parse(first?.stdout ?? "");
    expect(targets).toHaveLength(2);
    expect(findings).toMatchObject([{ rule: "quit-call", fix: "none", at: [1] }]);
    expect(summary.sidecars).toHaveLength(2);
  });

  test("a target's own injector counts for it alone", () => {
    const config = `apiVersion: fn.native-sidecar.io/v1alpha1
kind: NativeSidecar
spec:
  targets:
    - {kubernetes: "1.33", injector: {config: injector.yaml, values: values.json, meshConfig: mesh.yaml}}
    - {istio: "1.26.8", kubernetes: "1.33"}
`;
    const files = {
      "job.yaml": JOB,
      "injector.yaml":
        'policy: enabled\ntemplates:\n  sidecar: "spec: {initContainers: [{name: istio-proxy, restartPolicy: Always}]}"\n',
      "values.json": '{"global": {"tag": "1.28.6"}}',
      "mesh.yaml": "trustDomain: a\n",
      ".native-sidecar.yaml": config,
    };
    const { status, stdout, stderr } = inWorkplace(files)("check", "job.yaml", "--format", "json");
    expect(status, stderr).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      targets: [{ istio: "1.28.6" }, { istio: "1.26.8" }],
      findings: [{ at: [0] }],
    });
    const broken = { ...files, "mesh.yaml": "enableTracing: 'yes'\n" };
    expect(inWorkplace(broken)("check", "job.yaml").stderr).toMatch(
      /^native-sidecar: mesh\.yaml:1:16: mesh\.enableTracing/,
    );
  });

  test("an error says which target it is about", () => {
    const check = inWorkplace({ "job.yaml": JOB, "values.yaml": "global: {proxy: {clusterDomain: true}}\n" });
    const both = ["--target", "istio=1.26.8", "--target", "module=1.25.0"];
    const { stderr } = check("check", "job.yaml", ...both, "--profile", "openshift");
    expect(stderr).toMatch(/^native-sidecar: --target module=1\.25\.0: profile "openshift"/);
    expect(check("check", "job.yaml", ...both, "--values", "values.yaml").stderr).toMatch(
      /^native-sidecar: values\.yaml:1:33: --target istio=1\.26\.8: values\.global\.proxy\.clusterDomain: a string/,
    );
  });
});
