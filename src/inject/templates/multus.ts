import { isObject, type Json, parseJsonText } from "../../json.ts";

/**
 * Adds istio-cni to the networks of Multus (pkg/kube/inject/template.go, appendMultusNetwork). A JSON list keeps its text; one
 * that cannot be read stays as it is.
 */
export function appendMultusNetwork(existing: string, withNamespace: boolean): string {
  const network = "default/istio-cni";
  if (existing === "") return network;
  const end = existing.lastIndexOf("]");
  if (end >= 0) return appendToJson(existing, end, network, withNamespace);
  const listed = existing.split(",").some((entry) => entry.trim() === network);
  return listed ? existing : `${existing}, ${network}`;
}

function appendToJson(existing: string, end: number, network: string, withNamespace: boolean): string {
  let networks: Json;
  try {
    networks = parseJsonText(existing);
  } catch {
    return existing;
  }
  if (!Array.isArray(networks) || !networks.every((entry) => isObject(entry) || entry === null)) return existing;
  const [namespace, name] = withNamespace ? ["default", "istio-cni"] : [undefined, network];
  const listed = networks.some(
    (entry) =>
      isObject(entry) && entry.name === name && (namespace === undefined || (entry.namespace ?? "") === namespace),
  );
  if (listed) return existing;
  const added = namespace === undefined ? `{"name": "${name}"}` : `{"name": "${name}", "namespace": "${namespace}"}`;
  return `${existing.slice(0, end)}, ${added}${existing.slice(end)}`;
}
