import { describe, expect, test } from "vitest";
import type { JsonObject } from "../json.ts";
import { decideSidecar, resolveTarget, type TargetRequest, UNKNOWN_CLUSTER } from "../target/index.ts";
import { createInjector } from "./inject.ts";
import { meansTheSame } from "./injection-removal.ts";
import type { PodTemplate } from "./model.ts";

const TARGETS: Record<string, TargetRequest> = {
  "1.20 regular": { istio: "1.20.8" },
  "1.26 regular": { istio: "1.26.8" },
  "1.27 regular": { istio: "1.27.9", nativeSidecars: false },
  "1.28 native": { istio: "1.28.10", kubernetes: "1.33" },
  "1.31 native": { istio: "1.31.0-rc.0", kubernetes: "1.33" },
  "module 1.21 regular": { module: "1.21.1" },
  "module 1.22 native": { module: "1.22.0", kubernetes: "1.33" },
};

const APP = { name: "app", image: "app:1", ports: [{ containerPort: 8080 }] };
const PROBED = {
  ...APP,
  readinessProbe: { httpGet: { path: "/ready", port: 8080 } },
  livenessProbe: { tcpSocket: { port: 8080 } },
};
const PODS: Record<string, PodTemplate> = {
  plain: { metadata: { labels: { app: "a" } }, spec: { containers: [APP] } },
  probes: { metadata: { labels: { app: "a" } }, spec: { containers: [PROBED] } },
  "init containers": { metadata: {}, spec: { initContainers: [{ name: "wait", image: "w" }], containers: [APP] } },
  prometheus: {
    metadata: { annotations: { "prometheus.io/scrape": "true", "prometheus.io/port": "8080" } },
    spec: { containers: [APP] },
  },
  volumes: { metadata: {}, spec: { containers: [APP], volumes: [{ name: "data", emptyDir: {} }] } },
  annotations: {
    metadata: { annotations: { "sidecar.istio.io/proxyCPU": "50m", "proxy.istio.io/config": "concurrency: 3\n" } },
    spec: { containers: [APP] },
  },
};

type OnTemplates = [(template: PodTemplate) => PodTemplate, (template: PodTemplate) => PodTemplate | undefined];

function injectorOf(request: TargetRequest): OnTemplates {
  const target = resolveTarget(request, UNKNOWN_CLUSTER);
  const pod = { namespace: "shop", podLabels: {}, podAnnotations: {}, podSpec: {} };
  const { nativeByDefault } = decideSidecar(target, UNKNOWN_CLUSTER, pod);
  const { istio, values, meshConfig, revision } = target;
  const injector = createInjector({ istio, values, meshConfig, revision, nativeByDefault });
  const workload = { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "a", namespace: "shop" } };
  return [
    (template) => injector.inject({ ...workload, template }),
    (template) => injector.originalOf({ ...workload, template }),
  ];
}

const injectors = Object.entries(TARGETS).map(([name, request]) => [name, ...injectorOf(request)] as const);
const pods = Object.entries(PODS);

describe("an own render", () => {
  test.each(injectors)("changes nothing for the same target: %s", (_, inject) => {
    for (const [, pod] of pods) {
      const once = inject(pod);
      expect(inject(once)).toBe(once);
    }
  });

  for (const [first, injectFirst, originalFirst] of injectors) {
    for (const [second, injectSecond] of injectors) {
      if (first === second) continue;
      test(`${first}, then ${second}`, () => {
        const differing = pods.filter(([, pod]) => {
          const original = originalFirst(injectFirst(pod));
          if (original === undefined) return true;
          const again = injectSecond(original);
          return !meansTheSame(again as JsonObject, injectSecond(pod) as JsonObject);
        });
        expect(differing.map(([name]) => name)).toEqual([]);
      });
    }
  }
});
