import {
  Composer,
  type Document,
  type DocumentOptions,
  Lexer,
  type ParseOptions,
  Parser,
  type SchemaOptions,
} from "yaml";

/** Collections in collections that a document may have: many times what any manifest has. */
export const MAX_NESTING = 200;

/** What nests deeper than a reader can follow. */
export class NestingError extends Error {
  constructor() {
    super("nested too deeply to be read");
    this.name = "NestingError";
  }
}

/**
 * The library's parseDocument, ended as soon as something nests deeper than MAX_NESTING. The library goes down with its
 * input, and where the stack ends while an expression is compiled, V8 ends the process instead of throwing.
 * @throws {NestingError}
 */
export function parseBounded(source: string, options: DocumentOptions & ParseOptions & SchemaOptions): Document {
  return withoutStackTraces(() => {
    const composer = new Composer(options);
    for (const document of composer.compose(boundedTokens(source), true, source.length)) return document as Document;
    throw new NestingError();
  });
}

/**
 * The library makes an error object for each fault and each unknown tag. Nobody reads their stack traces, which would
 * take most of the time, and a gigabyte, where a text has hundreds of thousands of them.
 */
function withoutStackTraces<T>(work: () => T): T {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return work();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

function* boundedTokens(source: string): ReturnType<Parser["parse"]> {
  const parser = new Parser();
  for (const lexeme of new Lexer().lex(source)) {
    yield* parser.next(lexeme);
    // The document itself is on the stack, and a scalar may be.
    if (parser.stack.length > MAX_NESTING + 2) throw new NestingError();
  }
  yield* parser.end();
}
