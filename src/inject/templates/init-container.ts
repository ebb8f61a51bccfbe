import type { Json, JsonObject } from "../../json.ts";
import { initImage } from "./image.ts";
import { excludedInboundPorts } from "./ports.ts";
import { pullPolicy, seccompProfile } from "./proxy-container.ts";
import { metadataEnv } from "./proxy-env.ts";
import { resources } from "./resources.ts";
import {
  annotationOr,
  boolean,
  cniEnabled,
  enabled,
  equals,
  interceptionMode,
  ownAnnotation,
  quoted,
  type View,
  value,
} from "./view.ts";

const REROUTE = "istio.io/reroute-virtual-interfaces";
const KUBEVIRT = "traffic.sidecar.istio.io/kubevirtInterfaces";
const EXCLUDE_INTERFACES = "traffic.sidecar.istio.io/excludeInterfaces";

/** istio-init, which redirects the traffic, or under CNI istio-validation, which looks whether that was done. */
export function initContainer(view: View): JsonObject {
  const env = metadataEnv(view);
  return {
    name: cniEnabled(view) ? "istio-validation" : "istio-init",
    image: initImage(view),
    args: iptablesArgs(view),
    ...pullPolicy(view),
    ...(env.length > 0 && { env }),
    resources: resources(view),
    securityContext: { ...initSecurityContext(view), ...seccompProfile(view) },
  };
}

function iptablesArgs(view: View): string[] {
  const { mesh, data } = view;
  const uid = fixedIds(view) ? 1337 : data.proxyUID || 1337;
  const args = [
    "istio-iptables",
    "-p",
    String(mesh.proxyListenPort),
    "-z",
    String(mesh.proxyInboundListenPort),
    "-u",
    String(uid),
  ];
  args.push("-m", quoted(view, interceptionMode(view), "sidecar.istio.io/interceptionMode"));
  args.push("-i", annotated(view, "includeOutboundIPRanges", "includeIPRanges"));
  args.push("-x", annotated(view, "excludeOutboundIPRanges", "excludeIPRanges"));
  args.push("-b", annotated(view, "includeInboundPorts", "includeInboundPorts"));
  args.push("-d", excludedPorts(view));
  if (hasOutboundPorts(view, "includeOutboundPorts"))
    args.push("-q", annotated(view, "includeOutboundPorts", "includeOutboundPorts"));
  if (hasOutboundPorts(view, "excludeOutboundPorts"))
    args.push("-o", annotated(view, "excludeOutboundPorts", "excludeOutboundPorts"));
  return [...args, ...interfaceArgs(view), ...modeArgs(view)];
}

/** An annotation under traffic.sidecar.istio.io, else the Helm value under global.proxy. */
export function annotated(view: View, annotation: string, path: string): string {
  const name = `traffic.sidecar.istio.io/${annotation}`;
  return quoted(view, annotationOr(view, name, `global.proxy.${path}`), name);
}

/** Whether a Pod or the values say anything of these outbound ports. */
export function hasOutboundPorts(view: View, name: string): boolean {
  if (ownAnnotation(view, `traffic.sidecar.istio.io/${name}`) !== undefined) return true;
  const path = `global.proxy.${name}`;
  return value(view, path) !== undefined && value(view, path) !== null && !equals(view, path, "");
}

function excludedPorts(view: View): string {
  const more = excludedInboundPorts(view);
  const ports = more === "" ? "15090,15021" : `15090,15021,${more}`;
  return quoted(view, ports, "traffic.sidecar.istio.io/excludeInboundPorts");
}

function interfaceArgs(view: View): string[] {
  const reroute = view.has("rerouteInterfaces") ? flag(view, "-k", REROUTE) : [];
  const kubevirt = view.has("rerouteReplacesKubevirt") && reroute.length > 0 ? [] : flag(view, "-k", KUBEVIRT);
  return [...kubevirt, ...reroute, ...flag(view, "-c", EXCLUDE_INTERFACES)];
}

function flag(view: View, option: string, annotation: string): string[] {
  const text = ownAnnotation(view, annotation);
  return text === undefined ? [] : [option, quoted(view, text, annotation)];
}

function modeArgs(view: View): string[] {
  const logLevel = annotationOr(view, "sidecar.istio.io/agentLogLevel", "global.logging.level");
  const args = [quoted(view, `--log_output_level=${logLevel}`, "sidecar.istio.io/agentLogLevel")];
  if (enabled(view, "global.logAsJson")) args.push("--log_as_json");
  if (cniEnabled(view)) args.push("--run-validation", "--skip-rule-apply");
  else if (view.has("forceApplyIptables") && enabled(view, "global.proxy_init.forceApplyIptables"))
    args.push("--force-apply");
  if (view.has("nativeNftables") && enabled(view, "global.nativeNftables")) args.push("--native-nftables");
  return args;
}

function initSecurityContext(view: View): JsonObject {
  const privileged: Json = boolean(view, "global.proxy.privileged");
  const both = { allowPrivilegeEscalation: privileged, privileged };
  if (!cniEnabled(view)) {
    return {
      ...both,
      capabilities: { add: ["NET_ADMIN", "NET_RAW"], drop: ["ALL"] },
      readOnlyRootFilesystem: false,
      runAsGroup: 0,
      runAsNonRoot: false,
      runAsUser: 0,
    };
  }
  const { proxyUID, proxyGID } = view.data;
  return {
    ...both,
    capabilities: { drop: ["ALL"] },
    readOnlyRootFilesystem: true,
    runAsGroup: fixedIds(view) ? 1337 : proxyGID || 1337,
    runAsUser: fixedIds(view) ? 1337 : proxyUID || 1337,
    runAsNonRoot: true,
  };
}

function fixedIds(view: View): boolean {
  return view.has("tproxyFixedIds") && interceptionMode(view) === "TPROXY";
}

/** enable-core-dump, which Istio had until 1.23. */
export function coreDumpContainer(view: View): JsonObject {
  return {
    name: "enable-core-dump",
    args: ["-c", "sysctl -w kernel.core_pattern=/var/lib/istio/data/core.proxy && ulimit -c unlimited"],
    command: ["/bin/sh"],
    image: initImage(view),
    ...pullPolicy(view),
    resources: resources(view),
    securityContext: {
      allowPrivilegeEscalation: true,
      capabilities: { add: ["SYS_ADMIN"], drop: ["ALL"] },
      privileged: true,
      readOnlyRootFilesystem: false,
      runAsGroup: 0,
      runAsNonRoot: false,
      runAsUser: 0,
    },
  };
}
