import { Console } from "node:console";
import type { KptFunc } from "kpt-functions";
import { beforeAll, describe, expect, test } from "vitest";
import { nativeSidecar } from "../index.ts";
import { SourceError } from "../source/failure.ts";
import { kptFunction } from "./kpt.ts";
import { readResourceList } from "./resource-list.ts";
import { writeResults } from "./results.ts";

const { Configs, TestRunner } = await importedKptFunctions();

/** The package puts another console in place of the global one as soon as it is imported: here it is put back. */
async function importedKptFunctions(): Promise<typeof import("kpt-functions")> {
  const own = globalThis.console;
  Object.assign(own, { Console });
  try {
    return await import("kpt-functions");
  } finally {
    globalThis.console = own;
  }
}

/** The two jasmine functions that TestRunner calls. */
beforeAll(() => {
  const expectAsync = (promise: Promise<unknown>) => ({
    toBeResolved: () => promise,
    toBeRejectedWithError: (type: new () => Error) => expect(promise).rejects.toBeInstanceOf(type),
  });
  Object.assign(globalThis, { expect, expectAsync });
});

const job = (name: string, image: string) => ({
  apiVersion: "batch/v1",
  kind: "Job",
  metadata: { name },
  spec: { image },
});
const CONFIG = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "c" }, data: { strip: "safe" } };

/** Renames images, and says so. */
function renaming(text: string): string {
  expect(readResourceList("in", text)?.functionConfig).toBeDefined();
  if (text.includes("broken")) throw new RangeError("broken");
  if (!text.includes('"old')) return text;
  const results = [
    {
      message: "renamed",
      severity: "warning" as const,
      field: { path: "spec.image", currentValue: "old", proposedValue: "new" },
    },
    { message: "done", severity: "info" as const },
  ];
  return writeResults(text.replaceAll('"old', '"new'), results);
}

const RUNNER_OF_OURS = new TestRunner(nativeSidecar);
const RUNNER = new TestRunner(kptFunction(renaming, "renames"));

describe("a KptFunc", () => {
  test("nothing to do", () => RUNNER.assert(new Configs([job("a", "x")], CONFIG), "unchanged"));

  test("no items", () => RUNNER.assert(new Configs([], CONFIG), "unchanged"));

  test("objects and results change", () => {
    const results = [
      {
        severity: "warn" as const,
        message: "renamed",
        field: { path: "spec.image", currentValue: "old", suggestedValue: "new" },
      },
      { severity: "info" as const, message: "done" },
    ];
    const objects = [job("a", "old\u2028\n# x"), job("b", "other")];
    const expected = [job("a", "new\u2028\n# x"), job("b", "other")];
    return RUNNER.assert(new Configs(objects, CONFIG), new Configs(expected, CONFIG, results));
  });

  test("untouched objects are the same ones", async () => {
    const [a, b] = [job("a", "old"), job("b", "x")];
    const configs = new Configs([a, b], CONFIG);
    await kptFunction(renaming, "")(configs);
    expect(configs.getAll()[1]).toBe(b);
    expect(configs.getAll()[0]).toEqual(job("a", "new"));
  });

  test("errors come through", () => RUNNER.assert(new Configs([job("a", "broken")], CONFIG), undefined, RangeError));

  test("has a usage", () => {
    const run: KptFunc = kptFunction(renaming, "renames");
    expect(run.usage).toBe("renames");
  });
});

describe("nativeSidecar as a KptFunc", () => {
  const config = {
    apiVersion: "fn.native-sidecar.io/v1alpha1",
    kind: "NativeSidecar",
    metadata: { name: "c" },
    spec: { target: { istio: "1.28.10", kubernetes: "1.33" }, strip: { level: "safe" } },
  };
  const quitting = (...command: string[]) => ({
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name: "a", namespace: "n" },
    spec: { template: { spec: { restartPolicy: "Never", containers: [{ name: "c", image: "i", command }] } } },
  });

  test("strips, and tells of it", async () => {
    const configs = new Configs([quitting("sh", "-c", "work; curl -X POST localhost:15020/quitquitquit")], config);
    await nativeSidecar(configs);
    expect(configs.getAll()).toEqual([quitting("sh", "-c", "work")]);
    expect(configs.getResults().map(({ tags }) => tags?.rule)).toContain("quit-call");
  });

  test("a config that is wrong is an error", () => {
    const wrong = { ...config, spec: { target: { istio: "9.9" } } };
    return RUNNER_OF_OURS.assert(new Configs([], wrong), undefined, SourceError);
  });
});
