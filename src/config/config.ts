import { isObject, type JsonObject } from "../json.ts";
import type { CustomPodTemplate } from "../kube/pod-template.ts";
import { SourceError, type UsageError } from "../source/failure.ts";
import { parseChunk } from "../source/parse.ts";
import { splitDocuments } from "../source/split.ts";
import { AliasBomb, entryOf, formatPath, type Node, type Path, resolve, textAt, toData } from "../source/tree.ts";
import type { TargetRequest } from "../target/target.ts";
import type { StripOptions } from "../transform/analyse.ts";
import type { OptOutOptions, OptOutSelector } from "../transform/opt-out.ts";
import { checkRuleNames, checkSelectors, explain } from "./config-error.ts";
import { readConfigMap } from "./config-map.ts";
import { type ConfigPlace, type ConfigSource, type FieldPlace, placeOf } from "./config-source.ts";
import { dataBySchema, NATIVE_SIDECAR_SCHEMA } from "./schema.ts";
import { validateNativeSidecar } from "./validate.generated.mjs";

export interface RenderOptions {
  /** undefined: the section is absent. Nothing is rendered, and copies of an earlier preview stay. */
  mode: "off" | "inPlace" | "preview" | undefined;
}

/** What to do, read from a functionConfig or a configuration file. */
export interface Config {
  /** [] where the input itself must tell the target. */
  targets: TargetRequest[];
  /** undefined: nothing is removed, findings are reported. */
  strip: StripOptions | undefined;
  optOut: OptOutOptions;
  render: RenderOptions;
  podTemplates: CustomPodTemplate[];
  /**
   * An error at a field of the config, as its author wrote it; undefined where the config does not exist.
   * @param field below `spec`: ["target", "module"], of several targets ["targets", 1, "module"]. Fields that are
   * absent stand for what would hold them.
   */
  errorAt(field: Path, message: string): SourceError | UsageError | undefined;
}

/** What a run without any config does: it reports. */
export const NO_CONFIG: Config = {
  targets: [],
  strip: undefined,
  optOut: { mode: "off", selectors: [] },
  render: { mode: undefined },
  podTemplates: [],
  errorAt: () => undefined,
};

const API_VERSION = "fn.native-sidecar.io/v1alpha1";
const KIND = "NativeSidecar";

/**
 * Reads a functionConfig of either form: the own kind, or a ConfigMap whose values hold the same words.
 * @param ruleNames names that `strip.rules` may hold.
 * @throws {SourceError} one line: the field's path, what it may be, and what was most likely meant.
 */
export function readConfig(node: Node | undefined, place: ConfigPlace, ruleNames: readonly string[]): Config {
  if (node === undefined || (node.kind === "scalar" && node.value === null)) return NO_CONFIG;
  refuseAliasBomb(node, place);
  const source = sourceOf(node, place);
  checkSelectors(source, place);
  checkRuleNames(source, place, ruleNames);
  return configOf(source, place);
}

/** Reads a configuration file. @throws {SourceError} also where the file is empty or holds several documents. */
export function readConfigText(file: string, text: string, ruleNames: readonly string[]): Config {
  const [first, second] = splitDocuments(text);
  if (second !== undefined)
    throw new SourceError(file, text, second.start, "a config is one document; remove the others");
  const root = first && parseChunk({ file, text, ...first });
  if (root === undefined) throw new SourceError(file, text, 0, `the file is empty; ${accepted()}`);
  return readConfig(root, { file, text }, ruleNames);
}

function refuseAliasBomb(node: Node, { file, text }: ConfigPlace): void {
  try {
    toData(node);
  } catch (error) {
    if (error instanceof AliasBomb) throw new SourceError(file, text, node.start, `${error.message}; mend the YAML`);
    throw error;
  }
}

function accepted(): string {
  return `a config is a ${KIND} (${API_VERSION}) or a ConfigMap (v1)`;
}

function sourceOf(node: Node, place: ConfigPlace): ConfigSource {
  const { file, text } = place;
  const root = resolve(node);
  if (root.kind !== "map") throw new SourceError(file, text, node.start, `the config is no map; ${accepted()}`);
  const apiVersion = textAt(root, ["apiVersion"]) ?? "";
  const kind = textAt(root, ["kind"]) ?? "";
  if (apiVersion === "v1" && kind === "ConfigMap") return readConfigMap(root, place);
  if (apiVersion === API_VERSION && kind === KIND) return readOwnKind(root, place);
  const wrong = kind === KIND ? entryOf(root, "apiVersion") : entryOf(root, "kind");
  const found = `${kind || "no kind"} (${apiVersion || "no apiVersion"})`;
  throw new SourceError(file, text, wrong?.value.start ?? root.start, `the config is a ${found}; ${accepted()}`);
}

function readOwnKind(root: Node, place: ConfigPlace): ConfigSource {
  const data = dataBySchema(root, NATIVE_SIDECAR_SCHEMA) as JsonObject;
  const locate = (path: Path): FieldPlace => placeOf(root, path);
  // What stands empty (`spec:`) says nothing, as in Kubernetes.
  const held = withoutNulls(data);
  if (!validateNativeSidecar(held)) throw explain(validateNativeSidecar, held, NATIVE_SIDECAR_SCHEMA, locate, place);
  const spec = isObject(held.spec) ? held.spec : {};
  return { spec, locate: (field) => locate(["spec", ...field]) };
}

/** Without the empty fields of the config's own levels; nulls inside of Helm values delete and stay. */
function withoutNulls(data: JsonObject): JsonObject {
  const held: JsonObject = Object.create(null);
  for (const [key, value] of Object.entries(data)) {
    if (value === null) continue;
    const isOpen = key === "values" || key === "meshConfig" || key === "metadata";
    held[key] = isObject(value) && !isOpen ? withoutNulls(value) : value;
  }
  return held;
}

function configOf(source: ConfigSource, { file, text }: ConfigPlace): Config {
  const { target, targets, strip, optOut, render, podTemplates } = source.spec;
  const isList = Array.isArray(targets);
  const requests = isList ? targets : isObject(target) && Object.keys(target).length > 0 ? [target] : [];
  // The only one of a list is spoken of like one that stands alone.
  const place = (field: Path): Path => (isList && field[0] === "target" ? ["targets", 0, ...field.slice(1)] : field);
  return {
    targets: requests.filter(isObject) as TargetRequest[],
    strip: isObject(strip) ? stripOptions(strip) : undefined,
    optOut: isObject(optOut) ? optOutOptions(optOut) : NO_CONFIG.optOut,
    render: isObject(render) ? { mode: render.mode as RenderOptions["mode"] } : NO_CONFIG.render,
    podTemplates: (Array.isArray(podTemplates) ? podTemplates : []) as unknown as CustomPodTemplate[],
    errorAt: (field, message) => {
      const { label, offset } = source.locate(place(field));
      return new SourceError(file, text, offset, `${formatPath(label)}: ${message}`);
    },
  };
}

function stripOptions(strip: JsonObject): StripOptions {
  return {
    level: (strip.level ?? "safe") as StripOptions["level"],
    rules: (strip.rules ?? Object.create(null)) as StripOptions["rules"],
  };
}

function optOutOptions(optOut: JsonObject): OptOutOptions {
  const selectors = (optOut.selectors ?? []) as unknown as OptOutSelector[];
  const mode = (optOut.mode ?? (selectors.length > 0 ? "selected" : "auto")) as OptOutOptions["mode"];
  return { mode, selectors };
}
