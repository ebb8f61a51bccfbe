import { InjectorConfigError, readInjectorConfig } from "../inject/cluster/injector-config.ts";
import type { InjectorSource } from "../inject/model.ts";
import { isObject, type JsonObject } from "../json.ts";
import { SourceError } from "../source/failure.ts";
import { parseChunk } from "../source/parse.ts";
import { positionAt } from "../source/position.ts";
import { AliasBomb, toData } from "../source/tree.ts";
import type { ClusterFacts, InjectorFacts, TargetRequest } from "./target.ts";
import { TargetError } from "./target-error.ts";
import { valueAt } from "./value-path.ts";

/** Reads an injector's config; undefined where there is only its values. @throws what its text's `errorAt` makes of a fault */
export function injectorSource({ config }: InjectorFacts): InjectorSource | undefined {
  if (config === undefined) return undefined;
  try {
    return { config: readInjectorConfig(mapOf(config.text)), name: config.name };
  } catch (error) {
    if (!(error instanceof InjectorConfigError)) throw error;
    throw config.errorAt(error.message);
  }
}

/** @throws InjectorConfigError where the text is no YAML, or no map */
function mapOf(text: string): JsonObject {
  try {
    const node = parseChunk({ file: "", text, start: 0, end: text.length });
    const data = node === undefined ? null : toData(node);
    if (isObject(data)) return data;
  } catch (error) {
    if (error instanceof AliasBomb) throw new InjectorConfigError(error.message);
    if (!(error instanceof SourceError)) throw error;
    throw new InjectorConfigError(`line ${positionAt(text, error.offset).line}: ${error.message}`);
  }
  throw new InjectorConfigError("it is no injector config, which is a map with templates");
}

/**
 * The injector that a request's files hold. @throws TargetError where nobody has read them: a function has no files.
 */
export function requestedInjector({ injector, installed }: TargetRequest): InjectorFacts | undefined {
  if (injector === undefined || installed !== undefined) return installed;
  const message =
    "injector names files, and nothing but the input is read here; put the ConfigMaps istio-sidecar-injector and istio " +
    'into the input instead, with the annotation config.kubernetes.io/local-config: "true"';
  throw new TargetError(message, ["target", "injector"]);
}

/**
 * The injector of the input that a target of a version of its own still means: that of its revision, where its image tag
 * is of the same release or of none that can be told.
 * @param istio the release that the target names.
 */
export function sameInjector(
  { injectors = [] }: ClusterFacts,
  { revision, profile }: TargetRequest,
  istio: string,
): InjectorFacts | undefined {
  // A profile is an install of its own.
  if (profile !== undefined) return undefined;
  const asked = revision === undefined || revision === "default" ? "" : revision;
  const releaseOf = (injector: InjectorFacts) => releaseOfTag(imageTag(injector) ?? "");
  // Of several that differ and name no release none is known to be the target's.
  const isKnown = (injector: InjectorFacts) => injector.rivals === undefined || releaseOf(injector) !== undefined;
  const runnable = injectors.filter((injector) => injector.config !== undefined && isKnown(injector));
  const [only, ...others] = runnable;
  const ofRevision = runnable.filter((injector) => injector.revision === asked);
  const isOther = (injector: InjectorFacts): boolean => {
    const release = releaseOf(injector);
    return release !== undefined && !isOfRelease(istio, release);
  };
  const found =
    ofRevision.find((injector) => !isOther(injector)) ??
    ofRevision[0] ??
    (revision === undefined && others.length === 0 ? only : undefined);
  return found === undefined || isOther(found) ? undefined : found;
}

/** Whether a release is the one that was named, or of the minor that was. */
export function isOfRelease(release: string, named: string): boolean {
  return release === named || (/^\d+\.\d+$/.test(named) && release.startsWith(`${named}.`));
}

/** values.global.tag, the tag of the proxy's image. */
export function imageTag({ values }: InjectorFacts): string | undefined {
  const tag = valueAt(values.data, "global", "tag");
  return typeof tag === "string" || typeof tag === "number" ? String(tag) : undefined;
}

/** Vendors write their own words behind a release: "1.25.3-distroless", "1.24.3-asm.5", "1.27.1-tetrate-v2". */
const TAG = /^v?(\d{1,4}\.\d{1,4}\.\d{1,4}(?:-(?:alpha|beta|rc)\.\d{1,4})?|1\.\d{2,4})(?:[-.+_][\w.+-]{0,200})?$/;

/** The release in an image tag, "1.28" where it names no patch; undefined where it names none. */
export function releaseOfTag(tag: string): string | undefined {
  return TAG.exec(tag)?.[1];
}
