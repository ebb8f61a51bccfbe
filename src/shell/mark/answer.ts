import type { SyntaxNode } from "../parse.ts";
import { type Marking, NOTHING, type Result } from "./marking.ts";

export function markAnswer(marking: Marking, node: SyntaxNode): Result {
  const answer = marking.found.answers.get(node);
  const calls = new Set(answer?.calls.filter((call) => marking.active.has(call)));
  if (!answer || calls.size === 0) return NOTHING;
  if (calls.size < answer.calls.length) {
    marking.lower(calls, "none", "another command works with its answer");
    return NOTHING;
  }
  if (answer.use === "print") marking.lower(calls, "review", "its answer is printed");
  return { ...NOTHING, gone: true, calls, tested: answer.use === "test" };
}
