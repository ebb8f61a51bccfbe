import { expect, it } from "vitest";
import { newerFields, presentFields, withoutFields } from "./newer-fields.ts";

const spec = {
  containers: [
    {
      name: "a",
      lifecycle: { preStop: { sleep: { seconds: 1 } } },
      securityContext: { appArmorProfile: {}, runAsUser: 1 },
    },
    { name: "b" },
  ],
  affinity: {
    podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: "x", matchLabelKeys: ["y"] }] },
  },
  workloadRef: { name: "w" },
};

it("takes out what the release's API types do not have", () => {
  const left = withoutFields(spec, newerFields("1.20.8"));
  expect(left).toEqual({
    containers: [{ name: "a", lifecycle: { preStop: {} }, securityContext: { runAsUser: 1 } }, { name: "b" }],
    affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: "x" }] } },
  });
  expect(spec.containers[0]).toHaveProperty("lifecycle.preStop.sleep");
});

it("goes by the release", () => {
  expect(withoutFields(spec, newerFields("1.21.6")).containers).toHaveProperty("0.lifecycle.preStop.sleep");
  expect(withoutFields(spec, newerFields("1.28.10"))).toEqual({ ...spec, workloadRef: undefined });
  expect(withoutFields(spec, newerFields("1.31.0-rc.0"))).toBe(spec);
});

it("names what it takes out", () => {
  expect(presentFields(spec, newerFields("1.28.10"))).toEqual(["workloadRef"]);
  expect(presentFields(spec, newerFields("1.20.8"))).toContain("containers.lifecycle.preStop.sleep");
  expect(presentFields(spec, newerFields("1.31.0-rc.0"))).toEqual([]);
});
