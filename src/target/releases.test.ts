import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import type { JsonObject } from "../json.ts";
import { releasesJson } from "./data/releases.generated.ts";
import { resolveTarget } from "./resolve-target.ts";
import { type TargetRequest, UNKNOWN_CLUSTER } from "./target.ts";
import { versions } from "./versions.ts";

/** Recorded installs beside the repository; not part of it. */
const recorded = fileURLToPath(new URL("../../../shared", import.meta.url));
const hasRecorded = existsSync(`${recorded}/kyma/modules.json`);
if (!hasRecorded) console.warn(`skipped: no recorded installs in ${recorded}`);

interface RecordedModule {
  module: string;
  istio: string;
  nativeSidecars: string;
  compatibilityMode: JsonObject;
  profiles: Record<string, { values: string; meshConfig: string }>;
}

describe.skipIf(!hasRecorded)("data = recorded installs", () => {
  it("holds the values and MeshConfig of every recorded Istio version", () => {
    const names = readdirSync(`${recorded}/istio-defaults`).filter((name) => name.endsWith(".values.json"));
    for (const istio of names.map((name) => name.replace(".values.json", ""))) {
      expectInstall({ istio }, `istio-defaults/${istio}.values.json`, `istio-defaults/${istio}.mesh.yaml`);
    }
    expect(names.length).toBeGreaterThan(0);
  });

  it("holds what every Kyma module installs, in both sizes", () => {
    const modules = JSON.parse(read("kyma/modules.json")) as RecordedModule[];
    for (const { module, istio, nativeSidecars, profiles } of modules) {
      for (const [profile, files] of Object.entries(profiles)) {
        expectInstall({ module, profile }, `kyma/${files.values}`, `kyma/${files.meshConfig}`);
        const target = resolveTarget({ module, profile }, UNKNOWN_CLUSTER);
        expect([target.istio, String(target.nativeSidecars)]).toEqual([istio, nativeSidecars]);
      }
    }
    expect(versions().modules.map(({ module }) => module)).toEqual(modules.map(({ module }) => module));
  });
});

it("stays small", () => {
  expect(releasesJson.length).toBeLessThan(60_000);
});

it("lists defaults as Kyma and Istio document them", () => {
  const { istio, modules } = versions();
  expect(istio.find((row) => row.istio === "1.26.8")).toEqual({ istio: "1.26.8", nativeSidecars: false });
  expect(istio.at(-1)).toEqual({ istio: "1.31.0-rc.0", nativeSidecars: "auto" });
  const row = (module: string) => modules.find((candidate) => candidate.module === module);
  expect(row("1.21.1")).toMatchObject({ istio: "1.27.1", nativeSidecars: false, withCompatibilityMode: undefined });
  expect(row("1.22.0")).toMatchObject({ istio: "1.27.1", nativeSidecars: "auto", withCompatibilityMode: false });
  expect(row("1.25.0")).toMatchObject({ istio: "1.28.2", nativeSidecars: "auto", withCompatibilityMode: undefined });
});

function expectInstall(request: TargetRequest, values: string, meshConfig: string): void {
  const target = resolveTarget(request, UNKNOWN_CLUSTER);
  const recorded = JSON.parse(read(values));
  // The webhook's own annotations are left out of renders and told about instead (see resolve-target.ts).
  const annotations = recorded.sidecarInjectorWebhook.injectedAnnotations ?? {};
  for (const key of Object.keys(annotations)) expect(target.renderNotes.join()).toContain(key);
  if (recorded.sidecarInjectorWebhook.injectedAnnotations) recorded.sidecarInjectorWebhook.injectedAnnotations = {};
  expect(plain(target.values), values).toEqual(recorded);
  expect(plain(target.meshConfig), meshConfig).toEqual(parse(read(meshConfig)));
}

function read(name: string): string {
  return readFileSync(`${recorded}/${name}`, "utf8");
}

function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}
