import type { Discovery } from "./discovery.ts";
import type { Marks } from "./mark/marking.ts";
import type { Unit } from "./nested.ts";
import { type Command, type CompoundList, forEachRedirect, type Statement, type SyntaxNode } from "./parse.ts";

/** What to leave out of an outline; without it everything is in. */
export interface Leaving {
  found: Discovery;
  marks: Marks;
}

/**
 * A script's tree as tokens, so that two scripts can be compared: the one an edit was meant to give, and the one it gave.
 * Layout and comments have no part in it; a list of one command and a lone `:` count as what they hold.
 */
export function outline(unit: Unit, nested: ReadonlyMap<SyntaxNode, Unit>, leaving?: Leaving): string[] {
  const out: string[] = [];
  const gone = (node: SyntaxNode): boolean => leaving?.marks.gone.has(node) ?? false;

  const statements = (list: readonly Statement[], at: Unit): void => {
    for (const statement of list) {
      if (gone(statement)) continue;
      visit(statement.command, at);
      out.push(statement.background ? "&" : ";");
    }
  };
  const body = (list: CompoundList, at: Unit): void => {
    out.push("{");
    if (leaving?.marks.filled.has(list)) out.push(":", ";");
    else statements(list.commands, at);
    out.push("}");
  };
  const command = (node: Command, at: Unit): void => {
    const inner = nested.get(node);
    if (!inner) {
      out.push(textOf(node, at, leaving));
      return;
    }
    const { start, end } = rangeOf(inner);
    const words = `${cut(at.text, node.pos, start, node, leaving)}\u0000${at.text.slice(end, node.end)}`;
    out.push(words.replace(/["'\\]/g, ""), "<");
    statements(inner.script.commands, inner);
    out.push(">");
  };
  const visit = (node: SyntaxNode, at: Unit): void => {
    switch (node.type) {
      case "Command":
        return command(node, at);
      case "AndOr":
        node.commands.forEach((member, i) => {
          if (gone(member)) return;
          if (i > 0 && node.commands.slice(0, i).some((before) => !gone(before))) out.push(node.operators[i - 1] ?? "");
          visit(member, at);
        });
        return;
      case "Pipeline":
        for (const prefix of node.prefixes) out.push(prefix.type);
        node.commands.forEach((member, i) => {
          if (i > 0) out.push(node.operators[i - 1] ?? "");
          visit(member, at);
        });
        return;
      case "If":
        out.push("if");
        body(node.clause, at);
        body(node.then, at);
        for (const elif of node.elif) {
          if (gone(elif)) continue;
          out.push("elif");
          body(elif.clause, at);
          body(elif.then, at);
        }
        if (node.else && !gone(node.else)) {
          out.push("else");
          body(node.else, at);
        }
        return;
      case "While":
        out.push(node.kind);
        body(node.clause, at);
        body(node.body, at);
        return;
      case "For":
      case "Select":
        out.push(node.type, node.name.value, ...(node.wordlist ?? []).map((word) => word.text));
        body(node.body, at);
        return;
      case "ArithmeticFor":
        out.push(at.text.slice(node.pos, node.body.pos).replace(/\s+/g, " "));
        body(node.body, at);
        return;
      case "Subshell":
      case "BraceGroup":
        out.push(node.type);
        body(node.body, at);
        return;
      case "Redirected":
        visit(node.command, at);
        forEachRedirect(node, (redirect) => out.push(at.text.slice(redirect.pos, redirect.end)));
        return;
      case "Function":
        out.push("function", node.name.value);
        if (node.body.type === "CompoundList") body(node.body, at);
        else visit(node.body, at);
        return;
      case "Case":
        out.push("case", node.word.text);
        for (const item of node.items) {
          out.push(...item.pattern.map((word) => word.text));
          body(item.body, at);
          out.push(item.terminator ?? ";;");
        }
        return;
      default:
        out.push(at.text.slice(node.pos, node.end));
    }
  };
  statements(unit.script.commands, unit);
  return out;
}

function rangeOf(unit: Unit): { start: number; end: number } {
  const { starts = [], ends = [] } = unit.parent ?? {};
  return { start: starts[0] ?? 0, end: ends.at(-1) ?? 0 };
}

/** Text of a command, here-documents with their bodies, wrapper words left out. */
function textOf(node: Command, at: Unit, leaving: Leaving | undefined): string {
  let text = cut(at.text, node.pos, node.end, node, leaving);
  forEachRedirect(node, (redirect) => {
    if (redirect.type === "HereDoc") text += `\n${redirect.body.text}`;
  });
  return text;
}

/** A piece of a command without the wrapper words that go. */
function cut(text: string, start: number, end: number, node: Command, leaving: Leaving | undefined): string {
  const pieces: string[] = [];
  let at = start;
  for (const wrapper of (leaving?.marks.unwrapped.has(node) && leaving.found.wrappers.get(node)) || []) {
    pieces.push(text.slice(at, wrapper.start));
    at = wrapper.end;
  }
  return pieces.join("") + text.slice(at, end);
}
