import { decode, holdsAny, isWide } from "../source/bytes.ts";
import { UsageError } from "../source/failure.ts";
import type { ClusterFacts } from "../target/index.ts";
import { CLUSTER_WORDS, clusterReader } from "../transform/cluster.ts";
import type { Input } from "../transform/input.ts";
import { type FoundFile, findFiles } from "../wire/find-files.ts";
import { readFiles } from "../wire/read-files.ts";
import { readInput } from "../wire/read-input.ts";
import type { Io } from "./io.ts";

export const STDIN = "<stdin>";

/** Where a command's documents come from. */
export interface Inputs {
  /** undefined: stdin. */
  files: FoundFile[] | undefined;
  /** Number of files, 1 for stdin. */
  count: number;
  notes: string[];
  /** What `read` was called with so far. */
  asked: (readonly string[] | undefined)[];
  /** Inputs that hold one of the literals (all where undefined), in order. */
  read(literals: readonly string[] | undefined): AsyncGenerator<{ input: Input; file: FoundFile | undefined }>;
}

/** Flags that say which files are read. */
export interface InputFlags {
  exclude?: string[];
}

/** Paths of the command line: files and directories, `-` or nothing for what is piped in. */
export async function openInputs(paths: readonly string[], { exclude = [] }: InputFlags, io: Io): Promise<Inputs> {
  const isStdin = paths.length === 0 ? io.stdinIsPiped : paths.includes("-");
  if (paths.length === 0 && !isStdin)
    throw new UsageError("nothing to read: give files or directories, or - for stdin");
  if (isStdin && paths.length > 1) throw new UsageError("- (stdin) cannot be combined with other paths");
  if (isStdin) return stdinInputs(await io.readStdin());
  const { files, notes } = await findFiles(paths, exclude);
  if (files.length === 0) notes.push(`no YAML or JSON files in ${paths.join(", ")}`);
  const asked: Inputs["asked"] = [];
  const read: Inputs["read"] = (literals) => {
    asked.push(literals);
    return fileInputs(files, literals);
  };
  return { files, count: files.length, notes, asked, read };
}

function stdinInputs(bytes: Buffer): Inputs {
  const text = decode(STDIN, bytes);
  return {
    files: undefined,
    count: 1,
    notes: [],
    asked: [],
    async *read() {
      yield { input: readInput(STDIN, text), file: undefined };
    },
  };
}

async function* fileInputs(
  files: readonly FoundFile[],
  literals: readonly string[] | undefined,
): ReturnType<Inputs["read"]> {
  const isOfInterest = (bytes: Buffer): boolean => literals === undefined || isWide(bytes) || holdsAny(bytes, literals);
  for await (const { file, text } of readFiles(files, isOfInterest)) {
    if (text !== undefined) yield { input: readInput(file.name, text), file };
  }
}

/** What all inputs together tell about the cluster; only files that hold one of its words are read. */
export async function clusterOf(inputs: Inputs): Promise<ClusterFacts> {
  const reader = clusterReader();
  for await (const { input } of inputs.read(CLUSTER_WORDS)) reader.read(input);
  return reader.facts();
}

/** All inputs that hold one of the literals. */
export async function inputsWith(inputs: Inputs, literals: readonly string[]): Promise<Input[]> {
  const found: Input[] = [];
  for await (const { input } of inputs.read(literals)) found.push(input);
  return found;
}
