import { excludeOutboundRule } from "./exclude-outbound.ts";

export const excludeOutboundPorts = excludeOutboundRule({
  rule: "exclude-outbound-ports",
  annotation: "traffic.sidecar.istio.io/excludeOutboundPorts",
  subject: "ports",
  values: /^[\d,*\s]*$/,
});
