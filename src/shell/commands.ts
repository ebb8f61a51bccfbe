import type { AndOr, Command, Redirection, SyntaxNode, TestCommand, Word } from "./parse.ts";
import { walk } from "./parse.ts";
import { programName } from "./requests.ts";

const PRINTERS = new Set(["echo", "printf", "logger", "date"]);
const TESTERS = new Set(["[", "test", "true", ":", "false", "which", "type", "hash"]);
const NEUTRAL = new Set(["true", ":"]);
const LEAVERS = new Set(["exit", "return"]);
const PAUSERS = new Set(["sleep", "usleep", "let", "expr", "break", "continue", "unset"]);
const PURE_INSIDE = new Set([
  ...[
    "cat",
    "echo",
    "printf",
    "date",
    "seq",
    "expr",
    "hostname",
    "pgrep",
    "pidof",
    "ps",
    "grep",
    "wc",
    "awk",
    "sed",
    "cut",
  ],
  ...["head", "tail", "tr", "basename", "dirname", "whoami", "id", "uname", "command", "[", "test", "true", ":"],
]);
const PASSERS = new Set(["tee", "cat", "logger", "tr", "sed", "xargs"]);
const FILTERS = new Set([
  ...PASSERS,
  "grep",
  "egrep",
  "fgrep",
  "head",
  "tail",
  "awk",
  "jq",
  "cut",
  "wc",
  "sort",
  "uniq",
  "rev",
]);
const QUIET_TARGET = /^(?:\/dev\/(?:null|stdout|stderr|fd\/[12])|\/proc\/(?:1|self)\/fd\/[12]|[0-9]+|-)$/;

/** Program name of a simple command without its path; undefined without one or where it is an expansion. */
export function nameOf(node: SyntaxNode): string | undefined {
  if (node.type !== "Command" || !node.name) return undefined;
  return node.name.parts?.some(
    (part) => part.type !== "Literal" && part.type !== "SingleQuoted" && part.type !== "Glob",
  )
    ? undefined
    : programName(node.name.value);
}

/** True for a redirection that leaves no file behind. */
export function isQuietRedirect(redirect: Redirection): boolean {
  if (redirect.type !== "Redirect") return true;
  return redirect.operator === "<" || redirect.operator === "<&" || QUIET_TARGET.test(redirect.target?.value ?? "");
}

/** Files that a command's redirections and options (`-o FILE`, `tee FILE`) name to be written, standard streams left out. */
export function writtenFiles(node: SyntaxNode): string[] {
  if (node.type !== "Command" && node.type !== "Redirected") return [];
  const targets = node.redirects.flatMap((redirect) =>
    !isQuietRedirect(redirect) && redirect.type === "Redirect" && redirect.target ? [redirect.target.value] : [],
  );
  const words = node.type === "Command" ? argWords(node).map((word) => word.value) : [];
  const named = words.filter((_, i) => WRITING_OPTION.test(words[i - 1] ?? ""));
  const glued = words.flatMap((word) => /^(?:-[oO]|--output(?:-document)?=)(\/?[\w.].*)$/.exec(word)?.[1] ?? []);
  const tees = nameOf(node) === "tee" ? words.filter((word) => !word.startsWith("-")) : [];
  return [...targets, ...named, ...glued, ...tees].filter((file) => !/^(?:-|\/dev\/\w+|\d+-?)$/.test(file));
}

const WRITING_OPTION = /^(?:-\w*[oOD]|--output|--output-document|--output-file|--append-output|--dump-header)$/;

/** True for a file that a program of another container may see; `L` is how `stdbuf -oL` buffers. */
export function keepsFile(file: string): boolean {
  return (
    file !== "L" &&
    !QUIET_TARGET.test(file) &&
    !/^\/dev\/(?:tcp|udp)\//.test(file) &&
    (!file.startsWith("/tmp/") || file.includes("/.."))
  );
}

/** True where every command substitution in the node only looks. */
export function looksOnly(node: SyntaxNode): boolean {
  let pure = true;
  walk(node, (inner) => {
    if (inner.type === "CommandExpansion" && !inner.script) pure = false;
    if (inner.type === "Command" && inner !== node && inner.name && !PURE_INSIDE.has(nameOf(inner) ?? "")) pure = false;
    if (inner.type === "ProcessSubstitution") pure = false;
    return pure;
  });
  return pure;
}

/** A test without effects: `[ … ]`, `[[ … ]]`, `test`, `true`, `:`, and asking for a program (`command -v`). */
export function isTest(node: SyntaxNode): boolean {
  if (node.type === "Pipeline") return node.commands.length === 1 && node.commands.every(isTest);
  if (node.type === "AndOr") return node.commands.every(isTest);
  if (node.type === "TestCommand") return looksOnly(node);
  if (node.type === "ArithmeticCommand") return !/(?:^|[^=!<>])=(?!=)|\+\+|--/.test(node.body);
  const name = nameOf(node);
  if (node.type !== "Command" || name === undefined) return false;
  const asks = name === "command" && /^-[vV]$/.test(argText(node, 0));
  return (TESTERS.has(name) || asks) && node.redirects.every(isQuietRedirect) && looksOnly(node);
}

/** `true` or `:`. */
export function isNeutral(node: SyntaxNode): boolean {
  return node.type === "Command" && NEUTRAL.has(nameOf(node) ?? "") && looksOnly(node);
}

/** `exit` or `return`. */
export function isLeaver(node: SyntaxNode): boolean {
  return LEAVERS.has(nameOf(node) ?? "");
}

/** Only writes a message: `echo`, `printf`, or a function of the script that does no more (`log`). */
export function isPrint(node: SyntaxNode, printers: ReadonlySet<string>): boolean {
  if (node.type === "BraceGroup" || node.type === "Subshell") {
    return node.body.commands.every((statement) => !statement.background && isHarmless(statement.command, printers));
  }
  const name = nameOf(node);
  if (node.type !== "Command" || name === undefined) return false;
  return (PRINTERS.has(name) || printers.has(name)) && node.redirects.every(isQuietRedirect) && looksOnly(node);
}

/** Prints, tests or does nothing. */
export function isHarmless(node: SyntaxNode, printers: ReadonlySet<string>): boolean {
  if (node.type === "AndOr") return node.commands.every((command) => isHarmless(command, printers));
  if (node.type === "If") {
    const lists = [node.clause, node.then, node.else, ...node.elif.flatMap((elif) => [elif.clause, elif.then])];
    return lists.every((list) => !list || list.commands.every((s) => !s.background && isHarmless(s.command, printers)));
  }
  return isNeutral(node) || isTest(node) || isPrint(node, printers);
}

/** Waits, counts or jumps within a loop: what a retry loop does between two tries. */
export function isPause(node: SyntaxNode): boolean {
  const name = nameOf(node);
  if (node.type === "ArithmeticCommand") return true;
  if (node.type !== "Command") return false;
  if (name === undefined) return !node.name && node.redirects.length === 0 && looksOnly(node);
  return PAUSERS.has(name) && node.redirects.every(isQuietRedirect) && looksOnly(node);
}

export function isFilter(node: SyntaxNode): boolean {
  return node.type === "Command" && FILTERS.has(nameOf(node) ?? "") && looksOnly(node);
}

/** A filter whose exit status does not depend on what it reads. */
export function isPasser(node: SyntaxNode): boolean {
  return node.type === "Command" && PASSERS.has(nameOf(node) ?? "");
}

/** A test that asks for more than variables and numbers: files, other programs. */
export function asksOutside(node: Command | TestCommand | AndOr): boolean {
  let outside = false;
  walk(node, (inner) => {
    if (inner.type === "TestUnary" && !/^-[nzvo]$/.test(inner.operator)) outside = true;
    if (inner.type === "Command" && inner.args.some((word) => /^-(?:[a-hkprstuwxLSNOG]|ef|nt|ot)$/.test(word.text)))
      outside = true;
    return !outside;
  });
  return outside;
}

export function argText(node: Command, index: number): string {
  const arg = node.args[index];
  return arg === undefined ? "" : arg.type === "Word" ? arg.value : arg.text;
}

/** Arguments as words, assignments of `export A=b` left out. */
export function argWords(node: Command): Word[] {
  return node.args.filter((arg): arg is Word => arg.type === "Word");
}
