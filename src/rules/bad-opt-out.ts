import { NATIVE_KEY } from "../target/index.ts";
import { type NativeEntry, nativeEntries } from "./native-annotation.ts";
import type { FixLevel, Operation, Rule, Site } from "./rule.ts";

/** An annotation nativeSidecar whose key or value is not what the injector reads. */
export const badOptOut: Rule = {
  meta: {
    name: "bad-opt-out",
    severity: "error",
    summary: 'the annotation nativeSidecar is misspelt or its value is neither "true" nor "false"',
    literals: ["istio.io/n", "istio.io/N"],
    effective: ["native", "regular", "none"],
    isHack: false,
    standsAlone: true,
  },
  check(pod) {
    const entries = nativeEntries(pod);
    return entries
      .filter(({ isMisspelt, isExact }) => isMisspelt || !isExact)
      .map((wrong) =>
        siteOf(
          wrong,
          entries.filter((other) => isSibling(other, wrong)),
        ),
      );
  },
};

function isSibling(one: NativeEntry, other: NativeEntry): boolean {
  return one !== other && one.path.slice(0, -1).join("\0") === other.path.slice(0, -1).join("\0");
}

function siteOf(wrong: NativeEntry, siblings: readonly NativeEntry[]): Site {
  const { entry, path } = wrong;
  const { level, operations, advice, remark } = fixOf(wrong, siblings);
  return {
    path,
    node: entry.value,
    level,
    what: wrong.isMisspelt
      ? `${entry.name} is not the annotation that Istio reads`
      : `the value of ${NATIVE_KEY} is not exactly "true" or "false"`,
    why: wrong.isMisspelt
      ? "it has no effect whatever its value"
      : 'up to Istio 1.26 anything but "true" means regular, from 1.27 on anything but "false" means native, and the API server refuses what is no string',
    advice,
    remark,
    operations,
  };
}

type Fix = Pick<Site, "advice" | "operations"> & { level: FixLevel; remark: string };

const TAKES_EFFECT = "not safe: what did nothing so far, or something else, takes effect";

function fixOf(wrong: NativeEntry, siblings: readonly NativeEntry[]): Fix {
  const { entry, isMisspelt, isExact, meant } = wrong;
  if (isMisspelt && siblings.some((other) => !other.isMisspelt)) {
    const remark = "not safe: the annotation with the right key alone decides";
    return { level: "review", advice: "remove it", operations: [{ kind: "remove", child: entry }], remark };
  }
  const rival = isMisspelt && siblings.length > 0;
  if (meant === undefined || rival) {
    const remark = rival ? "not fixed: several entries stand for it" : "not fixed: what is meant cannot be told";
    const advice = `write ${NATIVE_KEY}: "true" or "false", or remove it`;
    return { level: "none", advice, operations: [], remark };
  }
  const operations: Operation[] = [];
  if (isMisspelt) operations.push({ kind: "rename-key", entry, key: NATIVE_KEY });
  if (!isExact) operations.push({ kind: "set-text", node: entry.value, text: meant });
  return { level: "review", advice: `write ${NATIVE_KEY}: "${meant}"`, operations, remark: TAKES_EFFECT };
}
