import { describe, expect, it } from "vitest";
import { canonicalQuantity, isQuantity } from "./quantity.ts";

describe("isQuantity", () => {
  it.each(["1", "0.5", ".5", "5.", "100m", "1Gi", "1e3", "1E-2", "-1", "+2k"])("takes %s", (text) => {
    expect(isQuantity(text)).toBe(true);
  });
  it.each(["", "m", "1 Gi", "1GB", "0x1", "1e", "lots", "1ki", "."])("refuses %j", (text) => {
    expect(isQuantity(text)).toBe(false);
  });
});

describe("canonicalQuantity", () => {
  it.each([
    ["0.5", "500m"],
    ["1000m", "1"],
    ["1500m", "1500m"],
    ["1024Mi", "1Gi"],
    ["1.5Gi", "1536Mi"],
    ["1000", "1k"],
    ["1e3", "1e3"],
    ["0", "0"],
    ["0.1Mi", "104857600m"],
    ["100M", "100M"],
    ["-1500m", "-1500m"],
    ["what", "what"],
  ])("writes %s as %s", (text, canonical) => {
    expect(canonicalQuantity(text)).toBe(canonical);
  });
});
