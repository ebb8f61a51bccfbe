import { isObject, type Json, type JsonObject } from "../../json.ts";

/**
 * The injector's own config, its templates still as text: `data.config` of the ConfigMap istio-sidecar-injector, or what
 * istioctl kube-inject takes as --injectConfigFile (pkg/kube/inject/inject.go, Config, 1.20 to 1.31).
 */
export interface InjectorConfig {
  /** Texts of the templates by name. */
  templates: ReadonlyMap<string, string>;
  /** What a Pod gets that names no template; sidecar where the config names none. */
  defaultTemplates: readonly string[];
  /** Names that stand for several templates; they are not looked up again in what they stand for. */
  aliases: ReadonlyMap<string, readonly string[]>;
  /** enabled, disabled, or a word istiod does not know. */
  policy: string;
  neverInjectSelector: readonly Json[];
  alwaysInjectSelector: readonly Json[];
  injectedAnnotations: readonly (readonly [key: string, value: string])[];
}

/** A config that istiod could not load either; the message is one line, without a place. */
export class InjectorConfigError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "InjectorConfigError";
  }
}

/** Reads `data.config`, parsed. @throws InjectorConfigError where a field is of the wrong kind, or nothing is there to run */
export function readInjectorConfig(config: JsonObject): InjectorConfig {
  const templates = stringsIn(config, "templates");
  const defaults = listIn(config, "defaultTemplates").map(String);
  const aliases = mapIn(config, "aliases");
  const annotations = stringsIn(config, "injectedAnnotations");
  if (templates.length === 0) throw new InjectorConfigError("it has no templates");
  return {
    templates: new Map(templates),
    defaultTemplates: defaults.length > 0 ? defaults : ["sidecar"],
    aliases: new Map(Object.keys(aliases).map((name) => [name, listIn(aliases, name).map(String)])),
    policy: typeof config.policy === "string" ? config.policy : "",
    neverInjectSelector: listIn(config, "neverInjectSelector"),
    alwaysInjectSelector: listIn(config, "alwaysInjectSelector"),
    injectedAnnotations: annotations,
  };
}

/**
 * The templates that run for a Pod, in order (pkg/kube/inject/inject.go, selectTemplates and resolveAliases).
 * @param asked the annotation inject.istio.io/templates, where the Pod has it.
 */
export function templateNames(
  { defaultTemplates, aliases }: Pick<InjectorConfig, "defaultTemplates" | "aliases">,
  asked: string | undefined,
): string[] {
  const names = asked === undefined ? defaultTemplates : asked.split(",").map((name) => name.trim());
  return names.flatMap((name) => aliases.get(name) ?? [name]);
}

function fieldOf(map: JsonObject, key: string): Json {
  return (Object.hasOwn(map, key) ? map[key] : undefined) ?? null;
}

function mapIn(map: JsonObject, key: string): JsonObject {
  const value = fieldOf(map, key);
  if (value === null) return {};
  if (isObject(value)) return value;
  throw new InjectorConfigError(`${key} is no map`);
}

function listIn(map: JsonObject, key: string): Json[] {
  const value = fieldOf(map, key);
  if (value === null) return [];
  if (Array.isArray(value)) return value;
  throw new InjectorConfigError(`${key} is no list`);
}

/** A map of strings, as encoding/json wants it. */
function stringsIn(config: JsonObject, key: string): [string, string][] {
  const map = mapIn(config, key);
  return Object.keys(map).map((name) => {
    const value = map[name] ?? "";
    if (typeof value === "string") return [name, value];
    throw new InjectorConfigError(`${key}.${name} is no text`);
  });
}
