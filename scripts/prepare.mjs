// Builds the program for who installs it from Git: `npm install git+…`, pre-commit. npm runs this in a checkout too.

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

// `npm install --global git+…` prepares with its own --global in force and leaves the checkout without what builds it.
if (!existsSync("node_modules/esbuild")) {
  const { npm_config_global, npm_config_location, ...env } = process.env;
  const npm = spawnSync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], {
    env,
    stdio: "inherit",
    shell: process.platform === "win32",
  });
  if (npm.status !== 0) process.exit(npm.status ?? 1);
}
await import("../build.mjs");
