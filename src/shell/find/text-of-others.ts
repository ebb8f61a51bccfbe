import { CODE_FLAG, INTERPRETERS, unwrap } from "../command.ts";
import { argWords, nameOf } from "../commands.ts";
import type { Command } from "../parse.ts";
import { type CallKind, programName } from "../requests.ts";
import { findTextCalls } from "../text-calls.ts";
import type { Search, Where } from "./search.ts";

/** `python -c '…'`: code of another language is only reported. */
export function findInterpreted(search: Search, node: Command, argv: string[], where: Where): void {
  const inner = argv.slice(unwrap(argv).program);
  if (!INTERPRETERS.test(programName(inner[0] ?? ""))) return;
  const documents = node.redirects.map((redirect) => (redirect.type === "HereDoc" ? redirect.body.text : ""));
  for (const text of [...inner.slice(1).filter((_, i) => CODE_FLAG.test(inner[i] ?? "")), ...documents]) {
    for (const call of findTextCalls(text)) {
      if (search.options.kinds.has(call.kind))
        search.add(call.kind, where, node, "none", "code of another language is not edited");
    }
  }
}

/** `alias quit='curl …'`: its text becomes commands wherever the word stands. */
export function findAliases(search: Search, node: Command, where: Where): void {
  for (const word of node.args) {
    const text =
      word.type === "Word"
        ? word.value.split(/=(.*)/s)[1]
        : word.type === "Assignment" && word.value?.type === "Word"
          ? word.value.value
          : undefined;
    for (const kind of kindsInText(search, text ?? ""))
      search.add(kind, where, word, "none", "the command is text of an alias");
  }
}

/** Here-documents that become a script: written into a file or read by a shell. Printed ones are text. */
export function findHereDocuments(search: Search, node: Command, shell: boolean, where: Where): void {
  const writes = node.redirects.some(
    (redirect) =>
      redirect.type === "Redirect" && /^>/.test(redirect.operator) && isScriptFile(redirect.target?.value ?? ""),
  );
  const copies = nameOf(node) === "tee" && argWords(node).some((word) => isScriptFile(word.value));
  if (!shell && !writes && !copies) return;
  for (const redirect of node.redirects) {
    if (redirect.type !== "HereDoc") continue;
    const calls = kindsInText(search, redirect.body.text);
    const kinds = calls.length > 0 ? calls : [];
    for (const kind of kinds) search.add(kind, where, node, "none", "the command is text of a here-document");
  }
}

/** Kinds of the calls in a text that a shell would run. */
export function kindsInText(search: Search, text: string): Exclude<CallKind, "wrapper">[] {
  if (!/\s/.test(text.trim())) return [];
  const inner = search.discover(text, false, {
    ...search.options,
    kinds: new Set([...search.options.kinds].filter((kind) => kind !== "wrapper")),
  });
  return inner.found.flatMap((found) => (found.kind === "wrapper" ? [] : [found.kind]));
}

function isScriptFile(path: string): boolean {
  return path !== "" && !/^\/dev\/|\.(?:md|txt|html?|rst|log)$/.test(path) && !/^\d+$/.test(path);
}
