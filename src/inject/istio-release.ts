/** An Istio release as numbers; a release candidate counts as its release. */
export interface IstioRelease {
  minor: number;
  patch: number;
}

/** Reads "1.28.10" or "1.31.0-rc.0". */
export function parseRelease(version: string): IstioRelease {
  const [, minor, patch] = version.split("-", 1)[0]?.split(".") ?? [];
  return { minor: Number(minor ?? 0), patch: Number(patch ?? 0) };
}

/**
 * Whether a change is in a release. A change that was backported names the first release of each minor that has it
 * ("1.23.6", "1.24.4", "1.25.1"); minors after the last named one have it, those between and before do not.
 */
export function hasChange(release: IstioRelease, ...firstReleases: string[]): boolean {
  let last: IstioRelease | undefined;
  for (const text of firstReleases) {
    last = parseRelease(text);
    if (last.minor === release.minor) return release.patch >= last.patch;
  }
  return last !== undefined && release.minor > last.minor;
}
