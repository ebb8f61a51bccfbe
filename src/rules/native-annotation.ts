import { at, type Entry, effectiveEntries, type Path, resolve } from "../source/tree.ts";
import { NATIVE_KEY } from "../target/index.ts";
import { misplacedEntries } from "./own-metadata.ts";
import type { Pod } from "./rule.ts";

/** An annotation of the Pod template that says, or tries to say, which sidecar the Pod gets. */
export interface NativeEntry {
  entry: Entry;
  path: Path;
  /** The key is not the one that the injector reads. */
  isMisspelt: boolean;
  /** The string meant; undefined where the value cannot be told. */
  meant: "true" | "false" | undefined;
  /** The value is exactly the string that is meant. */
  isExact: boolean;
}

/** Entries of a Pod template's annotations under the right key and its misspellings, in document order. */
export function nativeEntries({ template: { resource, metadataPaths } }: Pod): NativeEntry[] {
  return metadataPaths.flatMap((path) => {
    const annotations = [...path, "annotations"];
    return effectiveEntries(at(resource.root, annotations)).flatMap((entry): NativeEntry[] => {
      if (entry.name === undefined || !isNativeKey(entry.name)) return [];
      const value = readBoolean(entry);
      return [{ entry, path: [...annotations, entry.name], isMisspelt: entry.name !== NATIVE_KEY, ...value }];
    });
  });
}

/** The key, or one that only it can be meant by: Istio's 1.27 release note itself prints `native-side`. */
export function isNativeKey(key: string): boolean {
  const slash = key.lastIndexOf("/");
  const isIstio = /(?:^|\.)istio\.io$/.test(key.slice(0, Math.max(slash, 0)));
  const word = key
    .slice(slash + 1)
    .toLowerCase()
    .replace(/[-_.]/g, "");
  return isIstio && /^native(?:side(?:cars?)?)?$/.test(word);
}

/** Words that Istio's inject label takes for true up to 1.26 (pkg/kube/inject/inject.go), 1, and the opposites of all. */
const TRUE = new Set(["y", "yes", "on", "1", "true"]);
const FALSE = new Set(["n", "no", "off", "0", "false"]);

/** What a value that should be "true" or "false" says, and whether it says so exactly. */
export function readBoolean(entry: Entry): Pick<NativeEntry, "meant" | "isExact"> {
  const value = resolve(entry.value);
  if (value.kind !== "scalar") return { meant: undefined, isExact: false };
  const word = value.text.toLowerCase();
  const meant = TRUE.has(word) ? "true" : FALSE.has(word) ? "false" : undefined;
  return { meant, isExact: value.value === "true" || value.value === "false" };
}

/**
 * Why nothing else of a Pod may be fixed yet, as a clause: it says which sidecar it wants in a way that is not read as
 * meant. Undefined where it says so properly or not at all.
 */
export function unsettledSidecar(pod: Pod): string | undefined {
  const wrong = nativeEntries(pod).find(({ isMisspelt, isExact }) => isMisspelt || !isExact);
  if (wrong !== undefined) {
    return wrong.isMisspelt
      ? `${wrong.entry.name} is misspelt`
      : `the value of ${NATIVE_KEY} is neither "true" nor "false"`;
  }
  const misplaced = misplacedEntries(pod).some(({ entry }) => isNativeKey(entry.name ?? ""));
  return misplaced ? `${NATIVE_KEY} stands on the workload's own metadata` : undefined;
}
