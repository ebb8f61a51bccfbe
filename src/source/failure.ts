import { bounded } from "./bounded.ts";
import { positionAt } from "./position.ts";

/** Bad input at a known place. Line and column are derived only when it is shown. */
export class SourceError extends Error {
  readonly file: string;
  readonly text: string;
  /** UTF-16 offset into `text`. */
  readonly offset: number;

  constructor(file: string, text: string, offset: number, message: string) {
    super(bounded(message));
    this.name = "SourceError";
    this.file = file;
    this.text = text;
    this.offset = offset;
  }

  /** `FILE:LINE:COLUMN: message` */
  describe(): string {
    const { line, column } = positionAt(this.text, this.offset);
    return `${this.file}:${line}:${column}: ${this.message}`;
  }
}

/** Bad usage or bad input that has no place in a text: an unreadable path, an unknown version. */
export class UsageError extends Error {
  constructor(message: string) {
    super(bounded(message));
    this.name = "UsageError";
  }
}
