// Set-up of all integration tests: the image, built from the Dockerfile on bases made from scratch.

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { CONTAINER_TOOL, TOOLS_PATH } from "./tools.ts";

/** What the examples call the image. It has Node and nothing else below it. */
export const IMAGE = "localhost/native-sidecar:latest";
/** The same on a base with a shell, as the Dockerfile's default base has one. */
export const IMAGE_WITH_SHELL = "localhost/native-sidecar-with-shell:latest";
/** The base of IMAGE. */
export const BASE_IMAGE = "localhost/native-sidecar-base:latest";
/** The base with a shell, and with npm. */
export const BUILD_IMAGE = "localhost/native-sidecar-build-base:latest";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** Builds the images once a run; what has not changed comes from the builder's cache. */
export function setup(): void {
  // The workers inherit it: tests/e2e looks for its tools in the PATH.
  process.env.PATH = TOOLS_PATH;
  const scratchBase = fileURLToPath(new URL("scratch-base.sh", import.meta.url));
  mustRun(scratchBase, ["run", BASE_IMAGE]);
  mustRun(scratchBase, ["build", BUILD_IMAGE]);
  for (const [image, base] of [
    [IMAGE, BASE_IMAGE],
    [IMAGE_WITH_SHELL, BUILD_IMAGE],
  ] as const) {
    const bases = ["--build-arg", `BASE_IMAGE=${base}`, "--build-arg", `BUILD_IMAGE=${BUILD_IMAGE}`];
    // npm in the build goes out the way this machine does.
    mustRun(CONTAINER_TOOL, ["build", "--network", "host", ...bases, "--tag", image, ROOT]);
  }
}

function mustRun(program: string, args: readonly string[]): void {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    encoding: "utf8",
    maxBuffer: 2 ** 26,
    env: { ...process.env, CONTAINER_TOOL },
  });
  if (status !== 0) throw new Error(`${program} ${args.join(" ")}: ${error?.message ?? `${stdout}${stderr}`}`);
}
