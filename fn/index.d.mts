/*
 * The library's types, as published. tests/integrations/published-types.ts holds them against src/index.ts.
 */

/** What the KRM function did. */
export interface FunctionOutcome {
  /** The ResourceList to write to stdout. */
  text: string;
  /** Lines for people, without line breaks. */
  messages: string[];
  /** A result has severity error. */
  failed: boolean;
}

/** A finding; plain data. */
export interface ReportedFinding {
  rule: string;
  severity: "error" | "warning" | "info";
  /** Which fix there is: one that `fix` makes, one that `fix --unsafe` makes, or none. */
  fix: "safe" | "review" | "none";
  message: string;
  resource: { apiVersion: string; kind: string; namespace: string | null; name: string };
  /** `spec.template.spec.containers[0].args[0]`; keys with dots stand in brackets. */
  path: string;
  file: string;
  /** Number of the document in the text, from 0. */
  document: number;
  /** From 1. */
  line: number;
  /** From 1, in UTF-16 units. */
  column: number;
  /** Of several targets (`spec.targets`), those at which it holds, from 0; absent where there is only one. */
  at?: number[];
}

/** Bad input: a text that cannot be read, at a place. */
export declare class SourceError extends Error {
  /** `file:line:column: what is wrong`. */
  describe(): string;
}

/** Bad usage: something is not there that must be. */
export declare class UsageError extends Error {}

/** A target that is not known, or settings that do not go together. */
export declare class TargetError extends Error {}

/**
 * The KRM function on a ResourceList's text.
 * @param config a functionConfig's text in place of the list's own.
 * @throws {SourceError | UsageError | TargetError} with one line that says what is wrong and where.
 */
export declare function transform(resourceList: string, config?: string): FunctionOutcome;

/** Findings in manifests (a YAML stream, JSON or a ResourceList) for the target of a functionConfig. @throws as `transform`. */
export declare function check(manifests: string, config: string): ReportedFinding[];

/** Manifests with their Pod templates as the target's injector makes them. @throws as `transform`. */
export declare function render(manifests: string, config: string): string;

/** What the function needs of the Configs of kpt-functions; that package is no dependency of this one. */
export interface KptConfigs {
  getAll(): readonly object[];
  getFunctionConfig(): object | undefined;
  deleteAll(): void;
  insert(...objects: never[]): void;
  addResults(...results: never[]): void;
}

/** The transformer for programs built on kpt-functions: a KptFunc. */
export declare const nativeSidecar: ((configs: KptConfigs) => Promise<void>) & { usage: string };
