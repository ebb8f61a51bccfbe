import type { JsonObject } from "../json.ts";
import type { ModuleRelease, NativeSidecarsWord } from "./releases.ts";
import { TargetError } from "./target-error.ts";
import { valueAt } from "./value-path.ts";
import { isSince } from "./version.ts";

/** First minor whose istiod knows `auto` and defaults to it (pilot/pkg/features/pilot.go, 1.27). */
const AUTO_SINCE = 27;

export interface NativeSetting {
  nativeSidecars: "auto" | boolean;
  /** A clause for reasons: "Istio 1.28.10 defaults to auto". */
  from: string;
  note: string | undefined;
}

interface SettingSources {
  /** Version asked for. */
  istio: string;
  requested: boolean | string | undefined;
  /** Effective Helm values. */
  values: JsonObject;
  module: ModuleRelease | undefined;
  compatibilityMode: boolean;
}

/**
 * What ENABLE_NATIVE_SIDECARS comes to. The target's own word wins, then istiod's environment in the values
 * (compatibility profiles included), then the module with its compatibilityMode, then the version's default.
 * Throws TargetError for a word out of the set, and for `auto` where istiod has none.
 */
export function nativeSetting(sources: SettingSources): NativeSetting {
  const { istio, requested, values, module, compatibilityMode } = sources;
  if (requested !== undefined) return requestedSetting(istio, requested);
  const env = valueAt(values, "pilot", "env", "ENABLE_NATIVE_SIDECARS");
  if (env !== undefined && env !== null) return environmentSetting(istio, String(env));
  if (module) return moduleSetting(module, compatibilityMode);
  const setting = isSince(istio, AUTO_SINCE) ? "auto" : false;
  return { nativeSidecars: setting, from: `Istio ${istio} ${inWords(setting)} by default`, note: undefined };
}

function requestedSetting(istio: string, requested: boolean | string): NativeSetting {
  const word = String(requested);
  const field = ["target", "nativeSidecars"];
  if (word !== "auto" && word !== "true" && word !== "false") {
    throw new TargetError(`nativeSidecars is auto, true or false, not ${JSON.stringify(requested)}`, field);
  }
  if (word === "auto" && !isSince(istio, AUTO_SINCE)) {
    throw new TargetError(`nativeSidecars auto exists from Istio 1.27 on; for ${istio} say true or false`, field);
  }
  const setting = fromWord(word);
  return { nativeSidecars: setting, from: `the target says that Istio ${istio} ${inWords(setting)}`, note: undefined };
}

function environmentSetting(istio: string, word: string): NativeSetting {
  const knowsAuto = isSince(istio, AUTO_SINCE);
  const isKnown = word === "true" || word === "false" || (word === "auto" && knowsAuto);
  const setting = isKnown ? fromWord(word as NativeSidecarsWord) : false;
  const from = `ENABLE_NATIVE_SIDECARS=${word} in the values means that Istio ${istio} ${inWords(setting)}`;
  const note = `ENABLE_NATIVE_SIDECARS is ${JSON.stringify(word)} in the values, which Istio ${istio} reads as false`;
  return { nativeSidecars: setting, from, note: isKnown ? undefined : note };
}

function moduleSetting(release: ModuleRelease, compatibilityMode: boolean): NativeSetting {
  const inCompatibility = compatibilityMode ? release.compatibilityMode.nativeSidecars : undefined;
  const setting = fromWord(inCompatibility ?? release.nativeSidecars);
  const name = `Kyma's Istio module ${release.module} (Istio ${release.istio})`;
  const how = inCompatibility === undefined ? "by default" : "with compatibilityMode";
  return { nativeSidecars: setting, from: `${name} ${inWords(setting)} ${how}`, note: undefined };
}

function fromWord(word: NativeSidecarsWord): "auto" | boolean {
  return word === "auto" ? "auto" : word === "true";
}

function inWords(setting: "auto" | boolean): string {
  return setting === false ? "injects regular sidecars" : "injects native sidecars";
}
