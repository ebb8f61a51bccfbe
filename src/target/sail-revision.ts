import type { JsonObject } from "../json.ts";
import type { InputObject } from "./target.ts";
import { textAt } from "./value-path.ts";

/** Sail names the revision after the resource, with RevisionBased updates after its version too; `default` is none. */
export function sailRevision(resource: JsonObject, version: string): string {
  const name = textAt(resource, "metadata", "name") ?? "default";
  const isRevisionBased = textAt(resource, "spec", "updateStrategy", "type") === "RevisionBased";
  if (isRevisionBased) return `${name}-${version.replaceAll(".", "-")}`;
  return name === "default" ? "" : name;
}

/**
 * What Sail's IstioRevisionTags call by other names: tag → revision, "" for the default one. A tag of an Istio that is not
 * in the input stands for the revision that Sail would give it when it updates in place.
 * Source: getActiveRevisionName in controllers/istio, IstioRevisionTagTargetReference in api/v1
 * (istio-ecosystem/sail-operator, 1.0).
 */
export function sailRevisionTags(tags: readonly InputObject[], istios: readonly InputObject[]): Map<string, string> {
  return new Map(
    tags.flatMap(({ name, data }): [string, string][] => {
      const target = textAt(data, "spec", "targetRef", "name");
      if (target === undefined) return [];
      const istio =
        textAt(data, "spec", "targetRef", "kind") === "Istio" ? istios.find((one) => one.name === target) : undefined;
      const version = istio && (textAt(istio.data, "spec", "version") ?? "");
      const revision = istio === undefined ? target : sailRevision(istio.data, version ?? "");
      return [[name, revision === "default" ? "" : revision]];
    }),
  );
}
