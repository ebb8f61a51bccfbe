import { type Container, containerName } from "../kube/pod-template.ts";
import { WRAPPER_PROGRAMS } from "../shell/index.ts";
import { itemsAt, textAt } from "../source/tree.ts";
import type { Pod } from "./rule.ts";

/** kubexit's variables that name other containers of the Pod (karlkfi/kubexit 0.3, README). */
const DEPENDENCIES = ["KUBEXIT_BIRTH_DEPS", "KUBEXIT_DEATH_DEPS"];
const PROXY = "istio-proxy";
const WITH_KUBEXIT: ReadonlySet<string> = new Set([...WRAPPER_PROGRAMS, "kubexit"]);

/** Programs that count as wrappers in a container: kubexit only where it waits for the proxy. */
export function wrappersOf(container: Container): ReadonlySet<string> {
  return dependenciesOf(container).includes(PROXY) ? WITH_KUBEXIT : WRAPPER_PROGRAMS;
}

/** Whether a container's kubexit is there for the proxy. */
export function isKubexitForProxy(container: Container): boolean {
  return wrappersOf(container) === WITH_KUBEXIT;
}

/** What else than the proxy needs a container's kubexit, as a clause; undefined where nothing does. */
export function otherNeedOfKubexit(pod: Pod, container: Container): string | undefined {
  const others = dependenciesOf(container).filter((name) => name !== PROXY);
  if (others.length > 0) return `it also orders ${others.join(", ")}`;
  const name = textOfEnv(container, "KUBEXIT_NAME") ?? containerName(container);
  const needy = pod.template.containers.find((other) => other !== container && dependenciesOf(other).includes(name));
  return needy === undefined ? undefined : `the container ${containerName(needy)} depends on it`;
}

function dependenciesOf(container: Container): string[] {
  return DEPENDENCIES.flatMap((name) => (textOfEnv(container, name) ?? "").split(","))
    .map((name) => name.trim())
    .filter((name) => name !== "");
}

function textOfEnv(container: Container, name: string): string | undefined {
  const index = itemsAt(container.node, ["env"]).findIndex(
    (_, at) => textAt(container.node, ["env", at, "name"]) === name,
  );
  return index < 0 ? undefined : textAt(container.node, ["env", index, "value"]);
}
