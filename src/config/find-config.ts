import { stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";

export const CONFIG_FILE = ".native-sidecar.yaml";

/** The configuration file in a directory or the nearest one above it. */
export async function findConfigFile(directory: string): Promise<string | undefined> {
  for (let here = resolve(directory); ; here = dirname(here)) {
    const file = join(here, CONFIG_FILE);
    if (await isFile(file)) return file;
    if (dirname(here) === here) return undefined;
  }
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
