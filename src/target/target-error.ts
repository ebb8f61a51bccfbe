import { bounded } from "../source/bounded.ts";

/** The target that was asked for cannot be: unknown version, wrong family of profile, a value out of its set. */
export class TargetError extends Error {
  /** Where in the functionConfig's spec: ["target", "module"]. */
  readonly field: string[];
  constructor(message: string, field: string[]) {
    super(bounded(message));
    this.name = "TargetError";
    this.field = field;
  }
}
