import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The built file that the tests run. */
export const BUNDLE = fileURLToPath(new URL("../../dist/native-sidecar.mjs", import.meta.url));
if (!existsSync(BUNDLE)) throw new Error("dist/native-sidecar.mjs is missing: run `npm run build` first");

export const MODULE_1_22 = ["--module", "1.22.0", "--kubernetes", "1.33"] as const;

export interface Run {
  status: number | null;
  stdout: string;
  stderr: string;
}

/** Runs the built file; without `input` stdin is empty. */
export function runProgram(args: readonly string[], cwd: string, input: string | Buffer = ""): Run {
  return run(process.execPath, [BUNDLE, ...args], cwd, input);
}

/** Runs any program; never throws for an exit status. */
export function run(program: string, args: readonly string[], cwd: string, input: string | Buffer = ""): Run {
  const result: SpawnSyncReturns<string> = spawnSync(program, args, {
    cwd,
    input,
    encoding: "utf8",
    maxBuffer: 2 ** 28,
  });
  if (result.error) throw result.error;
  const { status, stdout, stderr } = result;
  return { status, stdout, stderr };
}

/** Where a tool stands: the path in an environment variable, else its name if it can be run, else undefined. */
export function findTool(name: string, variable: string, probe: readonly string[]): string | undefined {
  const tool = process.env[variable] ?? name;
  const { error } = spawnSync(tool, probe, { stdio: "ignore" });
  return error ? undefined : tool;
}
