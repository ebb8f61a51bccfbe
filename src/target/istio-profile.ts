import { isObject, type JsonObject } from "../json.ts";
import { mergeValues } from "./helm-merge.ts";
import { istioProfiles } from "./releases.ts";
import { TargetError } from "./target-error.ts";
import { emptyMap, mapWith, valueAt } from "./value-path.ts";
import { isSince } from "./version.ts";

export const KYMA_PROFILES: readonly string[] = ["kyma", "kyma-light"];

/**
 * Values an Istio install puts over the charts' defaults, lowest first: the charts' overlays that profile and values
 * select, istioctl's profile, then the user's own layers. Layers stay apart, as a `null` deletes what lies below it.
 * `meshConfig` stands inside them. Sources: operator/pkg/render/manifest.go and manifests/zzz_profile.yaml, 1.28.
 * Throws TargetError for a profile, platform or compatibilityVersion that the release does not ship.
 */
export function profileLayers(release: string, profile: string, userLayers: readonly JsonObject[]): JsonObject[] {
  const shipped = istioProfiles(release);
  const layers = [istioctlValues(shipped, release, profile), ...userLayers];
  const overlays = selectedOverlays(release, layers.reduce(mergeValues)).map(({ name, field }) => {
    const overlay = ownObject(shipped.chart, name);
    if (!overlay) throw new TargetError(`Istio ${release} ships no ${name}; known are ${names(shipped.chart)}`, field);
    return overlay;
  });
  return [...overlays, ...layers];
}

/** Profile names an Istio release takes. */
function profileNames(release: string): string[] {
  const { istioctl, chart } = istioProfiles(release);
  return [...new Set(["default", ...Object.keys(istioctl), ...Object.keys(chart)])].sort();
}

type Shipped = ReturnType<typeof istioProfiles>;

function istioctlValues({ istioctl, chart }: Shipped, release: string, profile: string): JsonObject {
  if (profile === "default") return emptyMap();
  const known = ownObject(istioctl, profile);
  if (known) return known;
  if (!Object.hasOwn(chart, profile)) {
    const message = `Istio ${release} has no profile ${JSON.stringify(profile)}; known are ${profileNames(release).join(", ")}`;
    throw new TargetError(message, ["target", "profile"]);
  }
  if (profile.startsWith(COMPATIBILITY)) return mapWith(["compatibilityVersion"], profile.slice(COMPATIBILITY.length));
  if (profile.startsWith(PLATFORM)) return mapWith(["global", "platform"], profile.slice(PLATFORM.length));
  return mapWith(["profile"], profile);
}

const COMPATIBILITY = "compatibility-version-";
const PLATFORM = "platform-";

/** Overlays in the order the charts merge them; 1.20 had none, and up to 1.23 `platform` selected none. */
function selectedOverlays(release: string, values: JsonObject): { name: string; field: string[] }[] {
  const selected: { name: string; field: string[] }[] = [];
  if (!isSince(release, 21)) return selected;
  const profile = valueAt(values, "profile") || valueAt(values, "global", "profile");
  if (profile) selected.push({ name: String(profile), field: ["target", "values", "profile"] });
  const compatibility = valueAt(values, "compatibilityVersion");
  if (compatibility) {
    selected.push({
      name: `${COMPATIBILITY}${String(compatibility)}`,
      field: ["target", "values", "compatibilityVersion"],
    });
  }
  const platform = valueAt(values, "platform") || valueAt(values, "global", "platform");
  if (platform && isSince(release, 24))
    selected.push({ name: `${PLATFORM}${String(platform)}`, field: ["target", "values", "global", "platform"] });
  return selected;
}

function ownObject(map: JsonObject, key: string): JsonObject | undefined {
  const value = valueAt(map, key);
  return isObject(value) ? value : undefined;
}

function names(map: JsonObject): string {
  return Object.keys(map).sort().join(", ") || "none";
}
