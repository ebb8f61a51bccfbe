// The built-in render and the engine over a release's own templates judge each other: both have to make the same of
// every case. Where they differ, either a built-in template or the engine is wrong, or a release brought something new.

import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { InjectionError } from "../inject/model.ts";
import { SourceError } from "../source/failure.ts";
import { type ClusterFacts, type ResolvedTarget, resolveTarget, type TargetRequest } from "../target/index.ts";
import { istioReleases } from "../target/releases.ts";
import { readCluster } from "./cluster.ts";
import { installedInjector } from "./cluster-injector-source.ts";
import { type Input, readStream } from "./input.ts";
import { ISTIO_SOURCE, injectorConfigMaps } from "./istio-source.test-data.ts";
import { isRenderable, Renderer } from "./render.ts";
import { type Setting, workloadDocuments } from "./workload.ts";

if (ISTIO_SOURCE === undefined)
  console.warn("ISTIO_SOURCE names no checkout of istio/istio: the two ways to render are not held against each other");

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
/** Every own manifest that has workloads. */
const CASES = ["testdata/render", "testdata/cli", "testdata/diff", "testdata/function", "testdata/rules", "examples"];

/** ISTIO_RELEASES="1.32.0 1.32.1": releases to judge, or "all"; else the newest patch of every known minor. */
const RELEASES = releasesOf(process.env.ISTIO_RELEASES ?? "");

function releasesOf(words: string): readonly string[] {
  const known = istioReleases();
  if (words === "all") return known;
  const named = words.split(/[\s,]+/).filter((word) => word !== "");
  const minorOf = (release: string): string | undefined => release.split(".")[1];
  return named.length > 0 ? named : known.filter((release, n) => minorOf(release) !== minorOf(known[n + 1] ?? ""));
}

/** Settings of which each opens other branches of the templates. */
const SETTINGS: readonly [name: string, request: TargetRequest][] = [
  ["default", {}],
  ["regular", { nativeSidecars: false }],
  [
    "native, CNI",
    { nativeSidecars: true, values: { pilot: { cni: { enabled: true } }, istio_cni: { enabled: true } } },
  ],
  ["openshift", { profile: "openshift" }],
  [
    "multicluster, TPROXY",
    {
      values: { global: { network: "east", multiCluster: { clusterName: "one" }, proxy: { privileged: true } } },
      meshConfig: { defaultConfig: { interceptionMode: "TPROXY", holdApplicationUntilProxyStarts: true } },
    },
  ],
];

const inputs = ISTIO_SOURCE === undefined ? [] : CASES.flatMap(manifestsBelow);

function manifestsBelow(folder: string): Input[] {
  const names = (readdirSync(join(ROOT, folder), { recursive: true }) as string[]).sort();
  return names.flatMap((name) => {
    const path = join(ROOT, folder, name);
    const isManifest = /\.(ya?ml|json)$/.test(name) && statSync(path).isFile();
    const text = isManifest ? readFileSync(path, "utf8") : "";
    return /^\s*"?kind"?:/m.test(text) && text.includes("containers") ? [readStream(join(folder, name), text)] : [];
  });
}

/** The Pod templates of one input, or what the injector says to them. */
function rendered(input: Input, target: ResolvedTarget, cluster: ClusterFacts): Map<string, unknown> {
  const setting: Setting = { target, cluster, podTemplates: [] };
  const renderer = new Renderer(target, "pods");
  const pods = new Map<string, unknown>();
  for (const { workloads } of workloadDocuments(input, setting, () => true)) {
    for (const workload of workloads) {
      if (!workload.decision.injected || !isRenderable(workload)) continue;
      const { kind, name } = workload.pod.template.resource;
      pods.set(
        `${input.file} ${workload.key} ${kind} ${name}`,
        outcome(() => renderer.podTemplate(workload, setting)),
      );
    }
  }
  return pods;
}

/** Of refusals only that they are there: the two find the same fault by different words. */
function outcome(render: () => unknown): unknown {
  try {
    return render();
  } catch (error) {
    if (error instanceof SourceError || error instanceof InjectionError) return "refused";
    throw error;
  }
}

function compare(release: string, request: TargetRequest): number {
  const builtIn = resolveTarget({ ...request, istio: release }, { namespaces: new Map(), nodes: new Map() });
  const installed = installedInjector({
    config: { name: `istio-${release}.json`, text: injectorConfigMaps(builtIn) },
    values: undefined,
    meshConfig: undefined,
  });
  const { values: _values, meshConfig: _meshConfig, profile: _profile, ...rest } = request;
  const own = resolveTarget({ ...rest, istio: release, installed }, { namespaces: new Map(), nodes: new Map() });
  expect(own.injector?.name).toContain("istio-sidecar-injector");
  let count = 0;
  for (const input of inputs) {
    const cluster = outcome(() => readCluster([input]));
    if (cluster === "refused") continue;
    const expected = outcome(() => rendered(input, builtIn, cluster as ClusterFacts));
    const actual = outcome(() => rendered(input, own, cluster as ClusterFacts));
    if (expected instanceof Map) count += expected.size;
    expect(actual, `Istio ${release}`).toEqual(expected);
  }
  return count;
}

describe.skipIf(ISTIO_SOURCE === undefined)("the built-in templates make what the release's own make", () => {
  test.each(SETTINGS)("%s", { timeout: 3_600_000 }, (_, request) => {
    let count = 0;
    for (const release of RELEASES) count += compare(release, request);
    console.info(`${inputs.length} inputs, ${RELEASES.length} releases, ${count} Pods`);
    expect(count).toBeGreaterThan(0);
  });
});
