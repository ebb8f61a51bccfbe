import { isObject, type JsonObject } from "../json.ts";
import { groupOf, type Resource, resourcesOf } from "../kube/resource.ts";
import { SourceError, UsageError } from "../source/failure.ts";
import { parseChunk } from "../source/parse.ts";
import { positionAt } from "../source/position.ts";
import { at, type Node, type ScalarNode, toData, toDataOf } from "../source/tree.ts";
import { type InjectorFacts, type InjectorText, type InputObject, settingNames } from "../target/index.ts";
import { readStream } from "./input.ts";

/** A file's name, as shown, and its text. */
export interface TextFile {
  name: string;
  text: string;
}

/** Files of one injector; what is undefined has to stand in the file of its config. */
export interface InjectorTexts {
  config: TextFile;
  values: TextFile | undefined;
  meshConfig: TextFile | undefined;
}

type Key = "config" | "values" | "mesh";

/** `data.config` of the ConfigMap istio-sidecar-injector; undefined where it has none. */
export function injectorText(resource: Resource): InjectorText | undefined {
  const node = at(resource.root, ["data", "config"]);
  if (node?.kind !== "scalar") return undefined;
  const { file, text, name, root } = resource;
  const errorAt: InjectorText["errorAt"] = (message) =>
    new SourceError(file, text, node.start, `ConfigMap ${name}: data.config: ${message}`);
  const { line } = positionAt(text, root.start);
  return { text: node.text, name: `ConfigMap ${name} (${file}:${line})`, errorAt };
}

/** A map in YAML or JSON that a ConfigMap holds as a text. @throws {SourceError} */
export function mapInText({ file, text, kind, name }: Resource, node: ScalarNode, field: string): JsonObject {
  try {
    const root = parseChunk({ file, text: node.text, start: 0, end: node.text.length });
    const data = root === undefined ? {} : toDataOf({ file, text: node.text }, root);
    if (isObject(data)) return data;
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
  }
  throw new SourceError(file, text, node.start, `${kind} ${name}: ${field} holds no map in YAML or JSON; mend it`);
}

/**
 * The injector of files as `istioctl kube-inject` takes them: its config, values and MeshConfig as they stand in the
 * ConfigMaps' `data`, or the ConfigMaps themselves.
 * @throws {SourceError} a text that is no YAML, or no map; {UsageError} where values or MeshConfig are nowhere.
 */
export function installedInjector({ config, values, meshConfig }: InjectorTexts): InjectorFacts {
  const injectorConfig = configIn(config);
  const settings = settingsIn(values ?? config, "values", values !== undefined);
  if (settings === undefined)
    throw new UsageError(missing(config.name, "values", "--values", "target.injector.values"));
  const mesh = settingsIn(meshConfig ?? config, "mesh", meshConfig !== undefined);
  if (mesh === undefined)
    throw new UsageError(missing(config.name, "MeshConfig", "--mesh-config", "target.injector.meshConfig"));
  const { revision } = settings.data;
  return {
    revision: typeof revision === "string" ? revision : "",
    values: settings,
    meshConfig: mesh,
    config: injectorConfig,
  };
}

function missing(file: string, what: string, flag: string, field: string): string {
  return `${file} holds an injector's config but no ${what}: give their file too (${flag}, ${field})`;
}

function configIn(file: TextFile): InjectorText {
  const { node, resource } = find(file, "config");
  if (resource !== undefined) {
    const held = injectorText(resource);
    if (held !== undefined) return held;
    const about = `${resource.kind} ${resource.name} has no data.config, the injector's config`;
    throw fault(file, resource.root.start, about + meantInstead(partOf(resource.root, "data"), "config"));
  }
  refuseOtherPart(file, node, "config");
  const errorAt: InjectorText["errorAt"] = (message) => fault(file, node?.start ?? 0, message);
  return { text: file.text.replace(/^\uFEFF/, ""), name: file.name, errorAt };
}

/** @param isOwn whether the file is named for it, and may hold it without a ConfigMap. */
function settingsIn(file: TextFile, key: "values" | "mesh", isOwn: boolean): InputObject | undefined {
  const { node, resource } = find(file, key);
  const held = resource && at(resource.root, ["data", key]);
  if (resource !== undefined && held?.kind === "scalar") {
    return objectOf(file, resource.name, mapInText(resource, held, `data.${key}`), held);
  }
  if (!isOwn) return undefined;
  if (resource !== undefined)
    throw fault(
      file,
      resource.root.start,
      `${resource.kind} ${resource.name} has no data.${key}${meantInstead(partOf(resource.root, "data"), key)}`,
    );
  refuseOtherPart(file, node, key);
  const data = node === undefined ? null : toDataOf({ file: file.name, text: file.text }, node);
  if (!isObject(data)) throw fault(file, node?.start ?? 0, "holds no map in YAML or JSON");
  return objectOf(file, "", data, node);
}

/** @param node what holds the data: the map itself, or the ConfigMap's text of it. */
function objectOf(file: TextFile, name: string, data: JsonObject, node: Node | undefined): InputObject {
  const start = node?.start ?? 0;
  const place = `${file.name}:${positionAt(file.text, start).line}`;
  // The first two steps, ["data", "mesh"], lead to the map.
  const errorAt: InputObject["errorAt"] = (field, message) => {
    const ways = field.slice(2).map((_, n) => field.slice(2, field.length - n));
    const found = ways.map((way) => at(node, way)).find((place) => place !== undefined);
    return fault(file, found?.start ?? start, message);
  };
  return { name, data, place, errorAt };
}

/** What each of the three files is called for. */
const FLAGS: Readonly<Record<Key, string>> = {
  config: "--inject-config (target.injector.config)",
  values: "--values (target.injector.values)",
  mesh: "--mesh-config (target.injector.meshConfig)",
};

const PARTS: Readonly<Record<Key, string>> = {
  config: "an injector's config",
  values: "an injector's values",
  mesh: "MeshConfig",
};

/** Fields of an injector's config that neither values nor MeshConfig have (pkg/kube/inject/inject.go, Config). */
const CONFIG_FIELDS = ["templates", "template", "defaultTemplates", "aliases", "policy"];

/** Files in each other's place read as settings that say nothing, and the render would be another install's. */
function refuseOtherPart(file: TextFile, node: Node | undefined, key: Key): void {
  const found = partOf(node, undefined);
  if (found.length === 0 || found.includes(key)) return;
  const [other = key] = found;
  throw fault(file, node?.start ?? 0, `holds ${PARTS[other]}, not ${PARTS[key]}${meantInstead([other], key)}`);
}

function meantInstead([found]: readonly Key[], key: Key): string {
  return found === undefined || found === key
    ? ""
    : `; this file goes with ${FLAGS[found]}, another with ${FLAGS[key]}`;
}

/**
 * What a map is by the names of its fields, the likeliest first; [] where it has none that tell.
 * @param below "data": a ConfigMap, whose keys name what they hold.
 */
function partOf(node: Node | undefined, below: "data" | undefined): Key[] {
  const keys: readonly Key[] = ["config", "values", "mesh"];
  if (below !== undefined) return keys.filter((key) => at(node, [below, key]) !== undefined);
  if (node === undefined || node.kind === "scalar") return [];
  const data = toData(node);
  const names = isObject(data) ? Object.keys(data) : [];
  const { values, meshConfig } = settingNames();
  const camel = (name: string) => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  const counts: Readonly<Record<Key, number>> = {
    config: names.filter((name) => CONFIG_FIELDS.includes(name)).length,
    values: names.filter((name) => Object.hasOwn(values, name)).length,
    mesh: names.filter((name) => meshConfig.includes(camel(name))).length,
  };
  return keys.filter((key) => counts[key] > 0).sort((a, b) => counts[b] - counts[a]);
}

/**
 * The ConfigMap of a file that holds a key, else its first resource, else the file's own root: the texts of ConfigMaps
 * name no kind.
 */
function find({ name, text }: TextFile, key: Key): { node: Node | undefined; resource: Resource | undefined } {
  let first: Resource | undefined;
  let root: Node | undefined;
  for (const chunk of readStream(name, text).chunks) {
    const node = parseChunk(chunk);
    root ??= node;
    for (const resource of resourcesOf({ file: name, text, document: chunk.index }, node)) {
      const isConfigMap = resource.kind === "ConfigMap" && groupOf(resource.apiVersion) === "";
      if (isConfigMap && at(resource.root, ["data", key]) !== undefined) return { node, resource };
      first ??= resource;
    }
  }
  return { node: root, resource: first };
}

function fault({ name, text }: TextFile, offset: number, message: string): SourceError {
  return new SourceError(name, text, offset, message);
}
