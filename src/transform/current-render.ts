import type { JsonObject } from "../json.ts";
import { isSameData } from "../source/equal.ts";
import { SourceError } from "../source/failure.ts";
import { at, type MapNode, toData } from "../source/tree.ts";
import type { ResolvedTarget } from "../target/index.ts";
import { isRenderable, Renderer } from "./render.ts";
import type { Setting, Workload } from "./workload.ts";

/**
 * Tells whether a target's injector would leave a Pod template as it stands; undefined where the Pod is not injected,
 * is of a kind that cannot be rendered, or is refused.
 */
export function currentRenders(target: ResolvedTarget): (workload: Workload, setting: Setting) => boolean | undefined {
  const renderer = new Renderer(target, "pods");
  return (workload, setting) => {
    if (!workload.decision.injected || !isRenderable(workload)) return undefined;
    const { resource, path } = workload.pod.template;
    try {
      const rendered = renderer.podTemplate(workload, setting);
      return isSameData(toData(at(resource.root, path) as MapNode) as JsonObject, rendered);
    } catch (error) {
      if (error instanceof SourceError) return undefined;
      throw error;
    }
  };
}
