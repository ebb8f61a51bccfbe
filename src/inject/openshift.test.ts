import { describe, expect, it } from "vitest";
import { findSidecar, type Pod } from "./containers.ts";
import { dropSharedUser, proxyIds } from "./openshift.ts";

describe("proxyIds", () => {
  it.each([
    [{}, 1337, 1337],
    [{ "openshift.io/sa.scc.uid-range": "1000650000/10000" }, 1000659999, 1000659999],
    [{ "openshift.io/sa.scc.uid-range": "5-9", "openshift.io/sa.scc.supplemental-groups": "20/2,30/2" }, 9, 21],
    [{ "openshift.io/sa.scc.uid-range": "no", "openshift.io/sa.scc.supplemental-groups": "" }, 1337, 1337],
  ])("reads %j", (annotations, proxyUID, proxyGID) => {
    expect(proxyIds(annotations)).toEqual({ proxyUID, proxyGID });
  });
});

describe("dropSharedUser", () => {
  const pod = (proxyUser: number, appUser: number): Pod => ({
    metadata: {},
    spec: {
      containers: [
        { name: "app", securityContext: { runAsUser: appUser } },
        { name: "istio-proxy", securityContext: { runAsUser: proxyUser, runAsGroup: 1, privileged: false } },
      ],
    },
  });

  it("forgets the proxy's user only where the application has the same", () => {
    const same = pod(5, 5);
    dropSharedUser(same, true);
    expect(findSidecar(same)?.container.securityContext).toEqual({ privileged: false });
    const other = pod(6, 5);
    dropSharedUser(other, true);
    expect(findSidecar(other)?.container.securityContext).toMatchObject({ runAsUser: 6 });
  });
});
