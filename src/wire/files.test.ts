import { spawn } from "node:child_process";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { UsageError } from "../source/failure.ts";
import { findFiles } from "./find-files.ts";
import { readFiles } from "./read-files.ts";
import { writeFiles, writeOutputs } from "./write-files.ts";

let top: string;
beforeEach(() => {
  top = realpathSync(mkdtempSync(join(tmpdir(), "files-")));
});

function put(name: string, text = "a: 1\n"): string {
  const path = join(top, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

/** Names below the test's directory, as found from these paths. */
async function found(...paths: string[]): Promise<string[]> {
  const { files } = await findFiles(paths.map((path) => join(top, path)));
  return files.map(({ name }) => name.slice(top.length + 1));
}

async function failure(run: Promise<unknown>): Promise<string> {
  const error = await run.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(UsageError);
  return (error as UsageError).message.replaceAll(top, "TOP");
}

describe("finding files", () => {
  test("without what globs name", async () => {
    for (const name of ["a/1.yaml", "a/testdata/2.yaml", "b/1.yaml", "b/c/3.yaml", "b/c/4.yml"]) put(name);
    const kept = async (...globs: string[]): Promise<string[]> => {
      const { files, notes } = await findFiles([top], globs);
      return [...files.map(({ name }) => name.slice(top.length + 1)), ...notes];
    };
    expect(await kept("1.yaml")).toEqual(["a/testdata/2.yaml", "b/c/3.yaml", "b/c/4.yml"]);
    expect(await kept("testdata/", "./b/**/*.yaml")).toEqual(["a/1.yaml", "b/c/4.yml"]);
    expect(await kept("b", "c/3.yaml")).toEqual([
      "a/1.yaml",
      "a/testdata/2.yaml",
      "--exclude c/3.yaml: nothing in the given directories matches it",
    ]);
  });

  test("YAML and JSON below directories, sorted, once", async () => {
    for (const name of ["b/z.yml", "b/a.json", "a.yaml", "c.YAML", "readme.md", "b/.hidden.yaml"]) put(name);
    for (const name of [".git/x.yaml", "node_modules/x.yaml", "b/.x/y.yaml"]) put(name);
    expect(await found("")).toEqual(["a.yaml", "b/.hidden.yaml", "b/a.json", "b/z.yml", "c.YAML"]);
    expect(await found("b", "a.yaml", "b/z.yml", "b/../a.yaml")).toEqual([
      "a.yaml",
      "b/.hidden.yaml",
      "b/a.json",
      "b/z.yml",
    ]);
  });

  test("files that are named are taken whatever their ending; so are hidden directories", async () => {
    for (const name of ["x.txt", ".ci/a.yaml"]) put(name);
    expect(await found("x.txt", ".ci")).toEqual([".ci/a.yaml", "x.txt"]);
  });

  test("templates of Helm charts are left out of walks, with a note", async () => {
    for (const name of ["chart/Chart.yaml", "chart/templates/a.yaml", "chart/values.yaml", "templates/b.yaml"])
      put(name);
    expect(await found("")).toEqual(["chart/Chart.yaml", "chart/values.yaml", "templates/b.yaml"]);
    expect((await findFiles([top])).notes[0]).toMatch(/chart\/templates: templates of a Helm chart/);
    expect(await found("chart/templates")).toEqual(["chart/templates/a.yaml"]);
  });

  test("links inside are followed and count once, links that lead out or nowhere are not", async () => {
    put("in/real.yaml");
    put("in/..data/v.yaml");
    put("out/other.yaml");
    const link = (to: string, name: string): void => symlinkSync(join(top, to), join(top, name));
    link("in/real.yaml", "in/a-link.yaml");
    link("in/..data/v.yaml", "in/v.yaml");
    link("in", "in/loop");
    link("out", "in/outside");
    link("out/other.yaml", "in/other.yaml");
    link("nowhere", "in/gone.yaml");
    expect(await found("in")).toEqual(["in/real.yaml", "in/v.yaml"]);
    expect((await findFiles([join(top, "in")])).notes.map((note) => note.slice(top.length))).toEqual([
      "/in/gone.yaml: a symbolic link that leads nowhere is left out",
      "/in/other.yaml: a symbolic link that leads out of the given paths is left out",
      "/in/outside: a symbolic link that leads out of the given paths is left out",
    ]);
    expect(await found("in", "out")).toEqual(["in/real.yaml", "in/v.yaml", "out/other.yaml"]);
    expect(await found("in/outside")).toEqual(["in/outside/other.yaml"]);
  });

  test("where outputs go", async () => {
    put("a/b/c.yaml");
    const { files } = await findFiles([join(top, "a")]);
    expect(files.map(({ outputName }) => outputName)).toEqual(["b/c.yaml"]);
    expect((await findFiles([join(top, "a/b/c.yaml")])).files[0]?.outputName).toBe("c.yaml");
    const here = process.cwd();
    try {
      process.chdir(top);
      const names = (await findFiles(["./a"])).files.map((file) => [file.name, file.outputName]);
      expect(names).toEqual([["a/b/c.yaml", "a/b/c.yaml"]]);
      process.chdir(join(top, "a"));
      expect((await findFiles([".."])).files[0]).toEqual({ name: "../a/b/c.yaml", outputName: "a/b/c.yaml" });
    } finally {
      process.chdir(here);
    }
  });

  test("what cannot be read", async () => {
    expect(await failure(findFiles([join(top, "none.yaml")]))).toBe(
      "TOP/none.yaml: cannot be read: no such file or directory",
    );
    put("file");
    expect(await failure(findFiles([join(top, "file/x")]))).toContain("a part of the path is no directory");
  });
});

describe("reading files", () => {
  test("in order; those of no interest have no text", async () => {
    const names = Array.from({ length: 50 }, (_, i) => `${String(i).padStart(2, "0")}.yaml`);
    for (const name of names) put(name, name.startsWith("4") ? "hit\n" : "miss\n");
    const { files } = await findFiles([top]);
    const read: [string, number, string | undefined][] = [];
    for await (const { file, size, text } of readFiles(files, (bytes) => bytes.includes("hit")))
      read.push([file.name, size, text]);
    expect(read.map(([name]) => name.slice(top.length + 1))).toEqual(names);
    expect(read.filter(([, , text]) => text === "hit\n")).toHaveLength(10);
    expect(read[0]).toEqual([join(top, "00.yaml"), 5, undefined]);
  });

  test("files larger than what is kept ready, and those without a size", async () => {
    const large = put("large.yaml", `${"é".repeat(1_500_000)}\n`);
    const small = put("small.yaml", "a: 1\n");
    const list = [large, small, "/proc/self/status", large].map((name) => ({ name, outputName: name }));
    const texts: (string | undefined)[] = [];
    const readable = list.filter(({ name }) => existsSync(name));
    for await (const { text } of readFiles(readable, () => true)) texts.push(text);
    expect(texts[0] === readFileSync(large, "utf8")).toBe(true);
    expect(texts[1]).toBe("a: 1\n");
    expect(texts.at(-1) === texts[0]).toBe(true);
    if (readable.length === 4) expect(texts[2]).toContain("Pid:");
  });

  test("the first failure in order is told", async () => {
    put("a.yaml");
    writeFileSync(join(top, "b.yaml"), Buffer.from([0x61, 0x0a, 0xff]));
    const missing = { name: join(top, "c.yaml"), outputName: "c.yaml" };
    const { files } = await findFiles([top]);
    const all = async (list: typeof files): Promise<void> => {
      for await (const _ of readFiles(list, () => true));
    };
    expect(await failure(all([...files, missing]))).toBe("TOP/b.yaml:2:1: not valid UTF-8; store the file as UTF-8");
    expect(await failure(all([missing, ...files]))).toBe("TOP/c.yaml: cannot be read: no such file or directory");
  });
});

describe("writing files", () => {
  const left = (): string[] => readdirSync(top).filter((name) => name.includes("tmp"));

  test("all are replaced, modes stay, links stay links", async () => {
    const a = put("a.yaml", "\ufeffa\r\n");
    const b = put("b.yaml", "b");
    chmodSync(a, 0o640);
    symlinkSync(b, join(top, "link.yaml"));
    await writeFiles([
      { file: a, before: "\ufeffa\r\n", text: "\ufeffé\r\n" },
      { file: join(top, "link.yaml"), before: "b", text: "new" },
    ]);
    expect(readFileSync(a, "utf8")).toBe("\ufeffé\r\n");
    expect(statSync(a).mode & 0o777).toBe(0o640);
    expect(readFileSync(b, "utf8")).toBe("new");
    expect(lstatSync(join(top, "link.yaml")).isSymbolicLink()).toBe(true);
    expect(left()).toEqual([]);
  });

  test("a file that changed meanwhile: nothing is written", async () => {
    const a = put("a.yaml", "a");
    const b = put("b.yaml", "changed");
    const changes = [
      { file: a, before: "a", text: "new" },
      { file: b, before: "b", text: "new" },
    ];
    expect(await failure(writeFiles(changes))).toBe(
      "TOP/b.yaml: was changed by someone else meanwhile; nothing is written",
    );
    expect(readFileSync(a, "utf8")).toBe("a");
    expect(left()).toEqual([]);
  });

  test("a file that is gone: nothing is written", async () => {
    const a = put("a.yaml", "a");
    const gone = { file: join(top, "gone.yaml"), before: "b", text: "new" };
    expect(await failure(writeFiles([{ file: a, before: "a", text: "new" }, gone]))).toContain(
      "gone.yaml: cannot be written: no such",
    );
    expect(readFileSync(a, "utf8")).toBe("a");
    expect(left()).toEqual([]);
  });

  test("a replacement that fails: earlier ones are put back", async () => {
    const a = put("a.yaml", "a");
    const directory = join(top, "out");
    put("out/a.yaml", "kept");
    mkdirSync(join(directory, "b.yaml"));
    const outputs = [
      { name: "a.yaml", text: "new" },
      { name: "c.yaml", text: "new" },
      { name: "b.yaml", text: "new" },
    ];
    expect(await failure(writeOutputs(directory, outputs))).toContain("b.yaml: cannot be written: is a directory");
    expect(readFileSync(join(directory, "a.yaml"), "utf8")).toBe("kept");
    expect(readdirSync(directory).sort()).toEqual(["a.yaml", "b.yaml"]);
    expect(readFileSync(a, "utf8")).toBe("a");
  });

  test("a signal while writing leaves no temporary file and nothing half written", async () => {
    const names = Array.from({ length: 300 }, (_, i) => put(`${i}.yaml`, "a"));
    const script = `import { writeFiles } from ${JSON.stringify(join(top, "write.mjs"))};
      setTimeout(() => process.kill(process.pid, "SIGTERM"), 15);
      await writeFiles(${JSON.stringify(names)}.map((file) => ({ file, before: "a", text: "b".repeat(100000) })));`;
    const { build } = await import("esbuild");
    const entry = new URL("./write-files.ts", import.meta.url).pathname;
    await build({
      entryPoints: [entry],
      bundle: true,
      platform: "node",
      format: "esm",
      outfile: join(top, "write.mjs"),
    });
    const child = spawn(process.execPath, ["--input-type=module", "-e", script]);
    const signal = await new Promise((done) => child.on("exit", (_, by) => done(by)));
    const written = names.filter((name) => readFileSync(name, "utf8") !== "a").length;
    expect([0, names.length]).toContain(written);
    if (written === 0) expect(signal).toBe("SIGTERM");
    expect(left()).toEqual([]);
  });

  test("outputs keep their relative paths", async () => {
    const out = join(top, "out");
    await writeOutputs(out, [
      { name: "a/b.yaml", text: "1" },
      { name: "c.yaml", text: "2" },
    ]);
    expect(readFileSync(join(out, "a/b.yaml"), "utf8")).toBe("1");
    expect(statSync(join(out, "c.yaml")).mode & 0o777).toBe(0o666 & ~process.umask());
  });

  test.each(["../x.yaml", "a/../../x.yaml", "/etc/x.yaml", ".", "a/.."])(
    "outputs never leave the directory: %s",
    async (name) => {
      expect(await failure(writeOutputs(join(top, "out"), [{ name, text: "" }]))).toContain(
        "leads out of the output directory",
      );
      expect(existsSync(join(top, "out"))).toBe(false);
    },
  );

  test("nor through links", async () => {
    mkdirSync(join(top, "out"));
    put("other/x.yaml", "kept");
    symlinkSync(join(top, "other"), join(top, "out/a"));
    symlinkSync(join(top, "other/x.yaml"), join(top, "out/x.yaml"));
    expect(await failure(writeOutputs(join(top, "out"), [{ name: "a/new.yaml", text: "" }]))).toContain(
      "symbolic link leads out",
    );
    expect(await failure(writeOutputs(join(top, "out"), [{ name: "x.yaml", text: "" }]))).toContain(
      "symbolic link leads out",
    );
    expect(readdirSync(join(top, "other"))).toEqual(["x.yaml"]);
  });

  test("two inputs for one output", async () => {
    const outputs = [
      { name: "a.yaml", text: "1" },
      { name: "./a.yaml", text: "2" },
    ];
    expect(await failure(writeOutputs(join(top, "out"), outputs))).toContain("two inputs");
  });
});
