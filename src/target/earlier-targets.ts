import { SourceError } from "../source/failure.ts";
import { moduleReleases } from "./releases.ts";
import { resolveTarget } from "./resolve-target.ts";
import type { ClusterFacts, ResolvedTarget, TargetRequest } from "./target.ts";
import { TargetError } from "./target-error.ts";

const TAG = /:(\d{1,4}\.\d{1,4}\.\d{1,4}(?:-(?:alpha|beta|rc)\.\d{1,4})?)(-[\w.-]{1,100})?$/;

/**
 * Targets that a proxy of this image may have been rendered for, with the settings that were asked for `target`: the
 * Istio release, or the Kyma modules that install it.
 */
export function earlierTargets(image: string, { request }: ResolvedTarget, cluster: ClusterFacts): ResolvedTarget[] {
  const [, istio, imageType] = TAG.exec(image) ?? [];
  if (istio === undefined) return [];
  const { module: ofKyma, istio: _istio, nativeSidecars: _native, profile, ...common } = request;
  // An injector of the cluster's own is of one release; what was rendered before came of the built-in ones.
  const { injector: _files, installed: _installed, ...rest } = common;
  const requests: TargetRequest[] = [{ ...rest, istio, profile: ofKyma === undefined ? profile : undefined }];
  if (imageType !== undefined) {
    for (const { module } of moduleReleases().filter((release) => release.istio === istio)) {
      requests.push({ ...rest, module, profile: ofKyma === undefined ? undefined : profile });
    }
  }
  return requests.flatMap((earlier) => {
    try {
      return [resolveTarget(earlier, cluster)];
    } catch (error) {
      if (error instanceof TargetError || error instanceof SourceError) return [];
      throw error;
    }
  });
}
