import { unwrap } from "../command.ts";
import type { Command, Word } from "../parse.ts";
import { UNKNOWN } from "../requests.ts";
import { argumentsOf, isSplit, valuesOf } from "../variables.ts";
import type { Search } from "./search.ts";

/** One field of a command line, and the word it comes from. */
export interface Field {
  text: string;
  word: Word | undefined;
}

/** Most readings of one command line that are looked at. */
const MOST_READINGS = 32;

/** Command lines a command may stand for, expansions resolved and split. */
export function readingsOf(search: Search, node: Command): Field[][] {
  let readings: Field[][] = [[]];
  for (const word of [node.name, ...node.args]) {
    if (!word) continue;
    const choices = argumentFields(search, word, readings[0] ?? []) ?? fieldsOf(search, word);
    const [only = []] = choices;
    if (choices.length === 1) {
      for (const reading of readings) reading.push(...only);
      continue;
    }
    readings = readings.flatMap((reading) => choices.map((choice) => [...reading, ...choice]));
    if (readings.length > MOST_READINGS) readings.length = MOST_READINGS;
  }
  return readings;
}

function fieldsOf(search: Search, word: Command["args"][number]): Field[][] {
  if (word.type !== "Word") return [[{ text: word.text, word: undefined }]];
  const isFields = isSplit(word);
  return valuesOf(word, search.into.variables).map((text) =>
    (isFields ? text.split(/\s+/).filter(Boolean) : [text]).map((field) => ({ text: field, word })),
  );
}

/** `curl "$@"` in a function: the arguments of each use. `"$@"` alone runs them; that is looked at where it is used. */
function argumentFields(
  search: Search,
  word: Command["args"][number],
  before: readonly Field[],
): Field[][] | undefined {
  const uses = word.type === "Word" ? argumentsOf(word, search.into.variables) : undefined;
  // Last, as it looks at all that stands before: a command may have thousands of words.
  if (uses === undefined || unwrap(before.map((field) => field.text)).program === before.length) return undefined;
  return uses.map((words) =>
    words.map((one) => {
      const [text = UNKNOWN, ...others] = valuesOf(one, search.into.variables);
      return { text: others.length > 0 ? UNKNOWN : text, word: undefined };
    }),
  );
}

/** The first reading of a command. */
export function textsOf(search: Search, node: Command): string[] {
  return (readingsOf(search, node)[0] ?? []).map((field) => field.text);
}
