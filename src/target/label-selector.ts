import { isObject, type Json } from "../json.ts";
import { valueAt } from "./value-path.ts";

type Labels = Readonly<Record<string, string>>;
type Requirement = (labels: Labels) => boolean;

/**
 * A Kubernetes LabelSelector of the values (`matchLabels`, `matchExpressions`) as a test. undefined where it is empty
 * or invalid: the injector skips such a selector (pkg/kube/inject/inject.go, injectRequired).
 */
export function labelSelector(selector: Json | undefined): Requirement | undefined {
  const matchLabels = valueAt(selector, "matchLabels");
  const matchExpressions = valueAt(selector, "matchExpressions");
  const requirements: (Requirement | undefined)[] = [];
  if (isObject(matchLabels)) {
    for (const key of Object.keys(matchLabels)) requirements.push(isOneOf(key, [String(matchLabels[key])]));
  }
  for (const expression of Array.isArray(matchExpressions) ? matchExpressions : [])
    requirements.push(requirementOf(expression));
  if (requirements.length === 0 || requirements.includes(undefined)) return undefined;
  return (labels) => requirements.every((meets) => meets?.(labels));
}

function requirementOf(expression: Json): Requirement | undefined {
  const key = valueAt(expression, "key");
  const listed = valueAt(expression, "values");
  const values = Array.isArray(listed) ? listed.map(String) : [];
  if (typeof key !== "string") return undefined;
  switch (valueAt(expression, "operator")) {
    case "In":
      return values.length > 0 ? isOneOf(key, values) : undefined;
    case "NotIn":
      return values.length > 0 ? (labels) => !isOneOf(key, values)(labels) : undefined;
    case "Exists":
      return values.length === 0 ? (labels) => Object.hasOwn(labels, key) : undefined;
    case "DoesNotExist":
      return values.length === 0 ? (labels) => !Object.hasOwn(labels, key) : undefined;
    default:
      return undefined;
  }
}

function isOneOf(key: string, values: readonly string[]): Requirement {
  return (labels) => Object.hasOwn(labels, key) && values.includes(labels[key] ?? "");
}
