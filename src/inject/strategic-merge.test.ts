import { describe, expect, it } from "vitest";
import type { JsonObject } from "../json.ts";
import { mergePod } from "./strategic-merge.ts";

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
