import { isObject, type JsonObject } from "../json.ts";
import { meshFields } from "./mesh-config.ts";
import { InjectionError, type InjectionSettings, type ProxyConfigResource } from "./model.ts";
import {
  meshProxyConfig,
  overlaid,
  proxyConfigOverlay,
  proxyConfigResource,
  validateProxyConfig,
} from "./proxy-config.ts";
import { FieldError } from "./proxy-config-decode.ts";
import { textOf } from "./scalars.ts";

/** Workloads share few annotations; more than this many are forgotten again. */
const REMEMBERED = 1000;

/** The proxy configurations of one target's Pods. */
export interface PodProxyConfigs {
  /** What is wrong with an annotation, or nothing. */
  problem(annotation: string): string | undefined;
  /**
   * The configuration of a Pod; one object for all Pods that share it.
   * @throws InjectionError where the annotation is refused
   */
  of(namespace: string, labels: JsonObject, annotation: string | undefined): JsonObject;
}

/**
 * The mesh's defaultConfig, under the ProxyConfig resources of the root namespace, those of the Pod's namespace, the Pod's
 * annotation and the resource that selects the Pod (pilot/pkg/model/proxy_config.go, EffectiveProxyConfig).
 */
export function podProxyConfigs(settings: InjectionSettings): PodProxyConfigs {
  const { istio } = settings;
  const { defaultConfig, rootNamespace } = meshFields(settings.meshConfig);
  const base = meshProxyConfig(defaultConfig, istio);
  const resources = resourceOverlays(settings.proxyConfigs ?? [], istio);
  const problems = remembering((annotation) => validateProxyConfig(annotation, istio));
  const overlays = remembering((annotation) => proxyConfigOverlay(annotation, istio));
  const configs = new Map<string, JsonObject>();
  return {
    problem: problems,
    of(namespace, labels, annotation) {
      if (annotation === undefined && resources.length === 0) return base;
      const ofNamespace = (name: string) =>
        resources.find((one) => one.namespace === name && one.selector === undefined);
      const found = [
        ofNamespace(rootNamespace),
        namespace === rootNamespace ? undefined : ofNamespace(namespace),
        resources.find((one) => one.namespace === namespace && selects(one.selector, labels)),
      ];
      const key = `${found.map((one) => (one === undefined ? "" : resources.indexOf(one))).join()} ${annotation ?? ""}`;
      let config = configs.get(key);
      if (config !== undefined) return config;
      const own = annotation === undefined ? undefined : overlays(annotation);
      const [root, namespaced, selecting] = found.map((one) => one?.overlay);
      config = base;
      for (const overlay of [root, namespaced, own, selecting]) {
        if (overlay !== undefined) config = overlaid(config, overlay);
      }
      if (configs.size >= REMEMBERED) configs.clear();
      configs.set(key, config);
      return config;
    },
  };
}

function remembering<T>(compute: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    if (known.has(text)) return known.get(text) as T;
    const value = compute(text);
    if (known.size >= REMEMBERED) known.clear();
    known.set(text, value);
    return value;
  };
}

interface ResourceOverlay {
  namespace: string;
  /** Undefined for a resource that holds for its whole namespace. */
  selector: JsonObject | undefined;
  overlay: JsonObject;
}

/** In Istio's order: it takes the first that fits, and files have no time of creation. */
function resourceOverlays(resources: ProxyConfigResource[], istio: string): ResourceOverlay[] {
  const key = (resource: ProxyConfigResource) => `${resource.name}.${resource.namespace}`;
  const sorted = [...resources].sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));
  return sorted.map(({ name, namespace, spec }) => {
    const selector = isObject(spec.selector) ? spec.selector : undefined;
    const labels = isObject(selector?.matchLabels) ? selector.matchLabels : {};
    try {
      return { namespace, selector: selector && labels, overlay: proxyConfigResource(spec, istio) };
    } catch (error) {
      if (!(error instanceof FieldError)) throw error;
      throw new InjectionError(`ProxyConfig ${namespace}/${name}: ${error.message}`, []);
    }
  });
}

function selects(selector: JsonObject | undefined, labels: JsonObject): boolean {
  const keys = Object.keys(selector ?? {});
  return keys.length > 0 && keys.every((key) => textOf(selector?.[key]) === (textOf(labels[key]) ?? null));
}
