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
import type { InjectorConfig } from "./cluster/injector-config.ts";
import { kubernetesType, stringMap, structJson } from "./cluster/kubernetes-types.ts";
import { meshConfigValue, messageType } from "./cluster/message-types.ts";
import { type KnownBlocks, readYaml } from "./cluster/read-yaml.ts";
import { toYaml } from "./cluster/to-yaml.ts";
import { hasChange, parseRelease } from "./istio-release.ts";
import { InjectionError } from "./model.ts";
import { encodeMessage, proxyConfigJson } from "./proxy-config-json.ts";
import type { Template, TemplateData } from "./template-data.ts";
import { YamlError } from "./templates/go-yaml.ts";
import { otelResourceAttributes } from "./templates/otel.ts";
import { featuresOf } from "./templates/since.ts";
import { viewOf } from "./templates/view.ts";

/** The cluster's own injector: what its config says, and its templates ready to run. */
export interface ClusterInjector extends Omit<InjectorConfig, "templates"> {
  templates: ReadonlyMap<string, Template>;
}

/** Where templates come from, and for which release they are run. */
export interface TemplateSource {
  /** What errors call it: "ConfigMap istio-sidecar-injector (cluster.yaml:3)". */
  name: string;
  /** Release whose functions the templates call, e.g. "1.28.6". */
  istio: string;
}

/** Makes an injector of its config. A template that does not parse is an InjectionError where it is first run. */
export function clusterInjector(config: InjectorConfig, source: TemplateSource): ClusterInjector {
  return { ...config, templates: runnableTemplates(config.templates, source) };
}

/** Go templates by name, ready to run; they are parsed when they first run. */
export function runnableTemplates(
  texts: ReadonlyMap<string, string>,
  source: TemplateSource,
): ReadonlyMap<string, Template> {
  return new Map([...texts].map(([name, text]) => [name, lazyTemplate(name, text, source)]));
}

/** A Pod that is larger than this fits no cluster: etcd takes 1.5 MiB. */
const LIMITS = { steps: 2_000_000, depth: 200, output: 2 * 1024 * 1024 };
/** What an injector's Pods share: the settings, and the environment that its functions read. */
const CONSTANTS = [
  "Values",
  "MeshConfig",
  "Revision",
  "NativeSidecars",
  "InboundTrafficPolicyMode",
  "CompliancePolicy",
];
const OPTIONS = { limits: LIMITS, constantFields: CONSTANTS };

/** Tells runs apart whose constants differ; an injector's own never do. */
function constantsReader(): (data: TemplateData) => object {
  let last: TemplateData | undefined;
  let token = {};
  const fields = [
    "values",
    "meshConfig",
    "revision",
    "nativeSidecars",
    "inboundTrafficPolicyMode",
    "compliancePolicy",
  ] as const;
  return (data) => {
    if (last !== undefined && fields.some((field) => last?.[field] !== data[field])) token = {};
    last = data;
    return token;
  };
}

/** Waypoint and gateway deployment templates are in every config and run for no Pod: a template parses when it is first run. */
function lazyTemplate(name: string, text: string, source: TemplateSource): Template {
  const run: { environment: TemplateData | undefined } = { environment: undefined };
  const blocks: KnownBlocks = new Map();
  const constantsOf = constantsReader();
  let parsed: GoTemplate | undefined;
  return (data) => {
    run.environment = data;
    try {
      // The injector parses all its templates under this name.
      parsed ??= parseTemplate("inject", text, functionsOf(source, run), OPTIONS);
      const output = parseOutput(parsed.execute(templateData(data), undefined, constantsOf(data)), blocks);
      const problem = outputProblem(output);
      if (problem === undefined) return output;
      throw new InjectionError(
        `${source.name}: injection template ${JSON.stringify(name)} makes no Pod: ${problem}`,
        [],
      );
    } catch (error) {
      const where = `${source.name}: injection template ${JSON.stringify(name)}`;
      if (error instanceof TemplateError) throw new InjectionError(`${where}, ${problemOf(error)}`, []);
      if (error instanceof YamlError) throw new InjectionError(`${where} makes no YAML: ${error.message}`, []);
      throw error;
    }
  };
}

/** Go's message with its place in words; columns are counted from 1. */
function problemOf({ line, column, message }: TemplateError): string {
  const place = column === undefined ? `line ${line}` : `line ${line}, column ${column + 1}`;
  return `${place}: ${message.replace(/^template: inject(?::\d+){0,2}: /, "")}`;
}

function parseOutput(text: string, blocks: KnownBlocks): JsonObject {
  const output = readYaml(text, blocks);
  if (output === null) return {};
  if (isObject(output)) return output;
  throw new YamlError("no map");
}

function functionsOf({ istio }: TemplateSource, run: { environment: TemplateData | undefined }) {
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

function mapAt(map: JsonObject, key: string): JsonObject {
  const value = Object.hasOwn(map, key) ? map[key] : undefined;
  return isObject(value) ? value : {};
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
