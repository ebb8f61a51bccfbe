import { configMapNames, configMapOf } from "../kube/config-map.ts";
import type { PodTemplate } from "../kube/pod-template.ts";
import { type Resource, resourcesOf } from "../kube/resource.ts";
import { CALL_LITERALS, type ConfigCall, configCalls } from "../rules/config-calls.ts";
import type { ConfigScripts } from "../rules/rule.ts";
import { parseChunk } from "../source/parse.ts";
import type { Sidecar } from "../target/index.ts";
import type { DocumentChunk, Input } from "./input.ts";
import { type Setting, workloadDocuments } from "./workload.ts";

/** A ConfigMap that holds proxy calls. */
export interface ScriptConfigMap {
  name: string;
  namespace: string | undefined;
  calls: ReadonlySet<ConfigCall["kind"]>;
}

const NO_CALLS: ReadonlySet<ConfigCall["kind"]> = new Set();

/** ConfigMaps of the inputs that hold proxy calls. @throws {SourceError} malformed YAML in a document with one. */
export function scriptConfigMaps(inputs: Iterable<Input>): ScriptConfigMap[] {
  const found: ScriptConfigMap[] = [];
  for (const input of inputs) {
    if (!input.text.includes("ConfigMap") || !holdsCall(input.text)) continue;
    for (const chunk of input.chunks) {
      if (!mayHoldCall(chunk)) continue;
      const root = chunk.root ?? parseChunk(chunk);
      const place = { file: chunk.file, text: chunk.text, document: chunk.index };
      for (const resource of resourcesOf(place, root)) found.push(...scriptConfigMapOf(resource));
    }
  }
  return found;
}

function mayHoldCall(chunk: DocumentChunk): boolean {
  if (chunk.kind !== undefined && chunk.kind !== "ConfigMap" && !chunk.kind.endsWith("List")) return false;
  const text = chunk.text.slice(chunk.start, chunk.end);
  return text.includes("ConfigMap") && holdsCall(text);
}

function holdsCall(text: string): boolean {
  return CALL_LITERALS.some((literal) => text.includes(literal));
}

function scriptConfigMapOf(resource: Resource): ScriptConfigMap[] {
  const texts = configMapOf(resource)?.texts ?? [];
  const calls = new Set(texts.flatMap(({ key, node }) => configCalls(key, node.text).map(({ kind }) => kind)));
  return calls.size === 0 ? [] : [{ name: resource.name, namespace: resource.namespace, calls }];
}

/** A ConfigMap that holds proxy calls, and what the workloads that use it get at one target; plain data. */
export interface UsedConfigMap extends ScriptConfigMap {
  sidecars: readonly Sidecar[];
}

/**
 * Who runs what ConfigMaps hold.
 * @param users inputs whose workloads may use them.
 */
export function usedConfigMaps(
  configMaps: readonly ScriptConfigMap[],
  users: Iterable<Input>,
  setting: Setting,
): UsedConfigMap[] {
  const sidecars = new Map<ScriptConfigMap, Sidecar[]>();
  const namesOne = ({ text, start, end }: DocumentChunk): boolean => {
    const own = text.slice(start, end);
    return configMaps.some(({ name }) => own.includes(name));
  };
  for (const input of configMaps.length === 0 ? [] : users) {
    for (const { workloads } of workloadDocuments(input, setting, namesOne)) {
      for (const { pod } of workloads) {
        for (const configMap of usedBy(configMaps, pod.template))
          sidecars.set(configMap, [...(sidecars.get(configMap) ?? []), pod.sidecar]);
      }
    }
  }
  return configMaps.map((configMap) => ({ ...configMap, sidecars: sidecars.get(configMap) ?? [] }));
}

/** The same as rules ask for it. */
export function configScripts(configMaps: readonly UsedConfigMap[]): ConfigScripts {
  return {
    callsOf: ({ template }) => {
      if (configMaps.length === 0) return NO_CALLS;
      return new Set(usedBy(configMaps, template).flatMap(({ calls }) => [...calls]));
    },
    usersOf: (resource) =>
      configMaps
        .filter(({ name, namespace }) => name === resource.name && isSame(namespace, resource.namespace))
        .flatMap(({ sidecars }) => sidecars),
  };
}

function usedBy<T extends ScriptConfigMap>(configMaps: readonly T[], template: PodTemplate): T[] {
  const names = configMapNames(template);
  return configMaps.filter(({ name, namespace }) => names.has(name) && isSame(namespace, template.resource.namespace));
}

/** A namespace that a manifest leaves open may be any. */
function isSame(one: string | undefined, other: string | undefined): boolean {
  return one === undefined || other === undefined || one === other;
}
