import { nameOf } from "../commands.ts";
import { type SyntaxNode, walk } from "../parse.ts";
import type { Marking } from "./marking.ts";

const JOB_COMMANDS = new Set(["disown", "fg", "bg", "jobs"]);
const JOB_TAKERS = new Set(["wait", "kill"]);

const known = new WeakMap<Marking["found"], boolean>();

/** The script addresses its background jobs otherwise than by `$!`: by their numbers, the last one, or the next to end. */
export function addressesJobs({ found }: Marking): boolean {
  const before = known.get(found);
  if (before !== undefined) return before;
  let addresses = false;
  for (const { script } of found.units) {
    walk(script, (node) => {
      addresses ||= addressesJob(node);
      return !addresses;
    });
  }
  known.set(found, addresses);
  return addresses;
}

function addressesJob(node: SyntaxNode): boolean {
  if (node.type !== "Command" || nameOf(node) === undefined) return false;
  const words = [nameOf(node) ?? "", ...node.args.map((arg) => (arg.type === "Word" ? arg.value : arg.text))];
  const [name = "", ...args] = /^(?:command|builtin)$/.test(words[0] ?? "") ? words.slice(1) : words;
  if (JOB_COMMANDS.has(name)) return true;
  return (
    JOB_TAKERS.has(name) && args.some((word) => word.startsWith("%") || (name === "wait" && /^-\w*[np]/.test(word)))
  );
}
