import { hasChange, parseRelease } from "./istio-release.ts";

/** What differs between the injectors of Istio 1.20.0 to 1.31.0-rc.0 outside their templates, each by its first releases. */
export interface InjectorChanges {
  /** The Pod's nativeSidecar annotation decides where an own istio-proxy container goes (inject.go). */
  nativeAnnotationMovesOwnProxy: boolean;
  /** An own runAsUser reaches the init or validation container (webhook.go, adjustInitContainerUser). */
  ownUserReachesInitContainer: boolean;
  /** An own runAsUser and runAsGroup give way where the template's user is not 1337 (webhook.go, OpenShift). */
  templateUserWins: boolean;
  /** On OpenShift a proxy user equal to the application's is dropped (webhook.go, isSidecarUserMatchingAppUser). */
  sharedUserDropped: boolean;
  /** The same looks at init containers as well. */
  sharedUserSeesInitContainers: boolean;
  /** A Pod injected before without probers in its proxy's environment gets them (webhook.go, mergeOrAppendProbers). */
  probersAppendedOnReinjection: boolean;
  /** httpGet and tcpSocket lifecycle handlers are rewritten like probes (app_probe.go). */
  lifecycleHandlersRewritten: boolean;
  /** sidecar.istio.io/enableCoreDump must be a boolean (validate.go). */
  coreDumpValidated: boolean;
  /** The resource annotations must be quantities (validate.go). */
  quantitiesValidated: boolean;
  /** Interface lists must hold interface names (validate.go). */
  interfacesValidated: boolean;
  /** prometheus.istio.io/scrape-targets, reserved scrape ports and the secure port (webhook.go). */
  scrapeTargets: boolean;
  /**
   * A Pod's workload is guessed from its controller; before, a Pod given to istioctl counted as a workload of its own
   * (inject.go, IntoObject; the recorded cases of 1.20 are of that kind).
   */
  podOwnerGuessed: boolean;
  /** A Pod of a Job named like a CronJob's counts as batch/v1, not batch/v1beta1 (pkg/kube/util.go). */
  cronJobIsV1: boolean;
  /** Argo Rollouts own their ReplicaSets' Pods (pkg/kube/util.go). */
  rolloutsKnown: boolean;
}

/** Read in the tagged sources of istio/istio, pkg/kube/inject and pkg/kube/util.go. */
export function injectorChanges(istio: string): InjectorChanges {
  const release = parseRelease(istio);
  const since = (...first: string[]) => hasChange(release, ...first);
  const ownUserReachesInitContainer = since("1.20.7", "1.21.3", "1.22.1");
  return {
    nativeAnnotationMovesOwnProxy: since("1.24.0"),
    ownUserReachesInitContainer,
    templateUserWins: since("1.20.1", "1.21.0", "1.22.0") && !ownUserReachesInitContainer,
    sharedUserDropped: since("1.23.1"),
    sharedUserSeesInitContainers: since("1.27.0"),
    probersAppendedOnReinjection: since("1.27.0"),
    lifecycleHandlersRewritten: since("1.25.0"),
    coreDumpValidated: !since("1.25.0"),
    quantitiesValidated: since("1.27.6", "1.28.4"),
    interfacesValidated: since("1.30.0"),
    scrapeTargets: since("1.31.0"),
    podOwnerGuessed: since("1.21.0"),
    cronJobIsV1: since("1.22.0"),
    rolloutsKnown: since("1.22.0"),
  };
}
