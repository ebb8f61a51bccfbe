import type { Change, Effect, WorkloadDiff } from "./change.ts";

/** Changes that the same workloads have. */
export interface ChangeGroup {
  workloads: WorkloadDiff[];
  /** Whom `isCommon` is about: all that differ, or those among them that are injected at both targets or at one. */
  among: "all" | "both" | "one";
  /** Whether these are all that differ, or all but `except`; false: workloads with the same rest of changes. */
  isCommon: boolean;
  except: WorkloadDiff[];
  changes: Change[];
}

/** Workloads that have one effect, for one reason. */
export interface EffectGroup {
  effect: Effect;
  workloads: { workload: WorkloadDiff; detail: string }[];
}

/** More exceptions than these are not named: the change then stands with its workloads. */
const MAX_EXCEPTIONS = 3;
/** A change of fewer workloads is no common one. */
const MIN_COMMON = 2;

/**
 * Says every change once: first those that all workloads have (or all but a few), then what is left, workloads with
 * the same rest together. Keeps the inputs' order.
 */
export function groupChanges(differing: readonly WorkloadDiff[]): ChangeGroup[] {
  const isBoth = ({ sidecar }: WorkloadDiff): boolean => sidecar.from !== "none" && sidecar.to !== "none";
  const both = differing.filter(isBoth);
  if (both.length === 0 || both.length === differing.length) return groupAmong(differing, "all");
  const one = differing.filter((workload) => !isBoth(workload));
  return [...groupAmong(both, "both"), ...groupAmong(one, "one")];
}

function groupAmong(differing: readonly WorkloadDiff[], among: ChangeGroup["among"]): ChangeGroup[] {
  const keys = new Map(differing.map((workload) => [workload, new Map(workload.changes.map((c) => [keyOf(c), c]))]));
  const owners = new Map<string, WorkloadDiff[]>();
  for (const [workload, changes] of keys) {
    for (const key of changes.keys()) {
      const known = owners.get(key);
      if (known === undefined) owners.set(key, [workload]);
      else known.push(workload);
    }
  }
  const isCommon = (key: string): boolean => {
    const count = owners.get(key)?.length ?? 0;
    const missing = differing.length - count;
    return count >= MIN_COMMON && (missing === 0 || (missing <= MAX_EXCEPTIONS && missing * 4 <= count));
  };
  const common = gather(differing, keys, isCommon, (workload, key) => owners.get(key) ?? [workload]);
  const rest = restGroups(differing, keys, (key) => !isCommon(key));
  return [
    ...common.map(({ workloads, changes }) => {
      const members = new Set(workloads);
      return { workloads, among, isCommon: true, except: differing.filter((w) => !members.has(w)), changes };
    }),
    ...rest.map((group) => ({ ...group, among, isCommon: false, except: [] })),
  ].filter(({ changes }) => changes.length > 0);
}

type Keys = ReadonlyMap<WorkloadDiff, ReadonlyMap<string, Change>>;
type Group = Pick<ChangeGroup, "workloads" | "changes">;

/** Common changes by the workloads that have them, those of most workloads first. */
function gather(
  differing: readonly WorkloadDiff[],
  keys: Keys,
  wanted: (key: string) => boolean,
  ownersOf: (workload: WorkloadDiff, key: string) => WorkloadDiff[],
): Group[] {
  const positions = new Map(differing.map((workload, n) => [workload, n]));
  const groups = new Map<string, Group>();
  const seen = new Set<string>();
  for (const [workload, changes] of keys) {
    for (const [key, change] of changes) {
      if (!wanted(key) || seen.has(key)) continue;
      seen.add(key);
      const workloads = ownersOf(workload, key);
      const id = workloads.map((owner) => positions.get(owner)).join();
      const group = groups.get(id) ?? { workloads, changes: [] };
      group.changes.push(change);
      groups.set(id, group);
    }
  }
  return [...groups.values()].sort((a, b) => b.workloads.length - a.workloads.length);
}

function restGroups(differing: readonly WorkloadDiff[], keys: Keys, wanted: (key: string) => boolean): Group[] {
  const groups = new Map<string, Group>();
  for (const workload of differing) {
    const own = [...(keys.get(workload) ?? [])].filter(([key]) => wanted(key));
    const id = own.map(([key]) => key).join("\n");
    const group = groups.get(id) ?? { workloads: [], changes: own.map(([, change]) => change) };
    group.workloads.push(workload);
    groups.set(id, group);
  }
  return [...groups.values()];
}

function keyOf({ aspect, container, field, from, to }: Change): string {
  return JSON.stringify([aspect, container ?? null, field, from ?? null, to ?? null]);
}

/** Effects in the order of their names, the workloads of one message together. */
export function groupEffects(differing: readonly WorkloadDiff[], order: readonly string[]): EffectGroup[] {
  const groups = new Map<string, EffectGroup>();
  for (const workload of differing) {
    for (const effect of workload.effects) {
      const id = `${effect.effect} ${effect.message}`;
      const group = groups.get(id) ?? { effect, workloads: [] };
      group.workloads.push({ workload, detail: effect.detail });
      groups.set(id, group);
    }
  }
  return [...groups.values()].sort((a, b) => order.indexOf(a.effect.effect) - order.indexOf(b.effect.effect));
}
