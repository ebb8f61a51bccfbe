import { expect, it } from "vitest";
import type { JsonObject } from "../json.ts";
import { InjectionError } from "./model.ts";
import { mergeOutput, templateSums } from "./template-output.ts";

const output = (name: string, spec: JsonObject, source?: string) => ({ name, source, pod: { spec } });
const items = (...list: JsonObject[]): JsonObject => ({ initContainers: list });

it("sums up the templates one after the other, directives followed", () => {
  const sums = templateSums([
    output("sidecar", items({ name: "istio-validation", $patch: "delete" }, { name: "istio-proxy" }, { name: "init" })),
    output("custom", items({ name: "init", $patch: "delete" })),
  ]);
  expect(sums).toEqual([
    { spec: items({ name: "istio-proxy" }, { name: "init" }) },
    { spec: items({ name: "istio-proxy" }) },
  ]);
});

it("names the config, the template and the path of what cannot be merged", () => {
  const pod = { spec: { containers: [{ name: "a", env: [{ name: "A" }] }] } };
  const bad = { containers: [{ name: "a", env: [{ name: "B" }, { value: "x" }] }] };
  const source = "ConfigMap istio-sidecar-injector (cluster.yaml:3)";
  expect(() => mergeOutput(pod, output("custom", bad, source))).toThrow(
    new InjectionError(
      `${source}: injection template "custom" cannot be merged: spec.containers[0].env[1]: ` +
        "the item has no name, by which the list is merged",
      [],
    ),
  );
});
