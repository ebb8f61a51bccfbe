import type { JsonObject } from "../json.ts";
import { InjectionError } from "./model.ts";
import { PatchError } from "./patch-directives.ts";
import { mergePod } from "./strategic-merge.ts";

/** What one template made for a Pod. */
export interface TemplateOutput {
  name: string;
  /** Where the template stands, as errors call it; undefined for a built-in one. */
  source: string | undefined;
  pod: JsonObject;
}

/** Lays a template's output over a Pod. @throws InjectionError where the injector's merge fails */
export function mergeOutput(below: JsonObject, { name, source, pod }: TemplateOutput): JsonObject {
  try {
    return mergePod(below, pod);
  } catch (error) {
    if (!(error instanceof PatchError)) throw error;
    const where = source === undefined ? "" : `${source}: `;
    const path = error.path.map((step) => (typeof step === "number" ? `[${step}]` : `.${step}`)).join("");
    const message = `${where}injection template ${JSON.stringify(name)} cannot be merged: ${path.slice(1)}: ${error.message}`;
    throw new InjectionError(message, []);
  }
}

/** What the templates add, after the first, after the second and so on. */
export function templateSums(outputs: readonly TemplateOutput[]): JsonObject[] {
  const sums: JsonObject[] = [];
  for (const output of outputs) sums.push(mergeOutput(sums.at(-1) ?? Object.create(null), output));
  return sums;
}
