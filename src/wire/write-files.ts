import { randomBytes } from "node:crypto";
import {
  chmodSync,
  chownSync,
  closeSync,
  fsyncSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from "node:fs";
import { access, constants, mkdir, readFile, realpath, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { visible } from "../report/visible.ts";
import { UsageError } from "../source/failure.ts";
import { fileCause } from "./file-cause.ts";
import { isInside } from "./find-files.ts";

/** A file that was read, and what it shall hold. */
export interface FileChange {
  /** Path as given. */
  file: string;
  /** Text as it was read. */
  before: string;
  text: string;
}

/**
 * Replaces files, all or none as far as a file system allows: every new text is on disk in its file's own directory
 * before the first file is replaced, and what was replaced is put back where a later one fails. Mode and owner stay;
 * a symbolic link stays and its target changes. (write-file-atomic does this for one file only: it replaces each as
 * soon as that one is written.)
 * @throws {UsageError} a file that cannot be written or is no longer what was read; nothing is written then.
 */
export async function writeFiles(changes: readonly FileChange[]): Promise<void> {
  await replaceAll(async (stage) => {
    for (const change of changes) await stage(await targetOf(change));
  });
}

/**
 * Writes files below a directory, all or none; directories on the way are made.
 * @param outputs names relative to the directory.
 * @throws {UsageError} a name or link that leads out of the directory, two texts for one file, a file that cannot be
 * written.
 */
export async function writeOutputs(
  directory: string,
  outputs: readonly { name: string; text: string }[],
): Promise<void> {
  const names = new Set<string>();
  for (const { name } of outputs) {
    const path = resolve(directory, name);
    if (!isInside(resolve(directory), path) || path === resolve(directory))
      throw new UsageError(`${name}: leads out of the output directory ${directory}; nothing is written`);
    if (names.has(path))
      throw new UsageError(`${join(directory, name)}: two inputs would be written there; name fewer paths`);
    names.add(path);
  }
  await replaceAll(async (stage) => {
    for (const { name, text } of outputs) await stage(await outputTarget(directory, name, text));
  });
}

/** A text and the file that shall hold it. */
interface Target {
  /** Path as shown to people. */
  shown: string;
  /** Path without symbolic links. */
  path: string;
  text: string;
  /** undefined where the file is new. */
  stats: Stats | undefined;
  /** What the file holds now, to put it back. */
  before: Buffer | undefined;
}

async function targetOf({ file, before, text }: FileChange): Promise<Target> {
  const expected = Buffer.from(before, "utf8");
  return failing(file, async () => {
    const path = await realpath(file);
    await access(path, constants.W_OK);
    const held = await readFile(path);
    if (!held.equals(expected))
      throw new UsageError(visible(`${file}: was changed by someone else meanwhile; nothing is written`));
    return { shown: file, path, text, stats: await stat(path), before: held };
  });
}

async function outputTarget(directory: string, name: string, text: string): Promise<Target> {
  const shown = join(directory, name);
  return failing(shown, async () => {
    await mkdir(dirname(shown), { recursive: true });
    const root = await realpath(directory);
    const there = await realpath(shown).catch(() => undefined);
    const path = there ?? join(await realpath(dirname(shown)), basename(shown));
    if (!isInside(root, path))
      throw new UsageError(`${shown}: a symbolic link leads out of ${directory}; nothing is written`);
    if (there === undefined) return { shown, path, text, stats: undefined, before: undefined };
    return { shown, path, text, stats: await stat(path), before: await readFile(path) };
  });
}

async function failing<T>(shown: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw error instanceof UsageError ? error : unwritable(shown, error);
  }
}

function unwritable(shown: string, error: unknown, outcome = "nothing is written"): UsageError {
  return new UsageError(visible(`${shown}: cannot be written: ${fileCause(error)}; ${outcome}`));
}

interface Staged extends Target {
  /** The new text's own file, until it takes the target's place. */
  temporary: string;
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Stages what `fill` hands it, then replaces all. Temporary files go, whatever happens. */
async function replaceAll(fill: (stage: (target: Target) => Promise<void>) => Promise<void>): Promise<void> {
  const temporaries = new Set<string>();
  const handled = handleSignals(temporaries);
  try {
    const staged: Staged[] = [];
    const leftovers = leftoversByDirectory();
    await fill(async (target) => {
      removeLeftovers(target.path, leftovers(dirname(target.path)));
      staged.push({ ...target, temporary: writeTemporary(target, target.text, temporaries) });
    });
    // Without a pause: a signal that comes meanwhile is handled afterwards.
    commit(staged, temporaries);
    handled.outcome = "all is written";
  } catch (error) {
    ignoreSignals();
    throw error;
  } finally {
    discard(temporaries);
  }
}

let ignoreSignals = (): void => {};

/**
 * Has a signal end the process with a line that tells what it met, also when all is replaced and only the summary is
 * not out yet: until the next call, or `ignoreSignals`.
 */
function handleSignals(temporaries: Set<string>): { outcome: string } {
  const handled = { outcome: "nothing is written" };
  const onSignal = (signal: NodeJS.Signals): void => {
    discard(temporaries);
    ignoreSignals();
    process.stderr.write(`native-sidecar: ended by ${signal}; ${handled.outcome}\n`);
    process.kill(process.pid, signal);
  };
  ignoreSignals();
  ignoreSignals = () => {
    for (const name of SIGNALS) process.off(name, onSignal);
  };
  for (const name of SIGNALS) process.on(name, onSignal);
  return handled;
}

function discard(temporaries: Set<string>): void {
  for (const temporary of temporaries) {
    rmSync(temporary, { force: true });
    temporaries.delete(temporary);
  }
}

/** Without a pause in which a signal could be handled: either none or all are replaced. */
function commit(staged: readonly Staged[], temporaries: Set<string>): void {
  const done: Staged[] = [];
  try {
    for (const target of staged) {
      renameSync(target.temporary, target.path);
      temporaries.delete(target.temporary);
      done.push(target);
    }
  } catch (error) {
    // What is not needed any more goes first: the disk may be full.
    discard(temporaries);
    const left = done.filter((target) => !isPutBack(target, temporaries)).map(({ shown }) => shown);
    const outcome = left.length === 0 ? "nothing is written" : `written, and not to be put back: ${left.join(", ")}`;
    throw unwritable(staged[done.length]?.shown ?? "", error, outcome);
  }
}

/** Puts a file back as it was; false where that cannot be done. */
function isPutBack(target: Staged, temporaries: Set<string>): boolean {
  try {
    if (target.before === undefined) rmSync(target.path, { force: true });
    else {
      const temporary = writeTemporary(target, target.before, temporaries);
      renameSync(temporary, target.path);
      temporaries.delete(temporary);
    }
    return true;
  } catch {
    discard(temporaries);
    return false;
  }
}

/** `.NAME.PROCESS-RANDOM.tmp`: hidden, never read as a manifest, and it tells who made it. */
function temporaryName(path: string): string {
  return `${temporaryStart(path)}${process.pid}-${randomBytes(6).toString("hex")}.tmp`;
}

function temporaryStart(path: string): string {
  return `.${basename(path).slice(0, 100)}.`;
}

/** Temporary files of a directory whose runs are over: they were killed on the spot. Each directory is read once. */
function leftoversByDirectory(): (directory: string) => readonly string[] {
  const known = new Map<string, string[]>();
  return (directory) => {
    let names = known.get(directory);
    if (names === undefined) {
      names = readdirSync(directory).filter((name) => {
        const owner = /\.(\d{1,10})-[0-9a-f]{12}\.tmp$/.exec(name)?.[1];
        return owner !== undefined && !isRunning(Number(owner));
      });
      known.set(directory, names);
    }
    return names;
  };
}

/** Only those of this very file: what else there is, another run may know of. */
function removeLeftovers(path: string, leftovers: readonly string[]): void {
  const start = temporaryStart(path);
  for (const name of leftovers) {
    const isOwn =
      name.startsWith(start) &&
      !name
        .slice(start.length)
        .replace(/\.tmp$/, "")
        .includes(".");
    if (isOwn) rmSync(join(dirname(path), name), { force: true });
  }
}

/** In a container every run may have the same number: this one has made nothing there yet. */
function isRunning(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !(error instanceof Error && "code" in error && error.code === "ESRCH");
  }
}

/**
 * Holds the event loop from naming the file to its last byte: a signal that came in between would be handled while
 * the system still makes a file that nobody knows of yet.
 */
function writeTemporary(target: Target, content: string | Buffer, temporaries: Set<string>): string {
  const temporary = join(dirname(target.path), temporaryName(target.path));
  try {
    const handle = openSync(temporary, "wx", target.stats === undefined ? 0o666 : 0o600);
    temporaries.add(temporary);
    try {
      writeFileSync(handle, content);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    if (target.stats !== undefined) keepOwnership(temporary, target.stats);
  } catch (error) {
    throw unwritable(target.shown, error);
  }
  return temporary;
}

function keepOwnership(temporary: string, { uid, gid, mode }: Stats): void {
  const own = statSync(temporary);
  // Only root may give files away; whoever may write the file keeps it writable for themselves.
  if (own.uid !== uid || own.gid !== gid) {
    try {
      chownSync(temporary, uid, gid);
    } catch {}
  }
  chmodSync(temporary, mode & 0o7777);
}
