import { isObject, type Json, type JsonObject } from "../json.ts";
import { aliasesOf } from "./aliases.ts";
import { commentColumn, fullLineComments, innerCommentsEnd, type LineRange } from "./comments.ts";
import { applyEdits, type TextEdit } from "./edit.ts";
import { RawItem, RawScalar, type Written } from "./emit.ts";
import { isSameData } from "./equal.ts";
import { matchItems } from "./match-items.ts";
import { lineEnd, lineStart, nextLine } from "./position.ts";
import { stringText } from "./quote.ts";
import { type Child, childrenOf, collectionOf } from "./remove.ts";
import { replaceValue } from "./replace.ts";
import { type Addition, childEnd, spliceChildren } from "./splice.ts";
import { type BlockStyle, blockStyleAt, columnOf, startsLine } from "./style.ts";
import {
  type AliasNode,
  type Entry,
  effectiveEntries,
  isMerge,
  type MapNode,
  type Node,
  type SeqNode,
  toData,
} from "./tree.ts";

/** A node that is to mean something else. */
export interface Rewrite {
  node: Node;
  /** What it means now: `toData(node)`. */
  before: Json;
  after: Json;
}

/** The smallest edits that make the text of `node`, whose data is `before`, mean `after`; see `rewriteAll`. */
export function rewrite(text: string, node: Node, before: Json, after: Json): TextEdit[] {
  return rewriteAll(text, [{ node, before, after }]);
}

/**
 * The smallest edits that give several nodes of one document, none within another, their new data.
 * Keys and items that stay keep their place, notation and comments; full-line comments stay in any case and in order,
 * but those above and in a container that changes between `containers` and `initContainers` go with it.
 * New keys go before the one that follows in the new data, or to the end of their map, but `initContainers` before `containers` and `metadata` before `spec`.
 * Text that aliases or merge keys share is never changed under them: what would mean something else afterwards, here
 * or elsewhere in the document, is written out.
 * @throws {AliasBomb} when a written-out alias unfolds to too much.
 */
export function rewriteAll(text: string, rewrites: readonly Rewrite[]): TextEdit[] {
  const changed = rewrites.filter(({ before, after }) => !isSameData(before, after));
  const first = changed[0];
  if (first === undefined) return [];
  const style = blockStyleAt(text, first.node);
  const plan = new Plan(text, style, aliasesOf(text, first.node));
  for (const { node, before, after } of changed) plan.changeRoot(node, before, after);
  return plan.finish();
}

/** New keys that Kubernetes manifests show before another. */
const SHOWN_BEFORE: Readonly<Record<string, string>> = { initContainers: "containers", metadata: "spec" };

/** Sister lists of one map: what goes from one to the other by its name is the same thing still. */
const SISTERS: readonly (readonly [string, string])[] = [
  ["containers", "initContainers"],
  ["initContainers", "containers"],
];

/** Collects the edits, and what they do to anchors. Inner edits come before outer ones, as `spliceChildren` needs it. */
class Plan {
  private edits: TextEdit[] = [];
  private readonly text: string;
  private readonly style: BlockStyle;
  private readonly aliases: readonly AliasNode[];
  /** Anchored nodes that do not mean what they meant, or are no more. */
  private readonly changedTargets = new Set<Node>();
  /** Aliases that are no more. */
  private readonly goneAliases = new Set<Node>();
  /** Items that come from a sister list, by their new data. */
  private readonly arrivals = new Map<Json, RawItem>();
  /** Their old lines, in the order of the text. */
  private readonly taken: LineRange[] = [];

  constructor(text: string, style: BlockStyle, aliases: readonly AliasNode[]) {
    this.text = text;
    this.style = style;
    this.aliases = aliases;
  }

  changeRoot(node: Node, before: Json, after: Json): void {
    for (let up = node.parent; up !== undefined; up = collectionOf(up).parent) this.touch(collectionOf(up));
    this.change(node, before, after);
  }

  /** All edits; aliases of what changed are written out, with the meaning they had. */
  finish(): TextEdit[] {
    const expanded: TextEdit[] = [];
    for (const alias of this.aliases) {
      if (this.goneAliases.has(alias) || !this.changedTargets.has(alias.target)) continue;
      expanded.push(...this.expand(alias));
    }
    return [...expanded, ...this.edits];
  }

  private expand(alias: AliasNode): TextEdit[] {
    const { target } = alias;
    const isKey = alias.parent === undefined;
    if (isKey && target.kind === "scalar") {
      return [{ start: alias.start, end: alias.end, text: stringText(target.text, true) }];
    }
    const source = this.text.slice(target.start, target.end);
    const hasOwnNotation = target.kind === "scalar" && source !== "" && target.propsStart === target.start;
    const isShort =
      target.kind === "scalar" && target.style !== "literal" && target.style !== "folded" && !/[\r\n]/.test(source);
    const value: Written =
      hasOwnNotation && isShort ? new RawScalar(source, toData(target)) : (toData(target) as Written);
    return replaceValue(this.text, alias, value, this.style);
  }

  private touch(node: Node): void {
    if (node.kind !== "alias" && node.anchor !== undefined) this.changedTargets.add(node);
  }

  private change(node: Node, before: Json, after: Json): void {
    if (isSameData(before, after)) return;
    this.touch(node);
    if (node.kind === "map" && isObject(before) && isObject(after) && this.isPlainCollection(node)) {
      this.changeMap(node, before, after);
    } else if (node.kind === "seq" && Array.isArray(before) && Array.isArray(after) && this.isPlainCollection(node)) {
      this.changeList(node, before, after);
    } else {
      this.replace(node, after);
    }
  }

  /** Neither tagged (`!!set`) nor the bare pair of a flow list (`[a: 1]`). */
  private isPlainCollection(node: MapNode | SeqNode): boolean {
    if (node.flow && !"{[".includes(this.text[node.start] as string)) return false;
    return node.propsStart === node.start || !this.text.slice(node.propsStart, node.start).includes("!");
  }

  private replace(node: Node, after: Json): void {
    this.bury(node);
    this.edits.push(...replaceValue(this.text, node, this.written(after), this.style));
  }

  private written(after: Json): Written {
    if (this.arrivals.size === 0 || !Array.isArray(after)) return after as Written;
    return after.map((item) => this.arrivals.get(item) ?? (item as Written));
  }

  /** The node's text goes, and with it its anchors and aliases. */
  private bury(node: Node): void {
    if (this.aliases.length === 0) return;
    this.touch(node);
    if (node.kind === "alias") this.goneAliases.add(node);
    else if (node.kind !== "scalar") for (const child of childrenOf(node)) this.buryChild(child);
  }

  private buryChild(child: Child): void {
    if ("map" in child) this.bury(child.key);
    this.bury(child.value);
  }

  private changeMap(map: MapNode, before: JsonObject, after: JsonObject): void {
    const own = new Map<string, Entry>();
    for (const entry of map.entries) if (entry.name !== undefined && !isMerge(entry)) own.set(entry.name, entry);
    const doomed = this.doomedEntries(map, own, before, after);
    for (const [from, to] of SISTERS) this.changeSides(own, from, to, before, after);
    const additions: Addition[] = [];
    const writesMergesOut = map.entries.some((entry) => isMerge(entry) && doomed.has(entry));
    let next: Entry | undefined;
    for (const key of Object.keys(after).reverse()) {
      const value = after[key];
      const entry = own.get(key);
      if (entry !== undefined && !doomed.has(entry)) next = entry;
      if (value === undefined || entry !== undefined) continue;
      const isMerged = !writesMergesOut && Object.hasOwn(before, key) && isSameData(before[key], value);
      const follows = Object.hasOwn(before, key) ? undefined : next;
      if (!isMerged) additions.unshift({ key, value: this.written(value), ...this.placeOf(key, own, doomed, follows) });
    }
    if (map.entries.every((entry) => doomed.has(entry))) {
      this.replace(map, after);
      return;
    }
    for (const [key, entry] of own) {
      if (!doomed.has(entry)) this.change(entry.value, before[key] as Json, after[key] as Json);
    }
    this.splice(map, doomed, additions);
  }

  /** @param next the key that follows in the new data, of those that stay. */
  private placeOf(
    key: string,
    own: ReadonlyMap<string, Entry>,
    doomed: ReadonlySet<Child>,
    next: Entry | undefined,
  ): Partial<Addition> {
    const shown = Object.hasOwn(SHOWN_BEFORE, key) ? own.get(SHOWN_BEFORE[key] as string) : undefined;
    const before = shown === undefined || doomed.has(shown) ? next : shown;
    return before === undefined ? {} : { before, aboveComments: true };
  }

  /** Entries to take out. Where one comes from a merge key, that goes as well: its other keys are written out. */
  private doomedEntries(
    map: MapNode,
    own: ReadonlyMap<string, Entry>,
    before: JsonObject,
    after: JsonObject,
  ): Set<Child> {
    const isMissing = (key: string): boolean => after[key] === undefined || !Object.hasOwn(after, key);
    const merges = map.entries.filter(isMerge);
    const doomed = new Set<Child>(
      map.entries.filter((entry) => entry.name !== undefined && !isMerge(entry) && isMissing(entry.name)),
    );
    if (merges.length === 0) return doomed;
    const hidden = merges.flatMap((entry) => mergedNames(entry));
    const isOutOfMerge = [...Object.keys(before).filter((key) => !own.has(key)), ...hidden].some(isMissing);
    if (isOutOfMerge) for (const entry of merges) doomed.add(entry);
    return doomed;
  }

  private changeList(list: SeqNode, before: readonly Json[], after: readonly Json[]): void {
    const { origins, stays } = matchItems(before, after, (index) => this.weightOf(list, index));
    const turned = stays.includes(true) ? undefined : this.keepOne(list, after, origins, stays);
    const kept = new Set(origins.filter((_, index) => stays[index]));
    const doomed = new Set<Child>(list.items.filter((_, index) => !kept.has(index)));
    if (kept.size === 0) {
      this.replace(list, after as Json);
      return;
    }
    const additions: Addition[] = [];
    let waiting: Addition[] = [];
    after.forEach((value, index) => {
      const origin = origins[index];
      const item = origin === undefined ? undefined : list.items[origin];
      if (item !== undefined && stays[index]) {
        for (const addition of waiting) additions.push({ ...addition, before: item });
        waiting = [];
        if (index === turned) this.replace(item.value, value);
        else this.change(item.value, before[origin as number] as Json, value);
      } else {
        const moved = item && this.movedText(list, item, before[origin as number] as Json, value);
        const own = this.arrivals.get(value) ?? (value as Written);
        waiting.push({ value: own, aboveComments: true, ...(moved !== undefined && { moved }) });
      }
    });
    this.splice(list, doomed, [...additions, ...waiting]);
  }

  /** Items whose lines hold comments stay rather than others: comments have to keep their order. */
  private weightOf(list: SeqNode, index: number): number {
    const item = list.items[index] as Child;
    const holder = list.parent;
    const top = holder === undefined ? list.propsStart : "map" in holder ? holder.key.end : holder.start;
    const start = index === 0 ? top : childEnd(list.items[index - 1] as Child);
    const comments = this.text.slice(start, childEnd(item)).match(/\n[ \t]*#/g);
    return 1 + (comments?.length ?? 0) * list.items.length;
  }

  /** An item's own text for another place in its list; undefined where it has to be written anew. */
  private movedText(list: SeqNode, item: Child, before: Json, after: Json): string | undefined {
    const end = lineEnd(this.text, childEnd(item));
    if (list.flow || !startsLine(this.text, item.start)) return undefined;
    const own = this.text.slice(item.start, end);
    // Comments stay where they are, anchors must not come to stand behind their aliases, `|+` minds what follows.
    if (/\n[ \t]*#|\n[ \t]*\r?$|[|>]\d?\+/.test(own) || (this.aliases.length > 0 && /[&*]/.test(own))) return undefined;
    const outer = this.edits;
    this.edits = [];
    this.change(item.value, before, after);
    const inner = this.edits.map((edit) => ({ ...edit, start: edit.start - item.start, end: edit.end - item.start }));
    this.edits = outer;
    return applyEdits(own, inner);
  }

  /** Items of one list that are in its sister list from now on: their text goes with them. */
  private changeSides(
    own: ReadonlyMap<string, Entry>,
    from: string,
    to: string,
    before: JsonObject,
    after: JsonObject,
  ): void {
    const list = own.get(from)?.value;
    const [old, left] = [before[from], after[from]];
    const [there, arrived] = [before[to] ?? [], after[to]];
    if (list?.kind !== "seq" || list.flow || !this.isPlainCollection(list)) return;
    if (!Array.isArray(old) || !Array.isArray(there) || !Array.isArray(arrived)) return;
    const target = own.get(to)?.value;
    if (target !== undefined && (target.kind === "alias" || (target.kind === "seq" && target.flow && there.length > 0)))
      return;
    const stillHere = namesOf(Array.isArray(left) ? left : []);
    const leaving = old.flatMap((item, index) => {
      const name = nameOf(item);
      if (name === undefined || stillHere.has(name) || namesOf(there).has(name)) return [];
      const now = arrived.find((other) => nameOf(other) === name);
      return now === undefined ? [] : [{ item, index, now }];
    });
    // An empty or rewritten list has no place from which lines could be cut.
    if (Array.isArray(left) && (left.length === 0 || leaving.length === old.length)) return;
    for (const { item, index, now } of leaving) this.takeItem(list, index, item, now);
  }

  private takeItem(list: SeqNode, index: number, before: Json, after: Json): void {
    const item = list.items[index] as Child;
    const lines = this.linesOf(list, index);
    const text = this.movedLines(item, lines, before, after);
    if (text === undefined) return;
    this.arrivals.set(
      after,
      new RawItem(text, after, fullLineComments(this.text, lines.start, lines.end, [item.value])),
    );
    this.taken.push(lines);
    this.taken.sort((left, right) => left.start - right.start);
  }

  /** An item's lines, with the comments right above it and those below that stand further in than its dash. */
  private linesOf(list: SeqNode, index: number): LineRange {
    const { text } = this;
    const item = list.items[index] as Child;
    const column = columnOf(text, item.start);
    const previous = index === 0 ? undefined : childEnd(list.items[index - 1] as Child);
    const holder = list.parent;
    const bound = nextLine(text, previous ?? (holder && "map" in holder ? holder.key.end : list.start));
    let start = lineStart(text, item.start);
    while (start > bound) {
      const above = lineStart(text, start - 1);
      const comment = commentColumn(text, above);
      if (comment === undefined || (previous !== undefined && comment !== column)) break;
      start = above;
    }
    return { start, end: innerCommentsEnd(text, childEnd(item), column) };
  }

  /** The lines of an item in its new meaning, without the indentation of its dash; undefined where it cannot be moved. */
  private movedLines(item: Child, { start, end }: LineRange, before: Json, after: Json): string[] | undefined {
    const own = this.text.slice(start, end);
    if (!startsLine(this.text, item.start)) return undefined;
    if (/[|>]\d?\+/.test(own) || (this.aliases.length > 0 && /[&*]/.test(own))) return undefined;
    const column = columnOf(this.text, item.start);
    const outer = this.edits;
    this.edits = [];
    this.change(item.value, before, after);
    const inner = this.edits.filter((edit) => edit.start <= end);
    this.edits = outer;
    const moved = applyEdits(
      own,
      inner.map((edit) => ({ ...edit, start: edit.start - start, end: edit.end - start })),
    );
    return moved.split(/\r?\n/).map((line) => line.slice(Math.min(column, line.search(/[^ ]|$/))));
  }

  /** Where all items of a list go, but some of them elsewhere, one of the others becomes another: the list stays. */
  private keepOne(
    list: SeqNode,
    after: readonly Json[],
    origins: (number | undefined)[],
    stays: boolean[],
  ): number | undefined {
    const isTaken = ({ start }: Child) => this.taken.some((range) => range.start <= start && start < range.end);
    const old = list.items.findIndex((item) => !isTaken(item));
    const next = after.findIndex((value) => !this.arrivals.has(value));
    if (old < 0 || next < 0 || !list.items.some(isTaken)) return undefined;
    origins[next] = old;
    stays[next] = true;
    return next;
  }

  private splice(collection: MapNode | SeqNode, doomed: ReadonlySet<Child>, additions: readonly Addition[]): void {
    if (doomed.size === 0 && additions.length === 0) return;
    for (const child of doomed) this.buryChild(child);
    this.edits.push(...spliceChildren(this.text, collection, doomed, additions, this.style, this.taken));
  }
}

function nameOf(item: Json): string | undefined {
  return isObject(item) && typeof item.name === "string" ? item.name : undefined;
}

function namesOf(items: readonly Json[]): ReadonlySet<string | undefined> {
  return new Set(items.map(nameOf));
}

/** Names of what a merge key brings, hidden by own keys or not. */
function mergedNames(merge: Entry): string[] {
  const source = merge.value.kind === "alias" ? merge.value.target : merge.value;
  const maps = source.kind === "seq" ? source.items.map((item) => item.value) : [source];
  return maps.flatMap((map) => effectiveEntries(map).map((entry) => entry.name ?? ""));
}
