import { isObject, type Json } from "../../json.ts";
import { goPrint } from "./go-text.ts";
import { annotationOr, ownAnnotation, quoted, type View, value } from "./view.ts";

const IMAGE_ANNOTATION = "sidecar.istio.io/proxyImage";

/** The image of the proxy's own container: the annotation or values.global.proxy.image where it names a registry. */
export function proxyImage(view: View): string {
  const named = annotationOr(view, IMAGE_ANNOTATION, "global.proxy.image");
  return named.includes("/") ? quoted(view, named, IMAGE_ANNOTATION) : builtImage(view, "proxy");
}

/** The image of istio-init or istio-validation, likewise by values.global.proxy_init.image. */
export function initImage(view: View): string {
  const named = annotationOr(view, IMAGE_ANNOTATION, "global.proxy_init.image");
  if (named.includes("/")) return quoted(view, named, IMAGE_ANNOTATION);
  return builtImage(view, view.has("proxyInitImage") ? "proxy_init" : "proxy");
}

/** A gateway's image; before 1.23 the values alone decide whether the annotation counts. */
export function gatewayImage(view: View): string {
  const counts = view.has("gatewayImageAnnotation") || goPrint(value(view, "global.proxy.image")).includes("/");
  if (!counts) return builtImage(view, "proxy");
  const named = annotationOr(view, IMAGE_ANNOTATION, "global.proxy.image");
  return !view.has("gatewayImageAnnotation") || named.includes("/")
    ? quoted(view, named, IMAGE_ANNOTATION)
    : builtImage(view, "proxy");
}

/** hub/image:tag-type (pkg/kube/inject/inject.go, ProxyImage and ProxyInitImage). */
function builtImage(view: View, container: "proxy" | "proxy_init"): string {
  const image = text(value(view, `global.${container}.image`)) || "proxyv2";
  const url = `${text(value(view, "global.hub"))}/${image}:${typedTag(text(value(view, "global.tag")), imageType(view, container))}`;
  return quoted(view, url, "sidecar.istio.io/proxyImageType");
}

function imageType(view: View, container: "proxy" | "proxy_init"): string {
  const annotated = ownAnnotation(view, "sidecar.istio.io/proxyImageType");
  if (annotated !== undefined) return annotated;
  const variant = view.has("imageVariant") ? text(value(view, "global.variant")) : "";
  const { image } = view.data.proxyConfig;
  const configured = isObject(image) ? text(image.imageType) : undefined;
  if (!view.has("proxyInitImage")) return configured ?? variant;
  return (container === "proxy" && configured) || variant;
}

/** The type replaces one the tag has; `default` is none. */
function typedTag(tag: string, type: string): string {
  if (type === "") return tag;
  const bare = tag.replace(/-(?:distroless|debug)$/, "");
  return type === "default" ? bare : `${bare}-${type}`;
}

function text(json: Json | undefined): string {
  return json === undefined || json === null ? "" : goPrint(json);
}
