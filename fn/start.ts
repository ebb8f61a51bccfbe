import { processIo } from "../src/cli/io.ts";

/** Runs what the process was called for. A function is called without arguments: it waits for no argument parser. */
export async function start(): Promise<void> {
  const argv = process.argv.slice(2);
  const io = processIo();
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
