// Bundles the program into one file that needs nothing but Node.

import { readFileSync } from "node:fs";
import { build } from "esbuild";

const { version } = JSON.parse(readFileSync(new URL("package.json", import.meta.url), "utf8"));

await build({
  entryPoints: { "native-sidecar": "fn/native-sidecar.ts" },
  outdir: "dist",
  outExtension: { ".js": ".mjs" },
  bundle: true,
  minify: true,
  platform: "node",
  target: "node20",
  format: "esm",
  legalComments: "none",
  define: { __VERSION__: JSON.stringify(version) },
  banner: {
    // CommonJS parts of the bundle call require for Node's own modules.
    js: '#!/usr/bin/env node\nimport { createRequire as __createRequire } from "node:module";\nconst require = __createRequire(import.meta.url);',
  },
  loader: { ".md": "text" },
  logLevel: "warning",
});
