import { fn, type TemplateFunction } from "../functions.ts";
import { decodeJson, deepEqual, encodeJson, type JsonStyle } from "../go-json.ts";
import type { Budget } from "../limits.ts";
import { FunctionError } from "../template-error.ts";
import { typeOf, type Value } from "../values.ts";
import { isEmpty } from "./convert.ts";

const COMPACT: JsonStyle = { escapeHtml: true };
const PRETTY: JsonStyle = { escapeHtml: true, indent: "  " };
const RAW: JsonStyle = { escapeHtml: false };

/** Defaults, JSON and types (sprig 3.3.0 defaults.go, reflect.go, functions.go). */
export const DEFAULT_FUNCTIONS: [string, TemplateFunction][] = [
  [
    "default",
    fn("any any...", ([otherwise, ...given]) => (given.length === 0 || isEmpty(given[0]) ? otherwise : given[0])),
  ],
  ["empty", fn("any", ([value]) => isEmpty(value))],
  ["coalesce", fn("any...", (values) => values.find((value) => !isEmpty(value)) ?? null)],
  ["all", fn("any...", (values) => !values.some(isEmpty))],
  ["any", fn("any...", (values) => values.some((value) => !isEmpty(value)))],
  ["ternary", fn("any any bool", ([yes, no, condition]) => (condition === true ? yes : no))],
  ["fromJson", fn("string", ([text]) => forgiving(() => decodeJson(text as string).value, null))],
  ["mustFromJson", fn("string", ([text]) => mustDecode(text as string))],
  ["toJson", fn("any", ([value], budget) => forgiving(() => encodeJson(value, COMPACT, budget), ""))],
  ["mustToJson", fn("any", ([value], budget) => encodeJson(value, COMPACT, budget))],
  ["toPrettyJson", fn("any", ([value], budget) => forgiving(() => encodeJson(value, PRETTY, budget), ""))],
  ["mustToPrettyJson", fn("any", ([value], budget) => encodeJson(value, PRETTY, budget))],
  ["toRawJson", fn("any", ([value], budget) => encodeJson(value, RAW, budget))],
  ["mustToRawJson", fn("any", ([value], budget) => encodeJson(value, RAW, budget))],
  ["typeOf", fn("any", ([value]) => typeName(value))],
  ["typeIs", fn("string any", ([name, value]) => name === typeName(value))],
  ["typeIsLike", fn("string any", ([name, value]) => [name, `*${name}`].includes(typeName(value)))],
  ["kindOf", fn("any", ([value]) => kindName(value))],
  ["kindIs", fn("string any", ([name, value]) => name === kindName(value))],
  ["deepEqual", fn("any any", ([a, b], budget: Budget) => deepEqual(a, b, budget))],
  [
    "fail",
    fn("string", ([message]) => {
      throw new FunctionError(message as string);
    }),
  ],
];

function forgiving(run: () => Value, otherwise: Value): Value {
  try {
    return run();
  } catch (error) {
    if (error instanceof FunctionError) return otherwise;
    throw error;
  }
}

function mustDecode(text: string): Value {
  const { value, error } = decodeJson(text);
  if (error !== undefined) throw new FunctionError(error);
  return value;
}

function typeName(value: Value): string {
  return value === null || value === undefined ? "<nil>" : typeOf(value).name;
}

function kindName(value: Value): string {
  return value === null || value === undefined ? "invalid" : typeOf(value).kind;
}
