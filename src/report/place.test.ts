import { describe, expect, it } from "vitest";
import { readStream } from "../transform/input.ts";
import { plainFinding, reported, reportItems } from "./report.ts";
import { findingsOf, jobWith, QUIT, reportOf } from "./sample.test-data.ts";

/** What each finding points at. */
function places(text: string): string[] {
  return reportOf({ "a.yaml": text }).items.map((item) => item.text.slice(item.place.start, item.place.end));
}

const command = (scalar: string): string =>
  jobWith(["work"]).replace(/args:[\s\S]*/, `args:\n            - ${scalar}\n`);

describe("placeOf", () => {
  it.each<[string, string, string]>([
    ["the first line of a literal", jobWith([QUIT, "work"]), QUIT],
    ["a later line of a literal", jobWith(["work", `${QUIT} || true`]), QUIT],
    ["a folded scalar", command(`>-\n              work;\n              ${QUIT}`), QUIT],
    ["a plain scalar", command(`work; ${QUIT}`), QUIT],
    ["a single-quoted scalar", command(`'echo ''hi''; ${QUIT}'`), QUIT],
    ["a double-quoted scalar", command(`"work\\n\\t${QUIT}\\nexit"`), QUIT],
    [
      "escapes inside a call",
      command(`"work; curl -d \\"\\" http://localhost:15020/quitquitquit"`),
      `curl -d \\"\\" http://localhost:15020/quitquitquit`,
    ],
    ["a call that is only reported", jobWith(["work", `if ! ${QUIT}; then page-someone; else rollback; fi`]), QUIT],
  ])("points at the call in %s", (_, text, expected) => {
    expect(places(text).map((place) => place.slice(0, expected.length))).toEqual([expected]);
  });

  it("points at the first line of a value of many lines", () => {
    const text = jobWith(["sleep 1"]).replace(
      "spec:\n  template:",
      'spec:\n  template:\n    metadata: {annotations: {sidecar.istio.io/nativeSidecar: "false"}}',
    );
    const [place = ""] = places(text);
    expect(place).not.toContain("\n");
  });

  it("gives the same line and column for one finding as for many", () => {
    const input = readStream("a.yaml", `\ufeff${jobWith([QUIT, "work", QUIT]).replaceAll("\n", "\r\n")}`);
    const findings = findingsOf([input]);
    expect(findings.length).toBe(2);
    expect(findings.map(reported)).toEqual(reportItems(findings).map(plainFinding));
  });
});
