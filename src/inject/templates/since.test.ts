import { expect, it } from "vitest";
import { featuresOf } from "./since.ts";

it.each([
  ["1.25.3", false],
  ["1.25.4", true],
  ["1.26.1", false],
  ["1.26.2", true],
  ["1.27.0", true],
  ["1.31.0-rc.0", true],
])("a backported change is in %s: %s", (istio, present) => {
  expect(featuresOf(istio)("tproxyFixedIds")).toBe(present);
});
