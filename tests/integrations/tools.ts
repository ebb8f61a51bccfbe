import { spawnSync } from "node:child_process";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";

/** Where install-tools.sh puts what it installs. */
export const TOOLS = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "native-sidecar", "bin");

/** The PATH of the tests: what install-tools.sh put down goes first. */
export const TOOLS_PATH = `${TOOLS}${delimiter}${process.env.PATH ?? ""}`;

/** podman, or docker where CONTAINER_TOOL says so. */
export const CONTAINER_TOOL = process.env.CONTAINER_TOOL ?? "podman";

/** Ends the test file where a tool is missing: nothing here is ever skipped. */
export function needTools(...names: string[]): void {
  const isMissing = (name: string): boolean =>
    spawnSync("sh", ["-c", `command -v "$0"`, name], { env: { ...process.env, PATH: TOOLS_PATH } }).status !== 0;
  const missing = names.filter(isMissing);
  if (missing.length > 0)
    throw new Error(`missing: ${missing.join(", ")}; tests/integrations/install-tools.sh installs what it can`);
}
