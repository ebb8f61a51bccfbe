import excludeOutboundIpRanges from "../../docs/rules/exclude-outbound-ip-ranges.md";
import excludeOutboundPorts from "../../docs/rules/exclude-outbound-ports.md";
import initRunAsProxyUid from "../../docs/rules/init-run-as-proxy-uid.md";
import quitCall from "../../docs/rules/quit-call.md";

const DOCUMENTS: Readonly<Record<string, string>> = {
  "quit-call": quitCall,
  "init-run-as-proxy-uid": initRunAsProxyUid,
  "exclude-outbound-ip-ranges": excludeOutboundIpRanges,
  "exclude-outbound-ports": excludeOutboundPorts,
};

/** A rule's documentation as Markdown; undefined for a name that is no rule's. */
export function ruleDocument(name: string): string | undefined {
  return Object.hasOwn(DOCUMENTS, name) ? DOCUMENTS[name] : undefined;
}
