import { settingNamesJson } from "./data/setting-names.generated.ts";

/** Known names below a name; 0: anything may stand below, or nothing. */
export type Names = 0 | { [name: string]: Names };

export interface SettingNames {
  values: Exclude<Names, 0>;
  meshConfig: string[];
}

let names: SettingNames | undefined;

/** Names of the settings that any known Istio release has, parsed where a target sets something. */
export function settingNames(): SettingNames {
  names ??= JSON.parse(settingNamesJson) as SettingNames;
  return names;
}
