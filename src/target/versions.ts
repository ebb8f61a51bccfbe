import { nativeSetting } from "./native-setting.ts";
import { istioReleases, moduleReleases } from "./releases.ts";
import { mapWith } from "./value-path.ts";

/** One known Istio release. */
export interface IstioRow {
  istio: string;
  /** Which sidecar it injects by default; "auto": native where every node runs Kubernetes 1.33. */
  nativeSidecars: "auto" | boolean;
}

/** One known release of Kyma's Istio module. */
export interface ModuleRow extends IstioRow {
  module: string;
  /** What compatibilityMode makes of it; undefined where it has no say. */
  withCompatibilityMode: "auto" | boolean | undefined;
}

/** All Istio and Kyma module releases known, ascending, with their defaults. */
export function versions(): { istio: IstioRow[]; modules: ModuleRow[] } {
  const values = mapWith(["pilot"], {});
  const istio = istioReleases().map((release) => {
    const sources = { istio: release, requested: undefined, values, module: undefined, compatibilityMode: false };
    return { istio: release, nativeSidecars: nativeSetting(sources).nativeSidecars };
  });
  const modules = moduleReleases().map((module) => {
    const setting = (compatibilityMode: boolean) =>
      nativeSetting({ istio: module.istio, requested: undefined, values, module, compatibilityMode }).nativeSidecars;
    const hasSay = module.compatibilityMode.nativeSidecars !== undefined;
    return {
      module: module.module,
      istio: module.istio,
      nativeSidecars: setting(false),
      withCompatibilityMode: hasSay ? setting(true) : undefined,
    };
  });
  return { istio, modules };
}
