import { expect, it } from "vitest";
import { TargetError } from "./target-error.ts";
import { parseTargetWords } from "./target-words.ts";

it("reads TARGET words", () => {
  expect(parseTargetWords("istio=1.26.8")).toEqual({ istio: "1.26.8" });
  expect(parseTargetWords("module=1.25.0,kubernetes=1.33")).toEqual({ module: "1.25.0", kubernetes: "1.33" });
  expect(
    parseTargetWords("module=1.22,compatibilityMode=true,profile=kyma-light,nativeSidecars=auto,revision=r"),
  ).toEqual({
    module: "1.22",
    compatibilityMode: true,
    profile: "kyma-light",
    nativeSidecars: "auto",
    revision: "r",
  });
});

it.each([
  "1.26.8",
  "",
  "istio=",
  "=1.26",
  "istio=1.26,istio=1.27",
  "istio=1.26,colour=red",
  "module=1.22,compatibilityMode=yes",
  "__proto__=x",
])("refuses %j", (words) => {
  expect(() => parseTargetWords(words)).toThrow(TargetError);
});
