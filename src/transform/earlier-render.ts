import { createInjector, type Injector } from "../inject/inject.ts";
import { type InjectedWorkload, InjectionError, type PodTemplate } from "../inject/model.ts";
import { isObject, type Json, type JsonObject } from "../json.ts";
import { type ClusterFacts, earlierTargets, type ResolvedTarget } from "../target/index.ts";

const STATUS = "sidecar.istio.io/status";
const PROXY = "istio-proxy";

/** The injector of a target. @param nativeByDefault what ENABLE_NATIVE_SIDECARS comes to for the workload. */
export function injectorOf(
  { istio, values, meshConfig, revision }: ResolvedTarget,
  nativeByDefault: boolean,
  proxyConfigs: ClusterFacts["proxyConfigs"] = [],
): Injector {
  return createInjector({ istio, values, meshConfig, revision, nativeByDefault, proxyConfigs: [...proxyConfigs] });
}

/**
 * Knows a render for another target again. The injector itself takes the proxy of such a Pod for the user's own and
 * keeps parts of it (an old image, old probes); a render of ours is taken back instead.
 */
export class EarlierRenders {
  private readonly target: ResolvedTarget;
  /** By the proxy's image and place: injectors that may have made it. */
  private readonly injectors = new Map<string, Injector[]>();

  constructor(target: ResolvedTarget) {
    this.target = target;
  }

  /** The Pod template that was rendered; undefined where the workload is no exact render of any known target. */
  originalOf(workload: InjectedWorkload, cluster: ClusterFacts): PodTemplate | undefined {
    const { metadata, spec = {} } = workload.template;
    if (metadata?.annotations?.[STATUS] === undefined) return undefined;
    const native = proxyImage(spec.initContainers);
    const image = native ?? proxyImage(spec.containers);
    if (image === undefined) return undefined;
    for (const injector of this.injectorsOf(image, native !== undefined, cluster)) {
      const original = originalBy(injector, workload);
      if (original !== undefined) return original;
    }
    return undefined;
  }

  private injectorsOf(image: string, isNative: boolean, cluster: ClusterFacts): Injector[] {
    const key = `${isNative} ${image}`;
    let found = this.injectors.get(key);
    if (found === undefined) {
      const targets = earlierTargets(image, this.target, cluster);
      found = targets.map((target) => injectorOf(target, isNative, cluster.proxyConfigs));
      this.injectors.set(key, found);
    }
    return found;
  }
}

function originalBy(injector: Injector, workload: InjectedWorkload): PodTemplate | undefined {
  try {
    return injector.originalOf(workload);
  } catch (error) {
    if (error instanceof InjectionError) return undefined;
    throw error;
  }
}

function proxyImage(containers: Json | undefined): string | undefined {
  const items: JsonObject[] = Array.isArray(containers) ? containers.filter(isObject) : [];
  const image = items.find(({ name }) => name === PROXY)?.image;
  return typeof image === "string" ? image : undefined;
}
