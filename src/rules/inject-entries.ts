import { at, type Entry, entryOf, type Path } from "../source/tree.ts";
import { INJECT_KEY } from "../target/index.ts";
import { readBoolean } from "./native-annotation.ts";
import type { Pod } from "./rule.ts";

/** A label or annotation of the Pod template that says whether it is injected. */
export interface InjectEntry {
  entry: Entry;
  path: Path;
  field: "labels" | "annotations";
  meant: "true" | "false" | undefined;
  isExact: boolean;
}

/** Inject labels and annotations of a Pod template. */
export function injectEntries({ template: { resource, metadataPaths } }: Pod): InjectEntry[] {
  return metadataPaths.flatMap((path) =>
    (["labels", "annotations"] as const).flatMap((field): InjectEntry[] => {
      const entry = entryOf(at(resource.root, [...path, field]), INJECT_KEY);
      return entry === undefined ? [] : [{ entry, path: [...path, field, INJECT_KEY], field, ...readBoolean(entry) }];
    }),
  );
}
