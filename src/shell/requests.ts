/** What a call does to or asks of the proxy: ends it by request, waits for it, ends it by signal, or wraps the program. */
export type CallKind = "quit" | "wait" | "kill" | "wrapper";

/** One reading of a command line as a proxy call. */
export interface Classified {
  kind: Exclude<CallKind, "wrapper">;
  /** Asks only whether the port is open (`nc -z`). */
  probe: boolean;
  /** What the same command does besides, for people; such a command cannot simply go. */
  besides?: string;
}

/** Stands for text that only the running shell knows. In no URL part that is compared. */
export const UNKNOWN = "\u{FFFC}";

const LOCAL_HOST = /^(?:localhost|127\.0\.0\.1|\[::1\]|::1)$/i;
const AGENT_PORT = "15020";
const ADMIN_PORT = "15000";
const STATUS_PORT = "15021";
const PROXY_PROGRAMS = new Set(["pilot-agent", "envoy", "istio-proxy"]);

/**
 * Kind of a request to `host:port/path`, undefined for any other target.
 * pilot-agent serves /quitquitquit and /healthz/ready on 15020, Envoy's admin /quitquitquit, /ready and /server_info
 * on 15000, Envoy itself /healthz/ready on 15021 (pilot/cmd/pilot-agent/status/server.go, 1.28).
 */
export function classifyRequest(host: string, port: string, path: string): "quit" | "wait" | undefined {
  if (!LOCAL_HOST.test(host)) return undefined;
  const route = path.replace(/[?#].*$/s, "").replace(/(?<=.)\/$/, "");
  if (route === "/quitquitquit") return port === AGENT_PORT || port === ADMIN_PORT ? "quit" : undefined;
  if (route === "/healthz/ready") return port === AGENT_PORT || port === STATUS_PORT ? "wait" : undefined;
  if (route === "/ready" || route === "/server_info") return port === ADMIN_PORT ? "wait" : undefined;
  return undefined;
}

const URL = /^(?:https?:\/\/)?(?:[^@/\s]*@)?(\[[^\]/\s]*\]|[^:/\s[\]]*):(\d+)(\/\S*)?$/i;

function classifyUrl(word: string, defaultHost = ""): "quit" | "wait" | undefined {
  const [, host = "", port = "", path = "/"] = URL.exec(word) ?? [];
  return port ? classifyRequest(host || defaultHost, port, path) : undefined;
}

/** The last part of a program's path. */
export function programName(word: string): string {
  return word.slice(word.lastIndexOf("/") + 1);
}

interface OptionShape {
  /** Short options that take a value, glued or as the next word. */
  short: string;
  /** Long options whose value is the next word unless `=` gives it. */
  long: ReadonlySet<string>;
}

const CURL: OptionShape = {
  short: "AbcCdDeEFHhKmoPQrtTuUwxXyYz",
  long: new Set(
    (
      "request data data-ascii data-binary data-raw data-urlencode json header max-time connect-timeout retry " +
      "retry-delay retry-max-time output output-dir write-out user user-agent cookie cookie-jar form form-string proxy " +
      "cacert capath cert cert-type key key-type resolve connect-to interface referer range upload-file config " +
      "dump-header noproxy stderr trace trace-ascii limit-rate speed-limit speed-time max-redirs unix-socket " +
      "aws-sigv4 ciphers dns-servers expect100-timeout keepalive-time local-port netrc-file oauth2-bearer pass " +
      "proto proto-default proxy-header proxy-user quote time-cond tls-max url-query variable"
    ).split(" "),
  ),
};
const WGET: OptionShape = {
  short: "OoaitTwQPUBeY",
  long: new Set(
    (
      "output-document output-file append-output input-file tries timeout wait waitretry quota directory-prefix " +
      "user-agent base execute post-data post-file header method body-data body-file dns-timeout connect-timeout " +
      "read-timeout user password http-user http-password ca-certificate certificate private-key referer limit-rate"
    ).split(" "),
  ),
};
const HTTPIE: OptionShape = {
  short: "aAsopP",
  long: new Set("auth auth-type timeout output print verify proxy session style pretty cert cert-key".split(" ")),
};
const NETCAT: OptionShape = { short: "wipsqXxGWecIOPTVm", long: new Set(["wait", "source", "source-port", "proxy"]) };
const PKILL: OptionShape = {
  short: "uUgGPstFr",
  long: new Set("signal euid uid group pgroup parent session terminal pidfile ns nslist runstates".split(" ")),
};
const KILLALL: OptionShape = {
  short: "suoyZn",
  long: new Set("signal user older-than younger-than context ns".split(" ")),
};

/** Words that are no options and no option values; `flags` are the short letters and long names met. */
function operands(words: readonly string[], shape: OptionShape): { rest: string[]; flags: Set<string> } {
  const rest: string[] = [];
  const flags = new Set<string>();
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? "";
    if (word === "--") return { rest: [...rest, ...words.slice(i + 1)], flags };
    if (word.startsWith("--")) {
      const [name = "", value] = word.slice(2).split(/=(.*)/s);
      flags.add(name);
      if (name === "url" && value !== undefined) rest.push(value);
      if (value === undefined && shape.long.has(name)) i++;
    } else if (word.length > 1 && word.startsWith("-")) {
      for (let at = 1; at < word.length; at++) {
        const letter = word[at] ?? "";
        flags.add(letter);
        if (!shape.short.includes(letter)) continue;
        if (at === word.length - 1) i++;
        break;
      }
    } else rest.push(word);
  }
  return { rest, flags };
}

function classifyFetch(urls: readonly string[], defaultHost = ""): Classified | undefined {
  const kinds = urls.map((url) => classifyUrl(url, defaultHost));
  const kind = kinds.includes("quit") ? "quit" : kinds.find((found) => found);
  if (!kind) return undefined;
  const others = urls.filter((_, i) => !kinds[i]);
  return { kind, probe: false, ...(others.length > 0 && { besides: "the same command requests other addresses too" }) };
}

function classifyHttpie(words: readonly string[]): Classified | undefined {
  const { rest } = operands(words, HTTPIE);
  const url = rest.find((word) => !/^[A-Z]+$/.test(word));
  return url === undefined ? undefined : classifyFetch([url], "localhost");
}

/** Host and port of a netcat-like command line. */
export function netcatTarget(words: readonly string[]): { host: string; port: string; probe: boolean } | undefined {
  const { rest, flags } = operands(words, NETCAT);
  const [host = "", port = ""] = rest;
  return rest.length >= 2 ? { host, port, probe: flags.has("z") } : undefined;
}

/** True where the port of this Pod's proxy is asked for. */
export function isProxyPort(host: string, port: string): boolean {
  return LOCAL_HOST.test(host) && (port === AGENT_PORT || port === STATUS_PORT || port === ADMIN_PORT);
}

function classifyNetcat(words: readonly string[]): Classified | undefined {
  const target = netcatTarget(words);
  return target?.probe && isProxyPort(target.host, target.port) ? { kind: "wait", probe: true } : undefined;
}

function classifyWaitFor(words: readonly string[]): Classified | undefined {
  if (words.includes("--")) return undefined;
  const [, host = "", port = ""] = /^(.*):(\d+)$/.exec(words.find((word) => !word.startsWith("-")) ?? "") ?? [];
  return isProxyPort(host, port) ? { kind: "wait", probe: true } : undefined;
}

/**
 * Names of proxy programs that a process pattern (of pkill, pgrep, grep, awk) selects;
 * undefined where it selects anything else too.
 */
export function proxyPattern(pattern: string): string[] | undefined {
  const names = pattern.split(/\\?\|/).map((alternative) => {
    const plain = alternative
      .replace(/\\?\[(.)\]/g, "$1")
      .replace(/\\\./g, ".")
      .replace(/^[\^("'\\b/]*(?=[a-z])|(?:[$)"'/]|\\b|\\>|\.\*)+$/g, "");
    return programName(plain.trim().split(/\s+/)[0] ?? "").replace(/^pilot.agent$/, "pilot-agent");
  });
  const path =
    pattern.startsWith("/") && !pattern.includes("|") ? [programName(pattern.trim().split(/\s+/)[0] ?? "")] : names;
  return path.length > 0 && path.every((name) => PROXY_PROGRAMS.has(name)) ? path : undefined;
}

function classifyPkill(words: readonly string[]): Classified | undefined {
  const plain = words.filter((word) => !/^-(?:\d+|SIG[A-Z]+|[A-Z]{3,})$/.test(word));
  const { rest } = operands(plain, PKILL);
  return rest.length === 1 && proxyPattern(rest[0] ?? "") ? { kind: "kill", probe: false } : undefined;
}

function classifyKillall(words: readonly string[]): Classified | undefined {
  const plain = words.filter((word) => !/^-(?:\d+|SIG[A-Z]+|[A-Z]{3,})$/.test(word));
  const { rest } = operands(plain, KILLALL);
  const others = rest.filter((name) => !proxyPattern(name));
  if (rest.length === others.length) return undefined;
  return { kind: "kill", probe: false, ...(others.length > 0 && { besides: `it also ends ${others.join(", ")}` }) };
}

/** Names of the processes a pkill or killall in these words ends. */
export function killedNames(argv: readonly string[]): string[] {
  return argv.slice(1).flatMap((word) => proxyPattern(word) ?? []);
}

/**
 * Reads a command line (program first, its launchers taken off) as a proxy call.
 * `UNKNOWN` stands for what is not known of a word.
 */
export function classifyCommand(argv: readonly string[]): Classified | undefined {
  const [program = "", ...words] = argv;
  switch (programName(program)) {
    case "curl":
      return classifyFetch(operands(words, CURL).rest);
    case "wget":
      return classifyFetch(operands(words, WGET).rest);
    case "http":
    case "https":
    case "xh":
    case "curlie":
      return classifyHttpie(words);
    case "nc":
    case "ncat":
    case "netcat":
      return classifyNetcat(words);
    case "wait-for-it":
    case "wait-for-it.sh":
    case "wait-for":
    case "wait-for.sh":
      return classifyWaitFor(words);
    case "pkill":
      return classifyPkill(words);
    case "killall":
    case "killall5":
      return classifyKillall(words);
    case "pilot-agent":
      return words[0] === "request" && /^\/?quitquitquit$/.test(words[2] ?? "")
        ? { kind: "quit", probe: false }
        : undefined;
    default:
      return undefined;
  }
}

/** Kind of an HTTP request written into a raw connection, from its text. */
export function classifyPayload(port: string, payload: string): "quit" | "wait" | undefined {
  const path = /(?:^|[\s"'])(?:POST|GET|PUT|HEAD|DELETE)\s+(\S+)/.exec(payload)?.[1];
  return path === undefined ? undefined : classifyRequest("localhost", port, path.replace(/^https?:\/\/[^/]+/i, ""));
}
