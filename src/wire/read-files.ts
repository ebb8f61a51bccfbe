import { readFile } from "node:fs/promises";
import { decode } from "../source/bytes.ts";
import { type FoundFile, unreadable } from "./find-files.ts";

export interface ReadFile {
  file: FoundFile;
  /** Size in bytes. */
  size: number;
  /** undefined where `isOfInterest` said no: such a file's bytes are let go at once. */
  text: string | undefined;
}

/** Files read ahead of the one being worked on. */
const AHEAD = 16;

/**
 * Reads files, in their order. Bytes are looked at before they become text, and only a few files are held at a time.
 * @throws {UsageError} unreadable files, anything but UTF-8 among those of interest.
 */
export async function* readFiles(
  files: readonly FoundFile[],
  isOfInterest: (bytes: Buffer, file: FoundFile) => boolean,
): AsyncGenerator<ReadFile> {
  const pending: Promise<Outcome>[] = [];
  for (let next = 0; ; ) {
    while (next < files.length && pending.length < AHEAD)
      pending.push(readOne(files[next++] as FoundFile, isOfInterest));
    const first = pending.shift();
    if (first === undefined) return;
    const outcome = await first;
    if ("failure" in outcome) throw outcome.failure;
    yield outcome;
  }
}

type Outcome = ReadFile | { failure: unknown };

/** Never rejects: a failure waits for its turn, so that the first file in order is the one complained about. */
async function readOne(file: FoundFile, isOfInterest: (bytes: Buffer, file: FoundFile) => boolean): Promise<Outcome> {
  try {
    const bytes = await readFile(file.name);
    return { file, size: bytes.length, text: isOfInterest(bytes, file) ? decode(file.name, bytes) : undefined };
  } catch (error) {
    const isOfFileSystem = error instanceof Error && "syscall" in error;
    return { failure: isOfFileSystem ? unreadable(file.name, error) : error };
  }
}
