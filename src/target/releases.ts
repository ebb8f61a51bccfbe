import type { JsonObject } from "../json.ts";
import { releasesJson } from "./data/releases.generated.ts";
import { applyPatch } from "./helm-merge.ts";
import { emptyMap } from "./value-path.ts";
import { compareVersions } from "./version.ts";

/** What istiod's ENABLE_NATIVE_SIDECARS is when a release or module leaves it alone or sets it. */
export type NativeSidecarsWord = "auto" | "true" | "false";

/** A release of Kyma's Istio module (kyma-project/istio). */
export interface ModuleRelease {
  module: string;
  /** The Istio version it installs. */
  istio: string;
  nativeSidecars: NativeSidecarsWord;
  /** What `compatibilityMode: true` in the Istio CR changes of what reaches a Pod. */
  compatibilityMode: { nativeSidecars?: NativeSidecarsWord; proxyMetadata?: Record<string, string> };
  /** By profile (`kyma`, `kyma-light`): index into `installs`. */
  installs: Record<string, number>;
}

/** Helm values without `global.tag`, and MeshConfig without what the chart makes of values. */
export interface Settings {
  values: JsonObject;
  meshConfig: JsonObject;
}

interface Tables {
  /** Known Istio releases, ascending. */
  istio: string[];
  /** Merge patches, ascending and cumulative. */
  defaults: ({ from: string } & Settings)[];
  profiles: { from: string; profiles: JsonObject }[];
  /** Merge patches, cumulative: what each Kyma install puts over its Istio's defaults. */
  installs: Partial<Settings>[];
  /** Known module releases, ascending. */
  modules: ModuleRelease[];
}

let tables: Tables | undefined;

/** The data, parsed at the first use: a check without a hit never pays for it. */
function load(): Tables {
  tables ??= JSON.parse(releasesJson) as Tables;
  return tables;
}

/** All Istio releases we have facts of, ascending. */
export function istioReleases(): readonly string[] {
  return load().istio;
}

/** All module releases we have facts of, ascending. */
export function moduleReleases(): readonly ModuleRelease[] {
  return load().modules;
}

/** What an Istio release of ours installs by default (profile `default`). */
export function istioDefaults(release: string): Settings {
  let settings: Settings = { values: emptyMap(), meshConfig: emptyMap() };
  for (const step of load().defaults) {
    if (compareVersions(step.from, release) > 0) break;
    settings = patched(settings, step);
  }
  return settings;
}

/** What a module installs in one of its sizes. */
export function kymaDefaults(release: ModuleRelease, profile: string): Settings {
  const last = release.installs[profile] ?? 0;
  let install: Settings = { values: emptyMap(), meshConfig: emptyMap() };
  for (const step of load().installs.slice(0, last + 1)) install = patched(install, step);
  return patched(istioDefaults(release.istio), install);
}

/**
 * Overlays of an Istio release by name, as Helm values (`meshConfig` inside): istioctl's profiles
 * (manifests/profiles) and the charts' own (files/profile-*.yaml).
 */
export function istioProfiles(release: string): { istioctl: JsonObject; chart: JsonObject } {
  let profiles = emptyMap();
  for (const step of load().profiles) {
    if (compareVersions(step.from, release) > 0) break;
    profiles = applyPatch(profiles, step.profiles);
  }
  return profiles as { istioctl: JsonObject; chart: JsonObject };
}

function patched(settings: Settings, patch: Partial<Settings>): Settings {
  return {
    values: applyPatch(settings.values, patch.values ?? {}),
    meshConfig: applyPatch(settings.meshConfig, patch.meshConfig ?? {}),
  };
}
