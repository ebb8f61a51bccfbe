import type { Tags } from "yaml";

/** YAML as Kubernetes reads it: 1.1 without timestamps and sexagesimals (sigs.k8s.io/yaml over go-yaml v2). */
export const YAML_AS_KUBERNETES = {
  version: "1.1",
  merge: true,
  // The library compares every key with all before it; tree-grower.ts does not.
  uniqueKeys: false,
  keepSourceTokens: true,
  prettyErrors: false,
  logLevel: "silent",
  customTags: (tags: Tags) =>
    tags.filter((tag) => typeof tag === "string" || (!/timestamp/.test(tag.tag) && tag.format !== "TIME")),
} as const;
