import type { JsonObject } from "../../json.ts";
import { annotated, hasOutboundPorts } from "./init-container.ts";
import { appendMultusNetwork } from "./multus.ts";
import { excludedInboundPorts } from "./ports.ts";
import {
  cniEnabled,
  enabled,
  equals,
  interceptionMode,
  ownAnnotation,
  quoted,
  quotedSingle,
  type View,
} from "./view.ts";

const NETWORKS = "k8s.v1.cni.cncf.io/networks";
const TRAFFIC = "traffic.sidecar.istio.io/";

/** What the CNI plugin reads from the Pod in place of istio-init's arguments. */
export function cniAnnotations(view: View): JsonObject {
  if (!cniEnabled(view)) return {};
  const annotations: JsonObject = {};
  if (usesMultus(view)) {
    const networks = appendMultusNetwork(ownAnnotation(view, NETWORKS) ?? "", view.has("multusNamespace"));
    annotations[NETWORKS] = quotedSingle(view, networks, NETWORKS);
  }
  annotations["sidecar.istio.io/interceptionMode"] = quoted(
    view,
    interceptionMode(view),
    "sidecar.istio.io/interceptionMode",
  );
  const set = (name: string, text: string, always: boolean) => {
    if (always || text !== "") annotations[`${TRAFFIC}${name}`] = text;
  };
  set("includeOutboundIPRanges", annotated(view, "includeOutboundIPRanges", "includeIPRanges"), false);
  set("excludeOutboundIPRanges", annotated(view, "excludeOutboundIPRanges", "excludeIPRanges"), false);
  set(
    "includeInboundPorts",
    annotated(view, "includeInboundPorts", "includeInboundPorts"),
    view.has("includeInboundPortsAlways"),
  );
  set("excludeInboundPorts", quoted(view, excludedInboundPorts(view), `${TRAFFIC}excludeInboundPorts`), true);
  for (const name of ["includeOutboundPorts", "excludeOutboundPorts"]) {
    if (hasOutboundPorts(view, name)) set(name, annotated(view, name, name), true);
  }
  return { ...annotations, ...interfaceAnnotations(view) };
}

function interfaceAnnotations(view: View): JsonObject {
  const annotations: JsonObject = {};
  const names = [`${TRAFFIC}kubevirtInterfaces`, `${TRAFFIC}excludeInterfaces`];
  if (view.has("rerouteInterfaces")) names.push("istio.io/reroute-virtual-interfaces");
  for (const name of names) {
    const text = ownAnnotation(view, name);
    if (text) annotations[name] = quoted(view, text, name);
  }
  return annotations;
}

function usesMultus(view: View): boolean {
  if (view.has("pilotCni") && equals(view, "pilot.cni.provider", "multus")) return true;
  if (view.has("pilotCniOnly")) return false;
  return (view.has("pilotCni") && equals(view, "istio_cni.provider", "multus")) || !enabled(view, "istio_cni.chained");
}
