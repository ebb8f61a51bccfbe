// Examples are run as a new user would: the commands of their README, one after the other, in a copy of the folder.

import { spawnSync } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import { emptyDirectory } from "../e2e/case-folder.ts";
import { BUNDLE, type Run } from "../e2e/program.ts";
import { CONTAINER_TOOL, TOOLS_PATH } from "./tools.ts";

export const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** A fenced block of a README: `sh` must succeed, `console` shows one command (`$ …`) and all that it says. */
interface Block {
  language: string;
  text: string;
}

/** A copy of an example's folder with the program in the PATH. */
export interface Workplace {
  directory: string;
  /** Runs a command line in the directory, as a user's shell with `set -e` would. */
  shell(command: string, environment?: Record<string, string>): Run;
  read(file: string): string;
  write(file: string, text: string): void;
}

/** @param example a folder below examples/ */
export function copyOf(example: string, environment: EnvironmentOf = () => ({})): Workplace {
  const directory = emptyDirectory();
  cpSync(join(ROOT, "examples", example), directory, { recursive: true });
  // As a checkout is; containers run as another user.
  chmodSync(directory, 0o755);
  return workplace(directory, environment(directory));
}

/** Variables that keep a tool from writing into the user's home; of the directory that it runs in. */
type EnvironmentOf = (directory: string) => Record<string, string>;

/** A directory as a place to run commands in. */
export function workplace(directory: string, common: Record<string, string> = {}): Workplace {
  const bin = programsOf();
  const PATH = `${bin}${delimiter}${TOOLS_PATH}`;
  return {
    directory,
    shell: (command, environment = {}) => {
      const { status, stdout, stderr } = spawnSync("bash", ["-euo", "pipefail", "-c", command], {
        cwd: directory,
        env: { ...process.env, PATH, KPT_FN_RUNTIME: CONTAINER_TOOL, ...NOT_REMOTE, ...common, ...environment },
        encoding: "utf8",
        maxBuffer: 2 ** 28,
      });
      return { status, stdout, stderr };
    },
    read: (file) => readFileSync(join(directory, file), "utf8"),
    write: (file, text) => writeFileSync(join(directory, file), text),
  };
}

/** The outermost bash takes a socket on stdin, which Node makes of a pipe, for a remote login, and reads bashrc first. */
const NOT_REMOTE = { SHLVL: "1" };

/** The program as `npm install --global` puts it there, and podman under the name that kustomize calls. */
function programsOf(): string {
  const bin = emptyDirectory();
  chmodSync(BUNDLE, 0o755);
  symlinkSync(BUNDLE, join(bin, "native-sidecar"));
  if (CONTAINER_TOOL === "podman") {
    mkdirSync(bin, { recursive: true });
    // podman tells the user of every emulated call where this file is missing; the user's own docker does not.
    writeFileSync(join(bin, "docker"), '#!/bin/sh\nexec podman "$@"\n');
    chmodSync(join(bin, "docker"), 0o755);
  }
  return bin;
}

/**
 * Follows an example's README to the letter in a copy of its folder. What a `console` block shows must be what the
 * command says; a line `…` stands for any number of lines, `…` within one
 * for any text. UPDATE_GOLDENS=1 writes the blocks that hold neither.
 */
export function followReadme(example: string, place: Workplace = copyOf(example)): Workplace {
  const readme = join(ROOT, "examples", example, "README.md");
  const text = readFileSync(readme, "utf8");
  expect(text.split("\n").length, "a README of one screen").toBeLessThan(75);
  for (const block of commandBlocks(text)) {
    if (block.language === "sh") mustRun(place, block.text);
    else showsWhatItSays(place, block, readme);
  }
  return place;
}

function commandBlocks(readme: string): Block[] {
  return [...readme.matchAll(/^```(sh|console)\n([\s\S]*?)^```$/gm)].map(([, language = "", text = ""]) => ({
    language,
    text,
  }));
}

function mustRun(place: Workplace, commands: string): void {
  const { status, stdout, stderr } = place.shell(commands);
  expect(status, `${commands}\n${stdout}\n${stderr}`).toBe(0);
}

function showsWhatItSays(place: Workplace, { text }: Block, readme: string): void {
  const [first = ""] = text.split("\n", 1);
  const shown = text.slice(first.length + 1);
  const said = place.shell(`set +e; exec 2>&1; ${first.replace(/^\$ /, "")}`).stdout;
  if (process.env.UPDATE_GOLDENS && !shown.includes("…")) {
    const whole = readFileSync(readme, "utf8");
    writeFileSync(
      readme,
      whole.replace(text, () => `${first}\n${said}`),
    );
    return;
  }
  if (!patternOf(shown).test(said)) expect(said, first).toBe(shown);
}

function patternOf(shown: string): RegExp {
  const literal = shown.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`^${literal.replace(/^ *…\n/gm, "(?:.*\\n)*?").replace(/…/g, ".*")}$`);
}
