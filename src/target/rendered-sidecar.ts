import type { JsonObject } from "../json.ts";
import type { NativeDefault } from "./native-default.ts";
import type { OwnProxy, TemplateRun } from "./own-templates.ts";
import { decision, type Grounds, once, type Sidecar, type SidecarDecision, undecided } from "./sidecar-decision.ts";
import { askingFor, NATIVE_KEY, type SidecarPod, withAnnotation, without } from "./sidecar-pod.ts";
import type { ResolvedTarget } from "./target.ts";

/** A Pod that is injected, and what runs its target's templates. */
export interface InjectedPod {
  target: ResolvedTarget;
  pod: SidecarPod;
  byDefault: NativeDefault;
  run: TemplateRun;
  /** What it counts as where nobody can tell (see SidecarDecision.undecided). */
  guess: "native" | "none";
}

/**
 * What templates of somebody's own make of a Pod: their run for this very Pod tells, not their text. It costs a render,
 * and the grounds cost some more, so both wait until they are asked for.
 */
export function renderedDecision(asked: InjectedPod, templates: readonly string[]): SidecarDecision {
  const { run, pod, byDefault, guess } = asked;
  const made = once(() => run.proxyOf(pod, byDefault.isNative));
  const outcome = once((): Pick<SidecarDecision, "sidecar" | "proxy" | "undecided"> => {
    const own = made();
    return "refusal" in own ? undecided(guess, byDefault, own.refusal) : { ...own, undecided: undefined };
  });
  const grounds = once((): Pick<SidecarDecision, "decidedBy" | "reason" | "flips"> => {
    const own = made();
    if ("refusal" in own) return undecided(guess, byDefault, own.refusal);
    return decision(own.sidecar, groundsOf(asked, templates, own));
  });
  return {
    injected: true,
    takesRender: true,
    nativeByDefault: byDefault.isNative,
    get sidecar() {
      return outcome().sidecar;
    },
    get proxy() {
      return outcome().proxy;
    },
    get undecided() {
      return outcome().undecided;
    },
    get decidedBy() {
      return grounds().decidedBy;
    },
    get reason() {
      return grounds().reason;
    },
    get flips() {
      return grounds().flips;
    },
  };
}

type OwnSidecar = Exclude<OwnProxy, { refusal: string }>;

/** What settled the sidecar: whatever makes another one of it when it is turned round. */
function groundsOf(asked: InjectedPod, templates: readonly string[], { sidecar, proxy }: OwnSidecar): Grounds {
  const { pod, byDefault } = asked;
  const common = { injected: true, byDefault };
  if (sidecar === "none") {
    const because = `${askingFor(pod, templates)}, ${withoutSidecar(templates, proxy)}`;
    return { ...common, decidedBy: "template", because, flips: [] };
  }
  const byAnnotation = annotationGrounds(asked, sidecar);
  if (byAnnotation !== undefined) return { ...common, decidedBy: "annotation", ...byAnnotation };
  const flips = annotationFlips(asked, sidecar);
  const turned = madeOf(asked, pod, !byDefault.isNative);
  if (turned !== sidecar) {
    // Templates that fit one sidecar alone leave no Pod with the other.
    const others = turned === undefined ? [] : byDefault.flips;
    return { ...common, decidedBy: "default", because: byDefault.because, flips: [...flips, ...others] };
  }
  return { ...common, decidedBy: "template", because: madeAnyway(asked, templates, sidecar), flips };
}

function withoutSidecar(templates: readonly string[], proxy: JsonObject | undefined): string {
  if (proxy !== undefined) return "whose istio-proxy is an init container that does not stay";
  return `which ${templates.length === 1 ? "adds" : "add"} no istio-proxy`;
}

/** Undefined where the templates do not read the annotation, or the Pod has none. */
function annotationGrounds(asked: InjectedPod, sidecar: Sidecar): Pick<Grounds, "because" | "flips"> | undefined {
  const { pod } = asked;
  if (!Object.hasOwn(pod.podAnnotations, NATIVE_KEY)) return undefined;
  const value = String(pod.podAnnotations[NATIVE_KEY]);
  const plain = madeOf(asked, without(pod, NATIVE_KEY));
  const flips = annotationFlips(asked, sidecar);
  if (plain === sidecar && flips.length === 0) return undefined;
  const misread = value === "true" || value === "false" ? "" : `, which the template takes for ${sidecar}`;
  return {
    because: `the Pod has the annotation ${NATIVE_KEY}: ${JSON.stringify(value)}${misread}`,
    flips: plain === sidecar ? flips : [`without the annotation → ${plain ?? "refused"}`],
  };
}

function annotationFlips(asked: InjectedPod, sidecar: Sidecar): string[] {
  const opposite = sidecar === "native" ? "false" : "true";
  const other = madeOf(asked, withAnnotation(asked.pod, NATIVE_KEY, opposite));
  if (other === undefined || other === sidecar) return [];
  return [`${NATIVE_KEY}: "${opposite}" on the Pod template → ${other}`];
}

/** Undefined: it is refused. */
function madeOf({ run, byDefault }: InjectedPod, pod: SidecarPod, isNative = byDefault.isNative): Sidecar | undefined {
  const own = run.proxyOf(pod, isNative);
  return "refusal" in own ? undefined : own.sidecar;
}

function madeAnyway({ target }: InjectedPod, templates: readonly string[], sidecar: Sidecar): string {
  const what = sidecar === "native" ? "a native sidecar" : "a plain container";
  const source = target.injector?.name ?? "values.sidecarInjectorWebhook.templates";
  const isOne = templates.length === 1;
  const make = `${isOne ? "template" : "templates"} ${templates.join(", ")} of ${source} ${isOne ? "makes" : "make"}`;
  return `the ${make} istio-proxy ${what} here, whatever istiod's ENABLE_NATIVE_SIDECARS says`;
}
