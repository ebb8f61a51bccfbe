#!/usr/bin/env node
// Stands in for the program where recorded cases are run: renders with the injector that the target's release ships,
// its ConfigMaps made from a checkout of istio/istio, in place of the built-in templates.
//
//   ISTIO_SOURCE=ISTIO_GIT_DIR node ../shared/conformance/run.mjs --bin "node scripts/render-with-own-injector.mjs" SUITE…
//
// Takes `render PATH --output DIR --config CONFIG`, as conformance/run.mjs gives it, and hands it to dist/native-sidecar.mjs
// (or NATIVE_SIDECAR) with a config whose target names the files of an injector.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("../", import.meta.url));
const program = process.env.NATIVE_SIDECAR ?? join(root, "dist/native-sidecar.mjs");
const scratch = mkdtempSync(join(tmpdir(), "own-injector-"));
process.on("exit", () => rmSync(scratch, { recursive: true, force: true }));
const at = process.argv.indexOf("--config") + 1;
if (at > 0) process.argv[at] = await configOf(process.argv[at], process.argv[3]);
await import(pathToFileURL(program).href);

/** A config with the same target, but with the injector of its release in files. */
async function configOf(file, directory) {
  const { resolved, injectorConfigMaps } = await ownCode();
  const config = JSON.parse(readFileSync(file, "utf8"));
  const target = resolved(readFileSync(file, "utf8"), directory);
  writeFileSync(join(scratch, "injector.json"), injectorConfigMaps(target));
  // What the values and the profile said stands in the ConfigMaps.
  const { values: _values, meshConfig: _mesh, profile: _profile, revision: _revision, ...rest } = config.spec.target;
  const own = { ...config, spec: { ...config.spec, target: { ...rest, injector: { config: "injector.json" } } } };
  writeFileSync(join(scratch, "config.json"), JSON.stringify(own));
  return join(scratch, "config.json");
}

/** The project's own resolving of targets, which is TypeScript; bundled once and kept while the program is the same. */
async function ownCode() {
  const outfile = process.env.OWN_INJECTOR_CODE ?? join(scratch, "own-code.mjs");
  if (!existsSync(outfile)) {
    const contents = `
      import { readFileSync, readdirSync, statSync } from "node:fs";
      import { join } from "node:path";
      import { readConfigText } from "./src/config/config.ts";
      import { readCluster } from "./src/transform/cluster.ts";
      import { readStream } from "./src/transform/input.ts";
      import { resolveTarget } from "./src/target/index.ts";
      export { injectorConfigMaps } from "./src/transform/istio-source.test-data.ts";
      export function resolved(config, directory) {
        const paths = readdirSync(directory, { recursive: true }).map((name) => join(directory, name));
        const inputs = paths.filter((path) => statSync(path).isFile()).map((path) => readStream(path, readFileSync(path, "utf8")));
        let cluster;
        try { cluster = readCluster(inputs); } catch { cluster = { namespaces: new Map(), nodes: new Map() }; }
        return resolveTarget(readConfigText("config", config, []).targets[0] ?? {}, cluster);
      }`;
    const banner = 'import { createRequire } from "node:module";\nconst require = createRequire(import.meta.url);';
    await build({
      stdin: { contents, resolveDir: root, loader: "ts" },
      bundle: true,
      minify: true,
      platform: "node",
      format: "esm",
      banner: { js: banner },
      outfile,
    });
  }
  return import(pathToFileURL(outfile).href);
}
