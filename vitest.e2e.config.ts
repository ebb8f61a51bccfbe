import { defineConfig } from "vitest/config";

/** Every integration with its real tool, containers included. */
export default defineConfig({
  test: {
    globalSetup: ["tests/integrations/image.ts"],
    include: ["tests/integrations/**/*.test.ts"],
    testTimeout: 180_000,
    hookTimeout: 180_000,
  },
});
