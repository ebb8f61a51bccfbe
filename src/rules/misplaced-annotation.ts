import { at, entryOf, type Node, resolve } from "../source/tree.ts";
import { isNativeKey } from "./native-annotation.ts";
import { misplacedEntries } from "./own-metadata.ts";
import type { Operation, Pod, Rule } from "./rule.ts";

/** Annotations for the injector that stand where no Pod gets them. */
export const misplacedAnnotation: Rule = {
  meta: {
    name: "misplaced-annotation",
    severity: "warning",
    summary: "an annotation for the injector stands on the workload instead of its Pod template",
    literals: ["sidecar.istio.io/", "proxy.istio.io/"],
    effective: ["native", "regular", "none"],
    isHack: false,
    standsAlone: true,
  },
  check(pod) {
    return misplacedEntries(pod).map(({ entry, path }) => {
      const isDouble = standsInTemplate(pod, entry.name ?? "");
      const isMovable = isDouble || isScalar(entry.value);
      const operations: Operation[] = isDouble
        ? [{ kind: "remove", child: entry }]
        : [{ kind: "move-annotation", entry, template: pod.template }];
      return {
        path,
        node: entry.value,
        level: isMovable ? ("review" as const) : ("none" as const),
        ...(isNativeKey(entry.name ?? "") && { severity: "error" as const }),
        what: `${entry.name} stands on the workload's own metadata`,
        why: "the injector reads the annotations of Pods, and those come from the Pod template",
        advice: isDouble
          ? "remove it: the Pod template's own value decides"
          : "move it to the annotations of the Pod template",
        remark: isMovable ? "not safe: what did nothing so far takes effect" : "not fixed: the value is no string",
        operations: isMovable ? operations : [],
      };
    });
  },
};

function standsInTemplate({ template: { resource, metadataPath } }: Pod, key: string): boolean {
  return entryOf(at(resource.root, [...metadataPath, "annotations"]), key) !== undefined;
}

function isScalar(node: Node): boolean {
  return resolve(node).kind === "scalar";
}
