import { isObject, type Json, type JsonObject } from "../../json.ts";
import { goJson } from "../scalars.ts";
import { annotationOr, type View } from "./view.ts";

/** The order of corev1.ContainerPort's fields, which structToJSON keeps. */
const PORT_FIELDS = ["name", "hostPort", "containerPort", "protocol", "hostIP"];

/** ISTIO_META_POD_PORTS: a JSON list of all containers' ports, one to a line. */
export function podPorts(view: View): string {
  const ports = view.containers.flatMap((container) =>
    Array.isArray(container.ports) ? container.ports.filter(isObject) : [],
  );
  const lines = ports.map((port, index) => `    ${index === 0 ? "" : ","}${goJson(portFields(port))}\n`);
  return `[\n${lines.join("")}]`;
}

function portFields(port: JsonObject): JsonObject {
  const fields: JsonObject = {};
  for (const name of PORT_FIELDS) {
    const value: Json | undefined = Object.hasOwn(port, name) ? port[name] : undefined;
    if (name === "containerPort") fields[name] = value ?? 0;
    else if (value !== undefined && value !== null && value !== "" && value !== 0) fields[name] = value;
  }
  return fields;
}

/** Inbound ports that pass the proxy by, the status port among them (template.go, excludeInboundPort). */
export function excludedInboundPorts(view: View): string {
  const port = annotationOr(view, "status.sidecar.istio.io/port", "global.proxy.statusPort").trim();
  const excluded = annotationOr(
    view,
    "traffic.sidecar.istio.io/excludeInboundPorts",
    "global.proxy.excludeInboundPorts",
  );
  if (port === "" || port === "0") return excluded;
  const ports = excluded.split(",");
  if (ports.includes(port)) return excluded;
  return [...ports.map((entry) => entry.trim()).filter((entry) => entry !== ""), port].join(",");
}
