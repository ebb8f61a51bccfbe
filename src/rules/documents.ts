import badInjectValue from "../../docs/rules/bad-inject-value.md";
import badOptOut from "../../docs/rules/bad-opt-out.md";
import excludeOutboundIpRanges from "../../docs/rules/exclude-outbound-ip-ranges.md";
import excludeOutboundPorts from "../../docs/rules/exclude-outbound-ports.md";
import exitWrapper from "../../docs/rules/exit-wrapper.md";
import holdApplication from "../../docs/rules/hold-application.md";
import initRunAsProxyUid from "../../docs/rules/init-run-as-proxy-uid.md";
import injectionDisabledJob from "../../docs/rules/injection-disabled-job.md";
import jobNeverEnds from "../../docs/rules/job-never-ends.md";
import killProxy from "../../docs/rules/kill-proxy.md";
import misplacedAnnotation from "../../docs/rules/misplaced-annotation.md";
import quitCall from "../../docs/rules/quit-call.md";
import redundantOptOut from "../../docs/rules/redundant-opt-out.md";
import scriptInConfig from "../../docs/rules/script-in-config.md";
import staleInjection from "../../docs/rules/stale-injection.md";
import waitForProxy from "../../docs/rules/wait-for-proxy.md";

const DOCUMENTS: Readonly<Record<string, string>> = {
  "quit-call": quitCall,
  "wait-for-proxy": waitForProxy,
  "kill-proxy": killProxy,
  "exit-wrapper": exitWrapper,
  "init-run-as-proxy-uid": initRunAsProxyUid,
  "exclude-outbound-ip-ranges": excludeOutboundIpRanges,
  "exclude-outbound-ports": excludeOutboundPorts,
  "hold-application": holdApplication,
  "injection-disabled-job": injectionDisabledJob,
  "script-in-config": scriptInConfig,
  "misplaced-annotation": misplacedAnnotation,
  "bad-inject-value": badInjectValue,
  "bad-opt-out": badOptOut,
  "redundant-opt-out": redundantOptOut,
  "stale-injection": staleInjection,
  "job-never-ends": jobNeverEnds,
};

/** A rule's documentation as Markdown; undefined for a name that is no rule's. */
export function ruleDocument(name: string): string | undefined {
  return Object.hasOwn(DOCUMENTS, name) ? DOCUMENTS[name] : undefined;
}
