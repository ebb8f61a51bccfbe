import { visible } from "../report/visible.ts";
import { bounded } from "../source/bounded.ts";
import { decode, release } from "../source/bytes.ts";
import { UsageError } from "../source/failure.ts";
import { functionPieces } from "../wire/function.ts";
import { readResourceList } from "../wire/resource-list.ts";
import { STDIN } from "./inputs.ts";
import type { Io } from "./io.ts";
import { BAD, FOUND, OK } from "./run.ts";

/** No command: a ResourceList on stdin makes us a KRM function. */
export async function functionCommand(io: Io, help: () => string): Promise<number> {
  if (!io.stdinIsPiped) {
    io.stderr(`native-sidecar: no command given\n\n${help()}`);
    return BAD;
  }
  const bytes = await io.readStdin();
  const text = decode(STDIN, bytes);
  release(bytes);
  const list = readResourceList(STDIN, text);
  if (list === undefined) {
    throw new UsageError("stdin holds no ResourceList: give a command (check, fix, render, …) to read plain manifests");
  }
  const outcome = functionPieces(list);
  for (const message of outcome.messages) io.stderr(`${visible(bounded(message))}\n`);
  for (const piece of outcome.pieces) io.stdout(piece);
  return outcome.failed ? FOUND : OK;
}
