import { type Dirent, readdirSync, realpathSync, type Stats, statSync } from "node:fs";
import { basename, isAbsolute, join, normalize, relative, sep } from "node:path";
import { visible } from "../report/visible.ts";
import { UsageError } from "../source/failure.ts";
import { fileCause } from "./file-cause.ts";

/** A file to read. */
export interface FoundFile {
  /** Path as shown to people and as it can be opened: what was given, and the way down from there. */
  name: string;
  /**
   * Where it goes below another directory: `name`, or its path inside the directory that was given where that one
   * is absolute or leads up.
   */
  outputName: string;
}

export interface FoundFiles {
  files: FoundFile[];
  /** What a walk left out and people may miss; one line each. */
  notes: string[];
}

const MANIFEST = /\.(?:yaml|yml|json)$/i;

/**
 * The files that paths stand for, sorted by name, each once. Of directories the YAML and JSON files below them, but
 * for hidden directories, node_modules and the templates of Helm charts; symbolic links only where they lead to
 * something inside of the given paths. Files that are named themselves are taken whatever their ending.
 * Looks without waiting: handing each small system call to another thread takes several times as long as the call.
 * @param excluded globs of what a walk leaves out: files, or directories with all below; one without a slash is held
 * against the last part of a path, others against the path as shown and as seen from the directory that was given.
 * @throws {UsageError} a path that does not exist or cannot be read.
 */
export async function findFiles(paths: readonly string[], excluded: readonly string[] = []): Promise<FoundFiles> {
  const given = paths.map(open);
  const walk = new Walk(
    given.map(({ real }) => real),
    await exclusion(excluded),
  );
  for (const { path, real, stats } of given) {
    if (!stats.isDirectory())
      walk.add({ name: normalize(path), outputName: outputName(path, path, basename(path)) }, real);
  }
  for (const { path, real, stats } of given) {
    if (stats.isDirectory()) walk.directory({ path: normalize(path), real, given: path });
  }
  walk.links();
  return walk.found();
}

/** A directory on the way. */
interface Directory {
  path: string;
  real: string;
  /** The given path that led here. */
  given: string;
}

class Walk {
  /** Real path → file: what is reached in two ways counts once. */
  private readonly files = new Map<string, FoundFile>();
  private readonly notes: string[] = [];
  private readonly visited = new Set<string>();
  /** Looked at last, so that a file goes by its own name rather than by a link's. */
  private readonly deferred: { path: string; given: string }[] = [];
  private readonly roots: readonly string[];
  private readonly exclusion: Exclusion;

  constructor(roots: readonly string[], exclusion: Exclusion) {
    this.roots = roots;
    this.exclusion = exclusion;
  }

  add(file: FoundFile, real: string): void {
    if (!this.files.has(real)) this.files.set(real, file);
  }

  found(): FoundFiles {
    const files = [...this.files.values()].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
    return { files, notes: [...this.notes, ...this.exclusion.notes()].map(visible).sort() };
  }

  directory(directory: Directory): void {
    if (this.visited.has(directory.real)) return;
    this.visited.add(directory.real);
    const entries = list(directory.path);
    const isChart = entries.some(({ name }) => name === "Chart.yaml");
    for (const entry of entries) this.entry(directory, entry, isChart);
  }

  private entry({ path, real, given }: Directory, entry: Dirent, isChart: boolean): void {
    const here = { path: join(path, entry.name), real: join(real, entry.name), given };
    if (this.exclusion.covers(here.path, relative(given, here.path))) return;
    if (entry.isSymbolicLink()) {
      this.deferred.push(here);
    } else if (entry.isDirectory()) {
      if (isSkipped(entry.name)) return;
      if (isChart && entry.name === "templates") {
        this.notes.push(`${here.path}: templates of a Helm chart are left out; pipe what helm template prints instead`);
      } else this.directory(here);
    } else if (entry.isFile() && MANIFEST.test(entry.name)) {
      this.add(this.named(here), here.real);
    }
  }

  private named({ path, given }: { path: string; given: string }): FoundFile {
    return { name: path, outputName: outputName(given, path, relative(given, path)) };
  }

  /** Links found so far, and those found behind them. */
  links(): void {
    for (let link = this.deferred.shift(); link !== undefined; link = this.deferred.shift()) {
      const target = openLink(link.path);
      if (target === undefined) {
        this.notes.push(`${link.path}: a symbolic link that leads nowhere is left out`);
      } else if (!this.roots.some((root) => isInside(root, target.real))) {
        if (target.stats.isDirectory() || MANIFEST.test(link.path))
          this.notes.push(`${link.path}: a symbolic link that leads out of the given paths is left out`);
      } else if (target.stats.isDirectory()) {
        if (!isSkipped(basename(link.path))) this.directory({ ...link, real: target.real });
      } else if (target.stats.isFile() && MANIFEST.test(link.path)) {
        this.add(this.named(link), target.real);
      }
    }
  }
}

/** What a walk is told to leave out. */
interface Exclusion {
  covers(...paths: readonly string[]): boolean;
  /** Globs that nothing matched. */
  notes(): string[];
}

async function exclusion(globs: readonly string[]): Promise<Exclusion> {
  if (globs.length === 0) return { covers: () => false, notes: () => [] };
  const { default: picomatch } = await import("picomatch");
  const unused = new Set(globs);
  const matchers = globs.map((glob) => {
    const pattern = glob.replace(/^\.\//, "").replace(/\/$/, "");
    const matches = picomatch(pattern, { dot: true, basename: !pattern.includes("/") });
    return { glob, matches };
  });
  return {
    covers: (...paths) => {
      const found = matchers.find(({ matches }) => paths.some((path) => matches(path)));
      if (found !== undefined) unused.delete(found.glob);
      return found !== undefined;
    },
    notes: () => [...unused].map((glob) => `--exclude ${glob}: nothing in the given directories matches it`),
  };
}

function isSkipped(directory: string): boolean {
  return directory.startsWith(".") || directory === "node_modules";
}

/** True for the directory itself and all below it. */
export function isInside(directory: string, path: string): boolean {
  const way = relative(directory, path);
  return way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

/** @param inside the file's path inside the given directory, or its base name where it was given itself. */
function outputName(given: string, name: string, inside: string): string {
  const leadsAway = isAbsolute(given) || /^\.\.(?:$|[/\\])/.test(normalize(given));
  return leadsAway ? inside : normalize(name);
}

function open(path: string): { path: string; real: string; stats: Stats } {
  try {
    return { path, real: realpathSync.native(path), stats: statSync(path) };
  } catch (error) {
    throw unreadable(path, error);
  }
}

function openLink(path: string): { real: string; stats: Stats } | undefined {
  try {
    return { real: realpathSync.native(path), stats: statSync(path) };
  } catch {
    return undefined;
  }
}

function list(path: string): Dirent[] {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch (error) {
    throw unreadable(path, error);
  }
}

export function unreadable(path: string, error: unknown): UsageError {
  return new UsageError(visible(`${path}: cannot be read: ${fileCause(error)}`));
}
