import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect } from "vitest";
import { emptyDirectory } from "../e2e/case-folder.ts";
import { run } from "../e2e/program.ts";
import { ROOT } from "./example.ts";

/**
 * A Git repository with what a commit of a checkout would hold, as users get it.
 * @param root the checkout, by default this one.
 */
export function ownRepository(root: string = ROOT): string {
  const directory = emptyDirectory();
  const { stdout } = run("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], root);
  for (const file of stdout.split("\0").filter((name) => isOfProject(root, name))) {
    mkdirSync(dirname(join(directory, file)), { recursive: true });
    cpSync(join(root, file), join(directory, file), { force: true });
  }
  commitAll(directory, "The project");
  return directory;
}

/** Not a node_modules that is a link, which `node_modules/` in .gitignore leaves in; nor what is deleted by now. */
function isOfProject(root: string, name: string): boolean {
  return name !== "" && !name.split("/").includes("node_modules") && existsSync(join(root, name));
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
