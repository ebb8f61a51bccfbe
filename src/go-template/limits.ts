/** Bounds on what a template may do; templates are input like any other. */
export interface Limits {
  /** Nodes executed, items visited, characters (in sixteens) produced. */
  steps: number;
  /** Templates invoked from templates, and values in values. */
  depth: number;
  /** Characters of output, and of any string that a function makes. */
  output: number;
}

export const DEFAULT_LIMITS: Limits = { steps: 5_000_000, depth: 500, output: 16 * 1024 * 1024 };

export class LimitError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "LimitError";
  }
}

/** What is left of the limits of one run. */
export class Budget {
  steps: number;
  readonly limits: Limits;
  constructor(limits: Limits) {
    this.limits = limits;
    this.steps = limits.steps;
  }

  /** @throws LimitError when the steps are used up */
  spend(steps: number): void {
    this.steps -= steps;
    if (this.steps < 0) throw new LimitError(`the template runs for more than ${this.limits.steps} steps`);
  }

  /** @throws LimitError for a text that is longer than an output may be */
  text(length: number): void {
    if (length > this.limits.output) throw new LimitError(`the text is longer than ${this.limits.output} characters`);
    this.spend(length >> 4);
  }

  /** @throws LimitError for a value in a value in a value … */
  nesting(depth: number): void {
    if (depth > this.limits.depth) throw new LimitError(`values are nested deeper than ${this.limits.depth}`);
  }
}
