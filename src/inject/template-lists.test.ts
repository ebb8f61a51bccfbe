import { expect, test } from "vitest";
import type { JsonObject } from "../json.ts";
import { resolveTarget, UNKNOWN_CLUSTER } from "../target/index.ts";
import { createInjector } from "./inject.ts";
import { InjectionError } from "./model.ts";

function injected(istio: string, templates: string, annotations: Record<string, string> = {}): JsonObject {
  const { factsIstio, values, meshConfig } = resolveTarget({ istio, kubernetes: "1.33" }, UNKNOWN_CLUSTER);
  const settings = { istio: factsIstio, values, meshConfig, revision: "", nativeByDefault: true };
  return createInjector(settings).inject({
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "shop", namespace: "shop" },
    template: {
      metadata: { annotations: { "inject.istio.io/templates": templates, ...annotations } },
      spec: { containers: [{ name: "app", image: "app" }] },
    },
  }).spec as JsonObject;
}

const names = (list: unknown): string[] => (list as { name: string }[]).map(({ name }) => name);

test("a native sidecar and a later template with a plain proxy are refused at the annotation", () => {
  const refusal = (): unknown => {
    try {
      return injected("1.30.0", "sidecar,grpc-agent");
    } catch (error) {
      return error;
    }
  };
  expect(refusal()).toBeInstanceOf(InjectionError);
  expect(refusal()).toMatchObject({
    message: expect.stringMatching(/^the templates "sidecar,grpc-agent" of inject\.istio\.io\/templates make two/),
    path: ["metadata", "annotations", "inject.istio.io/templates"],
  });
});

test("an earlier template's proxy follows a native sidecar", () => {
  const spec = injected("1.30.0", "grpc-agent,sidecar");
  expect(names(spec.initContainers)).toEqual(["istio-init", "istio-proxy"]);
  expect(names(spec.containers)).toEqual(["app"]);
});

test("regular ones merge in any order", () => {
  for (const templates of ["grpc-agent,sidecar", "sidecar,grpc-agent"]) {
    const spec = injected("1.30.0", templates, { "sidecar.istio.io/nativeSidecar": "false" });
    expect(names(spec.containers).filter((name) => name === "istio-proxy")).toHaveLength(1);
  }
});
