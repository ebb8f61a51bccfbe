import { lstat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";

const CONFIG_FILE = ".native-sidecar.yaml";

/** The configuration file in a directory or the nearest one above it. */
export async function findConfigFile(directory: string): Promise<string | undefined> {
  for (let here = resolve(directory); ; here = dirname(here)) {
    const file = join(here, CONFIG_FILE);
    if (await exists(file)) return file;
    if (dirname(here) === here) return undefined;
  }
}

/** Also a directory or a link that leads nowhere: reading it says what is wrong, in place of a run without a config. */
async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch {
    return false;
  }
}
