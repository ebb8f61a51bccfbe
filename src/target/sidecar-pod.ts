import type { TemplatedPod } from "./own-templates.ts";

type StringMap = Readonly<Record<string, string>>;

/**
 * A Pod as the webhook sees it. Without a namespace the manifest leaves it to whoever applies it. Of `podSpec` only
 * `hostNetwork` and `nodeName` count; own templates look at all of the `workload`.
 */
export type SidecarPod = TemplatedPod;

export const NATIVE_KEY = "sidecar.istio.io/nativeSidecar";
export const TEMPLATES_KEY = "inject.istio.io/templates";

/** The same Pod without a label and annotation of this key, for "what if" questions. */
export function without(pod: SidecarPod, key: string): SidecarPod {
  return { ...pod, podLabels: dropped(pod.podLabels, key), podAnnotations: dropped(pod.podAnnotations, key) };
}

/** The same Pod with an annotation set. */
export function withAnnotation(pod: SidecarPod, key: string, value: string): SidecarPod {
  return { ...pod, podAnnotations: { ...pod.podAnnotations, [key]: value } };
}

/** What asks for these templates, as a clause. */
export function askingFor({ podAnnotations }: SidecarPod, templates: readonly string[]): string {
  const isAsked = Object.hasOwn(podAnnotations, TEMPLATES_KEY);
  if (isAsked) return `the Pod asks for the template ${templates.join(",")} (${TEMPLATES_KEY})`;
  return templates.length === 1
    ? `the default template is ${templates.join()}`
    : `the default templates are ${templates.join(",")}`;
}

function dropped(map: StringMap, key: string): StringMap {
  if (!Object.hasOwn(map, key)) return map;
  const kept: Record<string, string> = Object.create(null);
  for (const name of Object.keys(map)) if (name !== key) kept[name] = String(map[name]);
  return kept;
}
