import { fstatSync, readSync, writeSync } from "node:fs";
import { releasableRoom, release } from "../source/bytes.ts";
import { UsageError } from "../source/failure.ts";
import { errorCode, fileCause } from "../wire/file-cause.ts";

/** The outside world of one run; tests give their own. */
export interface Io {
  cwd: string;
  /** All of stdin. */
  readStdin(): Promise<Buffer>;
  /** Whether something is piped into stdin. */
  stdinIsPiped: boolean;
  /** Whether stdout is a terminal that shows colours. */
  colours: boolean;
  /** undefined: there are none, one thread does all. */
  workers?: Workers | undefined;
  stdout(text: string): void;
  stderr(text: string): void;
}

/** Threads beside the main one. */
export interface Workers {
  /** What a worker is started with: the program itself. */
  file: URL;
  /** Characters of inputs that a thread must have to work on to be worth its start. */
  characters: number;
}

/**
 * The process's own. Its descriptors are read and written without Node's streams: these cost a short run more than its
 * work (they load the network's modules), and are there for what does not come, or is not taken, at once.
 */
export function processIo(workers?: Workers): Io {
  return {
    cwd: process.cwd(),
    workers,
    readStdin,
    stdinIsPiped: isPiped(),
    get colours() {
      return process.stdout.isTTY === true && !process.env.NO_COLOR;
    },
    stdout: writer(
      1,
      () => process.stdout,
      (cause) => {
        throw new UsageError(`stdout: cannot be written: ${cause}`);
      },
    ),
    // There is nobody left to tell.
    stderr: writer(
      2,
      () => process.stderr,
      () => {},
    ),
  };
}

/** Bytes that a first read has room for; pipes give at most 64 KiB at a time. */
const FIRST_READ = 2 ** 20;

async function readStdin(): Promise<Buffer> {
  let bytes = releasableRoom(Math.max(FIRST_READ, sizeOf(0) + 1));
  let length = 0;
  try {
    for (;;) {
      const read = readSync(0, bytes, length, bytes.length - length, null);
      if (read === 0) return bytes.subarray(0, length);
      length += read;
      if (length < bytes.length) continue;
      // Room that is not filled takes no memory as long as nothing writes zeros there.
      const larger = releasableRoom(2 * length);
      bytes.copy(larger);
      release(bytes);
      bytes = larger;
    }
  } catch (error) {
    // Someone made the pipe one that does not wait for its writer.
    if (errorCode(error) !== "EAGAIN") throw new UsageError(`stdin: cannot be read: ${fileCause(error)}`);
  }
  const parts: Buffer[] = [bytes.subarray(0, length)];
  for await (const part of process.stdin) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

/** What a file redirected into a descriptor holds; 0 for a pipe. */
function sizeOf(descriptor: number): number {
  try {
    return fstatSync(descriptor).size;
  } catch {
    return 0;
  }
}

/** Writes to a descriptor; what its reader does not take at once goes through the stream, and so does all behind it. */
function writer(
  descriptor: number,
  streamOf: () => NodeJS.WriteStream,
  fail: (cause: string) => void,
): (text: string) => void {
  let stream: NodeJS.WriteStream | undefined;
  const write = (bytes: Buffer): void => {
    let rest = bytes;
    try {
      while (stream === undefined && rest.length > 0) rest = rest.subarray(writeSync(descriptor, rest));
    } catch (error) {
      if (errorCode(error) !== "EAGAIN") throw error;
      stream = streamOf().on("error", ignoreClosedPipe);
    }
    // The next piece goes where this one stands.
    if (rest.length > 0) stream?.write(Buffer.from(rest));
  };
  return (text) => {
    try {
      for (const piece of piecesOf(text)) write(bytesOf(piece));
    } catch (error) {
      // A reader that has seen enough (`| head`) is no failure; the work itself goes on to its end.
      if (errorCode(error) !== "EPIPE") fail(fileCause(error));
    }
  };
}

/** Long texts are written piece by piece: as bytes they would stand in memory a second time. */
const PIECE = 2 ** 18;

/** Room for the bytes of one long piece after another. */
let room: Buffer | undefined;

/** The bytes of a piece; until those of the next one are asked for. */
function bytesOf(piece: string): Buffer {
  if (piece.length < PIECE / 4) return Buffer.from(piece);
  // A UTF-16 unit takes three bytes at most.
  room ??= Buffer.allocUnsafeSlow(3 * PIECE);
  return room.subarray(0, room.write(piece));
}

function* piecesOf(text: string): Generator<string> {
  for (let start = 0; start < text.length; ) {
    const end = Math.min(start + PIECE, text.length);
    // A pair of surrogates is one character.
    const isWithin = end < text.length && /[\ud800-\udbff]/.test(text[end - 1] as string);
    yield text.slice(start, isWithin ? end - 1 : end);
    start = isWithin ? end - 1 : end;
  }
}

function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error;
}

function isPiped(): boolean {
  try {
    const stats = fstatSync(0);
    return stats.isFIFO() || stats.isFile() || stats.isSocket();
  } catch {
    return false;
  }
}
