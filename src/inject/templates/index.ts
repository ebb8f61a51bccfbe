import type { Template } from "../template-data.ts";
import { gateway } from "./gateway.ts";
import { grpcAgent } from "./grpc-agent.ts";
import { grpcSimple } from "./grpc-simple.ts";
import { sidecar } from "./sidecar.ts";

/** The templates istiod brings with it, by the names that `inject.istio.io/templates` uses. */
export const templates: Readonly<Record<string, Template>> = Object.freeze(
  Object.assign(Object.create(null), { sidecar, gateway, "grpc-agent": grpcAgent, "grpc-simple": grpcSimple }),
);
