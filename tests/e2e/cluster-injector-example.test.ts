// examples/cluster-injector: the outputs in its README are real ones, and what it renders is what stands in rendered/.
// UPDATE_GOLDENS=1 writes both.

import { spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { diffOfFiles, emptyDirectory, filesIn } from "./case-folder.ts";
import { BUNDLE, runProgram } from "./program.ts";

const EXAMPLE = fileURLToPath(new URL("../../examples/cluster-injector/", import.meta.url));
const README = join(EXAMPLE, "README.md");
const RENDER = ["render", "cluster", "manifests", "--kubernetes", "1.33", "--quiet", "--output", "rendered"];

/** A copy of the example without what was rendered. */
function workplace(): string {
  const directory = emptyDirectory();
  for (const name of ["cluster", "manifests"]) cpSync(join(EXAMPLE, name), join(directory, name), { recursive: true });
  return directory;
}

test("what is rendered is what is kept", () => {
  const directory = workplace();
  const { status, stderr } = runProgram(RENDER, directory);
  expect(status, stderr).toBe(0);
  const rendered = join(directory, "rendered/manifests");
  const kept = join(EXAMPLE, "rendered");
  if (process.env.UPDATE_GOLDENS) {
    rmSync(kept, { recursive: true, force: true });
    cpSync(rendered, kept, { recursive: true });
  }
  expect(diffOfFiles(filesIn(kept), filesIn(rendered))).toBe("");
});

test("templates, policy and annotations of the ConfigMap count", () => {
  const kept = (name: string) => readFileSync(join(EXAMPLE, "rendered", name), "utf8");
  const [orders = "", agent = ""] = kept("orders.yaml").split("---\n");
  const { metadata, spec } = parse(orders).spec.template;
  expect(metadata.labels).toMatchObject({ app: "orders", "spire.example.com/managed-identity": "true" });
  expect(metadata.annotations["mesh.example.com/injector"]).toBe("platform-team");
  expect(spec.volumes).toEqual([{ name: "spire-socket", csi: { driver: "csi.spiffe.io", readOnly: true } }]);
  expect(spec.initContainers).toHaveLength(1);
  expect(spec.initContainers[0].env).toContainEqual({ name: "SPIRE_SOCKET", value: "/run/spire/orders.sock" });
  // The alias that it asks for stands for the sidecar alone.
  expect(agent).toContain("istio-proxy");
  expect(agent).not.toContain("spire");
  expect(kept("import.yaml")).toBe(readFileSync(join(EXAMPLE, "manifests/import.yaml"), "utf8"));
});

test("the function takes them from its items", () => {
  const item = (name: string) => parse(readFileSync(join(EXAMPLE, name), "utf8"));
  const [orders] = readFileSync(join(EXAMPLE, "manifests/orders.yaml"), "utf8").split("---\n");
  const items = ["cluster/istio.yaml", "cluster/istio-sidecar-injector.yaml", "manifests/namespace.yaml"].map(item);
  const list = {
    apiVersion: "config.kubernetes.io/v1",
    kind: "ResourceList",
    functionConfig: {
      apiVersion: "fn.native-sidecar.io/v1alpha1",
      kind: "NativeSidecar",
      spec: { target: { kubernetes: "1.33" }, render: { mode: "inPlace" } },
    },
    items: [...items, parse(orders ?? "")],
  };
  const { status, stdout, stderr } = runProgram([], emptyDirectory(), JSON.stringify(list));
  expect(status, stderr).toBe(0);
  const [rendered] = readFileSync(join(EXAMPLE, "rendered/orders.yaml"), "utf8").split("---\n");
  expect(parse(stdout).items[3].spec.template).toEqual(parse(rendered ?? "").spec.template);
});

const BLOCKS = [...readFileSync(README, "utf8").matchAll(/^```console\n(\$ (.*)\n[\s\S]*?)^```$/gm)];

test.each(BLOCKS.map(([, text = "", command = ""]) => ({ text, command })))("$command", ({ text, command }) => {
  const bin = join(emptyDirectory(), "bin");
  mkdirSync(bin);
  copyFileSync(BUNDLE, join(bin, "native-sidecar"));
  chmodSync(join(bin, "native-sidecar"), 0o755);
  const env = { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH ?? ""}` };
  const options = { cwd: workplace(), env, encoding: "utf8" } as const;
  const { stdout } = spawnSync("bash", ["-c", `exec 2>&1; ${command}`], options);
  const updated = `$ ${command}\n${stdout}`;
  expect(stdout).not.toBe("");
  if (process.env.UPDATE_GOLDENS)
    writeFileSync(
      README,
      readFileSync(README, "utf8").replace(text, () => updated),
    );
  else expect(text).toBe(updated);
});
