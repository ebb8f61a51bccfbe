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

/** A field of a protobuf message by its JSON name: snake_case is read as well. */
export function camelCase(name: string): string {
  return name.replace(/_([A-Za-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}
