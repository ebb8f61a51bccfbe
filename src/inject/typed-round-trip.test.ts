import { describe, expect, it } from "vitest";
import type { Pod } from "./containers.ts";
import { addDivisors, dropZeroValues, fillEmptyTexts } from "./typed-round-trip.ts";

describe("dropZeroValues", () => {
  it("drops the templates' zeros and keeps the user's", () => {
    const proxy = {
      name: "istio-proxy",
      env: [
        { name: "A", value: "" },
        { name: "OWN", value: "" },
      ],
      readinessProbe: { initialDelaySeconds: 0, periodSeconds: 0 },
    };
    const own = { name: "istio-proxy", env: [{ name: "OWN", value: "" }], readinessProbe: { periodSeconds: 0 } };
    const app = { name: "app", env: [{ name: "A", value: "" }] };
    const pod: Pod = { metadata: {}, spec: { containers: [app, proxy] } };
    dropZeroValues(
      pod,
      { metadata: {}, spec: { containers: [proxy] } },
      { metadata: {}, spec: { containers: [app, own] } },
    );
    expect(pod.spec.containers).toEqual([
      app,
      { name: "istio-proxy", env: [{ name: "A" }, { name: "OWN", value: "" }], readinessProbe: { periodSeconds: 0 } },
    ]);
  });
});

describe("addDivisors", () => {
  it("reaches environments and volumes and shares the rest", () => {
    const app = { name: "app", env: [{ name: "A", valueFrom: { resourceFieldRef: { resource: "limits.cpu" } } }] };
    const other = { name: "other", env: [{ name: "A", value: "1" }] };
    const items = [
      { path: "cpu", resourceFieldRef: { resource: "limits.cpu", divisor: "1m" } },
      { path: "mem", resourceFieldRef: {} },
    ];
    const volumes = [{ name: "p", projected: { sources: [{ downwardAPI: { items } }] } }];
    const pod: Pod = { metadata: {}, spec: { containers: [app, other], volumes } };
    const before = JSON.stringify([app, volumes]);
    addDivisors(pod);
    expect(JSON.stringify([app, volumes])).toBe(before);
    expect(pod.spec.containers).toEqual([
      { name: "app", env: [{ name: "A", valueFrom: { resourceFieldRef: { resource: "limits.cpu", divisor: "0" } } }] },
      other,
    ]);
    expect(JSON.stringify(pod.spec.volumes)).toContain('{"path":"mem","resourceFieldRef":{"divisor":"0"}}');
  });
});

describe("fillEmptyTexts", () => {
  it("turns keys without value into empty text", () => {
    const metadata = { labels: { a: null }, annotations: { b: "c" } };
    const { annotations } = metadata;
    fillEmptyTexts(metadata);
    expect(metadata).toEqual({ labels: { a: "" }, annotations: { b: "c" } });
    expect(metadata.annotations).toBe(annotations);
  });
});
