import { isObject, type Json, type JsonObject } from "../json.ts";
import type { PodTemplate } from "./model.ts";
import { textOf } from "./scalars.ts";
import { copyMap } from "./strategic-merge.ts";

/** Labels and annotations that templates write; what the user wrote himself is found out by trying. */
const WRITTEN =
  /^(?:istio\.io\/rev|kubectl\.kubernetes\.io\/default-.+|prometheus\.io\/.+|security\.istio\.io\/tlsMode|service\.istio\.io\/canonical-.+|networking\.istio\.io\/tunnel|topology\.istio\.io\/network|sidecar\.istio\.io\/(?:interceptionMode|rewriteAppHTTPProbers)|traffic\.sidecar\.istio\.io\/.+|k8s\.v1\.cni\.cncf\.io\/networks)$/;

/** The user's ports, to which the templates for the CNI plugin add the status port. */
const EXCLUDED_PORTS = "traffic.sidecar.istio.io/excludeInboundPorts";

/** One thing of a Pod that an injection may have put there. */
interface Leftover {
  from: "labels" | "annotations" | "volumes" | "imagePullSecrets";
  name: string;
}

/**
 * Takes away what an injection left besides its containers, as far as the Pod comes out the same when it is injected
 * again: what makes no difference then was not the user's, or the next injection has to write it anew anyway.
 * @param status the injection's status annotation, parsed.
 * @param remakes whether an injection of a Pod comes to the one that was found.
 */
export function withoutLeftovers(
  pod: PodTemplate,
  status: Json | undefined,
  remakes: (pod: PodTemplate) => boolean,
): PodTemplate {
  const leftovers = leftoversOf(pod, status);
  const bare = leftovers.reduce(without, pod);
  if (remakes(bare)) return bare;
  const rest = leftovers.reduce((kept, leftover) => {
    const less = without(kept, leftover);
    return remakes(less) ? less : kept;
  }, pod);
  const shorter = withoutLastPort(rest);
  return shorter !== undefined && remakes(shorter) ? shorter : rest;
}

function withoutLastPort(pod: PodTemplate): PodTemplate | undefined {
  const ports = textOf(pod.metadata?.annotations?.[EXCLUDED_PORTS])?.split(",") ?? [];
  if (ports.length < 2) return undefined;
  const metadata = copyMap(pod.metadata);
  const annotations = copyMap<JsonObject>(metadata.annotations);
  annotations[EXCLUDED_PORTS] = ports.slice(0, -1).join(",");
  metadata.annotations = annotations as Record<string, string>;
  return { ...pod, metadata };
}

function leftoversOf({ metadata = {} }: PodTemplate, status: Json | undefined): Leftover[] {
  const keys = (["labels", "annotations"] as const).flatMap((from) =>
    Object.keys(metadata[from] ?? {})
      .filter((name) => WRITTEN.test(name))
      .map((name): Leftover => ({ from, name })),
  );
  const items = (["volumes", "imagePullSecrets"] as const).flatMap((from) => {
    const names = isObject(status) ? status[from] : undefined;
    return Array.isArray(names) ? names.map((name): Leftover => ({ from, name: String(name) })) : [];
  });
  return [...keys, ...items];
}

function without(pod: PodTemplate, { from, name }: Leftover): PodTemplate {
  if (from === "labels" || from === "annotations") {
    const metadata = copyMap(pod.metadata);
    const map = copyMap<JsonObject>(metadata[from]);
    delete map[name];
    metadata[from] = map as Record<string, string>;
    return { ...pod, metadata };
  }
  const items = pod.spec?.[from];
  if (!Array.isArray(items)) return pod;
  const spec = copyMap(pod.spec);
  spec[from] = items.filter((item) => !isObject(item) || item.name !== name);
  return { ...pod, spec };
}
