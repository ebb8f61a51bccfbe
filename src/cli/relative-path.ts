import { realpathSync } from "node:fs";
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from "node:path";

/**
 * Names of files as services place findings by them: relative to the working directory and with forward slashes, also
 * where the command line named them absolutely or by a detour. What is not below it keeps the name it has.
 * @param cwd absolute.
 */
export function relativePaths(cwd: string): (file: string) => string {
  const known = new Map<string, string>();
  return (file) => {
    const name = known.get(file) ?? relativePath(cwd, file);
    known.set(file, name);
    return name;
  };
}

function relativePath(cwd: string, file: string): string {
  const below =
    wayDown(cwd, resolve(cwd, file)) ?? (isAbsolute(file) ? wayDown(real(cwd), realPlace(file)) : undefined);
  return below === undefined ? file : below.split(sep).join("/");
}

function wayDown(directory: string, file: string): string | undefined {
  const way = relative(directory, file);
  return way === "" || way === ".." || way.startsWith(`..${sep}`) || isAbsolute(way) ? undefined : way;
}

/** A shell's $PWD may lead through links, where the process knows its directory without them. */
function real(directory: string): string {
  try {
    return realpathSync(directory);
  } catch {
    return directory;
  }
}

/** The file itself goes by its own name, also where it is a link. */
function realPlace(file: string): string {
  return join(real(dirname(file)), basename(file));
}
