import { mkdirSync, mkdtempSync, realpathSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { FORMATS, type Format } from "../report/format.ts";
import { jobWith, QUIT } from "../report/sample.test-data.ts";
import type { Io } from "./io.ts";
import { main } from "./program.ts";
import { relativePaths } from "./relative-path.ts";

const top = realpathSync(mkdtempSync(join(tmpdir(), "relative-path-")));
const cwd = join(top, "work");
mkdirSync(join(cwd, "manifests"), { recursive: true });
mkdirSync(join(top, "workshop"));
symlinkSync(cwd, join(top, "link"));
for (const file of ["work/manifests/a b.yaml", "workshop/b.yaml"])
  writeFileSync(join(top, file), jobWith(["work", QUIT]));

describe("names of files", () => {
  test.each([
    ["<stdin>", "<stdin>"],
    ["manifests/a.yaml", "manifests/a.yaml"],
    [join(cwd, "manifests/a.yaml"), "manifests/a.yaml"],
    ["../work/manifests/a.yaml", "manifests/a.yaml"],
    [join(top, "link/manifests/a.yaml"), "manifests/a.yaml"],
    ["..a/b.yaml", "..a/b.yaml"],
    [join(top, "workshop/b.yaml"), join(top, "workshop/b.yaml")],
    ["../workshop/b.yaml", "../workshop/b.yaml"],
    ["/nowhere/b.yaml", "/nowhere/b.yaml"],
  ])("%s", (file, name) => {
    expect(relativePaths(cwd)(file)).toBe(name);
  });
});

/** What `check` prints of both directories, named absolutely. */
async function report(format: Format): Promise<string> {
  let text = "";
  const io: Io = {
    cwd,
    readStdin: async () => Buffer.alloc(0),
    stdinIsPiped: false,
    colours: false,
    stdout: (part) => {
      text += part;
    },
    stderr: () => {},
  };
  const paths = [cwd, join(top, "workshop")];
  await main(["check", ...paths, "--module", "1.22.0", "--kubernetes", "1.33", "--format", format], io);
  return text;
}

describe("paths that the command line names absolutely", () => {
  const outside = join(top, "workshop/b.yaml");

  test.each(FORMATS.filter((format) => !["text", "json", "sarif", "markdown"].includes(format)))(
    "%s: relative below the working directory, absolute outside",
    async (format) => {
      const text = await report(format);
      expect(text).toMatch(/["=]manifests\/a b\.yaml/);
      expect(text).not.toContain(`${cwd}/`);
      expect(text).toContain(outside);
    },
  );

  test("sarif: URIs below %SRCROOT%, and of files", async () => {
    const { runs } = JSON.parse(await report("sarif"));
    const places = runs[0].results.map(
      (result: { locations: { physicalLocation: { artifactLocation: object } }[] }) =>
        result.locations[0]?.physicalLocation.artifactLocation,
    );
    expect(places).toEqual([{ uri: "manifests/a%20b.yaml", uriBaseId: "%SRCROOT%" }, { uri: `file://${outside}` }]);
  });

  test("markdown", async () => {
    expect(await report("markdown")).toContain("<code>manifests/a b.yaml</code>");
  });

  test.each(["text", "json"] as const)("%s: as they were given, to be opened", async (format) => {
    expect(await report(format)).toContain(join(cwd, "manifests/a b.yaml"));
  });
});
