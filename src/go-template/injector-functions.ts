import { sprint } from "./format.ts";
import { type FunctionMap, fn, type TemplateFunction } from "./functions.ts";
import { decodeJson, encodeJson } from "./go-json.ts";
import type { Budget } from "./limits.ts";
import { durationText } from "./sprig/dates.ts";
import { toLower } from "./sprig/letters.ts";
import { splitText } from "./sprig/strings.ts";
import { FunctionError } from "./template-error.ts";
import {
  ANY,
  entriesOf,
  entry,
  GoList,
  GoMap,
  GoStruct,
  isNil,
  itemsOf,
  newMap,
  STRING,
  STRING_MAP,
  type Type,
  type Value,
  type ValueMap,
} from "./values.ts";

/** What the injector's functions need beyond their arguments. The types are those that the template's data has. */
export interface InjectorEnvironment {
  /** sigs.k8s.io/yaml's Marshal. */
  toYaml(value: Value): string;
  /** istiod's environment, which `env` reads. */
  env(name: string): string | undefined;
  /** protoToJSON of a message: the JSON of a ProxyConfig leaves its defaults out. */
  protoJson(message: GoStruct): string;
  /** encoding/json's form of a struct, as structToJSON gives it. */
  structJson(value: GoStruct): string;
  /** otelResourceAttributes; the arguments are the mesh config, annotations, labels, namespace and containers. */
  otelResourceAttributes(
    mesh: Value,
    annotations: ValueMap,
    labels: ValueMap,
    namespace: string,
    containers: Value[],
  ): string;
  /** Whether the networks of Multus are compared with their namespace (1.23.6, 1.24.4 and from 1.25.1 on). */
  multusNamespaces: boolean;
  /** Whether mergeMaps (from 1.21), omitNil (1.28.6, from 1.29.1) and otelResourceAttributes (from 1.30) are there. */
  has: { mergeMaps: boolean; omitNil: boolean; otelResourceAttributes: boolean };
}

/** Types of the parameters that are no plain Go types: matched by their names. */
const named = (name: string): Type => ({ kind: "struct", name });
const OBJECT_META = named("v1.ObjectMeta");
const DURATION: Type = { kind: "ptr", name: "*durationpb.Duration" };
const MESH_CONFIG: Type = { kind: "ptr", name: "*meshconfig.MeshConfig" };
const CONTAINERS: Type = { kind: "slice", name: "[]v1.Container", elem: named("v1.Container") };
/** Go's proto.Message, which every pointer to a message is. */
const MESSAGE: Type = {
  kind: "interface",
  name: "protoreflect.ProtoMessage",
  accepts: ({ kind, name }) => kind === "ptr" && /^\*(meshconfig|v1alpha1|durationpb|wrapperspb)\./.test(name),
};

/**
 * The injector's own functions (pkg/kube/inject/template.go, 1.20.0 to 1.30.3), which take the place of sprig's of the same
 * name.
 */
export function injectorFunctions(environment: InjectorEnvironment): FunctionMap {
  const { has } = environment;
  const functions: [string, TemplateFunction][] = [
    ...MAP_FUNCTIONS,
    ...TEXT_FUNCTIONS,
    ...portFunctions(),
    ["annotation", { params: [OBJECT_META, STRING, ANY], run: annotation }],
    ["formatDuration", { params: [DURATION], run: ([duration]) => formatDuration(duration as GoStruct) }],
    ["structToJSON", fn("any", ([value], budget) => structToJson(value, environment, budget))],
    ["protoToJSON", { params: [MESSAGE], run: ([message]) => protoToJson(message, environment) }],
    ["toYaml", fn("any", ([value]) => environment.toYaml(value))],
    ["env", fn("string string", ([name, otherwise]) => environment.env(name as string) || otherwise)],
    [
      "appendMultusNetwork",
      fn("string string", ([existing, network]) =>
        appendMultusNetwork(existing as string, network as string, environment.multusNamespaces),
      ),
    ],
  ];
  if (has.mergeMaps) functions.push(["mergeMaps", fn("stringMap...", (maps) => mergeMaps(maps))]);
  if (has.omitNil) functions.push(["omitNil", fn("any", ([value], budget) => omitNil(value, budget, 0))]);
  if (has.otelResourceAttributes) functions.push(["otelResourceAttributes", otelFunction(environment)]);
  return new Map(functions);
}

const MAP_FUNCTIONS: [string, TemplateFunction][] = [
  ["isset", fn("stringMap string", ([map, key]) => Object.hasOwn(entriesIn(map), key as string))],
  ["toJSON", fn("stringMap", ([map], budget) => (isNil(map) ? "{}" : json(map, budget)))],
  ["toJsonMap", fn("stringMap...", (maps, budget) => json(mergeMaps(maps), budget))],
  ["fromJSON", fn("string", ([text]) => fromJson(text as string))],
  [
    "omit",
    fn("stringMap string...", ([map, ...keys]) =>
      stringMap(Object.entries(entriesIn(map)).filter(([key]) => !keys.includes(key))),
    ),
  ],
  [
    "strdict",
    fn("string...", (words) => {
      const pairs: [string, Value][] = [];
      for (let at = 0; at < words.length; at += 2) pairs.push([words[at] as string, words[at + 1] ?? ""]);
      return stringMap(pairs);
    }),
  ],
];

const TEXT_FUNCTIONS: [string, TemplateFunction][] = [
  [
    "excludeInboundPort",
    fn("any string", ([port, ports], budget) => excludeInboundPort(sprint([port], budget).trim(), ports as string)),
  ],
  ["valueOrDefault", fn("any any", ([value, otherwise]) => (value === "" || value === null ? otherwise : value))],
  [
    "indent",
    fn("int string", ([spaces, text], budget) =>
      indent(Number((spaces as { value: bigint }).value), text as string, budget),
    ),
  ],
  ["directory", fn("string", ([path]) => (path as string).slice(0, (path as string).lastIndexOf("/") + 1))],
  ["contains", fn("string string", ([part, text]) => (text as string).includes(part as string))],
  ["toLower", fn("string", ([text]) => toLower(text as string))],
  ["kubevirtInterfaces", fn("string", ([text]) => text)],
  ["excludeInterfaces", fn("string", ([text]) => text)],
];

function entriesIn(map: Value): ValueMap {
  return entriesOf(map) as ValueMap;
}

function stringMap(pairs: [string, Value][]): GoMap {
  const map = newMap();
  for (const [key, value] of pairs) map[key] = value;
  return new GoMap(STRING, map);
}

function json(value: Value, budget: Budget): string {
  return encodeJson(value, { escapeHtml: true }, budget);
}

/** What is no JSON gives the text `{}`. */
function fromJson(text: string): Value {
  try {
    const { value, error } = decodeJson(text);
    return error === undefined ? value : "{}";
  } catch (error) {
    if (error instanceof FunctionError) return "{}";
    throw error;
  }
}

function mergeMaps(maps: Value[]): Value {
  if (maps.length === 0) return new GoMap(STRING, newMap(), true);
  return stringMap(maps.flatMap((map) => Object.entries(entriesIn(map))));
}

function fieldOf(struct: GoStruct, name: string): Value {
  return struct.struct.fields.get(name)?.get(struct.data as never);
}

function annotation([meta, name, otherwise]: Value[], budget: Budget): Value {
  const annotations = entriesOf(fieldOf(meta as GoStruct, "Annotations")) ?? newMap();
  const value = entry(annotations, name as string);
  return value ?? sprint([otherwise], budget);
}

/** A port that is not among the ports, which are separated by commas, is added. */
function excludeInboundPort(port: string, ports: string): string {
  if (port === "" || port === "0") return ports;
  const listed = ports.split(",");
  if (listed.includes(port)) return ports;
  return [...listed.map((one) => one.trim()).filter((one) => one !== ""), port].join(",");
}

/** All lines but the first are indented, unlike with sprig's function. */
function indent(spaces: number, text: string, budget: Budget): string {
  const lines = splitText(text, "\n");
  // Go's %-Ns pads an empty text: nothing for 0, and to the right for negative numbers.
  const pad = " ".repeat(Math.min(Math.abs(spaces), 1_000_000));
  budget.text(text.length + lines.length * pad.length);
  return lines.join(`\n${pad}`);
}

function portFunctions(): [string, TemplateFunction][] {
  const ports = (containers: Value, wanted: (name: Value) => boolean): string => {
    const all = (itemsOf(containers) as GoStruct[]).filter((container) => wanted(fieldOf(container, "Name")));
    return all.flatMap(tcpPorts).join(",");
  };
  return [
    ["includeInboundPorts", { params: [CONTAINERS], run: ([containers]) => ports(containers, () => true) }],
    [
      "applicationPorts",
      { params: [CONTAINERS], run: ([containers]) => ports(containers, (name) => name !== "istio-proxy") },
    ],
  ];
}

function tcpPorts(container: GoStruct): string[] {
  const ports = (itemsOf(fieldOf(container, "Ports")) ?? []) as GoStruct[];
  return ports
    .filter((port) => !["UDP", "SCTP"].includes(String(textField(port, "Protocol"))))
    .map((port) => String((fieldOf(port, "ContainerPort") as { value: bigint }).value));
}

function textField(struct: GoStruct, name: string): Value {
  return fieldOf(struct, name);
}

function formatDuration(duration: GoStruct): string {
  if (duration.isNil) return "0s";
  const seconds = (fieldOf(duration, "Seconds") as { value: bigint }).value;
  const nanos = (fieldOf(duration, "Nanos") as { value: bigint }).value;
  return durationText(seconds * 1_000_000_000n + nanos);
}

function structToJson(value: Value, environment: InjectorEnvironment, budget: Budget): string {
  if (value === null) return "{}";
  return value instanceof GoStruct ? environment.structJson(value) : json(value, budget);
}

function protoToJson(message: Value, environment: InjectorEnvironment): string {
  return message === null || isNil(message) ? "{}" : environment.protoJson(message as GoStruct);
}

/** The networks of a Pod with one more, as JSON or as a list with commas, whichever the Pod has. */
function appendMultusNetwork(existing: string, network: string, namespaces: boolean): string {
  if (existing === "") return network;
  const close = existing.lastIndexOf("]");
  if (close < 0) {
    const listed = existing.split(",").some((one) => one.trim() === network);
    return listed ? existing : `${existing}, ${network}`;
  }
  const networks = jsonMaps(existing);
  if (networks === undefined) return existing;
  const slash = namespaces ? network.indexOf("/") : -1;
  const [namespace, name] = slash < 0 ? ["", network] : [network.slice(0, slash), network.slice(slash + 1)];
  const same = networks.some(
    (one) => entry(one, "name") === name && (!namespaces || (entry(one, "namespace") ?? "") === namespace),
  );
  if (same) return existing;
  const added = namespace === "" ? `{"name": "${name}"}` : `{"name": "${name}", "namespace": "${namespace}"}`;
  return `${existing.slice(0, close)}, ${added}${existing.slice(close)}`;
}

function jsonMaps(text: string): ValueMap[] | undefined {
  const items = itemsOf(fromJson(text));
  const maps = items?.map((item) => (item === null ? newMap() : entriesOf(item)));
  return maps?.every((map) => map !== undefined) === true ? (maps as ValueMap[]) : undefined;
}

/** Drops nil values from maps and lists, and those of the two that were left empty by it. */
function omitNil(value: Value, budget: Budget, depth: number): Value {
  budget.spend(1);
  budget.nesting(depth);
  if (value === null || value === undefined || !hasNil(value, budget, depth)) return value ?? null;
  const kept = (item: Value) => omitNil(item, budget, depth + 1);
  if (Array.isArray(value)) {
    const items = value.map(kept).filter((item) => item !== null);
    return items.length === 0 ? null : items;
  }
  const map = newMap();
  for (const [key, item] of Object.entries(entriesIn(value))) {
    const left = kept(item);
    if (left !== null) map[key] = left;
  }
  return Object.keys(map).length === 0 ? null : map;
}

/** Only []interface {} and map[string]interface {} are looked into. */
function hasNil(value: Value, budget: Budget, depth: number): boolean {
  budget.spend(1);
  budget.nesting(depth);
  if (value === null || value === undefined) return true;
  if (Array.isArray(value)) return value.some((item) => hasNil(item, budget, depth + 1));
  const plain = typeof value === "object" && !(value instanceof GoMap) && !(value instanceof GoList);
  const entries = plain ? entriesOf(value) : undefined;
  return entries !== undefined && Object.values(entries).some((item) => hasNil(item, budget, depth + 1));
}

function otelFunction({ otelResourceAttributes }: InjectorEnvironment): TemplateFunction {
  return {
    params: [MESH_CONFIG, STRING_MAP, STRING_MAP, STRING, CONTAINERS],
    run: ([mesh, annotations, labels, namespace, containers]) =>
      otelResourceAttributes(
        mesh,
        entriesIn(annotations),
        entriesIn(labels),
        namespace as string,
        itemsOf(containers) as Value[],
      ),
  };
}
