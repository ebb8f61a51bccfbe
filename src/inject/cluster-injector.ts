import {
  FunctionError,
  GoInt,
  type GoMap,
  GoStruct,
  type GoTemplate,
  INT64,
  parseTemplate,
  SPRIG,
  STRING,
  type StructType,
  TemplateError,
  type Value,
} from "../go-template/index.ts";
import { injectorFunctions } from "../go-template/injector-functions.ts";
import { isObject, type Json, type JsonObject } from "../json.ts";
import { outputProblem } from "./cluster/check-output.ts";
import { kubernetesType, stringMap, structJson } from "./cluster/kubernetes-types.ts";
import { meshConfigValue, messageType } from "./cluster/message-types.ts";
import { readYaml } from "./cluster/read-yaml.ts";
import { toYaml } from "./cluster/to-yaml.ts";
import { hasChange, parseRelease } from "./istio-release.ts";
import { InjectionError } from "./model.ts";
import { encodeMessage, proxyConfigJson } from "./proxy-config-json.ts";
import type { Template, TemplateData } from "./template-data.ts";
import { parseGoYaml, YamlError } from "./templates/go-yaml.ts";
import { otelResourceAttributes } from "./templates/otel.ts";
import { featuresOf } from "./templates/since.ts";
import { viewOf } from "./templates/view.ts";

/** The injector's own config: `data.config` of the ConfigMap istio-sidecar-injector (pkg/kube/inject/inject.go, Config). */
export interface ClusterInjector {
  /** The templates by name, ready to run. */
  templates: ReadonlyMap<string, Template>;
  /** What a Pod gets that names no template; sidecar where the config names none. */
  defaultTemplates: string[];
  /** Names that stand for several templates. */
  aliases: ReadonlyMap<string, string[]>;
  policy: string;
  neverInjectSelector: Json[];
  alwaysInjectSelector: Json[];
  injectedAnnotations: [string, string][];
}

export interface ClusterInjectorSource {
  /** Text of `data.config`, or of istioctl's --injectConfigFile. */
  config: string;
  /** What errors call it: the ConfigMap or file. */
  name: string;
  /** Release whose functions the templates call, e.g. "1.28.6". */
  istio: string;
}

/**
 * Reads the cluster's own injector.
 * @throws InjectionError for a config that is no YAML, or a template that does not parse; it names config, template and line
 */
export function readClusterInjector(source: ClusterInjectorSource): ClusterInjector {
  const config = parseConfig(source);
  const raw = mapAt(config, "templates");
  const templates = new Map<string, Template>();
  for (const name of Object.keys(raw)) templates.set(name, lazyTemplate(name, String(raw[name] ?? ""), source));
  const aliases = mapAt(config, "aliases");
  const annotations = mapAt(config, "injectedAnnotations");
  const defaults = texts(config.defaultTemplates);
  return {
    templates,
    defaultTemplates: defaults.length > 0 ? defaults : ["sidecar"],
    aliases: new Map(Object.keys(aliases).map((name) => [name, texts(aliases[name])])),
    policy: typeof config.policy === "string" ? config.policy : "",
    neverInjectSelector: Array.isArray(config.neverInjectSelector) ? config.neverInjectSelector : [],
    alwaysInjectSelector: Array.isArray(config.alwaysInjectSelector) ? config.alwaysInjectSelector : [],
    injectedAnnotations: Object.keys(annotations).map((key) => [key, String(annotations[key] ?? "")]),
  };
}

function parseConfig({ config, name }: ClusterInjectorSource): JsonObject {
  try {
    const parsed = parseGoYaml(config);
    if (isObject(parsed)) return parsed;
  } catch (error) {
    if (!(error instanceof YamlError)) throw error;
    throw new InjectionError(`${name}: data.config is no YAML: ${error.message}`, []);
  }
  throw new InjectionError(`${name}: data.config is no injector config`, []);
}

function mapAt(map: JsonObject, key: string): JsonObject {
  const value = Object.hasOwn(map, key) ? map[key] : undefined;
  return isObject(value) ? value : {};
}

function texts(list: Json | undefined): string[] {
  return Array.isArray(list) ? list.map(String) : [];
}

/** Waypoint and gateway deployment templates are in every config and run for no Pod: a template parses when it is first run. */
function lazyTemplate(name: string, text: string, source: ClusterInjectorSource): Template {
  const run: { environment: TemplateData | undefined } = { environment: undefined };
  let parsed: GoTemplate | undefined;
  return (data) => {
    run.environment = data;
    try {
      // The injector parses all its templates under this name.
      parsed ??= parseTemplate("inject", text, functionsOf(source, run));
      const output = parseOutput(parsed.execute(templateData(data)));
      const problem = outputProblem(output);
      if (problem === undefined) return output;
      throw new InjectionError(
        `${source.name}: injection template ${JSON.stringify(name)} makes no Pod: ${problem}`,
        [],
      );
    } catch (error) {
      const where = `${source.name}: injection template ${JSON.stringify(name)}`;
      if (error instanceof TemplateError)
        throw new InjectionError(`${where}, line ${error.line}: ${error.message}`, []);
      if (error instanceof YamlError) throw new InjectionError(`${where} makes no YAML: ${error.message}`, []);
      throw error;
    }
  };
}

function parseOutput(text: string): JsonObject {
  const output = readYaml(text);
  if (output === null) return {};
  if (isObject(output)) return output;
  throw new YamlError("no map");
}

function functionsOf({ istio }: ClusterInjectorSource, run: { environment: TemplateData | undefined }) {
  const has = featuresOf(istio);
  const data = () => run.environment as TemplateData;
  const functions = injectorFunctions({
    toYaml,
    env: (name) => environmentOf(data(), name),
    protoJson: (message) => protoJson(message, istio),
    structJson,
    otelResourceAttributes: () => otelResourceAttributes(viewOf(data())),
    multusNamespaces: has("multusNamespace"),
    has: {
      mergeMaps: hasChange(parseRelease(istio), "1.21.0"),
      omitNil: has("resourcesOmitNil"),
      otelResourceAttributes: has("otelAttributes"),
    },
  });
  return new Map([...SPRIG, ...functions]);
}

/** istiod's environment, as far as the values and the target tell. */
function environmentOf(data: TemplateData, name: string): string | undefined {
  if (name === "ENABLE_NATIVE_SIDECARS") return String(data.nativeSidecars);
  const env = mapAt(mapAt(data.values, "pilot"), "env");
  const value = Object.hasOwn(env, name) ? env[name] : undefined;
  return value === undefined || value === null || isObject(value) ? undefined : String(value);
}

function protoJson({ struct, data }: GoStruct, istio: string): string {
  const name = struct.name.replace(/^meshconfig\./, "");
  if (name === "ProxyConfig") return proxyConfigJson(data as JsonObject, istio);
  if (name === "MeshConfig") throw new FunctionError("protoToJSON of the mesh config is not known to this render");
  return encodeMessage(name, data as JsonObject);
}

/** SidecarTemplateData (pkg/kube/inject/inject.go) of a TemplateData. */
function templateData(data: TemplateData): GoStruct {
  return new GoStruct(ROOT, data, true);
}

const names = (...fields: string[]): StructType => ({
  kind: "struct",
  name: "types.NamespacedName",
  fields: new Map(
    fields.map((name) => [
      name,
      { type: STRING, get: (data: Record<string, string>): Value => data[lower(name)] ?? "" },
    ]),
  ),
  methods: new Map(),
});
function lower(name: string): string {
  return name === "APIVersion" ? "apiVersion" : name.toLowerCase();
}
const NAMESPACED_NAME = names("Namespace", "Name");
const TYPE_META = names("Kind", "APIVersion");

type Root = [name: string, get: (data: TemplateData) => Value];
const ROOT_FIELDS: Root[] = [
  ["TypeMeta", ({ typeMeta }) => new GoStruct(TYPE_META, typeMeta)],
  ["DeploymentMeta", ({ deploymentMeta }) => new GoStruct(NAMESPACED_NAME, deploymentMeta)],
  ["ObjectMeta", ({ objectMeta }) => new GoStruct(kubernetesType("ObjectMeta"), objectMeta)],
  ["Spec", ({ spec }) => new GoStruct(kubernetesType("PodSpec"), spec)],
  ["ProxyConfig", ({ proxyConfig }) => new GoStruct(messageType("ProxyConfig"), proxyConfig, true)],
  ["MeshConfig", ({ meshConfig }) => meshConfigValue(meshConfig)],
  ["Values", ({ values }) => values as Value],
  ["Revision", ({ revision }) => revision],
  ["NativeSidecars", ({ nativeSidecars }) => nativeSidecars],
  ["ProxyImage", (data) => builtImage(data, "proxy")],
  ["ProxyInitImage", (data) => builtImage(data, "proxy_init")],
  ["ProxyUID", ({ proxyUID }) => new GoInt(INT64, BigInt(proxyUID))],
  ["ProxyGID", ({ proxyGID }) => new GoInt(INT64, BigInt(proxyGID))],
  ["InboundTrafficPolicyMode", ({ inboundTrafficPolicyMode }) => inboundTrafficPolicyMode],
  ["CompliancePolicy", ({ compliancePolicy }) => compliancePolicy],
];
const ROOT: StructType = {
  kind: "struct",
  name: "inject.SidecarTemplateData",
  fields: new Map(ROOT_FIELDS.map(([name, get]) => [name, { type: STRING, get }])),
  methods: new Map(),
};

/** hub/image:tag-type (pkg/kube/inject/inject.go, ProxyImage and, from 1.31, ProxyInitImage). */
function builtImage(data: TemplateData, container: "proxy" | "proxy_init"): string {
  const global = mapAt(data.values, "global");
  const text = (value: Json | undefined) => (value === undefined || value === null ? "" : String(value));
  const image = text(mapAt(global, container).image) || "proxyv2";
  const has = featuresOf(data.istio);
  const variant = has("imageVariant") ? text(global.variant) : "";
  const configured = isObject(data.proxyConfig.image) ? text(data.proxyConfig.image.imageType) : undefined;
  const chosen = has("proxyInitImage") ? (container === "proxy" && configured) || variant : (configured ?? variant);
  const annotations: GoMap = stringMap(data.objectMeta.annotations as Json | undefined);
  const key = "sidecar.istio.io/proxyImageType";
  const type = Object.hasOwn(annotations.entries, key) ? String(annotations.entries[key]) : chosen;
  const tag = text(global.tag);
  const bare = type === "" ? tag : tag.replace(/-(?:distroless|debug)$/, "");
  return `${text(global.hub)}/${image}:${bare}${type === "" || type === "default" ? "" : `-${type}`}`;
}
