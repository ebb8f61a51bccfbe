import { isObject, type JsonObject } from "../json.ts";
import { stringMapAt } from "../kube/labels.ts";
import { WORKLOAD_KINDS, workloadKindOf } from "../kube/pod-template.ts";
import { groupOf, type Resource, resourcesOf } from "../kube/resource.ts";
import { isSameData } from "../source/equal.ts";
import { SourceError } from "../source/failure.ts";
import { parseChunk } from "../source/parse.ts";
import { positionAt } from "../source/position.ts";
import { at, textAt, toDataOf } from "../source/tree.ts";
import {
  type ClusterFacts,
  type InjectorText,
  type InputObject,
  type NamespaceFacts,
  type ProxyConfigFacts,
  sailRevisionTags,
} from "../target/index.ts";
import { injectorText, mapInText } from "./cluster-injector-source.ts";
import { peekNamespace } from "./document-namespace.ts";
import type { DocumentChunk, Input } from "./input.ts";

/** Kinds whose objects tell about the cluster. */
const CLUSTER_KINDS: readonly string[] = [
  "Namespace",
  "Node",
  "Istio",
  "IstioRevisionTag",
  "IstioOperator",
  "ProxyConfig",
];
/** What the ConfigMaps of an installed istiod hold, whatever their revision. */
const CONFIG_MAP_WORDS = ["istio-sidecar-injector", "discoveryAddress", "mesh:", '"mesh":'];

/** Words of which a file must hold one to tell anything about the cluster, or about the namespaces in use. */
export const CLUSTER_WORDS: readonly string[] = [...CLUSTER_KINDS, ...CONFIG_MAP_WORDS, ...WORKLOAD_KINDS];

/** Gathers what objects tell about the cluster, input by input; of texts only those stay that settle the target. */
export interface ClusterReader {
  /**
   * Whether the input told anything but which namespaces workloads are in.
   * @throws {SourceError} malformed YAML in a document that may tell something.
   */
  read(input: Input): boolean;
  facts(): ClusterFacts;
}

/** What the inputs' own objects tell about the cluster. @throws {SourceError} as a ClusterReader. */
export function readCluster(inputs: Iterable<Input>): ClusterFacts {
  const reader = clusterReader();
  for (const input of inputs) reader.read(input);
  return reader.facts();
}

/** An object that may settle the target. */
interface Candidate extends InputObject {
  file: string;
  namespace: string | undefined;
}

/** ConfigMaps of one revision: `values` of istio-sidecar-injector and `mesh` of istio, each that says something else. */
interface InjectorMaps {
  values: (Candidate & { config: InjectorText | undefined })[];
  meshConfig: Candidate[];
}

interface Gathered {
  namespaces: Map<string, NamespaceFacts>;
  nodes: Map<string, { kubeletVersion: string }>;
  usedNamespaces: Set<string>;
  proxyConfigs: ProxyConfigFacts[];
  kymaIstio: Candidate[];
  sailIstio: Candidate[];
  revisionTags: Candidate[];
  istioOperator: Candidate[];
  /** By revision, "" for none. */
  injector: Map<string, InjectorMaps>;
}

export function clusterReader(): ClusterReader {
  const gathered: Gathered = {
    namespaces: new Map(),
    nodes: new Map(),
    usedNamespaces: new Set(),
    proxyConfigs: [],
    kymaIstio: [],
    sailIstio: [],
    revisionTags: [],
    istioOperator: [],
    injector: new Map(),
  };
  return {
    read: (input) => input.chunks.filter((chunk) => readChunk(chunk, gathered)).length > 0,
    facts: () => settled(gathered),
  };
}

function readChunk(chunk: DocumentChunk, gathered: Gathered): boolean {
  if (mayBeWorkload(chunk)) {
    const namespace = peekNamespace(chunk);
    if (namespace !== undefined) {
      gathered.usedNamespaces.add(namespace ?? "default");
      return false;
    }
  } else if (!mayTell(chunk)) return false;
  const root = chunk.root ?? parseChunk(chunk);
  const resources = resourcesOf({ file: chunk.file, text: chunk.text, document: chunk.index }, root);
  return resources.filter((resource) => readResource(resource, gathered)).length > 0;
}

const API_VERSION = /^[- ]*apiVersion:[ \t]+["']?([\w./-]+)/m;

/** Knative's Service and Kubernetes' own share a kind. */
function mayBeWorkload({ kind, text, start, end }: DocumentChunk): boolean {
  if (kind === undefined || !WORKLOAD_KINDS.includes(kind)) return false;
  const apiVersion = API_VERSION.exec(text.slice(start, end))?.[1];
  return apiVersion === undefined || workloadKindOf(apiVersion, kind) !== undefined;
}

function mayTell(chunk: DocumentChunk): boolean {
  const text = chunk.text.slice(chunk.start, chunk.end);
  const holds = (words: readonly string[]): boolean => words.some((word) => text.includes(word));
  if (chunk.kind === "ConfigMap") return holds(CONFIG_MAP_WORDS);
  if (chunk.kind !== undefined && !chunk.kind.endsWith("List")) return CLUSTER_KINDS.includes(chunk.kind);
  return text.includes("kind") && holds(CLUSTER_WORDS);
}

function readResource(resource: Resource, gathered: Gathered): boolean {
  const { kind, name, root } = resource;
  const type = `${kind}.${groupOf(resource.apiVersion)}`;
  if (workloadKindOf(resource.apiVersion, kind) !== undefined)
    gathered.usedNamespaces.add(resource.namespace ?? "default");
  if (type === "Namespace.") {
    const [labels, annotations] = ["labels", "annotations"].map((field) => stringMapAt(root, ["metadata", field]));
    gathered.namespaces.set(name, { labels: labels ?? {}, annotations: annotations ?? {} });
  } else if (type === "Node.") {
    // A manifest, which no kubelet has filled in, says nothing of the version.
    const kubeletVersion = textAt(root, ["status", "nodeInfo", "kubeletVersion"]);
    if (kubeletVersion !== undefined) gathered.nodes.set(name, { kubeletVersion });
  } else if (type === "ProxyConfig.networking.istio.io") {
    const { spec } = dataOf(resource);
    const namespace = resource.namespace ?? "default";
    gathered.proxyConfigs.push({ name, namespace, spec: isObject(spec) ? spec : {}, errorAt: errorsIn(resource) });
  } else if (type === "Istio.operator.kyma-project.io") gathered.kymaIstio.push(candidate(resource));
  else if (type === "Istio.sailoperator.io") gathered.sailIstio.push(candidate(resource));
  else if (type === "IstioRevisionTag.sailoperator.io") gathered.revisionTags.push(candidate(resource));
  else if (type === "IstioOperator.install.istio.io") gathered.istioOperator.push(candidate(resource));
  else if (type === "ConfigMap.") readConfigMap(resource, gathered);
  else return false;
  return true;
}

const CONFIG_MAPS = [
  { name: /^istio-sidecar-injector(?:-(.+))?$/, key: "values", field: "values" },
  { name: /^istio(?:-(.+))?$/, key: "mesh", field: "meshConfig" },
] as const;

/** The cluster's own configuration (charts/istio-discovery, istiod-injector-configmap.yaml and configmap.yaml). */
function readConfigMap(resource: Resource, { injector }: Gathered): void {
  for (const { name, key, field } of CONFIG_MAPS) {
    const node = at(resource.root, ["data", key]);
    const match = name.exec(resource.name);
    if (match === null || node?.kind !== "scalar") continue;
    const revision = match[1] ?? "";
    const found = { ...candidate(resource), data: mapInText(resource, node, `data.${key}`) };
    const maps = injector.get(revision) ?? { values: [], meshConfig: [] };
    injector.set(revision, maps);
    if (field === "values") addDistinct(maps.values, { ...found, config: injectorText(resource) });
    else addDistinct(maps.meshConfig, found);
    return;
  }
}

/** An export that stands twice in the input is one; where it differs, its two texts are of two clusters, or of two days. */
function addDistinct<T extends Candidate & { config?: InjectorText | undefined }>(list: T[], found: T): void {
  const isSame = (known: T): boolean =>
    known.config?.text.trim() === found.config?.text.trim() && isSameData(known.data, found.data);
  if (!list.some(isSame)) list.push(found);
}

function candidate(resource: Resource): Candidate {
  const { file, text, root, name, namespace } = resource;
  const { line } = positionAt(text, root.start);
  return { file, name, data: dataOf(resource), place: `${file}:${line}`, namespace, errorAt: errorsIn(resource) };
}

/** Errors at an object's fields, or at the innermost that stands on the way there. */
function errorsIn({ file, text, root, kind, name }: Resource): InputObject["errorAt"] {
  return (field, message) => {
    let offset = root.start;
    for (let length = field.length; length > 0 && offset === root.start; length--) {
      offset = at(root, field.slice(0, length))?.start ?? offset;
    }
    return new SourceError(file, text, offset, `${kind} ${name}: ${message}`);
  };
}

function dataOf(resource: Resource): JsonObject {
  const data = toDataOf(resource, resource.root);
  return isObject(data) ? data : {};
}

function settled(gathered: Gathered): ClusterFacts {
  const { namespaces, nodes, usedNamespaces, proxyConfigs, istioOperator, sailIstio } = gathered;
  return {
    namespaces,
    nodes,
    usedNamespaces,
    proxyConfigs,
    kymaIstio: reconciled(gathered.kymaIstio),
    sailIstio,
    revisionTags: sailRevisionTags(gathered.revisionTags, sailIstio),
    istioOperator,
    injectors: injectorsOf(gathered),
    injectorParts: injectorParts(gathered),
  };
}

/** The module looks at the CR in kyma-system alone (kyma-project/istio, controllers/istio_controller.go). */
function reconciled(candidates: readonly Candidate[]): readonly Candidate[] {
  const inPlace = candidates.filter(({ namespace }) => namespace === "kyma-system");
  return inPlace.length > 0 ? inPlace : candidates;
}

/** Revisions of which both ConfigMaps stand in the input; one for each that differs, which then cannot be used. */
function injectorsOf({ injector }: Gathered): ClusterFacts["injectors"] {
  return [...injector].flatMap(([revision, { values, meshConfig }]) => {
    const rivals = rivalsOf(values) ?? rivalsOf(meshConfig);
    return values.flatMap((found) => {
      const mesh = meshConfig.find(({ file }) => file === found.file) ?? meshConfig[0];
      return mesh === undefined ? [] : [{ revision, values: found, meshConfig: mesh, config: found.config, rivals }];
    });
  });
}

/** More than these are counted. */
const MAX_NAMED = 4;

function rivalsOf(found: readonly Candidate[]): string | undefined {
  const [first] = found;
  if (first === undefined || found.length < 2) return undefined;
  const places = found.slice(0, MAX_NAMED).map(({ place }) => place);
  const more = found.length > MAX_NAMED ? ` and ${found.length - MAX_NAMED} more` : "";
  return (
    `the input holds ${found.length} ConfigMaps ${first.name} that differ (${places.join(", ")}${more}): one cluster has one; ` +
    "name its file with --inject-config (target.injector), or give the paths of one cluster alone"
  );
}

/** Half of what makes an injector: nothing can be rendered with it, and its reader has to know why. */
function injectorParts({ injector }: Gathered): string[] {
  return [...injector].flatMap(([revision, { values, meshConfig }]) => {
    const suffix = revision && `-${revision}`;
    const [found, missing] = values[0] === undefined ? [meshConfig[0], "istio-sidecar-injector"] : [values[0], "istio"];
    if (found === undefined || (values.length > 0 && meshConfig.length > 0)) return [];
    return [`the ConfigMap ${found.name} (${found.place}) stands without ${missing}${suffix}`];
  });
}
