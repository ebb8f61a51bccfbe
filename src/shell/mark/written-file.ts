import { keepsFile, writtenFiles } from "../commands.ts";
import type { SyntaxNode } from "../parse.ts";
import type { Marking } from "./marking.ts";

export const WRITES_FILE = "another program may wait for the file it writes";

/** A construct goes whole with its calls, and the file that it writes is then missing. */
export function checkWrittenFiles(marking: Marking, nodes: readonly SyntaxNode[], calls: ReadonlySet<number>): void {
  if (nodes.some((node) => writtenFiles(node).some(keepsFile))) marking.lower(calls, "review", WRITES_FILE);
}
