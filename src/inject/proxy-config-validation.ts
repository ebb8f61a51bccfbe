import { isIPv4, isIPv6 } from "node:net";
import { isObject, type Json, type JsonObject } from "../json.ts";
import { parseDuration } from "./proxy-config-duration.ts";

const MILLISECOND = 1_000_000n;
const SECOND = 1_000_000_000n;
const DNS_LABEL = /^[a-zA-Z0-9](?:[-a-zA-Z0-9]*[a-zA-Z0-9])?$/;

/**
 * What istiod finds wrong with a decoded ProxyConfig, or nothing; the message names the field
 * (pkg/config/validation/agent/validation.go, ValidateMeshConfigProxyConfig; its warnings are no findings).
 */
export function proxyConfigProblem(config: JsonObject): string | undefined {
  return [
    ...requiredProblems(config),
    ...drainProblems(config),
    ...addressProblems(config),
    ...tracingProblems(config),
    ...portProblems(config),
    ...keyProviderProblems(config),
    ...connectionProblems(config),
  ][0];
}

function requiredProblems(config: JsonObject): string[] {
  const problems: string[] = [];
  for (const name of ["configPath", "binaryPath", "discoveryAddress"]) {
    if (text(config[name]) === "") problems.push(`${name} must be set`);
  }
  if (config.tracingServiceName === undefined && text(config.serviceCluster) === "")
    problems.push("serviceCluster must be set");
  const policy = config.controlPlaneAuthPolicy;
  if (policy !== undefined && policy !== "NONE" && policy !== "MUTUAL_TLS") {
    problems.push(`controlPlaneAuthPolicy: ${JSON.stringify(policy)} is neither NONE nor MUTUAL_TLS`);
  }
  return problems;
}

function drainProblems({ drainDuration }: JsonObject): string[] {
  const nanos = parseDuration(text(drainDuration)) ?? 0n;
  if (nanos < MILLISECOND) return ["drainDuration must be greater than 1ms"];
  return nanos % SECOND === 0n ? [] : ["drainDuration must be whole seconds"];
}

function addressProblems(config: JsonObject): string[] {
  const addresses: [name: string, address: string][] = [
    ["discoveryAddress", text(config.discoveryAddress)],
    ["statsdUdpAddress", text(config.statsdUdpAddress)],
    ["envoyMetricsServiceAddress", text(config.envoyMetricsServiceAddress)],
    ["envoyMetricsService.address", text(object(config.envoyMetricsService).address)],
    ["envoyAccessLogService.address", text(object(config.envoyAccessLogService).address)],
  ];
  return addresses.flatMap(([name, address]) => (address === "" ? [] : addressProblem(name, address)));
}

/** host:port with a DNS name or an IP address. */
function addressProblem(name: string, address: string): string[] {
  const [, bracketed, bare, port] = /^(?:\[([^[\]]*)\]|([^:[\]]*)):([^:[\]]*)$/.exec(address) ?? [];
  const host = bracketed ?? bare;
  if (host === undefined || port === undefined) return [`${name}: ${JSON.stringify(address)} is not HOST:PORT`];
  if (!/^\+?\d+$/.test(port) || !isPort(Number(port)))
    return [`${name}: the port of ${JSON.stringify(address)} is not 1 to 65535`];
  if (isDomainName(host) || isIPv4(host) || isIPv6(host)) return [];
  return [`${name}: ${JSON.stringify(host)} is not a valid hostname or an IP address`];
}

function isDomainName(host: string): boolean {
  const labels = host.split(".");
  const top = labels.at(-1) ?? "";
  if (host === "" || host.length > 255 || /^[+-]?\d+$/.test(top)) return false;
  const named = top === "" ? labels.slice(0, -1) : labels;
  return named.every((label) => label.length <= 63 && DNS_LABEL.test(label));
}

function tracingProblems(config: JsonObject): string[] {
  const tracing = object(config.tracing);
  const problems: string[] = [];
  const onHost = (address: Json | undefined) => text(address).replace("$(HOST_IP)", "127.0.0.1");
  for (const tracer of ["zipkin", "datadog"]) {
    if (isObject(tracing[tracer]))
      problems.push(...addressProblem(`tracing.${tracer}.address`, onHost(object(tracing[tracer]).address)));
  }
  if (isObject(tracing.lightstep)) {
    problems.push(...addressProblem("tracing.lightstep.address", text(tracing.lightstep.address)));
    if (text(tracing.lightstep.accessToken) === "") problems.push("tracing.lightstep.accessToken must be set");
  }
  return isObject(tracing.tlsSettings) ? [...problems, ...tlsProblems(tracing.tlsSettings)] : problems;
}

function tlsProblems(tls: JsonObject): string[] {
  const has = (...names: string[]) => names.some((name) => text(tls[name]) !== "");
  const own = tls.mode === "SIMPLE" || tls.mode === "MUTUAL";
  const named = Array.isArray(tls.subjectAltNames) && tls.subjectAltNames.length > 0;
  const problem = (reason: string) => [`tracing.tlsSettings: ${reason}`];
  if (tls.insecureSkipVerify === true && own) {
    const credential = tls.mode === "SIMPLE" && has("credentialName");
    if (named || credential || has("caCertificates")) {
      return problem("caCertificates, credentialName and subjectAltNames do not go with insecureSkipVerify");
    }
  }
  if (own && has("credentialName")) {
    const files = has("clientCertificate", "caCertificates", "privateKey", "caCrl");
    return files ? problem("certificates do not go with credentialName") : [];
  }
  const pair = has("clientCertificate") && has("privateKey");
  return tls.mode === "MUTUAL" && !pair ? problem("mutual TLS needs clientCertificate and privateKey") : [];
}

function portProblems(config: JsonObject): string[] {
  return ["proxyAdminPort", "statusPort"].flatMap((name) =>
    isPort(config[name]) ? [] : [`${name}: ${JSON.stringify(config[name] ?? 0)} is not 1 to 65535`],
  );
}

function isPort(value: Json | undefined): boolean {
  return typeof value === "number" && value >= 1 && value <= 65535;
}

function keyProviderProblems({ privateKeyProvider }: JsonObject): string[] {
  if (!isObject(privateKeyProvider)) return [];
  const provider = privateKeyProvider.cryptomb ?? privateKeyProvider.qat;
  if (!isObject(provider)) return ["privateKeyProvider needs a cryptomb or qat"];
  const delay = parseDuration(text(provider.pollDelay)) ?? 0n;
  return delay === 0n ? ["privateKeyProvider: pollDelay must be set and not zero"] : [];
}

/** Least values of the connection settings (validateConnectionSettings, 1.31). */
const LEAST: Readonly<Record<string, number>> = {
  listenerPerConnectionBufferLimitBytes: 0,
  clusterPerConnectionBufferLimitBytes: 0,
  httpMaxConcurrentStreams: 1,
  http2InitialStreamWindowSize: 65535,
  http2InitialConnectionWindowSize: 65535,
  listenerConnectionLimit: 1,
  globalDownstreamConnectionLimit: 1,
};

function connectionProblems({ connectionSettings }: JsonObject): string[] {
  return Object.entries(object(connectionSettings)).flatMap(([name, value]) => {
    const path = `connectionSettings.${name}`;
    if (typeof value === "string" && (parseDuration(value) ?? 0n) < 0n) return [`${path} must not be negative`];
    const least = Object.hasOwn(LEAST, name) ? (LEAST[name] ?? 0) : undefined;
    return typeof value === "number" && least !== undefined && value < least
      ? [`${path} must be at least ${least}`]
      : [];
  });
}

function object(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {};
}

function text(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}
