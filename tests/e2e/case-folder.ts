import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createTwoFilesPatch, FILE_HEADERS_ONLY } from "diff";
import { afterAll, expect } from "vitest";

const TESTDATA = fileURLToPath(new URL("../../testdata/", import.meta.url));

/** Case folders below testdata/FOLDER: those that hold `marker`, by name. */
export function caseFolders(folder: string, marker: string): { name: string; path: string }[] {
  const top = join(TESTDATA, folder);
  return readdirSync(top)
    .sort()
    .map((name) => ({ name, path: join(top, name) }))
    .filter(({ path }) => existsSync(join(path, marker)));
}

const made: string[] = [];
afterAll(() => {
  for (const directory of made.splice(0)) rmSync(directory, { recursive: true, force: true });
});

/** An empty directory that goes when the test file is done. */
export function emptyDirectory(): string {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), "native-sidecar-e2e-")));
  made.push(directory);
  return directory;
}

/** Holds a text against a golden file; UPDATE_GOLDENS=1 writes it. */
export function expectGolden(file: string, actual: string): void {
  if (process.env.UPDATE_GOLDENS) writeFileSync(file, actual);
  if (!existsSync(file)) throw new Error(`${file} is missing; UPDATE_GOLDENS=1 writes it`);
  expect(actual, file).toBe(readFileSync(file, "utf8"));
}

/** Relative path → content of all files below a directory. */
export function filesIn(directory: string): Map<string, string> {
  const names = (readdirSync(directory, { recursive: true }) as string[]).sort();
  const isFile = (name: string): boolean =>
    statSync(join(directory, name), { throwIfNoEntry: false })?.isFile() === true;
  return new Map(names.filter(isFile).map((name) => [name, readFileSync(join(directory, name), "utf8")]));
}

/** What happened to the files of a directory, as unified diffs; "" where nothing did. */
export function diffOfFiles(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): string {
  const names = [...new Set([...before.keys(), ...after.keys()])].sort();
  return names.map((name) => diffOfTexts(name, before.get(name), after.get(name))).join("");
}

/** @param before undefined: there was no such file. */
export function diffOfTexts(name: string, before: string | undefined, after: string | undefined): string {
  if (before === after) return "";
  const options = { context: 3, headerOptions: FILE_HEADERS_ONLY };
  const [from, to] = [before, after].map((text) => (text === undefined ? "/dev/null" : name)) as [string, string];
  return createTwoFilesPatch(from, to, before ?? "", after ?? "", undefined, undefined, options);
}
