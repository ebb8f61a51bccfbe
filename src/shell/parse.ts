import {
  type Command,
  forEachChild,
  parse,
  type Redirected,
  type Redirection,
  type Script,
  type SyntaxNode,
} from "unbash";

export type {
  AndOr,
  Assignment,
  Case,
  Command,
  CompoundList,
  For,
  Function as FunctionNode,
  If,
  Pipeline,
  Redirected,
  Redirection,
  Script,
  Statement,
  SyntaxNode,
  TestCommand,
  While,
  Word,
  WordPart,
} from "unbash";

export interface ParsedShell {
  script: Script;
  /** First fault, also of a command substitution; undefined where the text parses. */
  error: string | undefined;
}

/**
 * Shell text as a tree with UTF-16 offsets. Reads bash, so POSIX sh, dash and ash too.
 * The one place that knows the parser: unbash 6, tolerant, so the tree is there even beside an error.
 */
export function parseShell(text: string): ParsedShell {
  const script = parse(text);
  let error = script.errors?.[0]?.message;
  walk(script, (node) => {
    if (node.type === "Script" && "errors" in node) error ??= node.errors?.[0]?.message;
    // The parser takes a here-document without its end; shells only warn, but what follows is then text.
    if (node.type === "HereDoc" && !node.closing) error ??= "here-document without its end";
    if (node.type === "Pipeline" && node.commands.length === 0) error ??= "`!` without a command";
    return true;
  });
  error ??= strayToken(script, text);
  return { script, error };
}

/**
 * Faults between the words that the parser is too kind to: a `;` that ends nothing, a bracket without its other half
 * (both found by comparing with `bash -n` on mutated scripts).
 */
function strayToken(script: Script, text: string): string | undefined {
  let patterns = 0;
  const masks: { pos: number; end: number }[] = [];
  walk(script, (node) => {
    if (node.type === "ArithmeticFor") masks.push({ pos: node.pos, end: node.body.pos });
    if (node.type === "CaseItem" && text[node.pos] !== "(") patterns++;
    if (node.type === "HereDoc") masks.push({ pos: node.body.pos, end: node.closing?.end ?? node.body.end });
    if (!LEAVES.has(node.type)) return true;
    masks.push(node);
    return false;
  });
  const between = outsideOf(text, masks)
    .replace(/\\\n/g, " ")
    .replace(/;;&|;&|;;/g, "C");
  const spaced = between.replace(/\s+/g, (gap) => (gap.includes("\n") ? "\n" : " "));
  if (/(?:^|[\n;&|({C])\s?;/.test(spaced)) return "unexpected token ';'";
  const opened = between.split("(").length;
  return between.split(")").length - patterns === opened ? undefined : "a bracket without its other half";
}

const LEAVES: ReadonlySet<string> = new Set([
  ...["Word", "Assignment", "Redirect", "HereString", "HereDoc", "TestCommand", "ArithmeticCommand"],
]);

/** Text with `w` for each masked range, comments left out. */
function outsideOf(text: string, masks: { pos: number; end: number }[]): string {
  const pieces: string[] = [];
  let at = 0;
  for (const { pos, end } of masks.sort((a, b) => a.pos - b.pos || b.end - a.end)) {
    if (end <= at) continue;
    pieces.push(text.slice(at, Math.max(pos, at)).replace(/(^|[\s;&|()])#.*/g, "$1"), "w");
    at = end;
  }
  pieces.push(text.slice(at).replace(/(^|[\s;&|()])#.*/g, "$1"));
  return pieces.join("");
}

/** The direct children of a node, command substitutions included. */
export function childrenOf(node: SyntaxNode): SyntaxNode[] {
  const children: SyntaxNode[] = [];
  forEachChild(node, (child) => {
    children.push(child);
  });
  return children;
}

/** The redirections of a command, from its front and its end. */
export function forEachRedirect(node: Command | Redirected, callback: (redirect: Redirection) => void): void {
  for (const redirect of node.redirects) callback(redirect);
}

/** Visits a node and, while `enter` says so, what is in it. Iterative: deep input must not exhaust the stack. */
export function walk(root: SyntaxNode, enter: (node: SyntaxNode) => boolean): void {
  const stack: SyntaxNode[] = [root];
  for (let node = stack.pop(); node; node = stack.pop()) {
    if (enter(node)) stack.push(...childrenOf(node).reverse());
  }
}
