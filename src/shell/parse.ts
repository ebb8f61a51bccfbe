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
    return true;
  });
  return { script, error };
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
