import { fn, type TemplateFunction } from "../functions.ts";
import { rejoined } from "../go-string.ts";
import type { Budget } from "../limits.ts";
import { canBackquote, quote } from "../quote.ts";
import {
  compileRegexp,
  expand,
  findAll,
  type Match,
  matches,
  type Regexp,
  replaceAll,
  splitBy,
} from "../regexp/match.ts";
import { FunctionError } from "../template-error.ts";
import { GoList, STRING, strings, type Value } from "../values.ts";
import { toNumber } from "./convert.ts";

/** Regular expressions (sprig 3.3.0 regex.go; Go's regexp). */
export const REGEX_FUNCTIONS: [string, TemplateFunction][] = [
  [
    "regexMatch",
    fn("string string", ([pattern, text], budget) => matchesForgiving(pattern as string, text as string, budget)),
  ],
  [
    "mustRegexMatch",
    fn("string string", ([pattern, text], budget) => matches(regexpOf(pattern), text as string, budget)),
  ],
  ...both(
    "FindAll",
    fn("string string int", ([pattern, text, count], budget) =>
      all(regexpOf(pattern), text as string, toNumber(count), budget),
    ),
  ),
  ...both(
    "Find",
    fn("string string", ([pattern, text], budget) => first(regexpOf(pattern), text as string, budget)),
  ),
  ...both(
    "ReplaceAll",
    fn("string string string", ([pattern, text, by], budget) => {
      const regexp = regexpOf(pattern);
      return replaceAll(regexp, text as string, budget, (match) => expand(by as string, text as string, match, regexp));
    }),
  ),
  ...both(
    "ReplaceAllLiteral",
    fn("string string string", ([pattern, text, by], budget) =>
      replaceAll(regexpOf(pattern), text as string, budget, () => by as string),
    ),
  ),
  ...both(
    "Split",
    fn("string string int", ([pattern, text, count], budget) =>
      split(regexpOf(pattern), text as string, toNumber(count), budget),
    ),
  ),
  ["regexQuoteMeta", fn("string", ([text]) => (text as string).replace(/[\\.+*?()|[\]{}^$]/g, "\\$&"))],
];

/** Without must… Go panics on a bad pattern, which names it once more. */
function both(name: string, run: TemplateFunction): [string, TemplateFunction][] {
  const panics = (args: Value[], budget: Budget): Value => {
    try {
      return run.run(args, budget);
    } catch (error) {
      if (!(error instanceof FunctionError)) throw error;
      const pattern = args[0] as string;
      const shown = canBackquote(pattern) ? `\`${pattern}\`` : quote(pattern);
      throw new FunctionError(`regexp: Compile(${shown}): ${error.message}`);
    }
  };
  return [
    [`regex${name}`, { ...run, run: panics }],
    [`mustRegex${name}`, run],
  ];
}

function regexpOf(pattern: Value): Regexp {
  return compileRegexp(rejoined(pattern as string));
}

function matchesForgiving(pattern: string, text: string, budget: Budget): boolean {
  let regexp: Regexp;
  try {
    regexp = regexpOf(pattern);
  } catch (error) {
    if (error instanceof FunctionError) return false;
    throw error;
  }
  return matches(regexp, text, budget);
}

function textOf(text: string, match: Match): string {
  return text.slice(match[0], match[1]);
}

function first(regexp: Regexp, text: string, budget: Budget): string {
  const [match] = findAll(regexp, text, 1, budget);
  return match === undefined ? "" : textOf(text, match);
}

function all(regexp: Regexp, text: string, count: number, budget: Budget): Value {
  const found = findAll(regexp, text, count, budget).map((match) => textOf(text, match));
  return found.length === 0 ? new GoList(STRING, [], true) : strings(found);
}

function split(regexp: Regexp, text: string, count: number, budget: Budget): Value {
  const parts = splitBy(regexp, text, count, budget);
  return parts === undefined ? new GoList(STRING, [], true) : strings(parts);
}
