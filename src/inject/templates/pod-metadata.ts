import type { JsonObject } from "../../json.ts";
import { cutBytes } from "./go-text.ts";
import { ownAnnotation, ownLabel, quoted, type View } from "./view.ts";

/** service.istio.io/canonical-name and canonical-revision. */
export function canonicalLabels(view: View): JsonObject {
  const label = (name: string) => ownLabel(view, name);
  const revision =
    label("service.istio.io/canonical-revision") || label("app.kubernetes.io/version") || label("version");
  return {
    "service.istio.io/canonical-name": canonicalName(view),
    "service.istio.io/canonical-revision": revision || "latest",
  };
}

function canonicalName(view: View): string {
  const label = (name: string) => ownLabel(view, name);
  const named = label("service.istio.io/canonical-name") || label("app.kubernetes.io/name") || label("app");
  return named || view.data.deploymentMeta.name;
}

/** The labels of a sidecar, whose canonical name is cut to what a label may hold. */
export function sidecarCanonicalLabels(view: View): JsonObject {
  const labels = canonicalLabels(view);
  if (!view.has("canonicalNameCut")) return labels;
  const cut = cutBytes(canonicalName(view), 63);
  const name = view.has("canonicalNameTrimmed")
    ? cut.replace(/^[-_.]+/, "").replace(/[-_.]+$/, "")
    : cut.replace(/-$/, "");
  return { ...labels, "service.istio.io/canonical-name": name };
}

export function revision(view: View): string {
  return view.data.revision || "default";
}

/** kubectl's default container, unless the Pod names one. */
export function defaultContainer(view: View): JsonObject {
  const [first] = view.appContainers;
  const annotations: JsonObject = {};
  if (first === undefined) return annotations;
  for (const name of ["kubectl.kubernetes.io/default-logs-container", "kubectl.kubernetes.io/default-container"]) {
    if (ownAnnotation(view, name) === undefined) annotations[name] = quoted(view, first, "container name");
  }
  return annotations;
}
