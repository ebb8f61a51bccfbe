import { type Classified, classifyCommand, programName, readWaitCommand } from "./requests.ts";

/** Programs that start another one and end the proxy after it (scuttle and forks of it, Monzo's envoy-preflight). */
export const WRAPPER_PROGRAMS: ReadonlySet<string> = new Set(["scuttle", "envoy-preflight"]);

const SHELLS = new Set(["sh", "bash", "ash", "dash", "ksh", "mksh", "zsh", "rbash"]);

/** How to get past a launcher's own words: options that take a value, and how many operands come before the program. */
interface Launcher {
  values: string;
  long: readonly string[];
  operands: number;
}

const XARGS_LONG = "arg-file delimiter max-args max-procs max-lines max-chars process-slot-var".split(" ");
const SETPRIV_LONG =
  "groups inh-caps ambient-caps bounding-set ruid euid rgid egid reuid regid securebits pdeathsig".split(" ");

const LAUNCHERS = new Map<string, Launcher>([
  ["env", { values: "uC", long: ["unset", "chdir"], operands: 0 }],
  ["tini", { values: "ep", long: [], operands: 0 }],
  ["tini-static", { values: "ep", long: [], operands: 0 }],
  ["dumb-init", { values: "r", long: ["rewrite"], operands: 0 }],
  ["catatonit", { values: "", long: [], operands: 0 }],
  ["timeout", { values: "ks", long: ["kill-after", "signal"], operands: 1 }],
  ["nohup", { values: "", long: [], operands: 0 }],
  ["setsid", { values: "", long: [], operands: 0 }],
  ["nice", { values: "n", long: ["adjustment"], operands: 0 }],
  ["ionice", { values: "cn", long: ["class", "classdata"], operands: 0 }],
  ["stdbuf", { values: "ioe", long: ["input", "output", "error"], operands: 0 }],
  ["chpst", { values: "ueU/nlLmdofcrt", long: [], operands: 0 }],
  ["sudo", { values: "ugpCThrRD", long: ["user", "group"], operands: 0 }],
  ["doas", { values: "uC", long: [], operands: 0 }],
  ["su-exec", { values: "", long: [], operands: 1 }],
  ["gosu", { values: "", long: [], operands: 1 }],
  ["exec", { values: "a", long: [], operands: 0 }],
  ["command", { values: "", long: [], operands: 0 }],
  ["builtin", { values: "", long: [], operands: 0 }],
  ["xargs", { values: "adEILnPs", long: XARGS_LONG, operands: 0 }],
  ["runuser", { values: "ugGw", long: ["user", "group", "supp-group", "whitelist-environment"], operands: 0 }],
  ["setpriv", { values: "", long: SETPRIV_LONG, operands: 0 }],
  ["s6-setuidgid", { values: "", long: [], operands: 1 }],
  ["flock", { values: "wE", long: ["timeout", "wait", "conflict-exit-code"], operands: 1 }],
  ["chronic", { values: "", long: [], operands: 0 }],
  ["unbuffer", { values: "", long: [], operands: 0 }],
  ["busybox", { values: "", long: [], operands: 0 }],
  ["toybox", { values: "", long: [], operands: 0 }],
]);
/** Languages whose code may stand on a command line. */
export const INTERPRETERS = /^(?:python[\d.]*|node|nodejs|perl|ruby|php|deno|bun|lua)$/;
/** The option before that code. */
export const CODE_FLAG = /^-\w*[cer]$|^--eval$|^eval$/;
const ENTRYPOINT = /^(?:[\w.-]+[-_.])?entrypoint(?:\.sh)?$/;

/** Where the program that does the work stands in a command line, behind its launchers and wrappers. */
export interface Unwrapped {
  /** Index of the program; the number of words where there is none. */
  program: number;
  /** Indexes of wrapper words on the way. */
  wrappers: number[];
  /** Names of the launchers on the way (`timeout`, `exec`, `xargs`). */
  launchers: string[];
}

/**
 * Skips `env A=b`, `tini -g --`, `timeout 5`, `exec`, entrypoint scripts and wrappers.
 * `wrappers` names what counts as a wrapper; kubexit belongs there only where it is tied to Istio.
 */
export function unwrap(argv: readonly string[], wrappers: ReadonlySet<string> = WRAPPER_PROGRAMS): Unwrapped {
  const found: Unwrapped = { program: 0, wrappers: [], launchers: [] };
  let at = 0;
  while (at < argv.length) {
    const name = programName(argv[at] ?? "");
    const launcher = launcherOf(name, argv);
    const behindWait = afterOtherWait(argv, at);
    if (wrappers.has(name)) found.wrappers.push(at++);
    else if (launcher) {
      const next = afterLauncher(argv, at, launcher, name);
      // `command -v curl` asks for a program and starts none.
      if (next === undefined) break;
      found.launchers.push(name);
      at = next;
    } else if (behindWait !== undefined) {
      at = behindWait;
    } else if (ENTRYPOINT.test(name) && at + 1 < argv.length && isShellName(argv[at + 1] ?? "")) at++;
    else break;
    if (wrappers.has(name) && argv[at] === "--") at++;
  }
  found.program = at;
  return found;
}

function launcherOf(name: string, argv: readonly string[]): Launcher | undefined {
  // `runuser app -c '…'` hands a script to a shell, `runuser -u app -- main` starts a program.
  return name === "runuser" && !argv.includes("-u") ? undefined : LAUNCHERS.get(name);
}

/** Index of the program that starts after a wait for something that is not the proxy (`wait-for-it db:5432 -- main`). */
function afterOtherWait(argv: readonly string[], at: number): number | undefined {
  const wait = readWaitCommand(argv.slice(at));
  return wait?.program === undefined || wait.proxy.length > 0 ? undefined : at + wait.program;
}

function afterLauncher(argv: readonly string[], from: number, launcher: Launcher, name: string): number | undefined {
  let operands = launcher.operands;
  for (let at = from + 1; at < argv.length; at++) {
    const word = argv[at] ?? "";
    if (word === "--") {
      if (operands === 0) return at + 1;
    } else if (word.startsWith("--")) {
      if (!word.includes("=") && launcher.long.includes(word.slice(2))) at++;
    } else if (word.length > 1 && word.startsWith("-")) {
      if (name === "command" && /[vV]/.test(word)) return undefined;
      if (launcher.values.includes(word[word.length - 1] ?? "") && word.length === 2) at++;
    } else if (name === "env" && /^\w+=/.test(word)) {
    } else if (operands > 0) operands--;
    else return at;
  }
  return argv.length;
}

function isShellName(word: string): boolean {
  return SHELLS.has(programName(word));
}

/** A shell found in a command line. */
export interface ShellRun {
  shell: string;
  /** `-e` or `-o errexit` among the shell's own options. */
  errexit: boolean;
  /** Index in argv of the script given with `-c`. */
  script?: number;
  /** Index in argv of the script file the shell reads. */
  file?: number;
  /** Indexes of wrapper words before the shell. */
  wrappers: number[];
}

/** The shell that a command line (program first) starts, undefined where the program is none. */
export function findShell(argv: readonly string[], wrappers?: ReadonlySet<string>): ShellRun | undefined {
  const unwrapped = unwrap(argv, wrappers);
  const program = argv[unwrapped.program] ?? "";
  const run: ShellRun = {
    shell: programName(program),
    errexit: false,
    wrappers: unwrapped.wrappers,
  };
  if (LOGINS.has(run.shell)) return loginShell(argv, unwrapped.program, run);
  if (!isShellName(program)) return undefined;
  let inline = false;
  for (let at = unwrapped.program + 1; at < argv.length; at++) {
    const word = argv[at] ?? "";
    if (word === "--" || word === "-") at++;
    else if (word.startsWith("--")) {
      if (word === "--rcfile" || word === "--init-file") at++;
      continue;
    } else if (/^[-+]./.test(word)) {
      inline ||= word.startsWith("-") && word.includes("c");
      const on = word.startsWith("-");
      if (word.includes("e")) run.errexit = on;
      if (/[oO]$/.test(word) && argv[++at] === "errexit") run.errexit = on;
      continue;
    }
    if (at >= argv.length) break;
    return { ...run, [inline ? "script" : "file"]: at };
  }
  return run;
}

/** Programs that start a user's login shell. */
const LOGINS = new Set(["su", "runuser"]);

/** `su app -c 'main'`, `su - app --command='main'` is read only where the script is a word of its own. */
function loginShell(argv: readonly string[], from: number, run: ShellRun): ShellRun | undefined {
  const flag = argv.findIndex((word, at) => at > from && (/^-[a-z]*c$/.test(word) || word === "--command"));
  return flag < 0 || flag + 1 >= argv.length ? undefined : { ...run, shell: "sh", script: flag + 1 };
}

/** Where in a container the text of a script stands. */
export interface ScriptPlace {
  list: "command" | "args";
  index: number;
}

/** What a container's `command` and `args` run. */
export type ContainerRun =
  | { kind: "script"; shell: string; errexit: boolean; place: ScriptPlace; wrappers: ScriptPlace[] }
  /** A shell without `-c`: it reads a file or its input (Argo's `script.source`). */
  | { kind: "shell"; shell: string; errexit: boolean; wrappers: ScriptPlace[] }
  /** An interpreter with its code on the command line (`python -c`, `node -e`): for `findTextCalls`, never edited. */
  | { kind: "code"; language: string; place: ScriptPlace; wrappers: ScriptPlace[] }
  /** No shell: the words are one command line, `argv[program]` the program behind launchers. */
  | { kind: "program"; argv: string[]; program: number; wrappers: ScriptPlace[] };

/**
 * Tells whether a shell runs a string of `command` or `args`, and which. Without `command` the image's entrypoint is
 * unknown; `args` that start with a shell and `-c` are then taken as the command line, as entrypoints hand them on.
 */
export function readContainerCommand(
  command: readonly string[],
  args: readonly string[],
  wrappers?: ReadonlySet<string>,
): ContainerRun {
  const argv = [...command, ...args];
  const place = (at: number): ScriptPlace =>
    at < command.length ? { list: "command", index: at } : { list: "args", index: at - command.length };
  const shell = findShell(argv, wrappers);
  if (shell) {
    const common = { shell: shell.shell, errexit: shell.errexit, wrappers: shell.wrappers.map(place) };
    if (shell.script !== undefined) return { kind: "script", ...common, place: place(shell.script) };
    return { kind: "shell", ...common };
  }
  const unwrapped = unwrap(argv, wrappers);
  const language = programName(argv[unwrapped.program] ?? "");
  const flag = argv.findIndex((word, at) => at > unwrapped.program && CODE_FLAG.test(word));
  if (INTERPRETERS.test(language) && flag >= 0 && flag + 1 < argv.length) {
    return { kind: "code", language, place: place(flag + 1), wrappers: unwrapped.wrappers.map(place) };
  }
  return { kind: "program", argv, program: unwrapped.program, wrappers: unwrapped.wrappers.map(place) };
}

/** Replaces the kubelet's `$(NAME)` by known values; `$$(NAME)` stays text. */
export function expandKubeletVariables(word: string, env: ReadonlyMap<string, string>): string {
  return word.replace(/\$(\$|\(([\w.-]+)\))/g, (all, inner: string, name: string | undefined) => {
    if (inner === "$") return "$";
    return (name === undefined ? undefined : env.get(name)) ?? all;
  });
}

/**
 * A command line that no shell reads (`["curl", "-X", "POST", "http://localhost:15020/quitquitquit"]`) as a proxy call,
 * launchers skipped; undefined where it is none.
 */
export function classifyArgv(
  argv: readonly string[],
  env: ReadonlyMap<string, string> = new Map(),
): Classified | undefined {
  const words = argv.map((word) => expandKubeletVariables(word, env));
  return classifyCommand(words.slice(unwrap(words).program));
}
