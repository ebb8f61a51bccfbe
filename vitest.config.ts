import { readFileSync } from "node:fs";
import { defineConfig, type Plugin } from "vitest/config";

/** Documents are imported as their text, as the bundle does (build.mjs). */
const markdown: Plugin = {
  name: "markdown-text",
  enforce: "pre",
  load: (id) => (id.endsWith(".md") ? `export default ${JSON.stringify(readFileSync(id, "utf8"))};` : undefined),
};

export default defineConfig({
  plugins: [markdown],
  test: {
    // tests/integrations needs real tools and containers: npm run test:e2e
    include: ["src/**/*.test.ts", "testdata/**/*.test.ts", "tests/e2e/**/*.test.ts"],
    testTimeout: 60_000,
  },
});
