import { describe, expect, it } from "vitest";
import type { JsonObject } from "../json.ts";
import { orderContainers } from "./container-order.ts";
import type { Pod } from "./containers.ts";

function order(containers: string[], initContainers: string[], proxyFirst = false): string {
  const named = (names: string[]) => names.map((name) => ({ name }));
  const pod: Pod = { metadata: {}, spec: { containers: named(containers), initContainers: named(initContainers) } };
  orderContainers(pod, proxyFirst);
  const names = (list: string) => (pod.spec[list] as JsonObject[]).map((item) => item.name).join(" ");
  return `${names("initContainers")} | ${names("containers")}`;
}

describe("orderContainers", () => {
  it("puts a regular proxy last and redirection behind the user's init containers", () => {
    expect(order(["istio-proxy", "a"], ["istio-init", "i"])).toBe("i istio-init | a istio-proxy");
    expect(order(["istio-proxy", "a"], ["i", "istio-validation"])).toBe("istio-validation i | a istio-proxy");
  });

  it("puts a proxy that is waited for first", () => {
    expect(order(["a", "istio-proxy"], [], true)).toBe(" | istio-proxy a");
  });

  it("puts a native proxy between redirection and the user's init containers", () => {
    expect(order(["a"], ["i", "istio-proxy", "istio-init"])).toBe("istio-init istio-proxy i | a");
    expect(order(["a"], ["i", "istio-proxy", "istio-validation", "enable-core-dump"])).toBe(
      "istio-validation istio-proxy enable-core-dump i | a",
    );
  });
});
