import { isObject, type Json, type JsonObject, parseJsonText } from "../../json.ts";
import { type MeshFields, meshFields } from "../mesh-config.ts";
import { InjectionError } from "../model.ts";
import type { TemplateData } from "../template-data.ts";
import { goPrint, isTrue, templatePrint } from "./go-text.ts";
import { doubleQuoted, plain, singleQuoted } from "./scalars.ts";
import { featuresOf, type HasFeature } from "./since.ts";

/**
 * What a template sees, with the functions its text calls. `annotation`, `valueOrDefault` and the like are those of
 * pkg/kube/inject/template.go.
 */
export interface View {
  data: TemplateData;
  has: HasFeature;
  mesh: MeshFields;
  /** The Pod's containers other than an istio-proxy of its own, by name. */
  appContainers: string[];
  containers: JsonObject[];
}

export function viewOf(data: TemplateData): View {
  const containers = Array.isArray(data.spec.containers) ? data.spec.containers.filter(isObject) : [];
  const names = containers.map((container) => (typeof container.name === "string" ? container.name : ""));
  return {
    data,
    has: featuresOf(data.istio),
    mesh: meshFields(data.meshConfig),
    appContainers: names.filter((name) => name !== "istio-proxy"),
    containers,
  };
}

/** Values found in one target's Helm values, by path; templates ask for the same few dozen again and again. */
const found = new WeakMap<JsonObject, Map<string, Json | undefined>>();

/** A Helm value by its path, e.g. "global.proxy.image"; undefined where any part is missing. */
export function value(view: View, path: string): Json | undefined {
  const { values } = view.data;
  let known = found.get(values);
  if (known === undefined) {
    known = new Map();
    found.set(values, known);
  }
  if (known.has(path)) return known.get(path);
  const read = valueAt(values, path);
  known.set(path, read);
  return read;
}

function valueAt(values: JsonObject, path: string): Json | undefined {
  let current: Json | undefined = values;
  for (const key of path.split(".")) {
    if (!isObject(current) || !Object.hasOwn(current, key)) return undefined;
    current = current[key];
  }
  return current;
}

/** `if .Values.PATH`. */
export function enabled(view: View, path: string): boolean {
  return isTrue(value(view, path));
}

/** `{{ .Values.PATH }}`. */
export function printed(view: View, path: string): string {
  return templatePrint(value(view, path));
}

/** `eq .Values.PATH TEXT`: another kind of value ends the template. */
export function equals(view: View, path: string, expected: string | boolean): boolean {
  const actual = value(view, path);
  if (actual === undefined || actual === null) return false;
  if (typeof actual !== typeof expected) {
    throw new InjectionError(`values.${path} must be a ${typeof expected}, the injection template compares it`, []);
  }
  return actual === expected;
}

export function ownAnnotation(view: View, name: string): string | undefined {
  return own(view.data.objectMeta.annotations, name);
}

export function ownLabel(view: View, name: string): string | undefined {
  return own(view.data.objectMeta.labels, name);
}

function own(map: Record<string, string> | undefined, name: string): string | undefined {
  return map !== undefined && Object.hasOwn(map, name) ? map[name] : undefined;
}

/** The annotation's text, else the Helm value's. */
export function annotationOr(view: View, name: string, path: string): string {
  return ownAnnotation(view, name) ?? goPrint(value(view, path));
}

/** `valueOrDefault A B`: the first that is neither missing nor "". */
export function valueOrDefault(first: Json | undefined, second: Json | undefined): Json | undefined {
  return first === undefined || first === null || first === "" ? second : first;
}

/** REDIRECT, TPROXY or NONE: the annotation, else the ProxyConfig's. */
export function interceptionMode(view: View): string {
  return ownAnnotation(view, "sidecar.istio.io/interceptionMode") ?? proxyInterceptionMode(view);
}

export function proxyInterceptionMode(view: View): string {
  const mode = view.data.proxyConfig.interceptionMode;
  return mode === undefined ? "REDIRECT" : String(mode);
}

/** proxyMetadata in the order a template ranges over it. */
export function proxyMetadata(view: View): [name: string, value: string][] {
  const metadata = view.data.proxyConfig.proxyMetadata;
  if (!isObject(metadata)) return [];
  return Object.keys(metadata)
    .sort()
    .map((name) => [name, String(metadata[name])]);
}

/** Values.pilot.cni or, in older releases, Values.istio_cni. */
export function cniEnabled(view: View): boolean {
  const pilot = view.has("pilotCni") && enabled(view, "pilot.cni.enabled");
  return pilot || (!view.has("pilotCniOnly") && enabled(view, "istio_cni.enabled"));
}

/** An environment variable of istiod, as Helm's values.pilot.env sets it. */
export function pilotEnv(view: View, name: string, fallback: string): string {
  const set = value(view, `pilot.env.${name}`);
  const text = set === undefined || set === null ? "" : goPrint(set);
  return text === "" ? fallback : text;
}

/** A text a template puts between double quotes; `name` is the annotation, label or value it came from. */
export function quoted(view: View, text: string, name: string): string {
  return doubleQuoted(text) ?? refuse(view, text, name);
}

/** A text a template puts between single quotes. */
export function quotedSingle(view: View, text: string, name: string): string {
  return singleQuoted(text) ?? refuse(view, text, name);
}

/** A text that stands unquoted where Kubernetes expects a string; null where YAML reads nothing. */
export function unquoted(view: View, text: string, name: string): string | null {
  const read = plain(text);
  return typeof read === "string" || read === null ? read : refuse(view, text, name);
}

/** As `unquoted`, for a place that needs a text. */
export function unquotedText(view: View, text: string, name: string): string {
  return unquoted(view, text, name) ?? refuse(view, text, name);
}

/** A text that stands unquoted where Kubernetes expects a 32-bit integer. */
export function integer(view: View, text: string, name: string): number | null {
  const read = plain(text);
  const fits = typeof read === "number" && Number.isInteger(read) && Math.abs(read) < 2 ** 31;
  return read === null || fits ? read : refuse(view, text, name);
}

/** A Helm value that stands unquoted where Kubernetes expects a boolean. */
export function boolean(view: View, path: string): boolean | null {
  const text = printed(view, path);
  const read = plain(text);
  return read === null || typeof read === "boolean" ? read : refuse(view, text, `values.${path}`);
}

function refuse(view: View, text: string, name: string): never {
  const message = `${name}: ${JSON.stringify(text)} cannot be placed in the injection template`;
  throw new InjectionError(message, pathOf(view, name));
}

function pathOf(view: View, name: string): string[] {
  if (ownAnnotation(view, name) !== undefined) return ["metadata", "annotations", name];
  if (ownLabel(view, name) !== undefined) return ["metadata", "labels", name];
  return [];
}

/** JSON of the user's own, in an annotation; `undefined` where the annotation is not set. */
function jsonAnnotation(view: View, name: string): Json | undefined {
  const text = ownAnnotation(view, name);
  if (text === undefined) return undefined;
  try {
    return nullPrototypes(parseJsonText(text));
  } catch {
    throw new InjectionError(`invalid JSON in annotation ${name}`, ["metadata", "annotations", name]);
  }
}

/** Entries in the order a template ranges over a JSON map or list. */
export function jsonEntries(view: View, name: string): [key: string, entry: Json][] {
  const json = jsonAnnotation(view, name);
  if (json === undefined || json === null) return [];
  if (Array.isArray(json)) return json.map((entry, index) => [String(index), entry]);
  if (isObject(json)) {
    return Object.keys(json)
      .sort()
      .map((key) => [key, json[key] ?? null]);
  }
  throw new InjectionError(`annotation ${name} must hold a JSON object`, ["metadata", "annotations", name]);
}

function nullPrototypes(json: Json): Json {
  if (Array.isArray(json)) return json.map(nullPrototypes);
  if (!isObject(json)) return json;
  const object: JsonObject = Object.create(null);
  for (const [key, entry] of Object.entries(json)) object[key] = nullPrototypes(entry ?? null);
  return object;
}

/** A copy of a Helm value, which the Pod may then change. */
export function copied(json: Json): Json {
  return nullPrototypes(json);
}
