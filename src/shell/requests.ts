/** What a call does to or asks of the proxy: ends it by request, waits for it, ends it by signal, or wraps the program. */
export type CallKind = "quit" | "wait" | "kill" | "wrapper";

/** One reading of a command line as a proxy call. */
export interface Classified {
  kind: Exclude<CallKind, "wrapper">;
  /** Asks only whether the port is open (`nc -z`). */
  probe: boolean;
  /** What the same command does besides, for people; such a command cannot simply go. */
  besides?: string;
  /** The address is this Pod's by another name than the usual ones (`0.0.0.0`). */
  otherName?: boolean;
}

/** Stands for text that only the running shell knows. In no URL part that is compared. */
export const UNKNOWN = "\u{FFFC}";

const LOCAL_HOST = /^(?:localhost|127\.0\.0\.1|\[::1\]|::1)$/i;
/** Other names of the own host; the loopback names stand in every Pod's /etc/hosts. */
const OTHER_LOCAL_HOST = /^(?:localhost\.|0\.0\.0\.0|127(?:\.\d{1,3}){3}|\[::\]|ip6-localhost|ip6-loopback)$/i;
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

function classifyUrl(word: string, defaultHost = ""): Classified | undefined {
  const [, host = "", port = "", path = "/"] = URL.exec(word) ?? [];
  if (!port) return undefined;
  const otherName = OTHER_LOCAL_HOST.test(host) && !LOCAL_HOST.test(host);
  const kind = classifyRequest(otherName ? "localhost" : host || defaultHost, port, path);
  return kind && { kind, probe: false, ...(otherName && { otherName }) };
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
const FUSER: OptionShape = { short: "n", long: new Set(["namespace"]) };
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
  const calls = urls.map((url) => classifyUrl(url, defaultHost));
  const call = calls.find((one) => one?.kind === "quit") ?? calls.find((one) => one);
  if (!call) return undefined;
  const isWhole = calls.every((one) => one);
  return { ...call, ...(!isWhole && { besides: "the same command requests other addresses too" }) };
}

function classifyHttpie(words: readonly string[]): Classified | undefined {
  const [first, second] = operands(words, HTTPIE).rest;
  // The method may be left out, and is written in either case.
  const url = first !== undefined && second !== undefined && /^[a-z]+$/i.test(first) ? second : first;
  return url === undefined ? undefined : classifyFetch([url], "localhost");
}

/** A request to a port of this Pod's proxy that says nothing but whether somebody answers there. */
export interface PortRequest {
  /** The answer tells no more than its status (`--head`, `-w '%{http_code}'`), so that a filter reads just that. */
  statusOnly: boolean;
}

/** Paths whose text is asked for by others than those who wait for the proxy: the agent's merged metrics. */
const METRICS = /^\/(?:stats\/prometheus|metrics)\b/;

/**
 * Reads a command line as a request to any path of the proxy's ports (`curl --head localhost:15000`), the paths of
 * the other kinds of calls excepted. By itself it is no wait: people look at the admin pages too.
 */
export function readPortRequest(argv: readonly string[]): PortRequest | undefined {
  const [program = "", ...words] = argv;
  const name = programName(program);
  const shape = name === "curl" ? CURL : name === "wget" ? WGET : undefined;
  if (shape === undefined) return undefined;
  const { rest, flags } = operands(words, shape);
  if (rest.length === 0 || !rest.every(isPortUrl)) return undefined;
  const heads = name === "curl" ? ["I", "head"] : ["spider"];
  return { statusOnly: heads.some((flag) => flags.has(flag)) || words.some((word) => word.includes("%{http_code}")) };
}

/** Asks for pages of Envoy's admin port, once (no `--retry`). */
export function asksAdminPage(argv: readonly string[]): boolean {
  const [program = "", ...words] = argv;
  const name = programName(program);
  const shape = name === "curl" ? CURL : name === "wget" ? WGET : undefined;
  if (shape === undefined || words.some((word) => /^--(?:retry|tries|waitretry)/.test(word))) return false;
  const { rest } = operands(words, shape);
  return rest.length > 0 && rest.every((word) => URL.exec(word)?.[2] === ADMIN_PORT);
}

function isPortUrl(word: string): boolean {
  const [, host = "", port = "", path = "/"] = URL.exec(word) ?? [];
  return isProxyPort(host, port) && !METRICS.test(path) && classifyRequest(host, port, path) === undefined;
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

/** What a program that only waits is told to wait for, and what it starts then. */
export interface WaitCommand {
  /** Kinds of the waits for this Pod's proxy. */
  proxy: { probe: boolean }[];
  /** It waits for something else too. */
  others: boolean;
  /** Index of the program in the words; undefined where none follows. */
  program: number | undefined;
}

/** How the words of a waiting program are to be read. */
interface WaitShape {
  /** Options whose value is an address. */
  targets: ReadonlySet<string>;
  /** Options whose value is none. */
  values: ReadonlySet<string>;
  /** Operands are addresses; else the first one starts the program's command line. */
  operands: boolean;
}

const WAIT_FOR: WaitShape = {
  targets: new Set(),
  values: new Set("-t --timeout -i --interval -w --window -d --delay -l --log -p --port -h --host".split(" ")),
  operands: true,
};
const DOCKERIZE: WaitShape = {
  targets: new Set(["-wait", "--wait"]),
  values: new Set(
    (
      "-timeout -wait-retry-interval -wait-http-header -template -stdout -stderr -delims -env " +
      "--timeout --wait-retry-interval --wait-http-header --template --stdout --stderr --delims --env"
    ).split(" "),
  ),
  operands: false,
};
const WAIT_PROGRAMS = new Map<string, WaitShape>([
  ...["wait-for-it", "wait-for-it.sh", "wait-for", "wait-for.sh", "waitforit", "wait4x", "wait-on"].map(
    (name): [string, WaitShape] => [name, WAIT_FOR],
  ),
  ["dockerize", DOCKERIZE],
]);

/** Reads a command line of a program that waits for addresses; undefined for any other program. */
export function readWaitCommand(argv: readonly string[]): WaitCommand | undefined {
  const shape = WAIT_PROGRAMS.get(programName(argv[0] ?? ""));
  if (shape === undefined) return undefined;
  const targets: string[] = [];
  const named = new Map<string, string>();
  let program: number | undefined;
  for (let at = 1; at < argv.length; at++) {
    const word = argv[at] ?? "";
    if (word === "--") {
      program = at + 1 < argv.length ? at + 1 : undefined;
      break;
    }
    if (!word.startsWith("-")) {
      if (shape.operands) {
        if (/[:/]/.test(word)) targets.push(word);
        continue;
      }
      program = at;
      break;
    }
    const [option = "", glued] = word.split(/=(.*)/s);
    const takes = shape.targets.has(option) || shape.values.has(option);
    const value = glued ?? (takes ? (argv[++at] ?? "") : "");
    if (shape.targets.has(option)) targets.push(value);
    else named.set(option.replace(/^-+/, "").charAt(0), value);
  }
  // `wait-for-it -h localhost -p 15021`
  if (named.has("p") && named.has("h") && shape.operands) targets.push(`${named.get("h")}:${named.get("p")}`);
  const kinds = targets.map(classifyWaitTarget);
  return { proxy: kinds.filter((kind) => kind !== undefined), others: kinds.includes(undefined), program };
}

/** `http://localhost:15021/healthz/ready`, `tcp://localhost:15021`, `localhost:15021`, `tcp:15021`. */
function classifyWaitTarget(target: string): { probe: boolean } | undefined {
  const url = target.replace(/^(https?)-get:/, "$1:");
  if (classifyUrl(url)?.kind === "wait") return { probe: false };
  const [, host = "", port = ""] = /^(?:tcp:(?:\/\/)?)?(?:(.*):)?(\d+)$/.exec(target) ?? [];
  return isProxyPort(host || "localhost", port) ? { probe: true } : undefined;
}

function classifyWaitFor(argv: readonly string[]): Classified | undefined {
  const wait = readWaitCommand(argv);
  if (wait === undefined || wait.proxy.length === 0) return undefined;
  const besides =
    wait.program !== undefined
      ? "the same command starts the program"
      : wait.others
        ? "the same command waits for other addresses too"
        : undefined;
  return { kind: "wait", probe: wait.proxy.some(({ probe }) => probe), ...(besides !== undefined && { besides }) };
}

/** Ports that only the proxy listens on (pkg/config/constants and the sidecar template, 1.28). */
const PROXY_PORT = /^(?:15000|15001|15004|15006|15008|15020|15021|15053|15090)$/;

/** `fuser -k 15000/tcp`, `fuser -k -n tcp 15000` */
function classifyFuser(words: readonly string[]): Classified | undefined {
  if (words.includes("-0")) return undefined;
  const { rest: names, flags } = operands(withoutSignal(words), FUSER);
  const isProxy = (name: string): boolean => PROXY_PORT.test(name.replace(/\/tcp$/, ""));
  if (!(flags.has("k") || flags.has("kill")) || !names.some(isProxy)) return undefined;
  return { kind: "kill", probe: false, ...(!names.every(isProxy) && { besides: "it also ends other programs" }) };
}

/** True where `lsof` in these words lists the proxy by its port (`lsof -ti :15000`, `lsof -t -i tcp:15000`). */
export function listsProxyPort(words: readonly string[]): boolean {
  const ports = words.flatMap(
    (word) => /^(?:-\w*i)?(?:tcp)?(?:@(?:localhost|127\.0\.0\.1))?:(\d+)$/i.exec(word)?.[1] ?? [],
  );
  return ports.length > 0 && ports.every((port) => PROXY_PORT.test(port)) && words.some((word) => /^-\w*t/.test(word));
}

const LONGEST_PATTERN = 1000;

/**
 * Names of proxy programs that a process pattern (of pkill, pgrep, grep, awk) selects;
 * undefined where it selects anything else too.
 */
export function proxyPattern(pattern: string): string[] | undefined {
  // No program's name is as long, and the time goes with the square of the length.
  if (pattern.length > LONGEST_PATTERN) return undefined;
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

/** Words without `-9`, `-TERM`, `-SIGKILL`. */
function withoutSignal(words: readonly string[]): string[] {
  return words.filter((word) => !/^-(?:\d+|SIG[A-Z]+|[A-Z]{3,})$/.test(word));
}

/** Signal 0 asks whether the process is there, `-l` lists the signals: neither ends anything. */
export function sendsNoSignal(words: readonly string[]): boolean {
  const isZero = (text: string): boolean => /^(?:0+|EXIT|SIGEXIT)$/i.test(text);
  return words.some((word, i) => {
    if (/^(?:-[lL]|--list(?:=.*)?|--table)$/.test(word)) return true;
    const given = /^(?:--signal=|-s=?|-n|-)([^-].*)$/.exec(word)?.[1];
    if (given !== undefined && isZero(given)) return true;
    return /^(?:-[sn]|--signal)$/.test(word) && isZero(words[i + 1] ?? "");
  });
}

function classifyPkill(words: readonly string[]): Classified | undefined {
  if (sendsNoSignal(words)) return undefined;
  const { rest } = operands(withoutSignal(words), PKILL);
  const [pattern = "", ...more] = rest;
  if (more.length > 0) return undefined;
  if (proxyPattern(pattern)) return { kind: "kill", probe: false };
  return pattern.split(/\\?\|/).some(proxyPattern)
    ? { kind: "kill", probe: false, besides: "it also ends other programs" }
    : undefined;
}

function classifyKillall(words: readonly string[]): Classified | undefined {
  if (sendsNoSignal(words)) return undefined;
  const { rest } = operands(withoutSignal(words), KILLALL);
  const others = rest.filter((name) => !proxyPattern(name));
  if (rest.length === others.length) return undefined;
  return { kind: "kill", probe: false, ...(others.length > 0 && { besides: `it also ends ${others.join(", ")}` }) };
}

/** Names of the processes a pkill or killall in these words ends. */
export function killedNames(argv: readonly string[]): string[] {
  return argv.slice(1).flatMap((word) => word.split(/\\?\|/).flatMap((one) => proxyPattern(one) ?? []));
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
    case "fuser":
      return classifyFuser(words);
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
      return classifyWaitFor(argv);
  }
}

/** Kind of an HTTP request written into a raw connection, from its text. */
export function classifyPayload(port: string, payload: string): "quit" | "wait" | undefined {
  const path = /(?:^|[\s"'])(?:POST|GET|PUT|HEAD|DELETE)\s+(\S+)/.exec(payload)?.[1];
  return path === undefined ? undefined : classifyRequest("localhost", port, path.replace(/^https?:\/\/[^/]+/i, ""));
}
