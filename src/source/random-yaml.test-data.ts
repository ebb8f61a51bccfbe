import type { Json, JsonObject } from "../json.ts";
import { isObject } from "../json.ts";
import { bare } from "./random.test-data.ts";

/** Random choices from a seed, so that fast-check can repeat a failure. */
export class Dice {
  private state: number;

  constructor(seed: number) {
    this.state = seed | 0;
  }

  below(limit: number): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  }

  chance(percent: number): boolean {
    return this.below(100) < percent;
  }

  pick<T>(values: readonly T[]): T {
    return values[this.below(values.length)] as T;
  }
}

const PLAINS = ["x", "y1", "true", "12", "a b", "null", "~", "1.10", "0440", "img:1", "-c", "multi\n{}line", "", "yes"];
const QUOTED = ['"q"', "'s'", '"a\\nb"', "'it''s'", '"a\n{}b"', "'#no'", '"# no\n{}# no"', '""'];
const BLOCKS = ["|", "|-", "|+", ">", ">-", "|  # c"];
const KEYS = ["a", "b", "c", "d", "e", "spec", "containers", "name", '"q"', "'s'", "f g"];
const NAMES = ["n1", "n2", "n3", "n4"];

/** Writes a random YAML document in many styles; not all it writes is valid. */
export class YamlWriter {
  private readonly dice: Dice;
  private readonly step: number;
  private readonly listOffset: number;
  private anchors: string[] = [];
  private comments = 0;
  private readonly withComments: boolean;
  private readonly withAnchors: boolean;
  private readonly withFlowComments: boolean;

  constructor(dice: Dice) {
    this.dice = dice;
    this.step = dice.pick([2, 2, 4, 3, 1]);
    this.listOffset = dice.pick([0, this.step]);
    this.withComments = dice.chance(60);
    this.withAnchors = dice.chance(40);
    this.withFlowComments = this.withComments && dice.chance(50);
  }

  document(): string {
    const { dice } = this;
    let text = dice.chance(15) ? `${this.flow(0, dice.chance(50))}\n` : this.map(0, 0).replace(/^\n/, "");
    if (dice.chance(10)) text = `# head\n---\n${text}`;
    if (dice.chance(15)) text = text.replace(/\n+$/, "");
    else if (dice.chance(20)) text += this.comment(0) || "\n";
    else if (dice.chance(10)) text += "...\n";
    if (dice.chance(15)) text = text.replaceAll("\n", "\r\n");
    return dice.chance(5) ? `\ufeff${text}` : text;
  }

  private pad(column: number): string {
    return " ".repeat(column);
  }

  /** Full-line comments and blank lines, often at an odd column. */
  private comment(column: number): string {
    if (!this.withComments || !this.dice.chance(25)) return this.dice.chance(5) ? "\n" : "";
    const at = this.dice.chance(80) ? column : this.dice.below(column + 6);
    return `${this.pad(at)}# c${this.comments++}\n${this.dice.chance(10) ? "\n" : ""}`;
  }

  private trailing(): string {
    return this.withComments && this.dice.chance(15) ? ` # t${this.comments++}` : this.dice.chance(5) ? "  " : "";
  }

  private anchor(): string {
    if (!this.withAnchors || !this.dice.chance(30)) return "";
    const name = this.dice.pick(["p", "q", "r"]);
    this.anchors.push(name);
    return `&${name} `;
  }

  /** Lines of a block map, a line break first unless it follows a dash. */
  private map(column: number, depth: number, isCompact = false): string {
    const count = 1 + this.dice.below(4);
    const keys = new Set<string>();
    while (keys.size < count) keys.add(this.dice.pick(KEYS));
    let text = isCompact ? "" : "\n";
    let isFirst = true;
    for (const key of keys) {
      if (!isFirst || !isCompact) text += this.comment(column) + this.pad(column);
      isFirst = false;
      if (this.anchors.length > 0 && this.dice.chance(15) && !text.includes("<<:")) text += this.merge(column);
      text += this.dice.chance(5) ? `? ${key}\n${this.pad(column)}:` : `${key}:`;
      text += this.value(column, column + this.step, column + this.listOffset, depth);
    }
    return text;
  }

  private merge(column: number): string {
    const names = `*${this.dice.pick(this.anchors)}`;
    return `<<: ${this.dice.chance(70) ? names : this.dice.chance(50) ? `[${names}]` : "{a: 1, d: m}"}\n${this.pad(column)}`;
  }

  /** What stands behind `key:` or `-`, to the end of its last line. */
  private value(parent: number, mapColumn: number, listColumn: number, depth: number): string {
    const { dice } = this;
    const sort = depth > 4 ? 2 + dice.below(8) : dice.below(10);
    const anchor = this.anchor();
    if (sort <= 1) {
      const text = this.map(mapColumn, depth + 1);
      return (anchor === "" ? "" : ` ${anchor.trim()}`) + this.trailing() + text;
    }
    if (sort <= 3 && depth <= 4)
      return (anchor === "" ? "" : ` ${anchor.trim()}`) + this.trailing() + this.list(listColumn, depth + 1);
    if (sort === 4) return ` ${anchor}${this.flow(parent + 1, dice.chance(60))}${this.trailing()}\n`;
    if (sort === 5 && anchor === "" && this.anchors.length > 0)
      return ` *${dice.pick(this.anchors)}${this.trailing()}\n`;
    if (sort === 6) return ` ${anchor}${this.block(parent)}`;
    return ` ${anchor}${this.scalar(parent)}${this.trailing()}\n`;
  }

  private list(column: number, depth: number, isCompact = false): string {
    let text = isCompact ? "" : "\n";
    const count = 1 + this.dice.below(4);
    const isNamed = this.dice.chance(60);
    const names = new Set<string>();
    for (let i = 0; i < count; i++) {
      if (i > 0 || !isCompact) text += this.comment(column) + this.pad(column);
      const name = this.dice.pick(NAMES);
      if (isNamed && !names.has(name)) {
        names.add(name);
        text += `- name: ${name}${this.trailing()}\n`;
        if (this.dice.chance(60)) {
          text += `${this.comment(column + 2)}${this.pad(column + 2)}x:${this.value(column + 2, column + 2 + this.step, column + 2 + this.listOffset, depth)}`;
        }
      } else if (depth < 5 && this.dice.chance(20)) {
        text += `- ${this.dice.chance(50) ? this.map(column + 2, depth + 1, true) : this.list(column + 2, depth + 1, true)}`;
      } else text += `-${this.value(column, column + 2, column + 2, depth)}`;
    }
    return text;
  }

  private scalar(parent: number): string {
    const text = this.dice.chance(60) ? this.dice.pick(PLAINS) : this.dice.pick(QUOTED);
    return text.replaceAll("{}", this.pad(parent + 1 + this.dice.below(3)));
  }

  private block(parent: number): string {
    const indent = this.pad(parent + 1 + this.dice.below(4));
    const lines = [`${indent}text`];
    while (this.dice.chance(50))
      lines.push(
        this.dice.pick([`${indent}# not a comment`, `${indent}  more`, "", `${indent}end`, indent, `${indent}   `]),
      );
    return `${this.dice.pick(BLOCKS)}\n${lines.join("\n")}\n`;
  }

  private flow(column: number, isOneLine: boolean): string {
    const json = this.dice.chance(40);
    return this.flowValue(column, isOneLine, json, 0);
  }

  private flowValue(column: number, isOneLine: boolean, json: boolean, depth: number): string {
    const { dice } = this;
    const sort = depth === 0 ? dice.below(2) : depth > 3 ? 3 : dice.below(7);
    if (sort > 1) {
      if (json) return dice.pick(['"x"', "1", "true", "null", '"a\\nb"', '"n1"']);
      if (this.anchors.length > 0 && dice.chance(10)) return `*${dice.pick(this.anchors)} `;
      return dice.pick(["x", "1", "'s'", '"d"', "", "a b", "n1"]);
    }
    const isMap = sort === 0;
    const inner = column + this.step;
    const lead = isOneLine ? dice.pick(["", " "]) : `\n${this.pad(inner)}`;
    const keys = [...new Set(Array.from({ length: dice.below(4) }, () => dice.pick(["a", "b", "c", "name"])))];
    const anchor = json ? "" : this.anchor();
    const between = isOneLine ? dice.pick([", ", ","]) : `,${lead}`;
    const children = keys.map((key) => {
      const value = this.flowValue(inner, isOneLine, json, depth + 1);
      const own = isMap
        ? json
          ? `"${key}": ${value}`
          : value === "" && dice.chance(50)
            ? key
            : `${key}: ${value}`
        : value || "z";
      return own;
    });
    let text = "";
    children.forEach((child, i) => {
      const isLast = i === children.length - 1;
      const note = isOneLine || json || !this.withFlowComments ? "" : dice.chance(15) ? ` # f${this.comments++}` : "";
      const full =
        isOneLine || json || !this.withFlowComments || !dice.chance(15)
          ? ""
          : `\n${this.pad(inner)}# c${this.comments++}`;
      text += child + (isLast ? (!json && dice.chance(10) ? "," : "") : isOneLine ? between : ",") + note + full;
      if (!isLast && !isOneLine) text += lead;
    });
    const close = children.length === 0 ? "" : isOneLine ? lead : `\n${this.pad(column)}`;
    const [open, end] = isMap ? "{}" : "[]";
    return anchor + open + (children.length === 0 ? "" : lead) + text + close + end;
  }
}

const NEW: readonly Json[] = [
  "new",
  7,
  true,
  null,
  "two\nlines\n",
  "two\nlines",
  '{"a":"b"}',
  "yes",
  "",
  [],
  ["n", 2],
  bare({}),
  bare({ n: 1 }),
  bare({ name: "n5", x: bare({ y: ["z", bare({ k: "v\nw\n" })] }) }),
  [bare({ name: "n6" }), bare({ name: "n1", v: 1 })],
];

/** Changes data at random: values, keys and items that come, go or move. */
export function mutate(data: Json, dice: Dice, percent: number): Json {
  if (Array.isArray(data)) return mutateList(data, dice, percent);
  if (isObject(data)) return mutateMap(data, dice, percent);
  return dice.chance(percent) ? dice.pick(NEW) : data;
}

function mutateList(data: Json[], dice: Dice, percent: number): Json {
  if (dice.chance(percent / 4)) return dice.pick(NEW);
  const list = data.filter(() => !dice.chance(percent / 2)).map((item) => mutate(item, dice, percent));
  while (dice.chance(percent)) list.splice(dice.below(list.length + 1), 0, dice.pick(NEW));
  if (list.length > 1 && dice.chance(percent)) list.push(...list.splice(dice.below(list.length), 1));
  return list;
}

function mutateMap(data: JsonObject, dice: Dice, percent: number): Json {
  if (dice.chance(percent / 4)) return dice.pick(NEW);
  const map: JsonObject = Object.create(null);
  for (const key of Object.keys(data))
    if (!dice.chance(percent / 2)) map[key] = mutate(data[key] as Json, dice, percent);
  while (dice.chance(percent))
    map[dice.pick(["k1", "k2", "initContainers", "true", "a", "metadata", "a: b"])] = dice.pick(NEW);
  return map;
}
