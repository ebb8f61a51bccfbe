import type { MapNode } from "../source/tree.ts";
import { stringMapAt } from "./labels.ts";

/** What a previewed render is known by: other items below `rendered/` are somebody else's. */
export const PREVIEW_MARK = "native-sidecar.io/preview";
export const LOCAL_CONFIG = "config.kubernetes.io/local-config";

/** A copy that shows what the injector makes of a workload (render.mode preview): no workload of its own. */
export function isPreviewCopy(root: MapNode): boolean {
  const annotations = stringMapAt(root, ["metadata", "annotations"]);
  return annotations[PREVIEW_MARK] === "true" && annotations[LOCAL_CONFIG] === "true";
}
