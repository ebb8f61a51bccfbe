import { describe, expect, it } from "vitest";
import type { JsonObject } from "../json.ts";
import { findSidecar, type Pod } from "./containers.ts";
import { injectorChanges } from "./injector-changes.ts";
import { adjustInitContainerUser, reapplyOwnContainers } from "./own-containers.ts";
import { mergePod } from "./strategic-merge.ts";

const NONE = { containers: [], initContainers: [] };

function reapply(own: JsonObject, templated: JsonObject, istio = "1.28.10") {
  const original: Pod = { metadata: {}, spec: { containers: [{ name: "istio-proxy", ...own }] } };
  const template: Pod = { metadata: {}, spec: { containers: [{ name: "istio-proxy", ...templated }] } };
  const merged = mergePod(original as unknown as JsonObject, template as unknown as JsonObject) as unknown as Pod;
  const wishes = { original, template, overrides: NONE, injected: undefined };
  const pod = reapplyOwnContainers(merged, wishes, injectorChanges(istio));
  const annotations = pod.metadata.annotations as JsonObject;
  return { container: findSidecar(pod)?.container, kept: annotations["proxy.istio.io/overrides"] };
}

describe("reapplyOwnContainers", () => {
  it("lets the user's settings win but for the image auto, and keeps them as Go writes them", () => {
    const own = {
      image: "auto",
      tty: false,
      args: [],
      env: [{ name: "A", value: 1 }],
      resources: { requests: { cpu: 0.5 } },
    };
    const { container, kept } = reapply(own, { image: "proxyv2", args: ["x"], env: [{ name: "A", value: "2" }] });
    expect(container).toMatchObject({ image: "proxyv2", args: ["x"], env: [{ name: "A", value: 1 }] });
    expect(container?.resources).toEqual({ requests: { cpu: 0.5 } });
    expect(kept).toBe(
      '{"containers":[{"name":"istio-proxy","env":[{"name":"A","value":"1"}],"resources":{"requests":{"cpu":"500m"}}}]}',
    );
  });

  it("keeps zeros that the API can tell from absence", () => {
    const { container, kept } = reapply(
      { securityContext: { runAsUser: 0 } },
      { securityContext: { runAsUser: 1337 } },
    );
    expect(container?.securityContext).toEqual({ runAsUser: 0 });
    expect(kept).toContain('"resources":{},"securityContext":{"runAsUser":0}');
  });

  it("gives way to a template's user in the releases that did", () => {
    const own = { securityContext: { runAsUser: 5 } };
    const templated = { securityContext: { runAsUser: 1000650000 } };
    expect(reapply(own, templated, "1.21.0").container?.securityContext).toEqual({ runAsUser: 1000650000 });
    expect(reapply(own, templated, "1.21.3").container?.securityContext).toEqual({ runAsUser: 5 });
  });
});

describe("adjustInitContainerUser", () => {
  const own: Pod = {
    metadata: {},
    spec: { containers: [{ name: "istio-proxy", securityContext: { runAsUser: 2000, runAsGroup: 2001 } }] },
  };
  const injected = (init: JsonObject): Pod => ({
    metadata: {},
    spec: { ...own.spec, initContainers: [{ args: ["-u", "1337"], ...init }] },
  });

  it("excepts the own user from redirection", () => {
    const pod = injected({ name: "istio-init", securityContext: { runAsUser: 0 } });
    adjustInitContainerUser(pod, own, false);
    expect(pod.spec.initContainers).toEqual([
      { name: "istio-init", args: ["-u", "2000"], securityContext: { runAsUser: 0 } },
    ]);
  });

  it("validates as that user", () => {
    const pod = injected({ name: "istio-validation" });
    adjustInitContainerUser(pod, own, false);
    expect(pod.spec.initContainers).toMatchObject([{ securityContext: { runAsUser: 2000, runAsGroup: 2001 } }]);
  });

  it("keeps root for TPROXY", () => {
    const pod = injected({ name: "istio-init" });
    adjustInitContainerUser(pod, own, true);
    expect(findSidecar(pod)?.container.securityContext).toEqual({ runAsUser: 0, runAsGroup: 2001 });
    expect(pod.spec.initContainers).toMatchObject([{ args: ["-u", "2000"] }]);
  });
});
