/** A scalar or well-known type; messages and enums go by their names. */
export type Scalar = "string" | "bool" | "int32" | "uint32" | "int64" | "double" | "duration";

export interface Field {
  /** Name in protobuf, e.g. "proxy_metadata". */
  name: string;
  /** Name in JSON, e.g. "proxyMetadata". */
  jsonName: string;
  type: string;
  shape: "one" | "list" | "map";
  /** Whether "not set" differs from zero: wrappers, messages, durations, members of a oneof. */
  presence: boolean;
  oneof: string | undefined;
  /** First releases that know the field, as in hasChange; undefined: all. */
  since: readonly string[] | undefined;
}

/** Values of the enums by number. Source: istio/api, mesh/v1alpha1/proxy.proto and networking/v1alpha3, 1.20 to 1.31. */
export const ENUMS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  AuthenticationPolicy: { NONE: 0, MUTUAL_TLS: 1, INHERIT: 1000 },
  TracingServiceName: { APP_LABEL_AND_NAMESPACE: 0, CANONICAL_NAME_ONLY: 1, CANONICAL_NAME_AND_NAMESPACE: 2 },
  InboundInterceptionMode: { REDIRECT: 0, TPROXY: 1, NONE: 2 },
  ForwardClientCertDetails: {
    UNDEFINED: 0,
    SANITIZE: 1,
    FORWARD_ONLY: 2,
    APPEND_FORWARD: 3,
    SANITIZE_SET: 4,
    ALWAYS_FORWARD_ONLY: 5,
  },
  TraceContext: { UNSPECIFIED: 0, W3C_TRACE_CONTEXT: 1, GRPC_BIN: 2, CLOUD_TRACE_CONTEXT: 3, B3: 4 },
  MetadataExchangeMode: { UNDEFINED: 0, IN_MESH: 1 },
  TLSmode: { DISABLE: 0, SIMPLE: 1, MUTUAL: 2, ISTIO_MUTUAL: 3 },
  ConnectionProfile: { SIDECAR: 0, EDGE: 1 },
  HeadersWithUnderscoresAction: {
    HEADERS_WITH_UNDERSCORES_UNSPECIFIED: 0,
    HEADERS_WITH_UNDERSCORES_ALLOW: 1,
    HEADERS_WITH_UNDERSCORES_REJECT_REQUEST: 2,
    HEADERS_WITH_UNDERSCORES_DROP_HEADER: 3,
  },
  PathWithEscapedSlashesAction: {
    PATH_WITH_ESCAPED_SLASHES_UNSPECIFIED: 0,
    KEEP_UNCHANGED: 1,
    REJECT_REQUEST: 2,
    UNESCAPE_AND_REDIRECT: 3,
    UNESCAPE_AND_FORWARD: 4,
  },
};

/**
 * Fields in the order of their declaration, which is the order of protobuf's JSON. "T?" is a wrapper (google.protobuf.BoolValue
 * and the like), "T[]" a list, "{T}" a map of text; "name|oneof" belongs to a oneof. The last column is the first releases.
 */
const TABLE: Readonly<Record<string, readonly (readonly [name: string, type: string, ...since: string[]])[]>> = {
  ProxyConfig: [
    ["config_path", "string"],
    ["binary_path", "string"],
    ["service_cluster|cluster_name", "string"],
    ["tracing_service_name|cluster_name", "TracingServiceName"],
    ["drain_duration", "duration"],
    ["discovery_address", "string"],
    ["discovery_refresh_delay", "duration"],
    ["zipkin_address", "string"],
    ["statsd_udp_address", "string"],
    ["envoy_metrics_service_address", "string"],
    ["proxy_admin_port", "int32"],
    ["availability_zone", "string"],
    ["control_plane_auth_policy", "AuthenticationPolicy"],
    ["custom_config_file", "string"],
    ["stat_name_length", "int32"],
    ["concurrency", "int32?"],
    ["proxy_bootstrap_template_path", "string"],
    ["interception_mode", "InboundInterceptionMode"],
    ["tracing", "Tracing"],
    ["sds", "SDS"],
    ["envoy_access_log_service", "RemoteService"],
    ["envoy_metrics_service", "RemoteService"],
    ["proxy_metadata", "{string}"],
    ["runtime_values", "{string}"],
    ["status_port", "int32"],
    ["extra_stat_tags", "string[]"],
    ["gateway_topology", "Topology"],
    ["termination_drain_duration", "duration"],
    ["mesh_id", "string"],
    ["readiness_probe", "ReadinessProbe"],
    ["proxy_stats_matcher", "ProxyStatsMatcher"],
    ["hold_application_until_proxy_starts", "bool?"],
    ["ca_certificates_pem", "string[]"],
    ["image", "ProxyImage"],
    ["private_key_provider", "PrivateKeyProvider"],
    ["proxy_headers", "ProxyHeaders"],
    ["file_flush_interval", "duration", "1.29.0"],
    ["file_flush_min_size_kb", "uint32", "1.29.0"],
    ["stats_compression", "bool?", "1.29.0"],
    ["connection_settings", "ConnectionSettings", "1.31.0"],
  ],
  Tracing: [
    ["zipkin|tracer", "Address"],
    ["lightstep|tracer", "Lightstep"],
    ["datadog|tracer", "Address"],
    ["stackdriver|tracer", "Stackdriver"],
    ["open_census_agent|tracer", "OpenCensusAgent"],
    ["custom_tags", "{CustomTag}"],
    ["max_path_tag_length", "uint32"],
    ["sampling", "double"],
    ["tls_settings", "ClientTLSSettings"],
    ["enable_istio_tags", "bool?", "1.25.0"],
  ],
  Address: [["address", "string"]],
  Lightstep: [
    ["address", "string"],
    ["access_token", "string"],
  ],
  Stackdriver: [
    ["debug", "bool"],
    ["max_number_of_attributes", "int64?"],
    ["max_number_of_annotations", "int64?"],
    ["max_number_of_message_events", "int64?"],
  ],
  OpenCensusAgent: [
    ["address", "string"],
    ["context", "TraceContext[]"],
  ],
  CustomTag: [
    ["literal|type", "Literal"],
    ["environment|type", "Defaulted"],
    ["header|type", "Defaulted"],
  ],
  Literal: [["value", "string"]],
  Defaulted: [
    ["name", "string"],
    ["default_value", "string"],
  ],
  SDS: [
    ["enabled", "bool"],
    ["k8s_sa_jwt_path", "string"],
  ],
  Topology: [
    ["num_trusted_proxies", "uint32"],
    ["forward_client_cert_details", "ForwardClientCertDetails"],
    ["proxy_protocol", "Empty"],
  ],
  Empty: [],
  PrivateKeyProvider: [
    ["cryptomb|provider", "PolledProvider"],
    ["qat|provider", "PolledProvider"],
  ],
  PolledProvider: [
    ["poll_delay", "duration"],
    ["fallback", "bool?", "1.21.0"],
  ],
  ProxyStatsMatcher: [
    ["inclusion_prefixes", "string[]"],
    ["inclusion_suffixes", "string[]"],
    ["inclusion_regexps", "string[]"],
  ],
  ProxyImage: [["image_type", "string"]],
  ProxyHeaders: [
    ["forwarded_client_cert", "ForwardClientCertDetails"],
    ["set_current_client_cert_details", "SetCurrentClientCertDetails", "1.24.0"],
    ["request_id", "Disabled"],
    ["server", "Server"],
    ["attempt_count", "Disabled"],
    ["envoy_debug_headers", "Disabled"],
    ["metadata_exchange_headers", "MetadataExchangeHeaders"],
    ["preserve_http1_header_case", "bool?", "1.25.0"],
    ["x_forwarded_host", "Enabled", "1.28.0"],
    ["x_forwarded_port", "Enabled", "1.28.0"],
  ],
  SetCurrentClientCertDetails: [
    ["subject", "bool?"],
    ["cert", "bool?"],
    ["chain", "bool?"],
    ["dns", "bool?"],
    ["uri", "bool?"],
  ],
  Server: [
    ["disabled", "bool?"],
    ["value", "string"],
  ],
  Disabled: [["disabled", "bool?"]],
  Enabled: [["enabled", "bool?"]],
  MetadataExchangeHeaders: [["mode", "MetadataExchangeMode"]],
  RemoteService: [
    ["address", "string"],
    ["tls_settings", "ClientTLSSettings"],
    ["tcp_keepalive", "TcpKeepalive"],
  ],
  TcpKeepalive: [
    ["probes", "uint32"],
    ["time", "duration"],
    ["interval", "duration"],
  ],
  ClientTLSSettings: [
    ["mode", "TLSmode"],
    ["client_certificate", "string"],
    ["private_key", "string"],
    ["ca_certificates", "string"],
    ["credential_name", "string"],
    ["subject_alt_names", "string[]"],
    ["sni", "string"],
    ["insecure_skip_verify", "bool?"],
    ["ca_crl", "string", "1.22.0"],
  ],
  ReadinessProbe: [
    ["initial_delay_seconds", "int32"],
    ["timeout_seconds", "int32"],
    ["period_seconds", "int32"],
    ["success_threshold", "int32"],
    ["failure_threshold", "int32"],
    ["http_get|health_check_method", "HTTPHealthCheckConfig"],
    ["tcp_socket|health_check_method", "TCPHealthCheckConfig"],
    ["exec|health_check_method", "ExecHealthCheckConfig"],
    ["grpc|health_check_method", "GrpcHealthCheckConfig", "1.25.0"],
  ],
  HTTPHealthCheckConfig: [
    ["path", "string"],
    ["port", "uint32"],
    ["host", "string"],
    ["scheme", "string"],
    ["http_headers", "HTTPHeader[]"],
  ],
  HTTPHeader: [
    ["name", "string"],
    ["value", "string"],
  ],
  TCPHealthCheckConfig: [
    ["host", "string"],
    ["port", "uint32"],
  ],
  ExecHealthCheckConfig: [["command", "string[]"]],
  GrpcHealthCheckConfig: [
    ["port", "uint32"],
    ["service", "string"],
  ],
  ConnectionSettings: [
    ["profile", "ConnectionProfile"],
    ["listener_per_connection_buffer_limit_bytes", "int32?"],
    ["cluster_per_connection_buffer_limit_bytes", "int32?"],
    ["http_idle_timeout", "duration"],
    ["http_max_connection_duration", "duration"],
    ["http_drain_timeout", "duration"],
    ["http_request_timeout", "duration"],
    ["http_request_headers_timeout", "duration"],
    ["http_stream_idle_timeout", "duration"],
    ["http_max_stream_duration", "duration"],
    ["http_max_concurrent_streams", "int32?"],
    ["http2_initial_stream_window_size", "int32?"],
    ["http2_initial_connection_window_size", "int32?"],
    ["http_headers_with_underscores_action", "HeadersWithUnderscoresAction"],
    ["http_merge_slashes", "bool?"],
    ["http_path_with_escaped_slashes_action", "PathWithEscapedSlashesAction"],
    ["listener_connection_limit", "int32?"],
    ["global_downstream_connection_limit", "int32?"],
  ],
};

const SCALARS = new Set(["string", "bool", "int32", "uint32", "int64", "double", "duration"]);

/** Fields of each message, e.g. "ProxyConfig", in the order of protobuf's JSON. */
export const MESSAGES: Readonly<Record<string, readonly Field[]>> = Object.fromEntries(
  Object.entries(TABLE).map(([message, rows]) => [
    message,
    rows.map(([name, type, ...since]) => field(name, type, since)),
  ]),
);

export function isScalar(type: string): type is Scalar {
  return SCALARS.has(type);
}

function field(column: string, notation: string, since: string[]): Field {
  const [name = "", oneof] = column.split("|");
  const shape = notation.startsWith("{") ? "map" : notation.endsWith("[]") ? "list" : "one";
  const type = notation.replace(/[{}?[\]]/g, "");
  const message = Object.hasOwn(TABLE, type);
  return {
    name,
    jsonName: name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase()),
    type,
    shape,
    presence: shape === "one" && (message || type === "duration" || notation.endsWith("?") || oneof !== undefined),
    oneof,
    since: since.length > 0 ? since : undefined,
  };
}
