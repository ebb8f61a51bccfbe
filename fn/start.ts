import { workerData } from "node:worker_threads";
import { processIo } from "../src/cli/io.ts";
import type { SliceTask } from "../src/cli/jobs.ts";

/**
 * Below that a thread does not pay: it compiles and optimises the whole program once more, which takes 0.7 s of processor
 * time or more. Two render 20,000 Deployments of 12 MB in 0.82 of the time of one, and 10,000 in the same time.
 */
const CHARACTERS_PER_THREAD = 5_000_000;

/**
 * Runs what the process was called for. A function is called without arguments: it waits for no argument parser.
 * @param file the program itself, with which workers are started.
 */
export async function start(file: URL): Promise<void> {
  const slice = (workerData as { nativeSidecarSlice?: SliceTask } | null)?.nativeSidecarSlice;
  if (slice !== undefined) return (await import("../src/cli/worker.ts")).workOn(slice);
  const argv = process.argv.slice(2);
  const io = processIo({ file, characters: CHARACTERS_PER_THREAD });
  if (argv.length === 0 && io.stdinIsPiped) {
    const [{ functionCommand }, { run }] = await Promise.all([
      import("../src/cli/function.ts"),
      import("../src/cli/run.ts"),
    ]);
    process.exitCode = await run(io, () => functionCommand(io, () => ""));
  } else {
    const { main } = await import("../src/cli/program.ts");
    process.exitCode = await main(argv, io);
  }
}
