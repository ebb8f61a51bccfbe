import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect } from "vitest";
import { emptyDirectory } from "../e2e/case-folder.ts";
import { run } from "../e2e/program.ts";
import { ROOT } from "./example.ts";

/** A Git repository with what a commit of this checkout would hold, as users get it. */
export function ownRepository(): string {
  const directory = emptyDirectory();
  const { stdout } = run("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], ROOT);
  for (const file of stdout.split("\0").filter((name) => name !== "")) {
    mkdirSync(dirname(join(directory, file)), { recursive: true });
    cpSync(join(ROOT, file), join(directory, file), { force: true });
  }
  commitAll(directory, "The project");
  return directory;
}

/** Commits all files of a directory, which becomes a repository where it is none. */
export function commitAll(directory: string, message: string): void {
  const author = ["-c", "user.name=Test", "-c", "user.email=test@example.com"];
  for (const args of [
    ["init", "--quiet", "--initial-branch", "main"],
    ["add", "--all"],
  ])
    git(directory, args);
  git(directory, [...author, "commit", "--quiet", "--message", message]);
}

function git(directory: string, args: readonly string[]): void {
  const { status, stderr } = spawnSync("git", args, { cwd: directory, encoding: "utf8" });
  expect(status, `git ${args.join(" ")}: ${stderr}`).toBe(0);
}
