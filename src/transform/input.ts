import { applyEdits, type TextEdit } from "../source/edit.ts";
import type { Chunk } from "../source/parse.ts";
import { peekKind, splitDocuments } from "../source/split.ts";
import type { Node } from "../source/tree.ts";

/** One document of an input: a YAML document of a stream or file, or an item of a ResourceList. */
export interface DocumentChunk extends Chunk {
  /** Position among the input's documents, from 0. */
  index: number;
  /** Top-level `kind` where it can be told without parsing. */
  kind: string | undefined;
  /**
   * The document's tree where it had to be parsed to be found; parse the chunk otherwise. Items of a ResourceList
   * that share anchors come as one chunk whose root is the whole ResourceList, as an edit to one changes another.
   */
  root?: Node;
}

/** Text that holds documents, and how to find them again once the text was edited. */
export interface Input {
  /** Name shown to people: a path as given, "<stdin>". */
  file: string;
  text: string;
  chunks: DocumentChunk[];
  /** The same input with its text edited. @throws {RangeError} as `applyEdits`. */
  edited(edits: readonly TextEdit[]): Input;
}

/** A stream or file of YAML documents (JSON too). */
export function readStream(file: string, text: string): Input {
  const chunks = splitDocuments(text).map((range, index) => ({
    file,
    text,
    ...range,
    index,
    kind: peekKind(text, range),
  }));
  return { file, text, chunks, edited: (edits) => readStream(file, applyEdits(text, edits)) };
}
