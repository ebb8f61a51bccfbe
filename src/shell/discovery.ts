import type { Unit } from "./nested.ts";
import type { FunctionNode, SyntaxNode } from "./parse.ts";
import type { CallKind } from "./requests.ts";
import type { Variables } from "./variables.ts";

export type Level = "safe" | "review" | "none";

/** A proxy call of a script, before anything is known about what may go. */
export interface Found {
  kind: CallKind;
  /** No higher level than this one, and why. */
  most: Level;
  reason: string | undefined;
  /** Range in the root text. */
  start: number;
  end: number;
  /** Name of the environment variable whose value is the command, when no text of the script holds it. */
  variable: string | undefined;
}

/** A call whose answer another command takes in: `code=$(curl …)`, `[ "$(curl …)" = 200 ]`, `echo "$(curl …)"`. */
export interface Answer {
  calls: number[];
  /** Variable that keeps the answer; undefined for a test or a print. */
  captured: string | undefined;
  use: "capture" | "test" | "print";
}

/** All that is known about a script's calls. Numbers are indexes into `found`. */
export interface Discovery {
  options: DiscoveryOptions;
  root: Unit;
  units: Unit[];
  found: Found[];
  /** Commands and pipelines that are calls as a whole. */
  calls: Map<SyntaxNode, { call: number; tested: boolean }>;
  answers: Map<SyntaxNode, Answer>;
  nested: Map<SyntaxNode, Unit>;
  /** Commands that take the shell's place (`exec curl …`): what follows them never runs. */
  replacing: Set<SyntaxNode>;
  /** Wrapper words and what goes with them. */
  wrappers: Map<SyntaxNode, { call: number; start: number; end: number }[]>;
  functions: Map<string, FunctionNode[]>;
  /** Commands that run a function of the script. */
  uses: Map<SyntaxNode, string>;
  /** Functions that only print. */
  printers: Set<string>;
  /** Functions named elsewhere than in their definition and uses. */
  mentioned: Set<string>;
  variables: Variables;
}

export interface DiscoveryOptions {
  env: ReadonlyMap<string, string>;
  /** The container may set the variable or positional parameter to a value that the manifest does not tell. */
  isUntold?: ((name: string) => boolean) | undefined;
  kinds: ReadonlySet<CallKind>;
  wrappers: ReadonlySet<string>;
  /** Programs that the Pod runs itself although they are named like the proxy's. */
  ownPrograms: ReadonlySet<string>;
  /** Name of the shell that runs the text; undefined for one that reads bash. */
  shell: string | undefined;
  /** The script is a hook: the kubelet waits for its end. */
  isHook: boolean;
}

export function rank(level: Level): number {
  return level === "safe" ? 0 : level === "review" ? 1 : 2;
}
