/** A release as Istio and Kyma number them: "1.28.10", "1.31.0-rc.0". */
export interface Version {
  major: number;
  minor: number;
  patch: number;
  /** "rc.0"; "" for a release. */
  preRelease: string;
}

const VERSION = /^v?(\d{1,4})\.(\d{1,4})(?:\.(\d{1,4})(?:-((?:alpha|beta|rc)\.\d{1,4}))?)?$/;

/** A version word with or without patch ("1.27", "v1.27.1"); undefined for anything else. */
export function parseVersionWord(word: string): (Omit<Version, "patch"> & { patch: number | undefined }) | undefined {
  const match = VERSION.exec(word);
  if (!match) return undefined;
  const [, major, minor, patch, preRelease = ""] = match;
  return {
    major: Number(major),
    minor: Number(minor),
    patch: patch === undefined ? undefined : Number(patch),
    preRelease,
  };
}

/** A full version of our own data or already checked. */
export function parseVersion(version: string): Version {
  const parsed = parseVersionWord(version);
  if (parsed?.patch === undefined) throw new Error(`not a full version: ${version}`);
  return { ...parsed, patch: parsed.patch };
}

/** Order of releases; a pre-release stands before its release. */
export function compareVersions(a: string, b: string): number {
  const [x, y] = [parseVersion(a), parseVersion(b)];
  return x.major - y.major || x.minor - y.minor || x.patch - y.patch || comparePreReleases(x.preRelease, y.preRelease);
}

function comparePreReleases(a: string, b: string): number {
  if (a === b) return 0;
  if (a === "" || b === "") return a === "" ? 1 : -1;
  const [[nameA = "", countA = ""], [nameB = "", countB = ""]] = [a.split("."), b.split(".")];
  return nameA === nameB ? Number(countA) - Number(countB) : nameA < nameB ? -1 : 1;
}

/** Whether a version is of this minor (1.x) or a later one. Pre-releases count as their minor. */
export function isSince(version: string, minor: number): boolean {
  const parsed = parseVersion(version);
  return parsed.major > 1 || parsed.minor >= minor;
}

/**
 * The known versions nearest to a word that is none of them, nearest first: patches of its own minor, then the newest
 * of each minor around it.
 */
export function nearestVersions(word: string, known: readonly string[], count: number): string[] {
  const asked = parseVersionWord(word);
  if (!asked) return known.slice(-count).reverse();
  const own = known.filter((version) => isOfMinor(version, asked));
  const patch = asked.patch ?? Number.POSITIVE_INFINITY;
  const near = [...own].sort(
    (a, b) => Math.abs(parseVersion(a).patch - patch) - Math.abs(parseVersion(b).patch - patch),
  );
  const others = newestOfMinors(known.filter((version) => !own.includes(version)));
  return [...near, ...others.sort((a, b) => minorDistance(a, asked) - minorDistance(b, asked))].slice(0, count);
}

function isOfMinor(version: string, { major, minor }: Pick<Version, "major" | "minor">): boolean {
  const parsed = parseVersion(version);
  return parsed.major === major && parsed.minor === minor;
}

/** Of ascending versions the last one of each minor. */
function newestOfMinors(versions: readonly string[]): string[] {
  const newest = new Map<string, string>();
  for (const version of versions) {
    const { major, minor } = parseVersion(version);
    newest.set(`${major}.${minor}`, version);
  }
  return [...newest.values()];
}

/** A higher major stands behind all minors of the lower one. */
function minorDistance(version: string, asked: Pick<Version, "major" | "minor">): number {
  const { major, minor } = parseVersion(version);
  const majors = Math.abs(major - asked.major) * 1e6;
  if (major === asked.major) return Math.abs(minor - asked.minor);
  return major < asked.major ? majors - minor : majors + minor;
}
