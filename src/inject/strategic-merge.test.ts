import { describe, expect, it } from "vitest";
import type { JsonObject } from "../json.ts";
import { PatchError } from "./patch-directives.ts";
import { mergePod, mergeTypedPod } from "./strategic-merge.ts";

const names = (pod: JsonObject, list: string) =>
  ((pod.spec as JsonObject)[list] as JsonObject[]).map((item) => item.name);
const named = (...list: string[]) => list.map((name) => ({ name }));

describe("mergePod", () => {
  it("takes a null of the original for nothing", () => {
    const patch = { spec: { volumes: [{ name: "x", emptyDir: null }] } };
    expect(mergePod({ spec: { volumes: null } }, patch)).toEqual(mergePod({ spec: {} }, patch));
  });

  it("puts the patch's items first and appends the original's others", () => {
    const merged = mergePod({ spec: { volumes: named("a", "b") } }, { spec: { volumes: named("x", "y") } });
    expect(names(merged, "volumes")).toEqual(["x", "y", "a", "b"]);
  });

  it("keeps an original item before the patch item that it preceded", () => {
    const merged = mergePod({ spec: { volumes: named("a", "y", "b") } }, { spec: { volumes: named("x", "y", "z") } });
    expect(names(merged, "volumes")).toEqual(["x", "a", "y", "z", "b"]);
  });

  it("merges items of the same key field by field", () => {
    const original = {
      spec: { containers: [{ name: "p", image: "mine", env: [{ name: "A", value: "1" }], args: ["x"] }] },
    };
    const patch = {
      spec: { containers: [{ name: "p", env: [{ name: "B" }, { name: "A", value: "2" }], args: ["y"] }] },
    };
    expect(mergePod(original, patch)).toEqual({
      spec: {
        containers: [{ name: "p", image: "mine", env: [{ name: "B" }, { name: "A", value: "2" }], args: ["y"] }],
      },
    });
  });

  it("keeps a new list as it is, repeats included, and merges repeats with an old one", () => {
    const patch = {
      spec: {
        containers: [
          {
            name: "p",
            env: [
              { name: "A", value: "1" },
              { name: "A", value: "2" },
            ],
          },
        ],
      },
    };
    expect(mergePod({}, patch)).toEqual(patch);
    const merged = mergePod({ spec: { containers: [{ name: "p", env: [{ name: "O" }] }] } }, patch);
    expect(merged).toEqual({ spec: { containers: [{ name: "p", env: [{ name: "A", value: "2" }, { name: "O" }] }] } });
  });

  it("deletes what the patch sets to null and adds nothing for a null that meets nothing", () => {
    const patch = {
      spec: { initContainers: null, volumes: [{ name: "v" }], dnsPolicy: null, securityContext: { a: null } },
    };
    expect(mergePod({ spec: { initContainers: named("i") } }, patch)).toEqual({
      spec: { volumes: [{ name: "v" }], securityContext: {} },
    });
  });

  it("replaces lists without a merge key", () => {
    const merged = mergePod({ spec: { tolerations: [{ key: "a" }] } }, { spec: { tolerations: [{ key: "b" }] } });
    expect(merged).toEqual({ spec: { tolerations: [{ key: "b" }] } });
  });

  it("changes neither argument and takes any key for a key", () => {
    const original = JSON.parse('{"metadata":{"labels":{"__proto__":"x","constructor":"y"}}}') as JsonObject;
    const before = JSON.stringify(original);
    const merged = mergePod(original, { metadata: { labels: { a: "b" } } });
    expect(JSON.stringify(original)).toBe(before);
    expect(JSON.stringify(merged)).toBe('{"metadata":{"labels":{"__proto__":"x","constructor":"y","a":"b"}}}');
  });
});

// What k8s.io/apimachinery v0.33.1's StrategicMergePatch gives for the same, read into corev1.Pod.
describe("directives of a patch", () => {
  const pod = (spec: JsonObject): JsonObject => ({ spec });
  const merged = (original: JsonObject, patch: JsonObject): JsonObject =>
    mergePod(pod(original), pod(patch)).spec as JsonObject;

  it.each<[string, JsonObject, JsonObject, JsonObject]>([
    [
      "delete takes an item",
      { volumes: named("a", "b") },
      { volumes: [{ name: "a", $patch: "delete" }] },
      { volumes: named("b") },
    ],
    [
      "delete takes an item of a merged item",
      { containers: [{ name: "p", env: named("A", "B") }] },
      { containers: [{ name: "p", env: [{ name: "A", $patch: "delete" }, { name: "C" }] }] },
      { containers: [{ name: "p", env: named("C", "B") }] },
    ],
    [
      "delete of an item that is not there",
      { volumes: named("a") },
      { volumes: [{ name: "x", $patch: "delete" }] },
      { volumes: named("a") },
    ],
    [
      "delete in a list that is not there",
      {},
      { volumes: [{ name: "x", $patch: "delete" }, { name: "y" }] },
      { volumes: named("y") },
    ],
    [
      "delete empties a map",
      { nodeSelector: { a: "b" } },
      { nodeSelector: { $patch: "delete", c: "d" } },
      { nodeSelector: {} },
    ],
    ["delete of a map that is not there", {}, { nodeSelector: { $patch: "delete", c: "d" } }, {}],
    [
      "replace takes a map's place",
      { nodeSelector: { a: "b" } },
      { nodeSelector: { $patch: "replace", c: "d" } },
      { nodeSelector: { c: "d" } },
    ],
    [
      "replace takes a list's place",
      { volumes: named("a") },
      { volumes: [{ name: "b" }, { $patch: "replace" }] },
      { volumes: named("b") },
    ],
    [
      "replace takes an item's list out, itself too",
      { containers: [{ name: "p", image: "x" }] },
      { containers: [{ name: "p", $patch: "replace" }, { name: "q" }] },
      { containers: named("q") },
    ],
    [
      "$deleteFromPrimitiveList",
      { containers: [{ name: "p", args: ["a", "b", "c"] }] },
      { containers: [{ name: "p", "$deleteFromPrimitiveList/args": ["b", "x"] }] },
      { containers: [{ name: "p", args: ["a", "c"] }] },
    ],
    [
      "$setElementOrder",
      { volumes: named("a", "b", "c") },
      { "$setElementOrder/volumes": named("c", "a") },
      { volumes: named("b", "c", "a") },
    ],
    [
      "$setElementOrder of what is merged",
      { volumes: named("a", "b") },
      { "$setElementOrder/volumes": named("x", "b"), volumes: named("x") },
      { volumes: named("x", "a", "b") },
    ],
    [
      "$retainKeys",
      { volumes: [{ name: "a", emptyDir: {} }] },
      { volumes: [{ name: "a", $retainKeys: ["name", "hostPath"], hostPath: { path: "/" } }] },
      { volumes: [{ name: "a", hostPath: { path: "/" } }] },
    ],
  ])("%s", (_, original, patch, expected) => {
    expect(merged(original, patch)).toEqual(expected);
  });

  it.each<[string, JsonObject, RegExp, (string | number)[]]>([
    [
      "a word that is none",
      { nodeSelector: { $patch: "merge" } },
      /neither "delete" nor "replace"/,
      ["spec", "nodeSelector"],
    ],
    ["merge in a list", { volumes: [{ name: "a", $patch: "merge" }] }, /neither/, ["spec", "volumes"]],
    ["delete without a name", { volumes: [{ $patch: "delete" }] }, /has no name/, ["spec", "volumes"]],
    [
      "an item without a name",
      { containers: [{ name: "a" }, { image: "x" }] },
      /has no name/,
      ["spec", "containers", 1],
    ],
    [
      "a name that is null",
      { containers: [{ name: "a", env: [{ name: null }] }] },
      /has no name/,
      ["spec", "containers", 0, "env", 0],
    ],
    ["an item that is no map", { volumes: ["a"] }, /must be a map/, ["spec", "volumes", 0]],
    [
      "another order",
      { "$setElementOrder/volumes": named("b", "c"), volumes: named("c", "b") },
      /another order/,
      ["spec"],
    ],
    ["an order of no list", { "$setElementOrder/volumes": "a" }, /must be a list/, ["spec"]],
    ["an order without a field", { $setElementOrder: [] }, /names no field/, ["spec"]],
    [
      "keys that are not retained",
      { nodeSelector: { $retainKeys: ["a"], b: "c" } },
      /leaves out b/,
      ["spec", "nodeSelector"],
    ],
    ["keys that are no list", { nodeSelector: { $retainKeys: "a" } }, /must be a list/, ["spec", "nodeSelector"]],
    ["scalars of a list of maps", { "$deleteFromPrimitiveList/volumes": ["a"] }, /lists of scalars/, ["spec"]],
  ])("%s is refused where it stands", (_, patch, message, path) => {
    const original = { volumes: named("a"), containers: [{ name: "a", env: named("A") }], nodeSelector: { a: "b" } };
    let error: unknown;
    try {
      merged(original, patch);
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(PatchError);
    expect(error).toMatchObject({ message: expect.stringMatching(message), path });
  });

  it("takes the name of an item of typed data for empty", () => {
    expect(mergeTypedPod(pod({ volumes: named("a") }), pod({ volumes: [{ emptyDir: {} }] }))).toEqual(
      pod({ volumes: [{ emptyDir: {} }, { name: "a" }] }),
    );
  });
});
