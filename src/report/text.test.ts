import { describe, expect, it } from "vitest";
import { jobWith, QUIT, reportOf } from "./sample.test-data.ts";
import { textReport } from "./text.ts";

/** The lines with a gutter, the gutter taken off. */
function frame(files: Record<string, string>): string[] {
  const lines = textReport(reportOf(files)).split("\n");
  return lines.filter((line) => /^\s+\d* \|/.test(line)).map((line) => line.replace(/^\s+\d* \| ?/, ""));
}

describe("textReport", () => {
  it("underlines the call, with secrets before, in and behind it masked", () => {
    const call = `curl -H "Authorization: Bearer abcdef" -X POST http://localhost:15020/quitquitquit`;
    const [line = "", marks = ""] = frame({
      "a.yaml": jobWith([`login --password hunter2 && ${call}; echo --token hunter2`]),
    });
    expect(line).toBe(
      'login --password *** && curl -H "Authorization: Bearer ***" -X POST http://localhost:15020/quitquitquit; echo …',
    );
    expect(line.slice(marks.indexOf("^"), marks.length)).toBe(
      'curl -H "Authorization: Bearer ***" -X POST http://localhost:15020/quitquitquit',
    );
  });

  it("cuts a long line around the call", () => {
    const [line = "", marks = ""] = frame({
      "a.yaml": jobWith([`${"echo padding; ".repeat(300)}${QUIT}; echo ${"x".repeat(5000)}`]),
    });
    expect(line.length).toBeLessThan(120);
    expect(line.slice(marks.indexOf("^"), marks.length)).toBe(QUIT);
  });

  it("takes no longer for a file that is one line", () => {
    const job = { apiVersion: "batch/v1", kind: "Job", metadata: { name: "job" }, spec: { template: { spec: {} } } };
    const containers = Array.from({ length: 300 }, (_, n) => ({
      name: `c${n}`,
      command: ["sh", "-c", `echo ${"password=hunter2 ".repeat(100)}; ${QUIT}; exit ${n}`],
    }));
    job.spec.template.spec = { containers };
    const report = reportOf({ "a.json": JSON.stringify(job) });
    const start = performance.now();
    const lines = textReport(report)
      .split("\n")
      .filter((line) => line.includes("quitquitquit;"));
    expect(performance.now() - start).toBeLessThan(10_000);
    expect(lines.length).toBe(300);
    for (const line of lines) expect(line).not.toContain("hunter2");
  });

  it("shows no neighbours of what it points at", () => {
    const text = jobWith(["work", QUIT, "echo done"]);
    expect(frame({ "a.yaml": text })).toEqual([QUIT, "^".repeat(QUIT.length)]);
  });

  it("shows lines of a CRLF file without their line ends", () => {
    const text = jobWith(["work", QUIT]).replaceAll("\n", "\r\n");
    expect(frame({ "a.yaml": text })).toEqual([QUIT, "^".repeat(QUIT.length)]);
  });

  it("points below wide characters", () => {
    const [, marks = ""] = frame({ "a.yaml": jobWith([`echo 完了; ${QUIT}`]) });
    expect(marks.indexOf("^")).toBe("echo 完了; ".length + 2);
  });

  it("has colours only where they are asked for", () => {
    const report = reportOf({ "a.yaml": jobWith([QUIT, "work"]) });
    expect(textReport(report)).not.toContain("\u001b[");
    expect(textReport({ ...report, colours: true })).toContain("\u001b[33mwarning");
  });
});
