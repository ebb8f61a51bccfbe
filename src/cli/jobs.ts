import { availableParallelism } from "node:os";
import { SourceError, UsageError } from "../source/failure.ts";
import type { Input } from "../transform/input.ts";
import { readInput } from "../wire/read-input.ts";
import type { Io } from "./io.ts";
import type { OpenRun, SettingOrigin } from "./open-run.ts";
import type { SharedFacts } from "./setting.ts";
import { sliced } from "./slices.ts";

/** Flag of the commands that work on many files. */
export interface JobsFlag {
  /** Threads at most; undefined: what is usual for the command. */
  jobs?: number;
}

/** Each thread more gains less: files are found, read and written by one. */
const MAX_UNASKED = 4;

/**
 * Measured with two cores: several threads gain time for large renders, and none for 16,000 files with findings, as
 * each warms up by itself and the collector of one uses the other core already. Nobody should pay for that unasked.
 */
function usualJobs(command: WorkOrigin["command"]): number {
  return command === "render" ? Math.min(availableParallelism(), MAX_UNASKED) : 1;
}

/** An input that may not be split into its documents yet. */
export type Given = Pick<Input, "file" | "text"> | Input;

/**
 * What a command does with some of its inputs, in their order. What it gives is plain data, and that of two slices
 * together is that of both as one.
 * @throws {SourceError} of the first input that is bad.
 */
export type SliceWork<Part> = (inputs: Iterable<Input>) => Part;

/** Of which a worker makes the very same work: plain data. */
export interface WorkOrigin {
  command: "check" | "fix" | "render";
  flags: object;
  setting: SettingOrigin;
  /** undefined: the command has no use for them. */
  shared: SharedFacts | undefined;
}

/** What a worker is started with. */
export interface SliceTask {
  origin: WorkOrigin;
  inputs: Pick<Input, "file" | "text">[];
}

/** What a worker answers; errors are no plain data. */
export type SliceAnswer = { part: unknown } | { error: SliceError };

export interface SliceError {
  kind: "source" | "usage" | "other";
  message: string;
  file: string;
  text: string;
  offset: number;
}

/**
 * Does a work, in several threads where there is enough of it: this one does the first slice, workers the others.
 * @returns what the slices gave, in order.
 * @throws what the work throws: where several slices have a bad input, of the first one.
 */
export async function inJobs<Part>(
  work: SliceWork<Part>,
  given: readonly Given[],
  { command, flags, shared }: Pick<WorkOrigin, "command" | "shared"> & { flags: JobsFlag },
  { run, io }: { run: Pick<OpenRun, "origin">; io: Io },
): Promise<Part[]> {
  const most = flags.jobs ?? usualJobs(command);
  const [own = [], ...others] = io.workers === undefined ? [given] : sliced(given, most, io.workers.characters);
  if (io.workers === undefined || others.length === 0) return [work(inputsOf(given))];
  const { Worker } = await import("node:worker_threads");
  const { file } = io.workers;
  const whole: WorkOrigin = { command, flags, setting: await run.origin(), shared };
  const workers = others.map((slice) => {
    const task: SliceTask = { origin: whole, inputs: slice.map(({ file, text }) => ({ file, text })) };
    return new Worker(file, { workerData: { nativeSidecarSlice: task } });
  });
  const answers = workers.map(answerOf);
  try {
    const parts = [work(inputsOf(own))];
    for (const answer of answers) parts.push(partOf<Part>(await answer));
    return parts;
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}

/** Splits inputs one at a time: what was done is let go. */
export function* inputsOf(given: readonly Given[]): Generator<Input> {
  for (const one of given) yield "chunks" in one ? one : readInput(one.file, one.text);
}

/** Never rejects: nobody may be waiting any more. */
function answerOf(worker: import("node:worker_threads").Worker): Promise<SliceAnswer> {
  return new Promise((resolve) => {
    const crashed = (cause: string): void => {
      const message = `a worker ended early: ${cause} (--jobs 1 does without workers)`;
      resolve({ error: { kind: "other", message, file: "", text: "", offset: 0 } });
    };
    worker.once("message", resolve);
    worker.once("error", (error) =>
      crashed(String(error instanceof Error ? error.message : error).split("\n", 1)[0] ?? ""),
    );
    worker.once("exit", (status) => crashed(`exit status ${status}`));
  });
}

function partOf<Part>(answer: SliceAnswer): Part {
  if ("part" in answer) return answer.part as Part;
  const { kind, file, text, offset, message } = answer.error;
  const error =
    kind === "source" ? new SourceError(file, text, offset, "") : kind === "usage" ? new UsageError("") : new Error();
  // It was shortened already.
  error.message = message;
  throw error;
}
