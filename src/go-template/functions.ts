import type { Budget } from "./limits.ts";
import {
  ANY,
  BOOL,
  FLOAT64,
  INT,
  LIST,
  MAP,
  REFLECT_VALUE,
  type Signature,
  STRING,
  STRING_MAP,
  type Type,
  type Value,
} from "./values.ts";

/** A function that templates may call. Arguments have the types of its parameters when it runs. */
export interface TemplateFunction extends Signature {
  /** @throws FunctionError what Go's function returns as an error or panics with */
  run(args: Value[], budget: Budget): Value;
  /** It changes a map that it is given, which may be the template's data. */
  readonly changesArguments?: boolean;
}
export type FunctionMap = ReadonlyMap<string, TemplateFunction>;

const PARAMETERS = {
  any: ANY,
  value: REFLECT_VALUE,
  string: STRING,
  int: INT,
  bool: BOOL,
  float: FLOAT64,
  map: MAP,
  stringMap: STRING_MAP,
  list: LIST,
} satisfies Record<string, Type>;
export type ParameterName = keyof typeof PARAMETERS;

/**
 * A function by its parameters.
 * @param parameters names of types with spaces between; the last one may end in `...`: `"string any..."`
 */
export function fn(
  parameters: string,
  run: (args: Value[], budget: Budget) => Value,
  options: { changesArguments?: boolean } = {},
): TemplateFunction {
  const variadic = parameters.endsWith("...");
  const names = parameters.replace(/\.\.\.$/, "").split(" ");
  const params = names.filter((name) => name !== "").map((name) => PARAMETERS[name as ParameterName]);
  return { params, variadic, run, ...options };
}
