import { visible } from "../report/visible.ts";
import { holdsAny, isWide } from "../source/bytes.ts";
import { SourceError, UsageError } from "../source/failure.ts";
import { parseChunk } from "../source/parse.ts";
import { CLUSTER_WORDS } from "../transform/cluster.ts";
import type { FoundFile } from "../wire/find-files.ts";
import { readFiles } from "../wire/read-files.ts";
import { readInput } from "../wire/read-input.ts";
import type { Inputs } from "./inputs.ts";

/** Several inputs that cannot be read, a line each. */
export class BadFilesError extends Error {
  readonly lines: readonly string[];

  constructor(lines: readonly string[]) {
    super(lines[0]);
    this.name = "BadFilesError";
    this.lines = lines;
  }
}

/** More would bury the others of a terminal's screen. */
const SHOWN = 20;

/**
 * Does a command's work. Where a file cannot be read, the others that cannot are looked for too: a repository with
 * several is put right in one go.
 * @throws {BadFilesError} in place of the first file's error, where there are more of them.
 */
export async function namingAllBadFiles<T>({ files, asked }: Inputs, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (files === undefined || files.length < 2) throw error;
    if (!(error instanceof SourceError || error instanceof UsageError)) throw error;
    const literals = asked.includes(undefined) ? undefined : asked.flatMap((list) => list ?? []);
    const lines = await badFiles(files, literals);
    // An error of another kind (a Pod that the injector refuses) is the one to tell.
    if (lines.length < 2 || !lines.includes(lineOf(error))) throw error;
    const more = lines.length > SHOWN ? [`… and ${lines.length - SHOWN} files more`] : [];
    const advice = `${lines.length} files cannot be read, nothing is written; mend them, or leave them out with --exclude GLOB`;
    throw new BadFilesError([...lines.slice(0, SHOWN), ...more, advice]);
  }
}

/** The first error of each file that holds one of the literals (of each where undefined). */
async function badFiles(files: readonly FoundFile[], literals: readonly string[] | undefined): Promise<string[]> {
  const lines: string[] = [];
  const isOfInterest = (bytes: Buffer): boolean => literals === undefined || isWide(bytes) || holdsAny(bytes, literals);
  for (const file of files) {
    try {
      for await (const { text } of readFiles([file], isOfInterest)) {
        if (text !== undefined) parseAll(file.name, text, literals ?? CLUSTER_WORDS);
      }
    } catch (error) {
      if (!(error instanceof SourceError || error instanceof UsageError)) throw error;
      lines.push(lineOf(error));
    }
  }
  return lines;
}

/** Also where every file is read, documents that tell of no workload and no cluster are not parsed. */
function parseAll(name: string, text: string, literals: readonly string[]): void {
  for (const chunk of readInput(name, text).chunks) {
    const source = text.slice(chunk.start, chunk.end);
    const isRead = literals.some((literal) => source.includes(literal));
    if (chunk.root === undefined && isRead) parseChunk(chunk);
  }
}

function lineOf(error: SourceError | UsageError): string {
  return error instanceof SourceError ? visible(error.describe()) : visible(error.message);
}
