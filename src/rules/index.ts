import { excludeOutboundIpRanges } from "./exclude-outbound-ip-ranges.ts";
import { excludeOutboundPorts } from "./exclude-outbound-ports.ts";
import { initRunAsProxyUid } from "./init-run-as-proxy-uid.ts";
import { quitCall } from "./quit-call.ts";
import type { Rule } from "./rule.ts";

/** All rules, in the order of their documentation. */
export const RULES: readonly Rule[] = [quitCall, initRunAsProxyUid, excludeOutboundIpRanges, excludeOutboundPorts];

export const RULE_NAMES: readonly string[] = RULES.map((rule) => rule.meta.name);
