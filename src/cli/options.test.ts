import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { UNKNOWN_CLUSTER } from "../target/index.ts";
import { targetsOf } from "../transform/targets.ts";
import { loadCommonConfig, loadConfig, type TargetFlags } from "./options.ts";

const HEAD = "apiVersion: fn.native-sidecar.io/v1alpha1\nkind: NativeSidecar\nspec:\n";
const ONE = '  target: {istio: 1.26.8, profile: openshift, kubernetes: "1.32", revision: a}\n';
const SEVERAL = '  targets:\n  - {istio: 1.26.8, kubernetes: "1.32"}\n  - {module: 1.25.0}\n';

/** A directory whose configuration file holds this, if anything. */
function directory(spec: string | undefined): string {
  const made = mkdtempSync(join(tmpdir(), "options-"));
  // The file is looked for upwards: one that says nothing keeps those above out.
  writeFileSync(join(made, ".native-sidecar.yaml"), HEAD + (spec ?? "  {}\n"));
  return made;
}

async function targets(spec: string | undefined, flags: TargetFlags): Promise<unknown> {
  return (await loadConfig(flags, directory(spec))).targets;
}

describe("--target", () => {
  it("names each target; other flags hold for all, and a target's own words win", async () => {
    const flags = { target: ["istio=1.28.3,kubernetes=1.30", "module=1.25.0"], kubernetes: "1.33", revision: "x" };
    expect(await targets(undefined, flags)).toEqual([
      { istio: "1.28.3", kubernetes: "1.30", revision: "x" },
      { module: "1.25.0", kubernetes: "1.33", revision: "x" },
    ]);
    expect(await targets(undefined, { target: ["istio=1.28.3"], profile: "openshift" })).toEqual([
      { istio: "1.28.3", profile: "openshift" },
    ]);
  });

  it("takes from the file's only target what goes with any version", async () => {
    expect(await targets(ONE, { target: ["module=1.25.0", "kubernetes=1.33"] })).toEqual([
      { module: "1.25.0", kubernetes: "1.32", revision: "a" },
      { istio: "1.26.8", profile: "openshift", kubernetes: "1.33", revision: "a" },
    ]);
  });

  it("stands in place of several targets of the file", async () => {
    expect(await targets(SEVERAL, { target: ["istio=1.28.3"] })).toEqual([{ istio: "1.28.3" }]);
  });

  it.each([
    [
      { target: ["istio=1.28.3"], istio: "1.27.1" },
      "--istio beside --target: name it as one of them, --target istio=1.27.1",
    ],
    [
      { target: ["istio=1.28.3"], module: "1.25.0" },
      "--module beside --target: name it as one of them, --target module=1.25.0",
    ],
    [
      { target: ["1.28.3"] },
      '--target: "1.28.3" is no target; write it as istio=1.27.1 or module=1.25.0,kubernetes=1.33',
    ],
  ])("refuses %j", async (flags, message) => {
    await expect(targets(undefined, flags)).rejects.toThrow(message);
  });

  it("is named by what is wrong with it", async () => {
    const config = await loadConfig({ target: ["istio=1.28.3", "istio=9.9"] }, directory(undefined));
    expect(() => targetsOf(config, UNKNOWN_CLUSTER)).toThrow("--target istio=9.9: unknown Istio version 9.9");
    const common = await loadConfig({ target: ["istio=1.28.3", "istio=1.27"], kubernetes: "9" }, directory(undefined));
    expect(() => targetsOf(common, UNKNOWN_CLUSTER)).toThrow(/^"9" is no Kubernetes version/);
    const unnamed = await loadConfig({ target: ["istio=1.28.3", "kubernetes=1.33"] }, directory(undefined));
    expect(() => targetsOf(unnamed, UNKNOWN_CLUSTER)).toThrow("--target kubernetes=1.33: no target: give --istio");
  });

  it("is named by what all of them share and only one refuses", async () => {
    const flags: TargetFlags = { target: ["istio=1.28.3", "module=1.25.0"], profile: "openshift" };
    const profile = await loadConfig(flags, directory(undefined));
    expect(() => targetsOf(profile, UNKNOWN_CLUSTER)).toThrow('--target module=1.25.0: profile "openshift" is one of');
    const made = directory(undefined);
    const values = join(made, "values.yaml");
    writeFileSync(values, "global: {proxy: [1]}\n");
    const shared = await loadConfig({ target: ["istio=1.28.3", "istio=1.27"], values }, made);
    expect(() => targetsOf(shared, UNKNOWN_CLUSTER)).toThrow(/^--target istio=1\.28\.3: values\.global\.proxy: /);
    const inFile = "  target: {istio: 1.28.3, values: {global: {proxy: [1]}}}\n";
    const ofFile = await loadConfig({ target: ["istio=1.28.3", "istio=1.27"] }, directory(inFile));
    expect(() => targetsOf(ofFile, UNKNOWN_CLUSTER)).toThrow(
      /^spec\.target\.values\.global\.proxy: --target istio=1\.28\.3: /,
    );
  });
});

describe("flags over several targets of the file", () => {
  it("hold for each of them", async () => {
    expect(await targets(SEVERAL, { kubernetes: "1.33" })).toEqual([
      { istio: "1.26.8", kubernetes: "1.33" },
      { module: "1.25.0", kubernetes: "1.33" },
    ]);
  });

  it("name the target that refuses them", async () => {
    const several = await loadConfig({ profile: "openshift" }, directory(SEVERAL));
    expect(() => targetsOf(several, UNKNOWN_CLUSTER)).toThrow(/^spec\.targets\[1\]: profile "openshift"/);
    const made = directory(SEVERAL);
    const meshConfig = join(made, "mesh.yaml");
    writeFileSync(meshConfig, "trustDomain: [1]\n");
    const shared = await loadConfig({ meshConfig }, made);
    expect(() => targetsOf(shared, UNKNOWN_CLUSTER)).toThrow(/^spec\.targets\[0\]: meshConfig\.trustDomain: /);
  });

  it("stand for one target in their place where they name a version", async () => {
    expect(await targets(SEVERAL, { istio: "1.28.3" })).toEqual([{ istio: "1.28.3" }]);
  });

  it("are all that a command with targets of its own takes", async () => {
    const flagged = await loadCommonConfig({ kubernetes: "1.33" }, directory(SEVERAL));
    expect(flagged.config.targets).toEqual([{ kubernetes: "1.33" }]);
    expect(flagged.differing).toEqual([]);
    expect((await loadCommonConfig({}, directory(ONE))).config.targets).toMatchObject([{ istio: "1.26.8" }]);
  });

  it("leave to such a command what all targets of the file say alike", async () => {
    const two = (a: string, b: string) => `  targets:\n  - {istio: 1.26.8, ${a}}\n  - {module: 1.25.0, ${b}}\n`;
    const common = 'kubernetes: "1.32", values: {global: {hub: a}}';
    const same = await loadCommonConfig({}, directory(two(common, common)));
    expect(same.config.targets).toEqual([{ kubernetes: "1.32", values: { global: { hub: "a" } } }]);
    expect(same.differing).toEqual([]);
    const other = await loadCommonConfig({}, directory(two(`profile: openshift, ${common}`, 'kubernetes: "1.32"')));
    expect(other.config.targets).toEqual([{ kubernetes: "1.32" }]);
    expect(other.differing).toEqual(["values"]);
  });
});
