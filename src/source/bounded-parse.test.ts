import { expect, it } from "vitest";
import { parseBounded } from "./bounded-parse.ts";

it("takes no stack traces for what the library finds wrong", () => {
  const { stackTraceLimit } = Error;
  const { errors, warnings } = parseBounded("a: [\nb: !x y\n", { prettyErrors: false, logLevel: "silent" });
  expect(errors.length).toBeGreaterThan(0);
  expect(warnings.length).toBeGreaterThan(0);
  for (const { stack } of [...errors, ...warnings]) expect(stack).not.toContain("\n    at ");
  expect(Error.stackTraceLimit).toBe(stackTraceLimit);
});
