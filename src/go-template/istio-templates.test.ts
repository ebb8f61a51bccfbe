import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { parseTemplate, SPRIG } from "./index.ts";
import { type InjectorEnvironment, injectorFunctions } from "./injector-functions.ts";

/**
 * Every injection template of every Istio release has to parse. They are read from the checkout (or bare clone) of istio/istio
 * that ISTIO_SOURCE names, with its tags.
 */
const source = process.env.ISTIO_SOURCE;
if (source === undefined) console.warn("ISTIO_SOURCE names no checkout of istio/istio: its templates are not parsed");

const FILES = "manifests/charts/istio-control/istio-discovery/files/";
const never = () => {
  throw new Error("nothing runs here");
};
const ENVIRONMENT: InjectorEnvironment = {
  toYaml: never,
  env: never,
  protoJson: never,
  structJson: never,
  otelResourceAttributes: never,
  multusNamespaces: true,
  has: { mergeMaps: true, omitNil: true, otelResourceAttributes: true },
};

function git(...args: string[]): string {
  return execFileSync("git", ["-C", source as string, ...args], { encoding: "utf8", maxBuffer: 2 ** 26 });
}

test.skipIf(source === undefined)("the templates of all releases parse", () => {
  const functions = new Map([...SPRIG, ...injectorFunctions(ENVIRONMENT)]);
  const tags = git("tag")
    .split("\n")
    .filter((tag) => /^1\.(2\d|3[01])\.\d+(-rc\.\d+)?$/.test(tag));
  const parsed = new Map<string, string>();
  let files = 0;
  for (const tag of tags) {
    for (const line of git("ls-tree", tag, FILES).split("\n")) {
      const [, blob, path] = /^\S+ blob (\S+)\t(.*\.yaml)$/.exec(line) ?? [];
      if (blob === undefined || path === undefined || /\/(profile|gen)-/.test(path)) continue;
      files++;
      if (parsed.has(blob)) continue;
      parsed.set(blob, `${tag}:${path}`);
      expect(() =>
        parseTemplate(`${tag} ${path.slice(FILES.length)}`, git("cat-file", "blob", blob), functions),
      ).not.toThrow();
    }
  }
  console.info(`${tags.length} releases, ${files} templates, ${parsed.size} different ones`);
  expect(tags.length).toBeGreaterThan(80);
});
