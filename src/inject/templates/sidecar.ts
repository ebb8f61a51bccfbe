import type { JsonObject } from "../../json.ts";
import type { Template } from "../template-data.ts";
import { cniAnnotations } from "./cni-annotations.ts";
import { coreDumpContainer, initContainer } from "./init-container.ts";
import { defaultContainer, revision, sidecarCanonicalLabels } from "./pod-metadata.ts";
import { coreDump, sidecarProxy } from "./proxy-container.ts";
import { interceptionMode, ownAnnotation, ownLabel, proxyMetadata, type View, viewOf } from "./view.ts";
import { imagePullSecrets, sidecarVolumes } from "./volumes.ts";

/** The template `sidecar` (manifests/charts/istio-control/istio-discovery/files/injection-template.yaml). */
export const sidecar: Template = (data) => {
  const view = viewOf(data);
  const native = isNative(view);
  return {
    metadata: {
      labels: sidecarLabels(view),
      annotations: { "istio.io/rev": revision(view), ...defaultContainer(view), ...cniAnnotations(view) },
    },
    spec: {
      ...containerLists(view, native),
      volumes: sidecarVolumes(view),
      ...imagePullSecrets(view),
    },
  };
};

/** Whether the proxy is a native sidecar: the annotation, else istiod's setting. */
function isNative(view: View): boolean {
  const { nativeSidecars } = view.data;
  const annotation = ownAnnotation(view, "sidecar.istio.io/nativeSidecar");
  if (view.has("nativeUnlessFalse")) return (annotation || String(nativeSidecars)) !== "false";
  if (view.has("nativeAnnotation")) return annotation === undefined ? nativeSidecars : annotation === "true";
  return nativeSidecars;
}

function sidecarLabels(view: View): JsonObject {
  const ambient = proxyMetadata(view).some(([name, text]) => name === "ISTIO_META_ENABLE_HBONE" && text === "true");
  const tunnel = { "networking.istio.io/tunnel": ownLabel(view, "networking.istio.io/tunnel") || "http" };
  return {
    "security.istio.io/tlsMode": ownLabel(view, "security.istio.io/tlsMode") || "istio",
    ...(ambient && tunnel),
    ...sidecarCanonicalLabels(view),
  };
}

/** A list the template leaves without an item is null, which drops the Pod's own. */
function containerLists(view: View, native: boolean): JsonObject {
  const proxy = sidecarProxy(view, native);
  const before: JsonObject[] = [];
  if (interceptionMode(view) !== "NONE") before.push(initContainer(view));
  if (!view.has("noCoreDump") && coreDump(view)) before.push(coreDumpContainer(view));
  if (native) return { initContainers: [...before, proxy] };
  const empty = view.has("emptyInitContainers") ? [] : null;
  return { initContainers: before.length > 0 ? before : empty, containers: [proxy] };
}
