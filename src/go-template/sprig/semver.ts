import { fn, type TemplateFunction } from "../functions.ts";
import type { Budget } from "../limits.ts";
import { readUint64 } from "../numbers.ts";
import { compileRegexp, findAll, type Match, replaceAll } from "../regexp/match.ts";
import { FunctionError } from "../template-error.ts";
import {
  GoInt,
  GoStruct,
  INT,
  type Method,
  pointerTo,
  type STRING,
  type StructType,
  UINT64,
  type Value,
} from "../values.ts";

/** Semantic versions and constraints on them (Masterminds/semver 3.3.0), as sprig 3.3.0 semver.go offers them. */
export const SEMVER_FUNCTIONS: [string, TemplateFunction][] = [
  ["semver", fn("string", ([text], budget) => new GoStruct(VERSION_TYPE, parseVersion(text as string, budget), true))],
  [
    "semverCompare",
    fn("string string", ([constraint, version], budget) => {
      const alternatives = parseConstraints(constraint as string, budget);
      const checked = parseVersion(version as string, budget);
      return alternatives.some((all) => all.every((one) => satisfies(checked, one)));
    }),
  ],
];

interface Version {
  major: bigint;
  minor: bigint;
  patch: bigint;
  pre: string;
  metadata: string;
  original: string;
}

const PRE = "(-([0-9A-Za-z\\-]+(\\.[0-9A-Za-z\\-]+)*))?";
const METADATA = "(\\+([0-9A-Za-z\\-]+(\\.[0-9A-Za-z\\-]+)*))?";
const VERSION = `^v?([0-9]+)(\\.[0-9]+)?(\\.[0-9]+)?${PRE}${METADATA}$`;
const PART = "[0-9|x|X|\\*]+";
const WILD_VERSION = `v?(${PART})(\\.${PART})?(\\.${PART})?${PRE}${METADATA}`;
const OPERATORS = "=||!=|>|<|>=|=>|<=|=<|~|~>|\\^";
const CONSTRAINT = `^\\s*(${OPERATORS})\\s*(${WILD_VERSION})\\s*$`;
const RANGE = `\\s*(${WILD_VERSION})\\s+-\\s+(${WILD_VERSION})\\s*`;
const FIND = `(${OPERATORS})\\s*(${WILD_VERSION})`;
const VALID = `^(\\s*(${OPERATORS})\\s*(${WILD_VERSION})\\s*)((?:\\s+|,\\s*)(${OPERATORS})\\s*(${WILD_VERSION})\\s*)*$`;

/** The texts of a match's groups. */
function groupsOf(text: string, match: Match): string[] {
  return match
    .filter((_, slot) => slot % 2 === 0)
    .map((start, group) => (start < 0 ? "" : text.slice(start, match[2 * group + 1])));
}

function groups(pattern: string, text: string, budget: Budget): string[] | undefined {
  const [match] = findAll(compileRegexp(pattern), text, 1, budget);
  return match === undefined ? undefined : groupsOf(text, match);
}

function parseVersion(text: string, budget: Budget): Version {
  const parts = groups(VERSION, text, budget);
  if (parts === undefined) throw new FunctionError("Invalid Semantic Version");
  const [, major = "", minor = "", patch = "", , pre = "", , , metadata = ""] = parts;
  for (const part of pre === "" ? [] : pre.split(".")) {
    if (/^0[0-9]+$/.test(part)) throw new FunctionError("Version segment starts with 0");
  }
  return { major: segment(major), minor: segment(minor), patch: segment(patch), pre, metadata, original: text };
}

function segment(text: string): bigint {
  const digits = text.replace(".", "");
  const value = digits === "" ? 0n : readUint64(digits, 10);
  if (value === undefined) throw new FunctionError(`Error parsing version segment: ${digits}`);
  return value;
}

function versionText({ major, minor, patch, pre, metadata }: Version): string {
  return `${major}.${minor}.${patch}${pre === "" ? "" : `-${pre}`}${metadata === "" ? "" : `+${metadata}`}`;
}

function order<T>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function compare(a: Version, b: Version): number {
  const numbers = order(a.major, b.major) || order(a.minor, b.minor) || order(a.patch, b.patch);
  if (numbers !== 0 || a.pre === b.pre) return numbers;
  if (a.pre === "") return 1;
  return b.pre === "" ? -1 : comparePre(a.pre, b.pre);
}

function comparePre(a: string, b: string): number {
  const [left, right] = [a.split("."), b.split(".")];
  for (let at = 0; at < Math.max(left.length, right.length); at++) {
    const part = comparePart(left[at] ?? "", right[at] ?? "");
    if (part !== 0) return part;
  }
  return 0;
}

/** Numbers come before words. */
function comparePart(a: string, b: string): number {
  if (a === b) return 0;
  if (a === "" || b === "") return a === "" ? -1 : 1;
  const [x, y] = [readUint64(a, 10), readUint64(b, 10)];
  if (x === undefined && y === undefined) return a > b ? 1 : -1;
  if (x === undefined) return 1;
  return y === undefined || x <= y ? -1 : 1;
}

interface Constraint {
  operator: string;
  version: Version;
  /** Parts were left out or written as x. */
  dirty: boolean;
  minorDirty: boolean;
  patchDirty: boolean;
}

function parseConstraints(text: string, budget: Budget): Constraint[][] {
  const valid = compileRegexp(VALID);
  return rewriteRanges(text, budget)
    .split("||")
    .map((part) => {
      if (findAll(valid, part, 1, budget).length === 0) throw new FunctionError(`improper constraint: ${part}`);
      const found = findAll(compileRegexp(FIND), part, -1, budget).map(([start, end]) => part.slice(start, end));
      return (found.length === 0 ? [part] : found).map((one) => parseConstraint(one, budget));
    });
}

/** `1.2 - 2.3` is `>= 1.2, <= 2.3` */
function rewriteRanges(text: string, budget: Budget): string {
  const regexp = compileRegexp(RANGE);
  return replaceAll(regexp, text, budget, (match) => {
    const found = groupsOf(text, match);
    return `>= ${found[1]}, <= ${found[11]} `;
  });
}

function parseConstraint(text: string, budget: Budget): Constraint {
  if (text === "") {
    return { operator: "", version: parseVersion("0.0.0", budget), dirty: true, minorDirty: false, patchDirty: false };
  }
  const parts = groups(CONSTRAINT, text, budget);
  if (parts === undefined) throw new FunctionError(`improper constraint: ${text}`);
  const [, operator = "", whole = "", major = "", minor = "", patch = "", pre = ""] = parts;
  const open = (part: string) => part === "" || /^\.?[xX*]$/.test(part);
  const all = open(major);
  const minorDirty = !all && open(minor);
  const patchDirty = !all && !minorDirty && open(patch);
  const written = all
    ? `0.0.0${pre}`
    : minorDirty
      ? `${major}.0.0${pre}`
      : patchDirty
        ? `${major}${minor}.0${pre}`
        : whole;
  return {
    operator,
    version: constraintVersion(written, budget),
    dirty: all || minorDirty || patchDirty,
    minorDirty,
    patchDirty,
  };
}

function constraintVersion(text: string, budget: Budget): Version {
  try {
    return parseVersion(text, budget);
  } catch (error) {
    if (error instanceof FunctionError) throw new FunctionError("constraint Parser Error");
    throw error;
  }
}

function satisfies(version: Version, constraint: Constraint): boolean {
  const { operator, version: wanted, dirty } = constraint;
  // A constraint that names no prerelease admits none.
  const plain = version.pre !== "" && wanted.pre === "";
  if (operator === "!=") return dirty ? differs(version, constraint, plain) : compare(version, wanted) !== 0;
  if (plain) return false;
  switch (operator) {
    case ">":
      return greater(version, constraint);
    case "<":
      return compare(version, wanted) < 0;
    case ">=":
    case "=>":
      return compare(version, wanted) >= 0;
    case "<=":
    case "=<":
      return atMost(version, constraint);
    case "^":
      return caret(version, constraint);
    case "~":
    case "~>":
      return tilde(version, constraint);
    default:
      return dirty ? tilde(version, constraint) : compare(version, wanted) === 0;
  }
}

function differs(version: Version, { version: wanted, minorDirty, patchDirty }: Constraint, plain: boolean): boolean {
  if (plain) return false;
  if (wanted.major !== version.major) return true;
  if (wanted.minor !== version.minor && !minorDirty) return true;
  if (minorDirty) return false;
  if (wanted.patch !== version.patch && !patchDirty) return true;
  if (!patchDirty) return compare(version, wanted) !== 0;
  if (version.pre === "" && wanted.pre === "") return false;
  return comparePre(version.pre, wanted.pre) !== 0;
}

function greater(version: Version, { version: wanted, dirty, minorDirty, patchDirty }: Constraint): boolean {
  if (!dirty) return compare(version, wanted) > 0;
  if (version.major !== wanted.major) return version.major > wanted.major;
  if (minorDirty) return false;
  if (patchDirty) return version.minor > wanted.minor;
  return compare(version, wanted) > 0;
}

function atMost(version: Version, { version: wanted, dirty, minorDirty }: Constraint): boolean {
  if (!dirty) return compare(version, wanted) <= 0;
  if (version.major > wanted.major) return false;
  return !(version.major === wanted.major && version.minor > wanted.minor && !minorDirty);
}

function tilde(version: Version, { version: wanted, minorDirty, patchDirty }: Constraint): boolean {
  if (compare(version, wanted) < 0) return false;
  const zero = wanted.major === 0n && wanted.minor === 0n && wanted.patch === 0n;
  if (zero && !minorDirty && !patchDirty) return true;
  return version.major === wanted.major && (version.minor === wanted.minor || minorDirty);
}

function caret(version: Version, { version: wanted, minorDirty, patchDirty }: Constraint): boolean {
  if (compare(version, wanted) < 0) return false;
  if (wanted.major > 0n || minorDirty) return version.major === wanted.major;
  if (version.major > 0n) return false;
  if (wanted.minor > 0n || patchDirty) return version.minor === wanted.minor;
  return version.minor === 0n && wanted.patch === version.patch;
}

const uint64 = (value: bigint) => new GoInt(UINT64, value);
const getter = (get: (version: Version) => Value): Method => ({ params: [], run: (version: Version) => get(version) });
const fields = (names: [string, typeof STRING, (version: Version) => Value][]) =>
  new Map(names.map(([name, type, get]) => [name, { type, get }]));

/** `*semver.Version`; its fields are not exported, so templates see its methods alone. */
const VERSION_TYPE: StructType = {
  kind: "struct",
  name: "semver.Version",
  fields: fields([]),
  methods: new Map<string, Method>([
    ["Major", getter(({ major }) => uint64(major))],
    ["Minor", getter(({ minor }) => uint64(minor))],
    ["Patch", getter(({ patch }) => uint64(patch))],
    ["Prerelease", getter(({ pre }) => pre)],
    ["Metadata", getter(({ metadata }) => metadata)],
    ["Original", getter(({ original }) => original)],
    ["String", getter(versionText)],
    ["IncMajor", changed((v) => ({ ...v, major: v.major + 1n, minor: 0n, patch: 0n, pre: "", metadata: "" }))],
    ["IncMinor", changed((v) => ({ ...v, minor: v.minor + 1n, patch: 0n, pre: "", metadata: "" }))],
    ["IncPatch", changed((v) => ({ ...v, patch: v.pre === "" ? v.patch + 1n : v.patch, pre: "", metadata: "" }))],
  ]),
  text: (version) => versionText(version as Version),
  json: versionText,
};

function changed(change: (version: Version) => Version): Method {
  return getter((version) => {
    const next = change(version);
    const prefix = version.original.startsWith("v") ? "v" : "";
    return new GoStruct(VERSION_TYPE, { ...next, original: prefix + versionText(next) });
  });
}

const comparison = (test: (result: number) => boolean): Method => ({
  params: [pointerTo(VERSION_TYPE)],
  run: (version: Version, [other]) => test(compare(version, (other as GoStruct).data as Version)),
});
const METHODS = VERSION_TYPE.methods as Map<string, Method>;
METHODS.set(
  "Equal",
  comparison((result) => result === 0),
);
METHODS.set(
  "LessThan",
  comparison((result) => result < 0),
);
METHODS.set(
  "GreaterThan",
  comparison((result) => result > 0),
);
METHODS.set("Compare", {
  params: [pointerTo(VERSION_TYPE)],
  run: (version: Version, [other]) => new GoInt(INT, BigInt(compare(version, (other as GoStruct).data as Version))),
});
