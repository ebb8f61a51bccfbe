// Types only: importing kpt-functions (0.16.1, dist/src/io.js) puts another console in place of the global one.
import type { Configs, KptFunc, Result as KptResult, KubernetesObject } from "kpt-functions";
import { isObject, type Json, type JsonObject } from "../json.ts";
import { parseChunk } from "../source/parse.ts";
import { toData } from "../source/tree.ts";
import { readResourceList } from "./resource-list.ts";
import { readResults } from "./results.ts";

/** A KRM function on text: a ResourceList in, the ResourceList with its results out. */
export type TransformText = (resourceList: string) => string | Promise<string>;

/**
 * The function for programs built on kpt-functions. Such a program has dropped comments, notation and order before
 * it calls, and keeps one of several objects of the same name: nothing of that is ours to bring back.
 * @param usage shown by kpt-functions' own command line.
 */
export function kptFunction(transform: TransformText, usage: string): KptFunc {
  const run = async (configs: Configs): Promise<void> => {
    const lines = new Map<string, KubernetesObject>();
    for (const object of configs.getAll()) lines.set(JSON.stringify(object), object);
    const output = await transform(resourceListText([...lines.keys()], configs.getFunctionConfig()));
    const objects = objectsOf(output, lines);
    configs.deleteAll();
    configs.insert(...objects);
    configs.addResults(...readResults(output).filter(isObject).map(kptResult));
  };
  return Object.assign(run, { usage });
}

/** One item a line: the lines alone tell the items, and an untouched one is known again by its line. */
function resourceListText(items: readonly string[], functionConfig: KubernetesObject | undefined): string {
  const head = ["apiVersion: config.kubernetes.io/v1", "kind: ResourceList"];
  const config = functionConfig === undefined ? [] : [`functionConfig: ${JSON.stringify(functionConfig)}`];
  const list = items.length === 0 ? ["items: []"] : ["items:", ...items.map((item) => `- ${item}`)];
  return `${[...head, ...config, ...list].join("\n")}\n`;
}

function objectsOf(output: string, known: ReadonlyMap<string, KubernetesObject>): KubernetesObject[] {
  const list = readResourceList("the function's output", output);
  if (list === undefined) throw new Error("the function's output is no ResourceList");
  return list.chunks.flatMap((chunk) => {
    const untouched = known.get(output.slice(chunk.start, chunk.end).replace(/^- /, "").trimEnd());
    if (untouched !== undefined) return [untouched];
    const root = chunk.root ?? parseChunk(chunk);
    return root === undefined ? [] : [plain(toData(root)) as unknown as KubernetesObject];
  });
}

/** With the prototypes that kpt-functions' YAML writer asks for. */
function plain(data: Json): Json {
  return JSON.parse(JSON.stringify(data));
}

/** kpt-functions 0.16.1 says `warn` and `suggestedValue` where the specification says `warning` and `proposedValue`. */
function kptResult(result: JsonObject): KptResult {
  const { severity, field, ...rest } = plain(result) as JsonObject;
  const { proposedValue, ...known } = isObject(field) ? field : {};
  const named = proposedValue === undefined ? known : { ...known, suggestedValue: proposedValue };
  const converted = { severity: severity === "warning" ? "warn" : severity, ...rest, ...(field && { field: named }) };
  return converted as unknown as KptResult;
}
