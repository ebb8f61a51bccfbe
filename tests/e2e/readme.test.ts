// README.md tells the truth: its manifests and outputs are real ones, its commands run.
// UPDATE_GOLDENS=1 writes the outputs of its console blocks and the "after".

import { spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { diffOfFiles, emptyDirectory, filesIn } from "./case-folder.ts";
import { BUNDLE, findTool, run, runProgram } from "./program.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const README = join(ROOT, "README.md");
const EXAMPLE = join(ROOT, "examples/quick-start");

interface Block {
  language: string;
  /** What stands behind the language: a file's name, or what the block is. */
  title: string;
  text: string;
}

function readBlocks(): Block[] {
  const fences = readFileSync(README, "utf8").matchAll(/^```(\w+) ?(.*)\n([\s\S]*?)^```$/gm);
  return [...fences].map(([, language = "", title = "", text = ""]) => ({ language, title, text }));
}

function blockOf(title: string): Block {
  const found = readBlocks().find((block) => block.title === title);
  if (found === undefined) throw new Error(`README.md has no code block "${title}"`);
  return found;
}

function updateBlock({ language, title, text }: Block, updated: string): void {
  const head = `\`\`\`${title === "" ? language : `${language} ${title}`}\n`;
  const readme = readFileSync(README, "utf8");
  writeFileSync(
    README,
    readme.replace(`${head}${text}\`\`\``, () => `${head}${updated}\`\`\``),
  );
}

/** A directory as README's reader has it: the example's manifests, and the program in the PATH. */
function workplace(): { directory: string; shell(command: string): { status: number | null; output: string } } {
  const directory = emptyDirectory();
  cpSync(join(EXAMPLE, "manifests"), join(directory, "manifests"), { recursive: true });
  copyFileSync(join(EXAMPLE, "sail-istio.yaml"), join(directory, "sail-istio.yaml"));
  cpSync(join(ROOT, "examples/cluster-injector/cluster"), join(directory, "cluster"), { recursive: true });
  const bin = join(emptyDirectory(), "bin");
  mkdirSync(bin);
  for (const place of [join(bin, "native-sidecar"), join(directory, "native-sidecar")]) {
    copyFileSync(BUNDLE, place);
    chmodSync(place, 0o755);
  }
  const env = { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH ?? ""}` };
  const shell = (command: string): { status: number | null; output: string } => {
    const { status, stdout } = spawnSync("bash", ["-c", `exec 2>&1; ${command}`], {
      cwd: directory,
      env,
      encoding: "utf8",
    });
    return { status, output: stdout };
  };
  return { directory, shell };
}

describe("the first screen", () => {
  const example = run(process.execPath, [join(EXAMPLE, "run.mjs")], ROOT);

  test("before is in the example's manifest", () => {
    expect(readFileSync(join(EXAMPLE, "manifests/invoices.yaml"), "utf8")).toContain(blockOf("before").text);
  });

  test("after is what the example prints", () => {
    expect(example.status, example.stderr).toBe(0);
    const pod = /^ {4}spec:\n(?: {5}.*\n)*/m.exec(example.stdout)?.[0] ?? "";
    expect(pod).toContain("istio-proxy");
    if (process.env.UPDATE_GOLDENS) updateBlock(blockOf("after"), pod);
    expect(blockOf("after").text).toBe(pod);
  });

  test("the two commands are scripts of the package", () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
      scripts: Record<string, string>;
    };
    const commands = readBlocks().flatMap(({ language, text }) => (language === "sh" ? text.split("\n") : []));
    const named = commands.flatMap((line) => /npm (?:run )?(\w+)\s+#/.exec(line)?.[1] ?? []);
    expect(named).toEqual(["example", "test", "build"]);
    expect(Object.keys(scripts)).toEqual(expect.arrayContaining(named));
  });

  test("the example's ResourceList holds its manifests", () => {
    const list = readFileSync(join(EXAMPLE, "resource-list.yaml"), "utf8").replaceAll("\n    ", "\n");
    for (const name of readdirSync(join(EXAMPLE, "manifests"))) {
      const manifest = readFileSync(join(EXAMPLE, "manifests", name), "utf8").replace(/^#.*\n/, "");
      const [head = "", rest = ""] = manifest.split("metadata:\n");
      expect(list).toContain(`  - ${head}metadata:\n`);
      expect(list).toContain(rest);
    }
  });
});

describe("the console blocks", () => {
  test.each(readBlocks().filter(({ language }) => language === "console"))("$text", (block) => {
    const [command = ""] = block.text.split("\n", 1);
    const { output } = workplace().shell(command.replace(/^\$ /, ""));
    expect(output).not.toBe("");
    if (process.env.UPDATE_GOLDENS) updateBlock(block, `${command}\n${output}`);
    else expect(block.text).toBe(`${command}\n${output}`);
  });
});

describe("the ways in", () => {
  const CALL = "quitquitquit";

  test.skipIf(findTool("kustomize", "KUSTOMIZE", ["version"]) === undefined)("kustomize runs the function", () => {
    const { directory, shell } = workplace();
    for (const name of ["kustomization.yaml", "native-sidecar.yaml"])
      writeFileSync(join(directory, name), blockOf(name).text);
    const command = blockOf("kustomize").text.replace(/^kustomize/, process.env.KUSTOMIZE ?? "kustomize");
    const { status, output } = shell(command);
    expect(status, output).toBe(0);
    expect(output).toContain("info: Job invoices");
    expect(output).not.toContain(CALL.concat("  #"));
  });

  test.skipIf(findTool("kpt", "KPT", ["version"]) === undefined)("kpt runs the function", () => {
    const { directory, shell } = workplace();
    const before = filesIn(join(directory, "manifests"));
    const { status, output } = shell(blockOf("kpt").text);
    expect(status, output).toBe(0);
    const changed = diffOfFiles(before, filesIn(join(directory, "manifests")));
    expect(changed.split("\n").filter((line) => /^[-+] /.test(line))).toEqual([expect.stringContaining(CALL)]);
  });

  test("the stream comes out without the call", () => {
    const [producer = "", filter = ""] = blockOf("stream").text.trim().split(" | ");
    expect(producer).toBe("helm template my-chart");
    // Helm writes a marker in front of each document.
    const documents = `for f in manifests/*; do echo ---; cat $f; done`;
    const { status, output } = workplace().shell(`${documents} | ${filter} --quiet`);
    expect(status, output).toBe(0);
    expect(output).toContain("kind: Job");
    expect(output).not.toContain(CALL);
  });

  test("the functionConfig is a valid one", () => {
    const { directory } = workplace();
    writeFileSync(join(directory, "config.yaml"), blockOf("config.yaml").text);
    const { status, stderr } = runProgram(["check", "manifests", "--config", "config.yaml"], directory);
    expect(stderr).toBe("");
    expect(status).toBe(1);
  });

  test("the table names every command", () => {
    const { stdout } = runProgram(["--help"], ROOT);
    const commands = [...stdout.matchAll(/^ {2}(\w+)(?: \[\w+\])*(?: \[[A-Z]+\.*\])? {2,}/gm)].map(([, name]) => name);
    const rows = [...readFileSync(README, "utf8").matchAll(/^\| `(\w+)[^|]*\|/gm)].map(([, name]) => name);
    expect(commands.length).toBeGreaterThan(5);
    expect(rows).toEqual(expect.arrayContaining(commands));
  });
});
