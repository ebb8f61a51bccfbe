/** Random templates with data, for the differential against Go (testdata/go-template). */
export interface RandomCase {
  template: string;
  data: unknown;
  /** Without sprig's functions. */
  plain: boolean;
  /** The data is Go's struct Record. */
  record: boolean;
}

export interface Random {
  next(): number;
  below(count: number): number;
  pick<T>(items: readonly T[]): T;
  chance(probability: number): boolean;
}

/** A generator of numbers that gives the same ones for a seed (mulberry32). */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (count: number) => Math.floor(next() * count);
  return { next, below, pick: (items) => items[below(items.length)] as never, chance: (share) => next() < share };
}

type Sort =
  | "any"
  | "string"
  | "int"
  | "bool"
  | "float"
  | "list"
  | "dict"
  | "strings"
  | "pattern"
  | "version"
  | "constraint"
  | "scalar"
  | "copy"
  | "fresh"
  | "count"
  | "url"
  | "urldict";

const WORDS = [
  ...[
    "",
    "a",
    "abc",
    "Hello World",
    "some-value",
    "foo_bar",
    "HTTPServer2xx",
    "istio-proxy",
    "v1.2.3",
    "42",
    "-7",
    "3.50",
  ],
  ...[
    "0x1F",
    "true",
    "a,b,c",
    "  padded\t",
    "line1\nline2",
    "é",
    "naïve café",
    "日本語",
    "👍🏽ok",
    'say "hi"',
    "it's",
    "<b>&amp;</b>",
  ],
  ...[
    "a/b/../c.txt",
    "/etc/",
    "istio.io/rev",
    "aaa",
    "foo.bar.baz",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a reference of regexReplaceAll
    "$1-${x}",
    "%d %s",
    "GO_PATH",
    "one two  three",
    "ǅ",
    "İ",
    "ß",
  ],
  ...[
    "aGVsbG8=",
    "NBSWY3DP",
    "x=1&y=2",
    '{"a":[1,2]}',
    "[1,2",
    "\u2028",
    "\u0001",
    "null",
    "1e3",
    "010",
    "1_000",
    "1h2m3.5s",
    "-90m",
    "100ms",
    "86400",
  ],
];
const NAMES = ["a", "b", "name", "list", "map", "num", "nil", "flag", "text", "deep", "Labels", "missing"];
const PATTERNS = [
  ...[
    "a+",
    "[a-z]+",
    "(\\w+)-(\\w+)",
    "^\\s*",
    "b*",
    "",
    "(a|ab)(c|bcd)?",
    "[^a-z]",
    "\\d{2,3}",
    "(?i)HELLO",
    "o$",
    "\\bw",
    ".",
  ],
  ...[
    "(",
    "[z-a]",
    "a**",
    "x{2,1}",
    "\\pL+",
    "(?P<n>\\w)(?P<m>.)",
    "a??",
    "(a*)*",
    "[[:upper:]]",
    "\\.",
    "é|日",
    "(?s).+",
    "(?U)a+",
    "a|b|",
  ],
  ...[
    "[\\d-]",
    "\\Q.+\\E",
    "(?:ab){2}",
    "[]a]",
    "[a-]",
    "\\x{65E5}",
    "^$",
    "(?m)^l",
    "\\z",
    "\\1",
    "a{1001}",
    "(?i)[k-s]+",
    "\\PL",
  ],
];
const VERSIONS = [
  "1.2.3",
  "v1.2",
  "2",
  "1.2.3-beta.1",
  "1.2.3+build",
  "0.3.0",
  "1.28.10",
  "01.2.3",
  "x",
  "1.0.0-01",
  "0.0.3",
  "1.2.3-alpha",
];
const CONSTRAINTS = [
  ...[
    "^1.2",
    "~1.2.3",
    ">=1.20 <1.30",
    "1.x",
    "!=1.2.x",
    "1.2 - 2",
    ">1",
    "<=1.28",
    "^0.3",
    "^0.0.3",
    "*",
    "",
    "=1.2.3 || >2",
  ],
  ...["~>2.0", ">=1.2.3-0", "bad", "1.2.3, 1.2.4", "<2.0.0-0", "!=1.2.3", "~0", "^0", "=>1.0", ">= 1.2-0"],
];
const URLS = [
  ...[
    "http://user:p%40ss@host.example:80/a%20b?x=1&y#frag",
    "mailto:a@b",
    "/only/path?q",
    "//host/p",
    "https://[::1]:8080/x",
    "a:b/c",
  ],
  ...[
    "http://h:x/",
    "%zz",
    "http://é.example/ü?ß#ö",
    "HTTP://A/b#c%20d",
    "x://u@h",
    "*",
    "1:2",
    "http://h/%41?",
    "http://a b/",
    "s:",
    "http://[fe80::1%25en0]/",
  ],
];
const FORMATS = [
  ...[
    "%v",
    "%s",
    "%d",
    "%q",
    "%t",
    "%x",
    "%T",
    "%+v",
    "%05d",
    "%-6s|",
    "%6.2f",
    "%e",
    "%g",
    "%X",
    "%c",
    "%U",
    "%#v",
    "%%",
    "%8v",
  ],
  ...[
    "%o",
    "%b",
    "%.3s",
    "% x",
    "%+d",
    "%[2]v %[1]v",
    "%*d",
    "%.1f",
    "%!",
    "%z",
    "%",
    "%v %v",
    "%#x",
    "%+q",
    "% d",
    "%#q",
    "%08.3f",
  ],
  ...[
    "%#g",
    "%G",
    "%.2e",
    "%-8d|",
    "%O",
    "%#o",
    "%x",
    "%3c|",
    "%.0f",
    "%10.3v|",
    "%[3]d",
    "%[x]d",
    "%-010d|",
    "%+.3e",
    "%6q",
    "%#U",
  ],
];

/** Functions with the sorts of their parameters and of their result. */
const BUILTIN = `
not any:bool; html any:string; js any:string; urlquery any:string; print any any:string; println any any:string;
and any any:any; or any any:any; and any any any:any; or any any any:any; len any:int; len list:int; len string:int; len dict:int;
index list int:any; index dict string:any; index string int:int; index list int string:any; index dict string int:any;
eq any any:bool; eq string string:bool; eq int int:bool; eq int int int:bool; eq float float:bool; eq string string string:bool; ne string string:bool;
ne any any:bool; lt int int:bool; lt string string:bool; le float float:bool; gt int int:bool; ge string string:bool; lt any any:bool; call any:any;
`;
const BUILTIN_SLICE = "slice string int int:string; slice list int:list; slice string int:string;";
const SPRIG_TEXT = `
abbrev int string:string; abbrevboth int int string:string; trunc int string:string; trim string:string; upper string:string; lower string:string;
title string:string; untitle string:string; substr int int string:string; repeat count string:string; trimall string string:string;
trimAll string string:string; trimSuffix string string:string; trimPrefix string string:string; nospace string:string; initials string:string;
swapcase string:string; snakecase string:string; camelcase string:string; kebabcase string:string; wrap int string:string;
wrapWith int string string:string; contains string string:bool; hasPrefix string string:bool; hasSuffix string string:bool;
quote any:string; quote any any:string; squote any:string; squote any any:string; cat any any any:string; indent count string:string;
nindent count string:string; replace string string string:string; plural string string int:string; toString any:string; toStrings list:strings;
toStrings any:strings; join string list:string; join string strings:string; join string any:string; splitList string string:strings;
split string string:any; splitn string int string:any; sha1sum string:string; sha256sum string:string; sha512sum string:string;
adler32sum string:string; b64enc string:string; b64dec string:string; b32enc string:string; b32dec string:string; hello:string;
atoi string:int; int64 any:any; int any:int; int string:int; int float:int; float64 any:float; float64 string:float; seq count:string; seq count count:string;
seq count count count:string; toDecimal any:any; toDecimal string:any; until count:list; untilStep count count count:list; add1 any:any; add int any:any;
add int int int:any; sub any int:any; div any int:any; mod any int:any; mul int any:any; add1f any:float; addf float float:float; subf float float:float;
divf float float:float; mulf float float:float; divf int int:float; max int int:any; min int any:any; biggest int int:any; maxf float float:float;
minf float int:float; ceil any:float; floor float:float; round float int:float; round float int float:float; sortAlpha list:strings; sortAlpha strings:strings;
default any any:any; default string string:any; default string any:any; empty any:bool; coalesce any any any:any; all any any:bool; any any any:bool;
compact list:list; fromJson string:any; mustFromJson string:any; toJson any:string; toPrettyJson any:string; toRawJson any:string; toJson dict:string;
mustToJson any:string; ternary any any bool:any; deepCopy any:any; deepCopy dict:dict; typeOf any:string; typeIs string any:bool; typeIsLike string any:bool;
kindOf any:string; kindIs string any:bool; deepEqual any any:bool; deepEqual list list:bool; base string:string; dir string:string; clean string:string;
ext string:string; isAbs string:bool; osBase string:string; osDir string:string; list any any any:list; list:list; list string string:list; tuple any:list;
dict string any:dict; dict string any string any:dict; dict any any:dict; dict string:dict; get dict string:any; set dict string scalar:dict; set copy string scalar:dict;
unset dict string:dict; hasKey dict string:bool; pluck string dict dict:list; keys dict | sortAlpha:strings; pick dict string string:dict;
omit dict string:dict; merge copy dict:dict; mergeOverwrite copy dict:dict; mustMerge copy dict dict:dict; values dict | sortAlpha:strings;
append list any:list; push list any:list; prepend list any:list; first list:any; rest list:list; last list:any; initial list:list; reverse list:list;
uniq list:list; without list any any:list; has any list:bool; slice list int:any; slice fresh int int:any; concat list list:list; concat list strings:list;
dig string any dict:any; dig string string any dict:any; chunk int list:any; first strings:any; mustRest strings:list; mustHas string strings:bool;
semverCompare constraint version:bool; semver version:any; fail string:string; regexMatch pattern string:bool; mustRegexMatch pattern string:bool;
regexFindAll pattern string int:strings; regexFind pattern string:string; regexReplaceAll pattern string string:string; regexQuoteMeta string:string;
regexReplaceAllLiteral pattern string string:string; regexSplit pattern string int:strings; mustRegexFind pattern string:string;
urlParse url:dict; urlParse string:dict; urlJoin dict:string; urlJoin urldict:string; duration any:string; durationRound any:string; duration string:string; durationRound string:string;
append any any:list; first any:any; join any any:string; trunc any string:string; upper any:string; hasKey any any:bool; get any any:any; has any any:bool;
`;

interface Spec {
  name: string;
  params: Sort[];
  /** A function that the result goes through. */
  then: string;
  result: Sort;
}
function specs(text: string): Spec[] {
  const entries = text.split(";").map((entry) => entry.trim());
  return entries
    .filter((entry) => entry !== "")
    .map((entry) => {
      const [call = "", result = "any"] = entry.split(":");
      const [words = "", then = ""] = call.split(" | ");
      const [name = "", ...params] = words.trim().split(" ");
      return { name, params: params as Sort[], then, result: result as Sort };
    });
}
const PLAIN_SPECS = specs(BUILTIN + BUILTIN_SLICE);
const SPRIG_SPECS = specs(BUILTIN + SPRIG_TEXT);

interface Scope {
  random: Random;
  variables: string[];
  specs: Spec[];
  record: boolean;
  inRange: boolean;
  depth: number;
  templates: string[];
}

export function randomCase(seed: number, without: ReadonlySet<string> = new Set()): RandomCase {
  const random = randomFrom(seed);
  const plain = random.chance(0.2);
  const record = random.chance(0.25);
  const known = (plain ? PLAIN_SPECS : SPRIG_SPECS).filter(({ name }) => !without.has(name));
  const templates = random.chance(0.3) ? ["one", "two"] : [];
  const scope: Scope = { random, variables: ["$"], specs: known, record, inRange: false, depth: 0, templates };
  const defined = templates.map((name) => define(scope, name)).join("");
  const whole = defined + block(scope, 1 + random.below(4));
  const template = random.chance(0.02) ? broken(random, whole) : whole;
  return { template, data: record ? recordData(random, template) : mapData(random), plain, record };
}

function define(scope: Scope, name: string): string {
  const inner = { ...scope, variables: ["$"], templates: name === "two" ? ["one"] : [], depth: 2, inRange: false };
  return `{{define "${name}"}}${block(inner, 2)}{{end}}`;
}

/** A template with something missing or too much. */
function broken(random: Random, template: string): string {
  const at = random.below(template.length + 1);
  return random.chance(0.5)
    ? template.slice(0, at) + template.slice(at + 1 + random.below(3))
    : template.slice(0, at) +
        random.pick(["{{", "}}", "(", ")", "|", '"', "$", ".", " ", "{{end}}", ",", "-"]) +
        template.slice(at);
}

function block(scope: Scope, count: number): string {
  let text = "";
  const inner = { ...scope, variables: [...scope.variables] };
  for (let index = 0; index < count; index++) text += random(inner)(0.4) ? literalText(inner) : statement(inner);
  return text;
}
function random({ random: source }: Scope): (share: number) => boolean {
  return (share) => source.chance(share);
}

function literalText({ random: { pick } }: Scope): string {
  return pick(["x", " ", "\n", "  key: ", "é ", "- a\n", "\n\n  ", "{ }", "a\tb ", "]"]);
}

function open({ random: source }: Scope): string {
  return source.chance(0.15) ? "{{- " : "{{";
}
function close({ random: source }: Scope): string {
  return source.chance(0.15) ? " -}}" : "}}";
}

function statement(scope: Scope): string {
  const { random: source } = scope;
  const [left, right] = [open(scope), close(scope)];
  if (scope.depth > 3) return `${left}${pipeline(scope, "any")}${right}`;
  const inner = { ...scope, depth: scope.depth + 1 };
  switch (source.below(12)) {
    case 0:
      return branch(inner, left, right);
    case 1:
      return range(inner, left, right);
    case 2:
      return withBlock(inner, left, right);
    case 3:
    case 4:
      return declaration(scope, left, right);
    case 5:
      if (scope.templates.length === 0) break;
      return `${left}template "${source.pick(scope.templates)}" ${pipeline(inner, "any")}${right}`;
    case 6:
      if (scope.inRange && source.chance(0.5)) return `{{${source.pick(["break", "continue"])}}}`;
      return source.chance(0.3) ? "{{/* a comment */}}" : `${left}${pipeline(inner, "string")}${right}`;
  }
  return `${left}${pipeline(inner, "any")}${right}`;
}

function branch(scope: Scope, left: string, right: string): string {
  const { random: source } = scope;
  let text = `${left}if ${pipeline(scope, source.pick(["bool", "any"]))}${right}${block(scope, 2)}`;
  if (source.chance(0.3)) text += `{{else if ${pipeline(scope, "any")}}}${block(scope, 1)}`;
  if (source.chance(0.5)) text += `{{else}}${block(scope, 1)}`;
  return `${text}{{end}}`;
}

function range(scope: Scope, left: string, right: string): string {
  const { random: source } = scope;
  const sort = source.pick<Sort>(["list", "dict", "list", "strings", "any", "int"]);
  const over = sort === "int" ? String(source.below(4)) : pipeline(scope, sort);
  const names = source.pick([[], ["$v"], ["$i", "$e"], []]);
  const assigned = names.length === 1 && scope.variables.includes("$x") && source.chance(0.2);
  const variables = assigned ? "$x = " : names.length === 0 ? "" : `${names.join(", ")} := `;
  const inner = { ...scope, inRange: true, variables: [...scope.variables, ...names] };
  const otherwise = source.chance(0.3) ? `{{else}}${block(scope, 1)}` : "";
  return `${left}range ${variables}${over}${right}${block(inner, 2)}${otherwise}{{end}}`;
}

function withBlock(scope: Scope, left: string, right: string): string {
  const { random: source } = scope;
  const name = source.chance(0.3) ? "$w" : undefined;
  const start = `${left}with ${name === undefined ? "" : `${name} := `}${pipeline(scope, "any")}${right}`;
  const inner = name === undefined ? scope : { ...scope, variables: [...scope.variables, name] };
  const other = source.chance(0.2) ? `{{else with ${pipeline(scope, "any")}}}${block(scope, 1)}` : "";
  return `${start}${block(inner, 2)}${other}${source.chance(0.4) ? `{{else}}${block(inner, 1)}` : ""}{{end}}`;
}

function declaration(scope: Scope, left: string, right: string): string {
  const { random: source, variables } = scope;
  if (variables.length > 1 && source.chance(0.3)) {
    return `${left}${source.pick(variables.slice(1))} = ${pipeline(scope, "any")}${right}`;
  }
  const text = `${left}$x := ${pipeline(scope, "any")}${right}`;
  variables.push("$x");
  return text;
}

function pipeline(scope: Scope, sort: Sort): string {
  const { random: source } = scope;
  if (!source.chance(0.3)) return command(scope, sort, 2);
  const candidates = scope.specs.filter(
    (spec) => spec.params.length > 0 && spec.then === "" && fits(spec.result, sort),
  );
  if (candidates.length === 0) return command(scope, sort, 2);
  const spec = source.pick(candidates);
  const args = spec.params.slice(0, -1).map((param) => ` ${operand(scope, param, 1)}`);
  return `${command(scope, spec.params.at(-1) as Sort, 1)} | ${spec.name}${args.join("")}`;
}

function fits(result: Sort, wanted: Sort): boolean {
  return wanted === "any" || result === wanted || (wanted === "list" && result === "strings");
}

/** A command; a call is not in parentheses here. */
function command(scope: Scope, sort: Sort, depth: number): string {
  const { random: source } = scope;
  if (depth > 0 && source.chance(0.65)) {
    const candidates = scope.specs.filter((spec) => fits(spec.result, sort));
    if (candidates.length > 0) return call(scope, source.pick(candidates), depth);
  }
  if (source.chance(0.06)) return printf(scope);
  return operand(scope, sort, depth);
}

function call(scope: Scope, { name, params, then }: Spec, depth: number): string {
  const extra = scope.random.chance(0.01) ? [operand(scope, "any", 0)] : [];
  const kept = scope.random.chance(0.01) ? params.slice(1) : params;
  const args = [...kept.map((param) => operand(scope, param, depth - 1)), ...extra];
  return [name, ...args].join(" ") + (then === "" ? "" : ` | ${then}`);
}

function printf(scope: Scope): string {
  const { random: source } = scope;
  const format = Array.from({ length: 1 + source.below(2) }, () => source.pick(FORMATS)).join(" ");
  const count = source.below(3) + (source.chance(0.8) ? 1 : 0);
  const args = Array.from({ length: count }, () =>
    operand(scope, source.pick(["any", "int", "string", "float", "list"]), 1),
  );
  return `printf ${JSON.stringify(format)} ${args.join(" ")}`;
}

function operand(scope: Scope, sort: Sort, depth: number): string {
  const { random: source } = scope;
  // A map that comes to be within itself would run Go out of its stack.
  if (sort === "scalar" || sort === "copy" || sort === "fresh" || sort === "count") return value(scope, sort);
  if (source.chance(0.03)) return value(scope, source.pick(["any", "string", "int", "float", "list", "dict", "bool"]));
  if (depth > 0 && source.chance(0.35)) {
    const candidates = scope.specs.filter((spec) => fits(spec.result, sort));
    if (candidates.length > 0) {
      const text = `(${call(scope, source.pick(candidates), depth)})`;
      return source.chance(0.04) ? `${text}.${source.pick(NAMES)}` : text;
    }
  }
  return value(scope, sort);
}

function value(scope: Scope, sort: Sort): string {
  const { random: source } = scope;
  switch (sort) {
    case "string":
      return source.chance(0.7) ? stringLiteral(source) : (field(scope, sort) ?? stringLiteral(source));
    case "int":
      return source.chance(0.85) ? intLiteral(source) : (field(scope, sort) ?? intLiteral(source));
    case "float":
      return source.pick([
        "1.5",
        "0.1",
        "-2.25",
        "1e3",
        "100.0",
        "3",
        "1e21",
        "0.000001",
        "2.5e-7",
        "12345.5",
        "0x1p-2",
        ".num",
      ]);
    case "bool":
      return source.chance(0.6) ? source.pick(["true", "false"]) : (field(scope, sort) ?? "true");
    case "pattern":
      return source.chance(0.9) ? quoted(source, source.pick(PATTERNS)) : stringLiteral(source);
    case "scalar":
      return value(scope, source.pick(["string", "int", "float", "bool"]));
    case "url":
      return quoted(source, source.pick(URLS));
    case "urldict":
      return source.chance(0.5)
        ? `(urlParse ${quoted(source, source.pick(URLS))})`
        : `(dict "host" "a b:1" "path" ${stringLiteral(source)})`;
    case "count":
      return intLiteral(source);
    case "fresh":
      // A list that came from JSON has room for more items, within which Go slices.
      return source.chance(0.5)
        ? `(reverse ${value(scope, "list")})`
        : `(list ${value(scope, "any")} ${stringLiteral(source)} nil)`;
    case "copy":
      return source.chance(0.5)
        ? `(deepCopy ${value(scope, "dict")})`
        : `(dict ${stringLiteral(source)} ${value(scope, "scalar")})`;
    case "version":
      return quoted(source, source.pick(VERSIONS));
    case "constraint":
      return quoted(source, source.pick(CONSTRAINTS));
    case "list":
    case "strings":
    case "dict":
      return field(scope, sort) ?? ".";
    default:
      return source.chance(0.35)
        ? value(scope, source.pick(["string", "int", "float", "bool", "list", "dict"]))
        : anything(scope);
  }
}

function anything(scope: Scope): string {
  const { random: source, variables } = scope;
  if (source.chance(0.25)) return source.pick(variables) + (source.chance(0.2) ? `.${source.pick(NAMES)}` : "");
  if (source.chance(0.1)) return ".";
  if (source.chance(0.03)) return "nil";
  if (source.chance(0.03))
    return source.pick(["'a'", "'\\n'", "0x1F", "0b11", "0o17", "1_000", "017", "1i", "1+2i", "'é'", "1e400", "08"]);
  return field(scope, "any") ?? ".";
}

function intLiteral(source: Random): string {
  return source.chance(0.8)
    ? String(source.below(6))
    : source.pick(["-1", "10", "-3", "63", "100", "1000", "0x10", "-20"]);
}

function stringLiteral(source: Random): string {
  return quoted(source, source.pick(WORDS));
}

function quoted(source: Random, text: string): string {
  if (source.chance(0.3) && !text.includes("`") && !text.includes("\r")) return `\`${text}\``;
  // JSON's escapes are among Go's, but for the short ones of control characters that are not in use here.
  return JSON.stringify(text);
}

const MAP_FIELDS: Record<string, string[]> = {
  string: [".name", ".text", ".map.name", ".deep.a.name"],
  int: [".num"],
  bool: [".flag"],
  list: [".list", ".strings", ".map.list", ".empty"],
  strings: [".strings"],
  dict: [".map", ".deep", ".deep.a", ".emptyMap", "."],
  any: [
    ".name",
    ".num",
    ".flag",
    ".list",
    ".map",
    ".nil",
    ".missing",
    ".deep.a",
    ".deep.a.name",
    ".nil.x",
    ".map.missing",
    ".a",
    ".name.x",
    ".empty",
  ],
};
const RECORD_FIELDS: Record<string, string[]> = {
  string: [".Name", ".Child.Title", ".Child.GetTitle", ".Labels.app", ".Mode.String", ".Child.GetNext.GetTitle"],
  int: [".Count", ".Double 3", "(.Double .Count)"],
  bool: [".On"],
  list: [".Names", ".Items", ".Values.list"],
  strings: [".Names"],
  dict: [".Values", ".Values.map"],
  any: [
    ...[
      ".Name",
      ".Count",
      ".Big",
      ".Size",
      ".Ratio",
      ".On",
      ".Mode",
      ".Labels",
      ".Values.a",
      ".Items",
      ".Names",
      ".Child",
      ".Any",
    ],
    ...[
      ".Nope",
      ".Child.Next",
      ".Child.Next.Title",
      ".Child.GetNext.GetNext.GetTitle",
      ".Child.Mode",
      ".Labels.none",
      ".Any.x",
      ".Child.Nope",
    ],
    ...[
      '(.Greet "hi")',
      '(.Greet "hi" 1 2)',
      '(.Fail "no")',
      "(.Double 4)",
      '(.Double "x")',
      "(.Name 1)",
      "(index .Items 0).Port",
      "(index .Items 0).Extra.k",
    ],
  ],
};

function field(scope: Scope, sort: Sort): string | undefined {
  const { random: source, record } = scope;
  const names = (record ? RECORD_FIELDS : MAP_FIELDS)[sort];
  if (names === undefined) return undefined;
  const name = source.pick(names);
  const root = source.chance(0.5) ? "$" : "";
  if (name === ".") return root === "" ? "." : "$";
  if (name.startsWith("(") || name.includes(" ")) {
    const call = name.startsWith("(") ? name : `(${name})`;
    return root === "" ? call : call.replace(/(^|[( ])\./g, "$1$$.");
  }
  return root + name;
}

function scalar(source: Random): unknown {
  return source.pick<() => unknown>([
    () => source.pick(WORDS),
    () => source.pick([0, 1, -1, 3, 1.5, 100000, 1e6, 123456789, 1e21, 1e-7, 0.1, -0.5, 65536]),
    () => source.chance(0.5),
    () => null,
    () => source.pick(["a", "b", "c"]),
  ])();
}

function anyData(source: Random, depth: number): unknown {
  if (depth <= 0 || source.chance(0.5)) return scalar(source);
  if (source.chance(0.5)) return Array.from({ length: source.below(4) }, () => anyData(source, depth - 1));
  return dictData(source, depth - 1);
}

function dictData(source: Random, depth: number): Record<string, unknown> {
  const map: Record<string, unknown> = {};
  for (let count = source.below(4); count > 0; count--) map[source.pick(NAMES)] = anyData(source, depth);
  return map;
}

function mapData(source: Random): Record<string, unknown> {
  return {
    name: source.pick(WORDS),
    text: source.pick(WORDS),
    num: source.pick([0, 1, 2, 3.7, -4, 1e6]),
    flag: source.chance(0.5),
    list: Array.from({ length: source.below(5) }, () => anyData(source, 1)),
    strings: Array.from({ length: source.below(4) }, () => source.pick(WORDS)),
    empty: [],
    emptyMap: {},
    map: { ...dictData(source, 1), name: source.pick(WORDS), list: [1, 2, 2, "x"] },
    deep: { a: { ...dictData(source, 1), name: "deep" }, b: dictData(source, 0) },
    nil: null,
    a: anyData(source, 2),
  };
}

function childData(source: Random, depth: number): unknown {
  if (depth === 0 || source.chance(0.3)) return null;
  return { Title: source.pick(WORDS), Mode: source.below(3), Next: childData(source, depth - 1) };
}

function recordData(source: Random, template: string): unknown {
  // Printed as a whole, the record would show the address of its child.
  const whole = /[ (]\.[ )}|]|\$[ )}|]/.test(template) || /Child[ )}|]/.test(template);
  const labels = { app: "web", "istio.io/rev": source.pick(WORDS) };
  return {
    Name: source.pick(WORDS),
    Count: source.below(20) - 5,
    Big: source.pick([0, 9007199254740991, -5]),
    Size: source.below(100),
    Ratio: source.pick([0, 1.5, 1e21, -0.25]),
    On: source.chance(0.5),
    Mode: source.below(3),
    Labels: source.chance(0.8) ? labels : null,
    Values: { a: anyData(source, 1), list: [1, "b", null], map: dictData(source, 1), x: { name: "v" } },
    Items: Array.from({ length: source.below(3) }, (_, index) => ({
      Name: `i${index}`,
      Port: index * 80,
      Extra: index === 0 ? { k: "v" } : null,
    })),
    Names: Array.from({ length: source.below(4) }, () => source.pick(WORDS)),
    Child: whole ? null : childData(source, 2),
    Any: anyData(source, 1),
  };
}
