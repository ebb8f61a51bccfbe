import { createHash } from "node:crypto";
import { groupOf } from "../kube/resource.ts";
import { maskSecrets } from "./mask.ts";
import type { ReportItem } from "./report.ts";

/**
 * One name for each finding that stays the same when lines, list items or indentation shift: of the rule, the file,
 * the resource, the place in it by names, and the text there. Equal ones are numbered in their order.
 */
export function fingerprints(items: readonly ReportItem[]): Map<ReportItem, string> {
  const counts = new Map<string, number>();
  return new Map(
    items.map((item) => {
      const same = identity(item);
      const count = counts.get(same) ?? 0;
      counts.set(same, count + 1);
      return [item, createHash("sha256").update(`${same}\0${count}`).digest("hex")];
    }),
  );
}

function identity({ namedPath, text, place, rule, file, resource }: ReportItem): string {
  const shown = maskSecrets(text.slice(place.start, place.end)).replace(/\s+/g, " ");
  const { apiVersion, kind, namespace, name } = resource;
  // The version of an API may change, its group tells it from others of the kind.
  return JSON.stringify([rule, file, groupOf(apiVersion), kind, namespace, name, namedPath, shown]);
}
