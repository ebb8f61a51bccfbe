import { ownAnnotation, ownLabel, type View } from "./view.ts";

const PREFIX = "resource.opentelemetry.io/";

/**
 * OpenTelemetry's service attributes, "" unless a tracing provider of the mesh asks for them
 * (pkg/kube/inject/template.go, otelResourceAttributes, 1.30).
 */
export function otelResourceAttributes(view: View): string {
  if (!view.mesh.otelSemanticConventions) return "";
  const attributes = {
    "service.namespace": namespace(view),
    "service.version": version(view),
    "service.instance.id": instance(view),
  };
  return Object.entries(attributes)
    .flatMap(([name, text]) => (text === undefined || text === "" ? [] : [`${name}=${text}`]))
    .join(",");
}

function namespace(view: View): string {
  return ownAnnotation(view, `${PREFIX}service.namespace`) || view.data.deploymentMeta.namespace;
}

function version(view: View): string | undefined {
  const named = ownAnnotation(view, `${PREFIX}service.version`) || ownLabel(view, "app.kubernetes.io/version");
  if (named) return named;
  const [only, ...others] = view.containers;
  if (only === undefined || others.length > 0) return undefined;
  return imageVersion(typeof only.image === "string" ? only.image : "");
}

/** Tag, digest or both as tag@digest of [registry[:port]/]name[:tag][@digest]. */
function imageVersion(image: string): string {
  const at = image.indexOf("@");
  const [name, digest] = at < 0 ? [image, ""] : [image.slice(0, at), image.slice(at + 1)];
  const colon = name.lastIndexOf(":");
  const tag = colon > name.lastIndexOf("/") ? name.slice(colon + 1) : "";
  return [tag, digest].filter((part) => part !== "").join("@");
}

/** The Pod's name is Kubernetes' to fill in. */
function instance(view: View): string | undefined {
  const named = ownAnnotation(view, `${PREFIX}service.instance.id`);
  if (named) return named;
  const [first] = view.containers;
  if (first === undefined) return undefined;
  return `${view.data.deploymentMeta.namespace}.$(POD_NAME).${typeof first.name === "string" ? first.name : ""}`;
}
