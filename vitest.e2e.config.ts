import { defineConfig } from "vitest/config";

const SPEED = "tests/integrations/speed.test.ts";

/** Every integration with its real tool, containers included. */
export default defineConfig({
  test: {
    globalSetup: ["tests/integrations/image.ts"],
    projects: [
      {
        extends: true,
        test: {
          name: "tools",
          include: ["tests/integrations/**/*.test.ts"],
          exclude: [SPEED],
          testTimeout: 180_000,
          hookTimeout: 180_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: { name: "speed", include: [SPEED], testTimeout: 180_000, sequence: { groupOrder: 1 } },
      },
    ],
  },
});
