import { describe, expect, it } from "vitest";
import { resolveTarget } from "../target/index.ts";
import { readCluster } from "./cluster.ts";
import { readStream } from "./input.ts";
import type { OptOutOptions } from "./opt-out.ts";
import { type Outcome, transform } from "./transform.ts";

const REDUNDANT = { level: "safe", rules: { "redundant-opt-out": "review" } } as const;

function fixed(text: string, optOut: OptOutOptions): Outcome {
  const input = readStream("a.yaml", text);
  const cluster = readCluster([input]);
  const target = resolveTarget({ istio: "1.28", kubernetes: "1.33" }, cluster);
  return transform(input, { target, cluster, podTemplates: [] }, { strip: REDUNDANT, optOut, renderer: undefined });
}

function deployment(annotations: string): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata: {name: shop}
spec:
  template:
    metadata:
      labels: {app: shop}
      annotations: ${annotations}
    spec:
      containers: [{name: shop, image: shop}]
`;
}

describe("workloads that a selector opts out", () => {
  const optOut: OptOutOptions = { mode: "selected", selectors: [{ names: ["shop"] }] };

  it("keep an opt-out that stands already where it is, however redundant", () => {
    const text = deployment('{sidecar.istio.io/nativeSidecar: "false", team: a}');
    const { input, applied, optedOut, remarks } = fixed(text, optOut);
    expect(input.text).toBe(text);
    expect([applied, optedOut]).toEqual([[], []]);
    expect(remarks.map(({ message }) => message)).toEqual(["not opted out: it is opted out already"]);
  });

  it("get one once and for all", () => {
    const once = fixed(deployment("{team: a}"), optOut).input.text;
    expect(once).toBe(deployment('{team: a, sidecar.istio.io/nativeSidecar: "false"}'));
    expect(fixed(once, optOut).input.text).toBe(once);
  });

  it("leave others to strip.rules", () => {
    const others: OptOutOptions = { mode: "selected", selectors: [{ names: ["other"] }] };
    const text = deployment('{sidecar.istio.io/nativeSidecar: "false", team: a}');
    expect(fixed(text, others).input.text).toBe(deployment("{team: a}"));
  });
});
