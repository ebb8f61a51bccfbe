// Bundles the program, and the library, into one file each that need nothing but Node.
// With --image also what the image starts with (fn/start-with-code-cache.cjs), in dist/image.

import { chmodSync, copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { build } from "esbuild";

const { version } = JSON.parse(readFileSync(new URL("package.json", import.meta.url), "utf8"));

// CommonJS parts of the bundle call require for Node's own modules.
const REQUIRE =
  'import { createRequire as __createRequire } from "node:module";\nconst require = __createRequire(import.meta.url);';

/** @type {import("esbuild").BuildOptions} */
const options = {
  outdir: "dist",
  outExtension: { ".js": ".mjs" },
  bundle: true,
  minify: true,
  platform: "node",
  target: "node20",
  format: "esm",
  legalComments: "none",
  // As ES modules, so that what is not used of it stays out.
  alias: { yaml: "./node_modules/yaml/browser/dist/index.js" },
  define: { __VERSION__: JSON.stringify(version) },
  loader: { ".md": "text" },
  logLevel: "warning",
};

const [{ metafile }] = await Promise.all([
  build({
    ...options,
    metafile: true,
    entryPoints: { "native-sidecar": "fn/native-sidecar.ts" },
    banner: { js: `#!/usr/bin/env node\n${REQUIRE}` },
  }),
  build({ ...options, entryPoints: { index: "src/index.ts" }, banner: { js: REQUIRE } }),
]);
chmodSync("dist/native-sidecar.mjs", 0o755);
// What the program is made of, for those who look (bench/bundle-size.mjs, tests/hostile).
writeFileSync("dist/native-sidecar.meta.json", JSON.stringify(metafile));
copyFileSync("fn/index.d.mts", "dist/index.d.mts");

if (process.argv.includes("--image")) {
  // V8's code cache is for scripts, not for ES modules.
  const format = { format: "cjs", outExtension: { ".js": ".cjs" }, outdir: "dist/image" };
  await build({ ...options, ...format, entryPoints: { bundle: "fn/native-sidecar-image.ts" } });
  copyFileSync("fn/start-with-code-cache.cjs", "dist/image/start.cjs");
}
