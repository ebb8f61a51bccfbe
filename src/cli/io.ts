import { fstatSync } from "node:fs";

/** The outside world of one run; tests give their own. */
export interface Io {
  cwd: string;
  /** All of stdin. */
  readStdin(): Promise<Buffer>;
  /** Whether something is piped into stdin. */
  stdinIsPiped: boolean;
  /** Whether stdout is a terminal that shows colours. */
  colours: boolean;
  stdout(text: string): void;
  stderr(text: string): void;
}

/** The process's own. */
export function processIo(): Io {
  for (const stream of [process.stdout, process.stderr]) stream.on("error", ignoreClosedPipe);
  return {
    cwd: process.cwd(),
    readStdin,
    stdinIsPiped: isPiped(),
    colours: process.stdout.isTTY === true && !process.env.NO_COLOR,
    stdout: (text) => void process.stdout.write(text),
    stderr: (text) => void process.stderr.write(text),
  };
}

/** A reader that has seen enough (`| head`) is no failure; the work itself goes on to its end. */
function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error;
}

async function readStdin(): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of process.stdin) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

function isPiped(): boolean {
  try {
    const stats = fstatSync(0);
    return stats.isFIFO() || stats.isFile() || stats.isSocket();
  } catch {
    return false;
  }
}
