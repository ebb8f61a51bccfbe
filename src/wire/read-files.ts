import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { decode, releasableRoom, release } from "../source/bytes.ts";
import { type FoundFile, unreadable } from "./find-files.ts";

export interface ReadFile {
  file: FoundFile;
  /** Size in bytes. */
  size: number;
  /** undefined where `isOfInterest` said no: such a file's bytes are let go at once. */
  text: string | undefined;
}

/** Bytes that are kept ready; larger files get memory of their own, for as long as they are looked at. */
const KEPT = 2 ** 20;

/**
 * Reads files, in their order, one at a time. Bytes are looked at before they become text; most files are none of our
 * business, and these cost no memory: they all pass through one buffer. Reads without waiting: handing each of the
 * four system calls of a small file to another thread takes several times as long as the calls.
 * @param isOfInterest must not keep the bytes.
 * @throws {UsageError} unreadable files, anything but UTF-8 among those of interest.
 */
export async function* readFiles(
  files: readonly FoundFile[],
  isOfInterest: (bytes: Buffer, file: FoundFile) => boolean,
): AsyncGenerator<ReadFile> {
  const kept = Buffer.allocUnsafeSlow(KEPT);
  for (const file of files) {
    const bytes = readBytes(file.name, kept);
    const size = bytes.length;
    const text = isOfInterest(bytes, file) ? decode(file.name, bytes) : undefined;
    release(bytes);
    yield { file, size, text };
  }
}

function readBytes(path: string, kept: Buffer): Buffer {
  try {
    const handle = openSync(path, "r");
    try {
      return readAll(handle, kept);
    } finally {
      closeSync(handle);
    }
  } catch (error) {
    throw error instanceof Error && "syscall" in error ? unreadable(path, error) : error;
  }
}

/** Up to the end of the file as it is now, whatever size it had a moment ago: pipes have none, and files grow. */
function readAll(handle: number, kept: Buffer): Buffer {
  const { size } = fstatSync(handle);
  let bytes = size < kept.length ? kept : releasableRoom(size + 1);
  let length = 0;
  for (;;) {
    const read = readSync(handle, bytes, length, bytes.length - length, null);
    if (read === 0) return bytes.subarray(0, length);
    length += read;
    if (length === bytes.length) bytes = Buffer.concat([bytes], 2 * bytes.length);
  }
}
