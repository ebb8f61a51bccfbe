import { BUILTINS } from "./builtins.ts";
import { compileList, copyOf, execute, type Program } from "./execute.ts";
import type { FunctionMap } from "./functions.ts";
import { wellFormed } from "./go-string.ts";
import type { Delimiters } from "./lexer.ts";
import { Budget, DEFAULT_LIMITS, type Limits } from "./limits.ts";
import { parseTrees } from "./parser.ts";
import type { Value } from "./values.ts";

export interface TemplateOptions {
  /** `{{` and `}}` unless given. */
  delimiters?: Delimiters;
  limits?: Partial<Limits>;
  /**
   * Top fields of the data that hold the same in all runs of one `constants`, as do the functions: what is worked out of
   * them alone is worked out once.
   */
  constantFields?: readonly string[];
}

/** A parsed template; it holds no state between runs. */
export interface GoTemplate {
  readonly name: string;
  /** Names of the templates that the text defines, its own among them. */
  readonly templates: readonly string[];
  /**
   * Runs the template. The data is not changed, whatever the template does with it.
   * @param template name of the template to run, the text's own if not given
   * @param constants any object that stands for the values of `constantFields`; undefined: nothing is remembered
   * @throws TemplateError like Go's, or where a limit is reached
   */
  execute(data: Value, template?: string, constants?: object): string;
}

/**
 * Parses a Go template (text/template, Go 1.24) for any number of runs.
 * @param name what error messages call it
 * @param functions beside the built-in ones, which they may replace
 * @throws TemplateError with the line of what is no template
 */
export function parseTemplate(
  name: string,
  text: string,
  functions: FunctionMap,
  options: TemplateOptions = {},
): GoTemplate {
  const all: FunctionMap = new Map([...BUILTINS, ...functions]);
  const delimiters = options.delimiters ?? { left: "{{", right: "}}" };
  const trees = parseTrees(name, text, delimiters, (word) => all.has(word));
  const constantFields = new Set(options.constantFields);
  const program: Program = {
    name,
    text,
    functions: all,
    templates: new Map(),
    changesData: false,
    constantFields,
    scope: -1,
  };
  for (const [template, tree] of trees) {
    program.scope = template === name ? 1 : -1;
    program.templates.set(template, compileList(program, tree));
  }
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  return {
    name,
    templates: [...trees.keys()],
    execute(data, template = name, constants = undefined) {
      const budget = new Budget(limits);
      if (!program.changesData) return wellFormed(execute(program, template, data, budget, constants));
      return wellFormed(execute(program, template, copyOf(data, budget), budget, undefined));
    },
  };
}
