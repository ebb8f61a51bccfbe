import { isLeaver, isTest, nameOf } from "./commands.ts";
import { type CompoundList, type Statement, type SyntaxNode, type While, walk } from "./parse.ts";
import { namesRead } from "./variables.ts";

/** A command that may run first in a statement reads `$?` (or the statuses of a pipeline), or leaves with it. */
export function readsStatusFirst(statement: Statement): boolean {
  return firstReadsStatus(statement.command);
}

/** The same for a node that is no statement. */
export function firstReadsStatus(node: SyntaxNode): boolean {
  return firstCommands(node).some((first) => {
    if (isLeaver(first) && first.type === "Command" && first.args.length === 0) return true;
    const names = namesRead(first);
    return names.has("?") || names.has("PIPESTATUS");
  });
}

/** What may run first in a node: heads of loops and cases set no status, so what is in them comes first too. */
export function firstCommands(node: SyntaxNode): SyntaxNode[] {
  const first = (list: CompoundList): SyntaxNode[] => (list.commands[0] ? firstCommands(list.commands[0].command) : []);
  switch (node.type) {
    case "AndOr":
    case "Pipeline":
      return node.commands[0] ? firstCommands(node.commands[0]) : [];
    case "If":
    case "While":
      return first(node.clause);
    case "BraceGroup":
    case "Subshell":
      return first(node.body);
    case "Redirected":
      return firstCommands(node.command);
    case "Case":
      return [node.word, ...node.items.flatMap((item) => first(item.body))];
    case "For":
    case "Select":
      return [...(node.wordlist ?? []), ...first(node.body)];
    case "ArithmeticFor":
      return first(node.body);
    case "Function":
      return [];
    default:
      return [node];
  }
}

/** Leaves a loop or the script somewhere in it. */
export function holdsJump(root: SyntaxNode, jump = /^(?:break|continue|exit|return)$/): boolean {
  let found = false;
  walk(root, (node) => {
    found ||= jump.test(nameOf(node) ?? "");
    return !found;
  });
  return found;
}

/** `rc=$?` */
export function isStatusKept(statement: Statement): boolean {
  const { command } = statement;
  return command.type === "Command" && !command.name && command.redirects.length === 0 && command.prefix.length > 0;
}

export function assignedIn(root: SyntaxNode): Set<string> {
  const names = new Set<string>();
  walk(root, (node) => {
    if (node.type === "Assignment") names.add(node.name);
    else if (node.type === "For") names.add(node.name.value);
    else if (node.type === "ArithmeticUnary" && /\+\+|--/.test(node.operator) && node.operand.type === "ArithmeticWord")
      names.add(node.operand.value);
    else if (
      node.type === "ArithmeticBinary" &&
      /(?:^|[^=!<>])=$/.test(node.operator) &&
      node.left.type === "ArithmeticWord"
    )
      names.add(node.left.value);
    else if (node.type === "Command" && nameOf(node) === "let") {
      for (const arg of node.args) for (const name of arg.text.match(/[A-Za-z_]\w*/g) ?? []) names.add(name);
    } else if (node.type === "Command" && nameOf(node) === "read") {
      for (const arg of node.args) if (/^\w+$/.test(arg.text)) names.add(arg.text);
    }
    return true;
  });
  return names;
}

/** Lists in a compound whose own head does not read what is asked for. */
export function bodiesOf(node: SyntaxNode): CompoundList[] | undefined {
  if (node.type === "BraceGroup" || node.type === "Subshell") return [node.body];
  if (node.type === "If")
    return [
      node.clause,
      node.then,
      ...node.elif.flatMap((elif) => [elif.clause, elif.then]),
      ...(node.else ? [node.else] : []),
    ];
  if (node.type === "Function") return bodiesOf(node.body);
  return undefined;
}

/** A loop that ends when its condition, with `negated` calls, is met. */
export function endsOnSuccess(node: While, negated: boolean): boolean {
  return (node.kind === "until") === !negated;
}

/**
 * True where a loop part leaves the script because a call succeeded, or without any test of a counter:
 * that is a decision, no giving up.
 */
export function leavesOnSuccess(
  node: SyntaxNode,
  isCall: (node: SyntaxNode) => boolean,
  answers: ReadonlyMap<SyntaxNode, { captured: string | undefined }>,
): boolean {
  const captured = new Set([...answers.values()].map((answer) => answer.captured));
  const leaves = (inner: SyntaxNode): boolean => {
    let found = false;
    walk(inner, (one) => {
      found ||= isLeaver(one);
      return !found;
    });
    return found;
  };
  const reads = (inner: SyntaxNode): boolean =>
    [...namesRead(inner)].some((name) => captured.has(name) || name === "?");
  const check = (inner: SyntaxNode): boolean => {
    if (!leaves(inner)) return false;
    if (inner.type === "AndOr") {
      const [head, ...rest] = inner.commands;
      if (!head) return true;
      const leaving = rest.filter(leaves);
      if (isCall(head))
        return inner.operators.some((operator, i) => operator === "&&" && leaves(inner.commands[i + 1] ?? head));
      return !isTest(head) || reads(head) || leaving.some(isCall);
    }
    if (inner.type === "If") {
      const clause = inner.clause.commands;
      const called = clause.some((s) => isCall(s.command));
      if (called) {
        const negated =
          clause.length === 1 &&
          clause[0]?.command.type === "Pipeline" &&
          clause[0].command.prefixes.some((p) => p.type === "Negation");
        const success = negated ? (inner.else ? [inner.else] : []) : [inner.then];
        return success.some((list) => list.commands.some((s) => leaves(s.command)));
      }
      return !clause.every((s) => isTest(s.command) && !reads(s.command));
    }
    if (inner.type === "BraceGroup" || inner.type === "Subshell")
      return inner.body.commands.some((s) => check(s.command));
    if (inner.type === "While") return [...inner.clause.commands, ...inner.body.commands].some((s) => check(s.command));
    return true;
  };
  return check(node);
}
