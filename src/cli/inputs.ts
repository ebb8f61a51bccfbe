import { decode, holdsAny, isWide, release } from "../source/bytes.ts";
import { UsageError } from "../source/failure.ts";
import type { ClusterFacts } from "../target/index.ts";
import { CLUSTER_WORDS, clusterReader } from "../transform/cluster.ts";
import type { TextFile } from "../transform/cluster-injector-source.ts";
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
  /** What was asked for so far. */
  asked: (readonly string[] | undefined)[];
  /** Inputs that hold one of the literals (all where undefined), in order; none of those that are `known` by their names. */
  read(literals: readonly string[] | undefined, known?: ReadonlySet<string>): AsyncGenerator<ReadInput>;
  /** The same, not split into documents yet. */
  texts(literals: readonly string[] | undefined): AsyncGenerator<InputText>;
}

interface ReadInput {
  input: Input;
  file: FoundFile | undefined;
}

export interface InputText extends Pick<Input, "file" | "text"> {
  /** Path of an output for it. */
  outputName: string;
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
  return {
    files,
    count: files.length,
    notes,
    asked,
    read(literals, known) {
      asked.push(literals);
      return fileInputs(known === undefined ? files : files.filter(({ name }) => !known.has(name)), literals);
    },
    texts(literals) {
      asked.push(literals);
      return fileTexts(files, literals);
    },
  };
}

function stdinInputs(bytes: Buffer): Inputs {
  const text = decode(STDIN, bytes);
  release(bytes);
  return {
    files: undefined,
    count: 1,
    notes: [],
    asked: [],
    async *read(_, known) {
      if (known === undefined || !known.has(STDIN)) yield { input: readInput(STDIN, text), file: undefined };
    },
    async *texts() {
      yield { file: STDIN, text, outputName: "stdin.yaml" };
    },
  };
}

async function* fileInputs(
  files: readonly FoundFile[],
  literals: readonly string[] | undefined,
): AsyncGenerator<ReadInput> {
  for await (const { file, text } of readFiles(files, holding(literals))) {
    if (text !== undefined) yield { input: readInput(file.name, text), file };
  }
}

async function* fileTexts(
  files: readonly FoundFile[],
  literals: readonly string[] | undefined,
): ReturnType<Inputs["texts"]> {
  for await (const { file, text } of readFiles(files, holding(literals))) {
    if (text !== undefined) yield { file: file.name, text, outputName: file.outputName };
  }
}

function holding(literals: readonly string[] | undefined): (bytes: Buffer) => boolean {
  return (bytes) => literals === undefined || isWide(bytes) || holdsAny(bytes, literals);
}

/** What the inputs tell about the cluster, and which of them. */
export interface ToldCluster {
  cluster: ClusterFacts;
  /** Those that tell more than the namespaces of their workloads. */
  tellers: FoundFile[];
}

/** What all inputs together tell about the cluster; only files that hold one of its words are read. */
export async function clusterOf(inputs: Inputs): Promise<ToldCluster> {
  const reader = clusterReader();
  const tellers: FoundFile[] = [];
  for await (const { input, file } of inputs.read(CLUSTER_WORDS)) {
    if (reader.read(input) && file !== undefined) tellers.push(file);
  }
  return { cluster: reader.facts(), tellers };
}

/** Names and texts of files, whatever they hold. */
export async function textsOf(files: readonly FoundFile[]): Promise<TextFile[]> {
  const texts: TextFile[] = [];
  for await (const { file, text } of readFiles(files, () => true)) {
    if (text !== undefined) texts.push({ name: file.name, text });
  }
  return texts;
}

/** All inputs that hold one of the literals. */
export async function inputsWith(inputs: Inputs, literals: readonly string[]): Promise<Input[]> {
  const found: Input[] = [];
  for await (const { input } of inputs.read(literals)) found.push(input);
  return found;
}
