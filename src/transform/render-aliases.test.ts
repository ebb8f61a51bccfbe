import { describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { render } from "../index.ts";

const CONFIG = `apiVersion: fn.native-sidecar.io/v1alpha1
kind: NativeSidecar
metadata: {name: c}
spec:
  target: {istio: 1.28.10, kubernetes: "1.33"}
`;
const HEAD = "apiVersion: batch/v1\n  kind: Job\n  metadata:";
const POD = "spec:\n    template:\n      spec:\n        containers:\n        - {name: a, image: a}\n";

type Job = { spec: { template: { spec: { initContainers?: { name: string }[] } } } };

/** Names of the init containers of every Job. */
function inits(text: string): (string[] | undefined)[] {
  const documents = parseAllDocuments(text, { version: "1.1", merge: true });
  expect((documents as { errors: unknown[] }[]).flatMap(({ errors }) => errors)).toEqual([]);
  const values = (documents as { toJS(): { kind: string; items?: Job[] } }[]).map((document) => document.toJS());
  const jobs = values.flatMap((value) => value.items ?? [value as unknown as Job]);
  return jobs.map((job) => job.spec.template.spec.initContainers?.map(({ name }) => name));
}

const SIDECAR = ["istio-init", "istio-proxy"];

describe("a render of Pod templates behind aliases", () => {
  it.each([
    [
      "a shared spec",
      `apiVersion: v1\nkind: List\nitems:\n- ${HEAD} {name: a}\n  spec: &s\n    ${POD.slice(10)}- ${HEAD} {name: b}\n  spec: *s\n`,
      2,
    ],
    ["a shared item", `apiVersion: v1\nkind: List\nitems:\n- &j\n  ${HEAD} {name: a}\n  ${POD}- *j\n`, 2],
    ["a merged item", `apiVersion: v1\nkind: List\nitems:\n- &j\n  ${HEAD} {name: a}\n  ${POD}- <<: *j\n`, 2],
    [
      "text outside of the workload",
      "x: &t\n  spec:\n    containers:\n    - {name: a, image: a}\napiVersion: batch/v1\nkind: Job\nmetadata: {name: a}\nspec:\n  template: *t\n",
      1,
    ],
  ])("injects each workload once: %s", (_, text, count) => {
    const rendered = render(text, CONFIG);
    expect(inits(rendered)).toEqual(Array.from({ length: count }, () => SIDECAR));
    expect(render(rendered, CONFIG)).toBe(rendered);
  });

  it("leaves text outside of the workload alone", () => {
    const shared = "x: &t\n  spec:\n    containers:\n    - {name: a, image: a}\n";
    const text = `${shared}apiVersion: batch/v1\nkind: Job\nmetadata: {name: a}\nspec:\n  template: *t\n`;
    expect(render(text, CONFIG).startsWith(shared)).toBe(true);
  });
});
