import { excludeOutboundRule } from "./exclude-outbound.ts";

export const excludeOutboundIpRanges = excludeOutboundRule({
  rule: "exclude-outbound-ip-ranges",
  annotation: "traffic.sidecar.istio.io/excludeOutboundIPRanges",
  subject: "IP ranges",
  values: /^[\da-fA-F.:/,*\s]*$/,
});
