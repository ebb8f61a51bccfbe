import type { JsonObject } from "../json.ts";
import { hasChange, parseRelease } from "./istio-release.ts";

/** istiod's own ProxyConfig (pkg/config/mesh/mesh.go, DefaultProxyConfig). Until 1.21 Zipkin was its tracer. */
export function defaultProxyConfig(istio: string): JsonObject {
  const zipkin = { tracing: { zipkin: { address: "zipkin.istio-system:9411" } } };
  return {
    configPath: "./etc/istio/proxy",
    binaryPath: "/usr/local/bin/envoy",
    serviceCluster: "istio-proxy",
    drainDuration: "45s",
    discoveryAddress: "istiod.istio-system.svc:15012",
    proxyAdminPort: 15000,
    controlPlaneAuthPolicy: "MUTUAL_TLS",
    statNameLength: 189,
    ...(!hasChange(parseRelease(istio), "1.22.0") && zipkin),
    statusPort: 15020,
    terminationDrainDuration: "5s",
  };
}
