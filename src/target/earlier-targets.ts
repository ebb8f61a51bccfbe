import { SourceError } from "../source/failure.ts";
import { mergeValues } from "./helm-merge.ts";
import { imageTag, releaseOfTag } from "./own-injector.ts";
import { moduleReleases } from "./releases.ts";
import { resolveTarget } from "./resolve-target.ts";
import type { ClusterFacts, ResolvedTarget, TargetRequest } from "./target.ts";
import { TargetError } from "./target-error.ts";
import { mapWith, valueAt } from "./value-path.ts";

/** "docker.io/istio/proxyv2:1.28.10-distroless": its hub, its tag, and of the tag the release and what comes behind it. */
const IMAGE =
  /^(?:(.{1,255})\/)?[^/:@]{1,255}:((?:v?)(\d{1,4}\.\d{1,4}\.\d{1,4}(?:-(?:alpha|beta|rc)\.\d{1,4})?)([-.+_][\w.+-]{1,100})?)$/;

/**
 * Targets that a proxy of this image may have been rendered for: the Istio release, or the Kyma modules that install it,
 * with the settings that were asked for `target`; with an injector of the cluster's own also what that release makes of
 * its settings, what its own templates made of them, and the other injectors of the input.
 */
export function earlierTargets(image: string, target: ResolvedTarget, cluster: ClusterFacts): ResolvedTarget[] {
  const [, hub, tag = "", istio, imageType] = IMAGE.exec(image) ?? [];
  if (istio === undefined) return [];
  const { module: ofKyma, istio: _istio, nativeSidecars: _native, profile, ...common } = target.request;
  const { injector: _files, installed: _installed, ...rest } = common;
  const plain: TargetRequest = { ...rest, istio, profile: ofKyma === undefined ? profile : undefined };
  const requests = [plain];
  if (imageType !== undefined) {
    for (const { module } of moduleReleases().filter((release) => release.istio === istio)) {
      requests.push({ ...rest, module, profile: ofKyma === undefined ? undefined : profile });
    }
  }
  // ConfigMaps of the input would take the place of what the release brings along.
  const alone = { ...cluster, injectors: [] };
  const builtIn = requests.flatMap((request) => resolved(request, alone));
  const images = mergeValues(mapWith(["global", "tag"], tag), hub === undefined ? {} : mapWith(["global", "hub"], hub));
  const ofHub = resolved({ ...plain, values: mergeValues(rest.values ?? {}, images) }, alone).filter(
    ({ values }) => valueAt(values, "global", "hub") !== valueAt(builtIn[0]?.values, "global", "hub"),
  );
  const others = otherSetUps(plain).flatMap((request) => resolved(request, alone));
  return [...builtIn, ...ofHub, ...upgraded(target, builtIn[0], images), ...installed(istio, rest, cluster), ...others];
}

/**
 * The release as it may have been set up before: the profiles whose Pods differ most, the CNI plugin switched the other
 * way (istio-init or istio-validation), and without the values that are asked for now.
 */
function otherSetUps(request: TargetRequest): TargetRequest[] {
  const { values, meshConfig, ...bare } = request;
  const cni = (enabled: boolean) =>
    mergeValues(mapWith(["pilot", "cni", "enabled"], enabled), mapWith(["istio_cni", "enabled"], enabled));
  const switched = [true, false].map((enabled) => mergeValues(values ?? {}, cni(enabled)));
  const profiles = ["default", "openshift"];
  return [
    ...profiles.map((profile) => ({ ...request, profile })),
    ...switched.map((others) => ({ ...request, values: others })),
    ...(values === undefined && meshConfig === undefined ? [] : profiles.map((profile) => ({ ...bare, profile }))),
  ];
}

/** The release with the settings that the cluster's injector has now: few change from one release to the next. */
function upgraded(
  { values, meshConfig, revision, injector, createInjector }: ResolvedTarget,
  release: ResolvedTarget | undefined,
  images: ResolvedTarget["values"],
): ResolvedTarget[] {
  if (injector === undefined || release === undefined) return [];
  const before = { ...release, values: mergeValues(values, images), meshConfig, revision };
  return [before, { ...before, injector, createInjector }];
}

/** Injectors of the input that are of the release. */
function installed(istio: string, rest: TargetRequest, cluster: ClusterFacts): ResolvedTarget[] {
  const { revision: _revision, ...request } = rest;
  return (cluster.injectors ?? [])
    .filter((injector) => injector.config !== undefined && releaseOfTag(imageTag(injector) ?? "") === istio)
    .flatMap((injector) => resolved({ ...request, installed: injector }, cluster));
}

function resolved(request: TargetRequest, cluster: ClusterFacts): ResolvedTarget[] {
  try {
    return [resolveTarget(request, cluster)];
  } catch (error) {
    if (error instanceof TargetError || error instanceof SourceError) return [];
    throw error;
  }
}
