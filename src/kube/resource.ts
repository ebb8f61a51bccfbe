import { entryOf, itemsAt, type MapNode, type Node, resolve, textAt } from "../source/tree.ts";

/** One Kubernetes object in a file; a List's items are resources of their own. */
export interface Resource {
  /** Name of the file as shown to people. */
  file: string;
  /** Text of the whole file, which all offsets point into. */
  text: string;
  /** Index of the document (or ResourceList item) in the file, from 0. */
  document: number;
  root: MapNode;
  /** Where the resource stands: its root, or the alias that stands for it; undefined inside of an aliased list. */
  node: Node | undefined;
  /** Root of the document that holds the resource: `root`, or the List around it. */
  documentRoot: MapNode;
  apiVersion: string;
  kind: string;
  /** metadata.name, else metadata.generateName, else "". */
  name: string;
  /** metadata.namespace; undefined where the manifest leaves it to whoever applies it. */
  namespace: string | undefined;
}

export type DocumentPlace = Pick<Resource, "file" | "text" | "document">;

const MAX_LIST_DEPTH = 32;

/** Resources of one document: itself, or the items of a (nested) List. Documents without a kind have none. */
export function resourcesOf(place: DocumentPlace, root: Node | undefined): Resource[] {
  const found: Resource[] = [];
  if (root?.kind === "map") collect(place, root, root, found, 0, true);
  return found;
}

function collect(
  place: DocumentPlace,
  documentRoot: MapNode,
  node: Node,
  found: Resource[],
  depth: number,
  isOwn: boolean,
): void {
  const root = resolve(node);
  if (root.kind !== "map" || depth > MAX_LIST_DEPTH) return;
  const kind = textAt(root, ["kind"]);
  if (kind === undefined) return;
  const items = itemsAt(root, ["items"]);
  if (kind.endsWith("List") && items.length > 0) {
    const list = entryOf(root, "items");
    const ownsItems = isOwn && node.kind === "map" && list?.map === root && list.value.kind === "seq";
    for (const item of items) collect(place, documentRoot, item.value, found, depth + 1, ownsItems);
    return;
  }
  found.push({
    ...place,
    root,
    node: isOwn ? node : undefined,
    documentRoot,
    apiVersion: textAt(root, ["apiVersion"]) ?? "",
    kind,
    name: textAt(root, ["metadata", "name"]) ?? textAt(root, ["metadata", "generateName"]) ?? "",
    namespace: textAt(root, ["metadata", "namespace"]),
  });
}

/** API group of an apiVersion: `batch/v1` → `batch`, `v1` → "". */
export function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf("/");
  return slash < 0 ? "" : apiVersion.slice(0, slash);
}
