import { parseChunk } from "../source/parse.ts";
import { removeChildren } from "../source/remove.ts";
import { editScalar } from "../source/scalar-text.ts";
import { at, type Entry, entryOf, type MapNode, type Path, type ScalarNode } from "../source/tree.ts";
import type { Operation, Pod, Rule, Site } from "./rule.ts";
import { whyNoStartupProbe } from "./startup-probe.ts";

const PROXY_CONFIG = "proxy.istio.io/config";
/** ProxyConfig's field as protobuf's JSON reads it (mesh/v1alpha1/proxy.proto): either spelling. */
const FIELDS: ReadonlySet<string> = new Set(["holdApplicationUntilProxyStarts", "hold_application_until_proxy_starts"]);
const NOTHING: ReadonlySet<string> = new Set();

/** `holdApplicationUntilProxyStarts: true` in a Pod's own proxy configuration. */
export const holdApplication: Rule = {
  meta: {
    name: "hold-application",
    severity: "info",
    summary: "the proxy configuration holds the app until the proxy is ready",
    literals: [...FIELDS],
    effective: ["native"],
    isHack: true,
  },
  check(pod, context) {
    const { resource, metadataPaths } = pod.template;
    return metadataPaths.flatMap((path): Site[] => {
      const annotations = [...path, "annotations"];
      const entry = entryOf(at(resource.root, annotations), PROXY_CONFIG);
      const value = entry && at(entry.value, []);
      if (entry === undefined || value?.kind !== "scalar") return [];
      const held = heldBy(value);
      if (held === undefined) return [];
      const operations = removal(pod, entry, value, held);
      return [siteOf([...annotations, PROXY_CONFIG], value, operations, whyNoStartupProbe(pod, context))];
    });
  },
};

function siteOf(path: Path, node: ScalarNode, operations: Operation[], missing: string | undefined): Site {
  const isPlaceable = operations.length > 0;
  const isSafe = missing === undefined && isPlaceable;
  const reason = isPlaceable
    ? `the proxy has no startupProbe (${missing}), so nothing else holds the app`
    : "the notation of the string does not let a part of it be taken out";
  return {
    path,
    node,
    level: isSafe ? "safe" : "none",
    what: "holdApplicationUntilProxyStarts holds the app until the proxy is ready",
    why: "Kubernetes starts the app only once a native sidecar is ready",
    advice: "remove the setting",
    ...(!isSafe && { remark: `not fixed: ${reason}` }),
    operations: isSafe ? operations : [],
  };
}

interface Held {
  config: MapNode;
  /** The entries that say so: one, or both spellings. */
  entries: Entry[];
}

/** Where a proxy configuration (YAML or JSON) says it; undefined where it does not, or cannot be read. */
function heldBy(scalar: ScalarNode): Held | undefined {
  let config: ReturnType<typeof parseChunk>;
  try {
    config = parseChunk({ file: "", text: scalar.text, start: 0, end: scalar.text.length });
  } catch {
    return undefined;
  }
  if (config?.kind !== "map") return undefined;
  const entries = config.entries.filter(({ name, value }) => {
    const said = at(value, []);
    return name !== undefined && FIELDS.has(name) && said?.kind === "scalar" && said.value === true;
  });
  return entries.length === 0 ? undefined : { config, entries };
}

/** The setting goes out of the string; a configuration that this empties goes with its annotation. */
function removal(pod: Pod, entry: Entry, scalar: ScalarNode, { config, entries }: Held): Operation[] {
  if (entries.length === config.entries.length) return [{ kind: "remove", child: entry }];
  const edits = removeChildren(scalar.text, entries, NOTHING);
  if (editScalar(pod.template.resource.text, scalar, edits) === undefined) return [];
  return [{ kind: "edit-text", scalar, edits }];
}
