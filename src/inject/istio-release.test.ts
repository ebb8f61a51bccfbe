import { describe, expect, it } from "vitest";
import { hasChange, parseRelease } from "./istio-release.ts";

describe("hasChange", () => {
  it.each([
    ["1.23.5", false],
    ["1.23.6", true],
    ["1.24.0", false],
    ["1.24.10", true],
    ["1.25.0", false],
    ["1.25.1", true],
    ["1.26.0", true],
    ["1.31.0-rc.0", true],
    ["1.22.9", false],
  ])("knows whether %s has a backported change", (version, expected) => {
    expect(hasChange(parseRelease(version), "1.23.6", "1.24.4", "1.25.1")).toBe(expected);
  });
});
