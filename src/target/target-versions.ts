import { istioReleases, type ModuleRelease, moduleReleases } from "./releases.ts";
import { TargetError } from "./target-error.ts";
import { compareVersions, nearestVersions, parseVersion, parseVersionWord } from "./version.ts";

const NEAREST_SHOWN = 4;

/** Which Istio a word means. */
export interface IstioChoice {
  /** The version asked for, complete. */
  istio: string;
  /** The known release whose facts serve it. */
  facts: string;
  note: string | undefined;
}

/**
 * Istio release of a version word: without patch the newest known; an unknown patch of a known minor is served by
 * the nearest known patch, with a note. Throws TargetError for an unknown minor or no version at all.
 */
export function chooseIstio(word: string, field: string[] = ["target", "istio"]): IstioChoice {
  const asked = parseVersionWord(word);
  const releases = istioReleases();
  if (!asked)
    throw new TargetError(`${JSON.stringify(word)} is no Istio version; write it as "1.27.1" or "1.27"`, field);
  const inMinor = releases.filter((release) => sameMinor(release, asked));
  const newest = inMinor.at(-1);
  if (newest === undefined) {
    const nearest = nearestVersions(word, releases, NEAREST_SHOWN).join(", ");
    throw new TargetError(`unknown Istio version ${word}; the nearest known are ${nearest}`, field);
  }
  if (asked.patch === undefined) return { istio: newest, facts: newest, note: preReleaseNote(word, newest) };
  const istio = `${asked.major}.${asked.minor}.${asked.patch}${asked.preRelease && `-${asked.preRelease}`}`;
  if (inMinor.includes(istio)) return { istio, facts: istio, note: undefined };
  const facts = nearestPatch(istio, inMinor) ?? newest;
  const note = `Istio ${istio} is not among the known releases: the facts of ${facts} are used, with ${istio} in image tags`;
  return { istio, facts, note };
}

/**
 * As `chooseIstio`, for an injector that brings its templates along: an unknown minor is served by the facts of the
 * nearest known one, with a note.
 */
export function chooseIstioOfInjector(word: string, field: string[] = ["target", "istio"]): IstioChoice {
  const asked = parseVersionWord(word);
  const releases = istioReleases();
  if (asked === undefined || releases.some((release) => sameMinor(release, asked))) return chooseIstio(word, field);
  const istio = `${asked.major}.${asked.minor}.${asked.patch ?? 0}${asked.preRelease && `-${asked.preRelease}`}`;
  const ends = [releases[0] as string, releases.at(-1) as string] as const;
  const facts = compareVersions(istio, ends[0]) < 0 ? ends[0] : ends[1];
  const note = `Istio ${istio} is not among the known releases: the templates are its own, what the injector does besides them follows ${facts}`;
  return { istio, facts, note };
}

function preReleaseNote(word: string, newest: string): string | undefined {
  if (parseVersion(newest).preRelease === "") return undefined;
  return `Istio ${word} is known as ${newest} only, a pre-release`;
}

/** The known patch with the smallest distance; of two equally near the older, which was there when `istio` was made. */
function nearestPatch(istio: string, known: readonly string[]): string | undefined {
  const { patch } = parseVersion(istio);
  const distance = (release: string) => Math.abs(parseVersion(release).patch - patch);
  return [...known].sort((a, b) => distance(a) - distance(b) || compareVersions(a, b))[0];
}

/** Module release of a version word; without patch the newest known. Throws TargetError for an unknown one. */
export function chooseModule(word: string, field: string[] = ["target", "module"]): ModuleRelease {
  const asked = parseVersionWord(word);
  const releases = moduleReleases();
  if (!asked) {
    throw new TargetError(
      `${JSON.stringify(word)} is no Kyma Istio module version; write it as "1.25.0" or "1.25"`,
      field,
    );
  }
  const inMinor = releases.filter(({ module }) => sameMinor(module, asked));
  const known =
    asked.patch === undefined
      ? inMinor.at(-1)
      : inMinor.find(({ module }) => parseVersion(module).patch === asked.patch && asked.preRelease === "");
  if (known) return known;
  const names = releases.map(({ module }) => module);
  const nearest = nearestVersions(word, names, NEAREST_SHOWN).join(", ");
  throw new TargetError(`unknown Kyma Istio module ${word}; the nearest known are ${nearest}`, field);
}

function sameMinor(release: string, asked: { major: number; minor: number }): boolean {
  const { major, minor } = parseVersion(release);
  return major === asked.major && minor === asked.minor;
}

const KUBERNETES = /^v?(\d{1,3})\.(\d{1,3})(?:[.+-][\w.+-]{0,64})?\+?$/;

/**
 * Kubernetes or kubelet version: "1.33", "v1.33.2", "1.33.1-gke.100", "1.32+".
 * Returns undefined where it is none.
 */
export function parseKubernetes(version: string): { major: number; minor: number } | undefined {
  const match = KUBERNETES.exec(version);
  return match ? { major: Number(match[1]), minor: Number(match[2]) } : undefined;
}

/** Minor of a target's Kubernetes version. Throws TargetError for what is none. */
export function kubernetesMinor(version: string, field: string[] = ["target", "kubernetes"]): number {
  const parsed = parseKubernetes(version);
  if (parsed === undefined || parsed.major !== 1) {
    throw new TargetError(`${JSON.stringify(version)} is no Kubernetes version; write it as "1.33"`, field);
  }
  // An unquoted 1.30 in YAML is the number 1.3.
  if (parsed.minor < 10) {
    throw new TargetError(
      `Kubernetes ${version} never ran Istio; an unquoted 1.30 in YAML is 1.3, write "1.30"`,
      field,
    );
  }
  return parsed.minor;
}
