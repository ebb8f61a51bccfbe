import { describe, expect, it } from "vitest";
import { annotationValidators, validateAnnotations } from "./annotation-validation.ts";
import { injectorChanges } from "./injector-changes.ts";
import { InjectionError } from "./model.ts";

function refusal(istio: string, key: string, value: string | number | boolean): InjectionError | undefined {
  try {
    validateAnnotations(
      { [key]: value },
      annotationValidators(injectorChanges(istio), () => undefined),
    );
    return undefined;
  } catch (error) {
    return error as InjectionError;
  }
}

describe("validateAnnotations", () => {
  it.each([
    ["sidecar.istio.io/interceptionMode", "redirect"],
    ["status.sidecar.istio.io/port", "70000"],
    ["readiness.status.sidecar.istio.io/periodSeconds", "-1"],
    ["traffic.sidecar.istio.io/excludeOutboundIPRanges", "*"],
    ["traffic.sidecar.istio.io/includeOutboundIPRanges", "10.0.0.0/8, 10.1.0.0/16"],
    ["traffic.sidecar.istio.io/includeOutboundIPRanges", "10.0.0.0/33"],
    ["traffic.sidecar.istio.io/includeOutboundIPRanges", "10.0.0.01/8"],
    ["traffic.sidecar.istio.io/excludeInboundPorts", "80,"],
    ["prometheus.istio.io/merge-metrics", "yes"],
  ])("refuses %s: %s and names it", (key, value) => {
    const error = refusal("1.28.10", key, value);
    expect(error).toBeInstanceOf(InjectionError);
    expect(error?.path).toEqual(["metadata", "annotations", key]);
    expect(error?.message).toContain(key);
  });

  it.each([
    ["status.sidecar.istio.io/port", 0],
    ["traffic.sidecar.istio.io/includeOutboundIPRanges", "*"],
    ["traffic.sidecar.istio.io/includeOutboundIPRanges", "10.0.0.0/8,fd00::/64"],
    ["traffic.sidecar.istio.io/includeInboundPorts", ""],
    ["traffic.sidecar.istio.io/excludeOutboundPorts", " 80, 443 "],
    ["prometheus.istio.io/merge-metrics", "T"],
    ["unknown.istio.io/annotation", "anything"],
  ])("takes %s: %j", (key, value) => {
    expect(refusal("1.28.10", key, value)).toBeUndefined();
  });

  it("follows the version", () => {
    expect(refusal("1.24.6", "sidecar.istio.io/enableCoreDump", "no")).toBeDefined();
    expect(refusal("1.25.0", "sidecar.istio.io/enableCoreDump", "no")).toBeUndefined();
    expect(refusal("1.27.5", "sidecar.istio.io/proxyCPU", "lots")).toBeUndefined();
    expect(refusal("1.27.6", "sidecar.istio.io/proxyCPU", "lots")).toBeDefined();
    expect(refusal("1.28.3", "sidecar.istio.io/proxyCPU", "lots")).toBeUndefined();
    expect(refusal("1.29.6", "traffic.sidecar.istio.io/excludeInterfaces", "9 9")).toBeUndefined();
    expect(refusal("1.30.0", "traffic.sidecar.istio.io/excludeInterfaces", "9 9")).toBeDefined();
  });
});
