/** A template that does not parse or does not run. The message starts like Go's: `template: NAME:LINE:COLUMN: …`. */
export class TemplateError extends Error {
  /** Name that the template was parsed under. */
  readonly template: string;
  /** From 1. */
  readonly line: number;
  /** Bytes before it in the line; undefined where Go names none. */
  readonly column: number | undefined;
  constructor(message: string, template: string, line: number, column?: number) {
    super(message);
    this.name = "TemplateError";
    this.template = template;
    this.line = line;
    this.column = column;
  }
}

/** An error that a function of a template gives; the template adds where. */
export class FunctionError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "FunctionError";
  }
}

/** Line of an offset, from 1. */
export function lineAt(text: string, at: number): number {
  let line = 1;
  for (let next = text.indexOf("\n"); next >= 0 && next < at; next = text.indexOf("\n", next + 1)) line++;
  return line;
}
