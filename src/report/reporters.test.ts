// Every format over the files of testdata/report/input, held against testdata/report/expected.FORMAT.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { FORMATS, type Format } from "./format.ts";
import { loadReporter } from "./reporters.ts";
import { filesBelow, hostileFiles, jobWith, QUIT, reportOf } from "./sample.test-data.ts";

const TESTDATA = fileURLToPath(new URL("../../testdata/report/", import.meta.url));
const EXTENSIONS: Readonly<Record<Format, string>> = {
  text: "txt",
  json: "json",
  sarif: "sarif",
  junit: "xml",
  github: "github.txt",
  gitlab: "gitlab.json",
  markdown: "md",
};
const CLEAN: Readonly<Record<Format, RegExp>> = {
  text: /^$/,
  json: /"findings": \[\]/,
  sarif: /"results": \[\]/,
  junit: /tests="1" failures="0"[\s\S]*<testcase name="no findings" classname="clean.yaml"\/>/,
  github: /^$/,
  gitlab: /^\[\]\n$/,
  markdown: /✅ No findings in 1 file\./,
};
/** Rules are described by their documents (sarif.test.ts), which may change without a golden. */
function withoutRules(sarif: string): string {
  const log = JSON.parse(sarif);
  const { driver } = log.runs[0].tool;
  driver.rules = driver.rules.map(({ id }: { id: string }) => ({ id }));
  return `${JSON.stringify(log, null, 2)}\n`;
}

const SECRETS = /hunter2|s3cr3t-t0ken/;

describe.each(FORMATS)("%s", (format) => {
  const files = filesBelow(`${TESTDATA}input`);

  it("is what its golden holds, without any secret", async () => {
    const write = await loadReporter(format);
    const written = format === "sarif" ? withoutRules(await write(reportOf(files))) : await write(reportOf(files));
    const golden = `${TESTDATA}expected.${EXTENSIONS[format]}`;
    if (process.env.UPDATE_GOLDENS) writeFileSync(golden, written);
    expect(existsSync(golden), `${golden}: UPDATE_GOLDENS=1 writes it`).toBe(true);
    expect(written).toBe(readFileSync(golden, "utf8"));
    expect(written).not.toMatch(SECRETS);
    expect(Object.values(files).join("")).toMatch(SECRETS);
  });

  it("says so where nothing is found", async () => {
    const write = await loadReporter(format);
    expect(await write(reportOf({ "clean.yaml": files["clean.yaml"] ?? "" }))).toMatch(CLEAN[format]);
  });

  it("says at which of several targets a finding holds, and of one nothing", async () => {
    const write = await loadReporter(format);
    const job = { "job.yaml": jobWith(["work", QUIT]) };
    const several = await write(reportOf(job, [{ istio: "1.28.3" }, { istio: "1.26.8" }]));
    expect(several.replaceAll("&#46;", ".")).toContain("istio 1.28.3; not at istio 1.26.8 (regular)");
    expect(several).toContain("keep it until every target injects a native sidecar");
    const one = await write(reportOf(job));
    expect(one).not.toMatch(/"targets"|"at"|\bat: /);
    if (format !== "json" && format !== "sarif") return;
    const report = JSON.parse(several);
    const { targets } = format === "json" ? report : report.runs[0].properties;
    const { at } = format === "json" ? report.findings[0] : report.runs[0].results[0].properties;
    expect(targets).toMatchObject([{ istio: "1.28.3" }, { istio: "1.26.8" }]);
    expect(at).toEqual([0]);
  });

  it("lets no name of the input act on a terminal or a log", async () => {
    const write = await loadReporter(format);
    const written = await write(reportOf(hostileFiles()));
    expect(written).toContain("quit-call");
    // biome-ignore lint/suspicious/noControlCharactersInRegex: what must not be there
    if (format !== "gitlab" && format !== "json" && format !== "sarif") expect(written).not.toMatch(/[\x00\x07\x1b]/);
    expect(written).not.toMatch(/^::error::boo/m);
  });
});
