import { readFile } from "node:fs/promises";
import { findConfigFile } from "../config/find-config.ts";
import { decode } from "../source/bytes.ts";
import { UsageError } from "../source/failure.ts";
import { unreadable } from "../wire/find-files.ts";

/** The files that say what a run is asked for: its config, values, MeshConfig and injector. */
export interface ConfigFiles {
  /** The config file of a directory or the nearest one above it. */
  find(directory: string): Promise<string | undefined>;
  /** @param name as shown. @throws {UsageError} */
  read(path: string, name: string): Promise<string>;
}

/** What was read of them: plain data. */
export interface SeenConfigFiles {
  found: string | undefined;
  /** By path. */
  texts: Map<string, string>;
}

/** Files as they stand, and a record of what was read. */
export function configFilesOnDisk(): { files: ConfigFiles; seen: SeenConfigFiles } {
  const seen: SeenConfigFiles = { found: undefined, texts: new Map() };
  const find: ConfigFiles["find"] = async (directory) => {
    seen.found = await findConfigFile(directory);
    return seen.found;
  };
  const read: ConfigFiles["read"] = async (path, name) => {
    const text = await readText(path, name);
    seen.texts.set(path, text);
    return text;
  };
  return { files: { find, read }, seen };
}

/** The same once more without the disk: what comes out of a pipe (`--values <(…)`) can be read only once. */
export function seenConfigFiles({ found, texts }: SeenConfigFiles): ConfigFiles {
  return {
    find: async () => found,
    read: async (path, name) => texts.get(path) ?? readText(path, name),
  };
}

async function readText(path: string, name: string): Promise<string> {
  try {
    return decode(name, await readFile(path));
  } catch (error) {
    throw error instanceof UsageError ? error : unreadable(name, error);
  }
}
