import { visible } from "../report/visible.ts";
import { SourceError, UsageError } from "../source/failure.ts";
import { TargetError } from "../target/index.ts";
import { BadFilesError } from "./bad-files.ts";
import type { Io } from "./io.ts";

/** Exit statuses: nothing to say (or fixed), findings, bad usage or bad input. */
export const OK = 0;
export const FOUND = 1;
export const BAD = 2;

/**
 * Runs a command; what is wrong with usage or input becomes one line on stderr, of several bad files one each, and exit
 * status 2.
 */
export async function run(io: Io, command: () => Promise<number>): Promise<number> {
  try {
    return await command();
  } catch (error) {
    for (const line of linesOf(error)) io.stderr(`native-sidecar: ${line}\n`);
    return BAD;
  }
}

function linesOf(error: unknown): readonly string[] {
  return error instanceof BadFilesError ? error.lines : [lineOf(error)];
}

function lineOf(error: unknown): string {
  // Names of files may hold line breaks and what acts on a terminal.
  if (error instanceof SourceError) return visible(error.describe());
  if (error instanceof UsageError || error instanceof TargetError) return visible(error.message);
  const message = error instanceof Error ? error.message : String(error);
  return `internal error: ${message.split("\n", 1)[0]}; nothing was written; please report this with the input`;
}
