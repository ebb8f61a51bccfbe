// Bundles the program, and the library, into one file each that need nothing but Node.
// With --image also what the image starts with (fn/start-with-code-cache.cjs), in dist/image.

import { chmodSync, copyFileSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { brotliCompressSync } from "node:zlib";
import { build } from "esbuild";

const { version } = JSON.parse(readFileSync(new URL("package.json", import.meta.url), "utf8"));

// CommonJS parts of the bundle call require for Node's own modules.
const REQUIRE =
  'import { createRequire as __createRequire } from "node:module";\nconst require = __createRequire(import.meta.url);';

const DOCUMENTS = new URL("docs/rules/", import.meta.url);

/**
 * The rules' documents as one compressed text: few runs read them, and all runs parse the bundle.
 * @type {import("esbuild").Plugin}
 */
const packedDocuments = {
  name: "packed-documents",
  setup({ onLoad, onResolve }) {
    onLoad({ filter: /[/\\]docs[/\\]rules[/\\][\w-]+\.md$/ }, ({ path }) => {
      const name = JSON.stringify(basename(path));
      return { contents: `import documents from "docs:rules"; export default documents[${name}];` };
    });
    onResolve({ filter: /^docs:rules$/ }, () => ({ path: "rules", namespace: "docs" }));
    onLoad({ filter: /^rules$/, namespace: "docs" }, () => {
      const names = readdirSync(DOCUMENTS).sort();
      const texts = Object.fromEntries(names.map((name) => [name, readFileSync(new URL(name, DOCUMENTS), "utf8")]));
      const packed = brotliCompressSync(JSON.stringify(texts)).toString("base64");
      // Asked for by name, zlib is loaded by those runs alone.
      return {
        contents: `const { brotliDecompressSync } = process.getBuiltinModule("node:zlib");
export default JSON.parse(brotliDecompressSync(Buffer.from("${packed}", "base64")).toString());`,
      };
    });
  },
};

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
  plugins: [packedDocuments],
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
