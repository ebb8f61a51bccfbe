import type { JsonObject } from "../json.ts";
import type { InjectionCause } from "./injection-policy.ts";
import type { NativeDefault } from "./native-default.ts";

export type Sidecar = "native" | "regular" | "none";

export interface SidecarDecision {
  readonly sidecar: Sidecar;
  /** Whether the webhook changes the Pod at all; true with sidecar "none" for a gateway. */
  readonly injected: boolean;
  /** Whether the sidecar, and what stands below it, is found out by running templates when it is first asked for. */
  readonly takesRender: boolean;
  /** What ENABLE_NATIVE_SIDECARS comes to for the Pod's nodes, its annotation not looked at. */
  readonly nativeByDefault: boolean;
  /** What settled it: a cause of (no) injection, the template, the annotation, or the default; nothing did: a refusal. */
  readonly decidedBy: InjectionCause | "template" | "annotation" | "default" | "refusal";
  /** One sentence: "native: Istio 1.28.10 injects native sidecars by default (auto) and Kubernetes is 1.33". */
  readonly reason: string;
  /** What would change it: `sidecar.istio.io/nativeSidecar: "false" on the Pod template → regular`. */
  readonly flips: string[];
  /**
   * Why nobody can tell, as a clause: the injector refuses the Pod, or a template fails. `sidecar` is then "native" where
   * the stock templates would make one, else "none", and nothing may be changed for it.
   */
  readonly undecided: string | undefined;
  /** The istio-proxy that own templates make; undefined where there is none, and for the built-in ones. */
  readonly proxy: JsonObject | undefined;
}

/** What a decision rests on. */
export interface Grounds {
  injected: boolean;
  byDefault: NativeDefault;
  decidedBy: SidecarDecision["decidedBy"];
  because: string;
  flips: string[];
}

/** A decision that is known at once. */
export function decision(
  sidecar: Sidecar,
  { injected, byDefault, decidedBy, because, flips }: Grounds,
): SidecarDecision {
  return {
    sidecar,
    injected,
    takesRender: false,
    nativeByDefault: byDefault.isNative,
    decidedBy,
    reason: `${sidecar}: ${because}`,
    flips,
    undecided: undefined,
    proxy: undefined,
  };
}

/**
 * What nobody can tell. @param guess errs on the side of a workaround that is mentioned, and never taken out.
 */
export function undecided(guess: "native" | "none", byDefault: NativeDefault, why: string): SidecarDecision {
  return {
    sidecar: guess,
    injected: true,
    takesRender: false,
    nativeByDefault: byDefault.isNative,
    decidedBy: "refusal",
    reason: `unknown: ${why}`,
    flips: [],
    undecided: `which sidecar the Pod gets cannot be told: ${why}`,
    proxy: undefined,
  };
}

/** Work that is done when it is first asked for, and once. */
export function once<T extends object>(work: () => T): () => T {
  let result: T | undefined;
  return () => {
    result ??= work();
    return result;
  };
}
