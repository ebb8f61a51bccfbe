import { createInjector, type Injector } from "../inject/inject.ts";
import { type InjectedWorkload, InjectionError, type PodTemplate } from "../inject/model.ts";
import { isObject, type Json, type JsonObject } from "../json.ts";
import { type ClusterFacts, earlierTargets, injectorSettings, type ResolvedTarget } from "../target/index.ts";

const STATUS = "sidecar.istio.io/status";
const PROXY = "istio-proxy";
/** Containers that run the proxy's image; the user may have given one of them another. */
const INJECTED = [PROXY, "istio-init", "istio-validation"];

/** The injector of a target. @param nativeByDefault what ENABLE_NATIVE_SIDECARS comes to for the workload. */
export function injectorOf(
  target: ResolvedTarget,
  nativeByDefault: boolean,
  proxyConfigs: ClusterFacts["proxyConfigs"] = [],
): Injector {
  return createInjector(injectorSettings(target, nativeByDefault, proxyConfigs));
}

/**
 * Knows a render for another target again. The injector itself takes the proxy of such a Pod for the user's own and
 * keeps parts of it (an old image, old probes); a render of ours is taken back instead.
 */
export class EarlierRenders {
  private readonly target: ResolvedTarget;
  /** By the images and the proxy's place: injectors that may have made it. */
  private readonly injectors = new Map<string, Injector[]>();

  constructor(target: ResolvedTarget) {
    this.target = target;
  }

  /** The Pod template that was rendered; undefined where the workload is no exact render of any known target. */
  originalOf(workload: InjectedWorkload, cluster: ClusterFacts): PodTemplate | undefined {
    const { metadata, spec = {} } = workload.template;
    if (metadata?.annotations?.[STATUS] === undefined) return undefined;
    const images = injectedImages(spec);
    if (images.size === 0) return undefined;
    for (const injector of this.injectorsOf(images, named(spec.initContainers, PROXY) !== undefined, cluster)) {
      const original = originalBy(injector, workload);
      if (original !== undefined) return original;
    }
    return undefined;
  }

  private injectorsOf(images: ReadonlySet<string>, isNative: boolean, cluster: ClusterFacts): Injector[] {
    const key = [isNative, ...images].join(" ");
    let found = this.injectors.get(key);
    if (found === undefined) {
      const targets = [...images].flatMap((image) => earlierTargets(image, this.target, cluster));
      // An image of the user's own tells no release: it may still be a render of this target with the proxy elsewhere.
      if (targets.length === 0) targets.push(this.target);
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

/** Images that may tell the release of an injection. */
function injectedImages({ containers, initContainers }: JsonObject): ReadonlySet<string> {
  const images = new Set<string>();
  for (const name of INJECTED) {
    const image = (named(initContainers, name) ?? named(containers, name))?.image;
    if (typeof image === "string") images.add(image);
  }
  return images;
}

function named(containers: Json | undefined, name: string): JsonObject | undefined {
  return Array.isArray(containers)
    ? containers.filter(isObject).find((container) => container.name === name)
    : undefined;
}
