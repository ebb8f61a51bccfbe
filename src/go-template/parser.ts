import { type Delimiters, lex, type Token, type TokenType } from "./lexer.ts";
import type {
  Branch,
  Command,
  List,
  NumberConstant,
  Operand,
  Pipe,
  Statement,
  TemplateCall,
  Variable,
} from "./nodes.ts";
import { textOf } from "./nodes.ts";
import { readFloat, readInt64, readUint64 } from "./numbers.ts";
import { quote, unquote, unquoteRune } from "./quote.ts";
import { lineAt, TemplateError } from "./template-error.ts";

/** Templates of one text by name; the text's own is among them unless it is empty. */
export type Trees = Map<string, List>;

/** Go allows 10,000 nested parentheses; no template needs as many, and they would exhaust the stack. */
const MAX_NESTING = 250;

/** Reads one text with all its definitions. */
interface Parser {
  name: string;
  text: string;
  tokens: Token[];
  next: number;
  functions: (name: string) => boolean;
  trees: Trees;
  /** Of the template that is being read. */
  scope: Scope;
  nesting: number;
  /** Offset of the action that is being read; -1 outside. */
  action: number;
}
interface Scope {
  variables: string[];
  rangeDepth: number;
}
/** What ends a list of statements. */
type End = { type: "end"; at: number } | { type: "else"; at: number };

/**
 * Parses a template (text/template/parse/parse.go, Go 1.24).
 * @throws TemplateError with the line
 */
export function parseTrees(
  name: string,
  text: string,
  delimiters: Delimiters,
  functions: (name: string) => boolean,
): Trees {
  const tokens = lex(text, delimiters, functions);
  const scope = newScope();
  const parser: Parser = { name, text, tokens, next: 0, functions, trees: new Map(), scope, nesting: 0, action: -1 };
  parseText(parser);
  return parser.trees;
}

function newScope(): Scope {
  return { variables: ["$"], rangeDepth: 0 };
}

function parseText(parser: Parser): void {
  const root: List = { type: "list", at: peek(parser).at, nodes: [] };
  while (peek(parser).type !== "eof") {
    const start = parser.next;
    if (take(parser).type === "leftDelim" && takeWord(parser).type === "define") {
      inOwnScope(parser, () => parseDefinition(parser));
      continue;
    }
    parser.next = start;
    const node = parseStatement(parser);
    if (node.type === "end" || node.type === "else") fail(parser, `unexpected {{${node.type}}}`);
    else root.nodes.push(node);
  }
  add(parser, parser.name, root);
}

function inOwnScope<T>(parser: Parser, parse: () => T): T {
  const { scope, action } = parser;
  parser.scope = newScope();
  parser.action = -1;
  const result = parse();
  parser.scope = scope;
  parser.action = action;
  return result;
}

function parseDefinition(parser: Parser): void {
  const token = takeWord(parser);
  if (token.type !== "string" && token.type !== "rawString") unexpected(parser, token, "define clause");
  const name = literal(parser, token);
  expect(parser, "rightDelim", "define clause");
  const [list, end] = parseList(parser);
  if (end.type !== "end") fail(parser, `unexpected {{${end.type}}} in define clause`);
  add(parser, name, list);
}

/** A template may be defined again only if one of the two is empty. */
function add(parser: Parser, name: string, list: List): void {
  const earlier = parser.trees.get(name);
  if (earlier === undefined || isEmpty(earlier)) parser.trees.set(name, list);
  else if (!isEmpty(list)) fail(parser, `template: multiple definition of template ${quote(name)}`);
}

function isEmpty(list: List): boolean {
  return list.nodes.every((node) => node.type === "text" && node.text.trim() === "");
}

function parseList(parser: Parser): [List, End] {
  if (++parser.nesting > MAX_NESTING) fail(parser, "max depth of nested actions exceeded");
  const list: List = { type: "list", at: peekWord(parser).at, nodes: [] };
  while (peekWord(parser).type !== "eof") {
    const node = parseStatement(parser);
    if (node.type === "end" || node.type === "else") {
      parser.nesting--;
      return [list, node];
    }
    list.nodes.push(node);
  }
  takeWord(parser);
  return fail(parser, "unexpected EOF");
}

function parseStatement(parser: Parser): Statement | End {
  const token = takeWord(parser);
  if (token.type === "text") return { type: "text", at: token.at, text: token.value };
  if (token.type !== "leftDelim") unexpected(parser, token, "input");
  parser.action = token.at;
  const node = parseAction(parser);
  parser.action = -1;
  return node;
}

function parseAction(parser: Parser): Statement | End {
  const token = takeWord(parser);
  switch (token.type) {
    case "block":
      return parseBlock(parser);
    case "break":
    case "continue": {
      const { type } = token;
      const end = takeWord(parser);
      if (end.type !== "rightDelim") unexpected(parser, end, `{{${type}}}`);
      if (parser.scope.rangeDepth === 0) fail(parser, `{{${type}}} outside {{range}}`);
      return { type, at: token.at };
    }
    case "else":
      return parseElse(parser);
    case "end":
      return { type: "end", at: expect(parser, "rightDelim", "end").at };
    case "if":
    case "range":
    case "with":
      return parseBranch(parser, token.type);
    case "template":
      return parseTemplateCall(parser);
  }
  parser.next--;
  const { at } = peek(parser);
  return { type: "action", at, pipe: parsePipe(parser, "command", "rightDelim") };
}

/** `else if` and `else with` leave their second word for the branch. */
function parseElse(parser: Parser): End {
  const next = peekWord(parser);
  if (next.type === "if" || next.type === "with") return { type: "else", at: next.at };
  return { type: "else", at: expect(parser, "rightDelim", "else").at };
}

function parseBranch(parser: Parser, type: Branch["type"]): Branch {
  const { scope } = parser;
  const variables = scope.variables.length;
  const pipe = parsePipe(parser, type, "rightDelim");
  if (type === "range") scope.rangeDepth++;
  const [list, end] = parseList(parser);
  if (type === "range") scope.rangeDepth--;
  const elseList = end.type === "else" ? parseElseList(parser, type, end) : undefined;
  scope.variables.length = variables;
  return { type, at: pipe.at, pipe, list, elseList };
}

function parseElseList(parser: Parser, type: Branch["type"], { at }: End): List {
  const next = peek(parser).type;
  if (next === type && (next === "if" || next === "with")) {
    parser.next++;
    if (++parser.nesting > MAX_NESTING) fail(parser, "max depth of nested actions exceeded");
    const list: List = { type: "list", at, nodes: [parseBranch(parser, next)] };
    parser.nesting--;
    return list;
  }
  const [list, end] = parseList(parser);
  if (end.type !== "end") fail(parser, `expected end; found {{${end.type}}}`);
  return list;
}

function parseBlock(parser: Parser): TemplateCall {
  const token = takeWord(parser);
  const name = templateName(parser, token, "block clause");
  const pipe = parsePipe(parser, "block clause", "rightDelim");
  inOwnScope(parser, () => {
    const [list, end] = parseList(parser);
    if (end.type !== "end") fail(parser, `unexpected {{${end.type}}} in block clause`);
    add(parser, name, list);
  });
  return { type: "template", at: token.at, name, pipe };
}

function parseTemplateCall(parser: Parser): TemplateCall {
  const token = takeWord(parser);
  const name = templateName(parser, token, "template clause");
  if (takeWord(parser).type === "rightDelim") return { type: "template", at: token.at, name, pipe: undefined };
  parser.next--;
  return { type: "template", at: token.at, name, pipe: parsePipe(parser, "template clause", "rightDelim") };
}

function templateName(parser: Parser, token: Token, context: string): string {
  if (token.type !== "string" && token.type !== "rawString") unexpected(parser, token, context);
  return literal(parser, token);
}

function parsePipe(parser: Parser, context: string, end: TokenType): Pipe {
  const pipe: Pipe = { type: "pipe", at: peekWord(parser).at, assign: false, variables: [], commands: [] };
  while (parseDeclaration(parser, pipe, context));
  for (;;) {
    const token = takeWord(parser);
    if (token.type === end) break;
    if (!startsOperand(token.type)) unexpected(parser, token, context);
    parser.next--;
    pipe.commands.push(parseCommand(parser));
  }
  checkPipe(parser, pipe, context);
  return pipe;
}

/** One variable of a declaration or assignment. True if another one has to follow. */
function parseDeclaration(parser: Parser, pipe: Pipe, context: string): boolean {
  const variable = peekWord(parser);
  if (variable.type !== "variable") return false;
  const start = parser.next;
  parser.next++;
  const next = peekWord(parser);
  if (next.type === "assign" || next.type === "declare") {
    parser.next++;
    pipe.assign = next.type === "assign";
    declare(parser, pipe, variable);
    return false;
  }
  if (next.type !== "char" || next.value !== ",") {
    parser.next = start;
    return false;
  }
  parser.next++;
  declare(parser, pipe, variable);
  if (context === "range" && pipe.variables.length < 2) {
    const { type } = peekWord(parser);
    if (type === "variable" || type === "rightDelim" || type === "rightParen") return true;
    fail(parser, "range can only initialize variables");
  }
  return fail(parser, `too many declarations in ${context}`);
}

function declare(parser: Parser, pipe: Pipe, { at, value }: Token): void {
  pipe.variables.push({ type: "variable", at, name: value, fields: [] });
  parser.scope.variables.push(value);
}

function startsOperand(type: TokenType): boolean {
  switch (type) {
    case "bool":
    case "charConstant":
    case "complex":
    case "dot":
    case "field":
    case "identifier":
    case "number":
    case "nil":
    case "rawString":
    case "string":
    case "variable":
    case "leftParen":
      return true;
    default:
      return false;
  }
}

function checkPipe(parser: Parser, { commands }: Pipe, context: string): void {
  if (commands.length === 0) fail(parser, `missing value for ${context}`);
  commands.forEach(({ args: [first] }, index) => {
    if (index > 0 && isLiteral(first)) fail(parser, `non executable command in pipeline stage ${index + 1}`);
  });
}

function isLiteral({ type }: Operand): boolean {
  return type === "bool" || type === "dot" || type === "nil" || type === "number" || type === "string";
}

function parseCommand(parser: Parser): Command {
  const { at } = peekWord(parser);
  const args: Operand[] = [];
  for (;;) {
    peekWord(parser);
    const operand = parseOperand(parser);
    if (operand !== undefined) args.push(operand);
    const token = take(parser);
    if (token.type === "space") continue;
    if (token.type === "rightDelim" || token.type === "rightParen") parser.next--;
    else if (token.type !== "pipe") unexpected(parser, token, "operand");
    break;
  }
  const [first, ...others] = args;
  if (first === undefined) return fail(parser, "empty command");
  return { type: "command", at, args: [first, ...others] };
}

/** A term and the fields that follow it. */
function parseOperand(parser: Parser): Operand | undefined {
  const node = parseTerm(parser);
  if (node === undefined || peek(parser).type !== "field") return node;
  const { at } = peek(parser);
  const fields: string[] = [];
  while (peek(parser).type === "field") fields.push(take(parser).value.slice(1));
  switch (node.type) {
    case "field":
      return { type: "field", at, fields: [...node.fields, ...fields] };
    case "variable":
      return { type: "variable", at, name: node.name, fields: [...node.fields, ...fields] };
    case "identifier":
    case "pipe":
      return { type: "chain", at, node, fields };
    default:
      return fail(parser, `unexpected . after term ${quote(textOf(node))}`);
  }
}

function parseTerm(parser: Parser): Operand | undefined {
  const token = takeWord(parser);
  const { at, value } = token;
  switch (token.type) {
    case "identifier":
      if (!parser.functions(value)) fail(parser, `function ${quote(value)} not defined`);
      return { type: "identifier", at, name: value };
    case "dot":
    case "nil":
      return { type: token.type, at };
    case "variable":
      return useVariable(parser, token);
    case "field":
      return { type: "field", at, fields: [value.slice(1)] };
    case "bool":
      return { type: "bool", at, value: value === "true" };
    case "charConstant":
    case "complex":
    case "number":
      return parseNumber(parser, token);
    case "leftParen": {
      if (++parser.nesting > MAX_NESTING) fail(parser, "max expression depth exceeded");
      const pipe = parsePipe(parser, "parenthesized pipeline", "rightParen");
      parser.nesting--;
      return pipe;
    }
    case "string":
    case "rawString":
      return { type: "string", at, literal: value, value: literal(parser, token) };
  }
  parser.next--;
  return undefined;
}

function useVariable(parser: Parser, { at, value }: Token): Variable {
  if (!parser.scope.variables.includes(value)) fail(parser, `undefined variable ${quote(value)}`);
  return { type: "variable", at, name: value, fields: [] };
}

function parseNumber(parser: Parser, { type, at, value }: Token): NumberConstant {
  const node: NumberConstant = {
    type: "number",
    at,
    literal: value,
    int: undefined,
    uint: undefined,
    float: undefined,
    complex: undefined,
  };
  if (type === "charConstant") {
    const rune = unquoteRune(value);
    if (rune === undefined) return fail(parser, "invalid syntax");
    return { ...node, int: BigInt(rune), uint: BigInt(rune), float: rune };
  }
  if (value.endsWith("i")) {
    const complex = readComplex(value);
    if (complex === undefined) return fail(parser, `illegal number syntax: ${quote(value)}`);
    return complex.imag === 0 ? { ...node, complex, ...asFloat(complex.real) } : { ...node, complex };
  }
  const int = readInt64(value, 0);
  const uint = int === 0n ? 0n : readUint64(value, 0);
  const whole = int ?? uint;
  if (whole !== undefined) return { ...node, int, uint, float: Number(whole) };
  const float = readFloat(value);
  if (float === undefined) return fail(parser, `illegal number syntax: ${quote(value)}`);
  if (!/[.eEpP]/.test(value)) return fail(parser, `integer overflow: ${quote(value)}`);
  return { ...node, ...asFloat(float) };
}

/** A whole number counts as an integer as well. */
function asFloat(float: number): Pick<NumberConstant, "int" | "uint" | "float"> {
  const whole = Number.isInteger(float) ? BigInt(float) : undefined;
  return {
    float,
    int: whole !== undefined && BigInt.asIntN(64, whole) === whole ? whole : undefined,
    uint: whole !== undefined && BigInt.asUintN(64, whole) === whole ? whole : undefined,
  };
}

const LONGEST_COMPLEX = 1000;

function readComplex(value: string): NumberConstant["complex"] {
  const body = value.slice(0, -1);
  if (body.length > LONGEST_COMPLEX) return undefined;
  const alone = readFloat(body);
  if (alone !== undefined) return { real: 0, imag: alone };
  const sign = /^(.*?[^eEpP])([+-].*)$/.exec(body);
  const real = readFloat(sign?.[1] ?? "");
  const imag = readFloat(sign?.[2] ?? "");
  return real === undefined || imag === undefined ? undefined : { real, imag };
}

function literal(parser: Parser, { value }: Token): string {
  return unquote(value) ?? fail(parser, "invalid syntax");
}

/** The last token, an error or the end, is met again and again. */
function peek({ tokens, next }: Parser): Token {
  return tokens[Math.min(next, tokens.length - 1)] as Token;
}
function take(parser: Parser): Token {
  const token = peek(parser);
  parser.next++;
  return token;
}
function peekWord(parser: Parser): Token {
  while (peek(parser).type === "space") parser.next++;
  return peek(parser);
}
function takeWord(parser: Parser): Token {
  peekWord(parser);
  return take(parser);
}
function expect(parser: Parser, type: TokenType, context: string): Token {
  const token = takeWord(parser);
  return token.type === type ? token : unexpected(parser, token, context);
}

function unexpected(parser: Parser, token: Token, context: string): never {
  if (token.type !== "error") return fail(parser, `unexpected ${tokenText(token)} in ${context}`);
  const started = parser.action < 0 ? 0 : lineAt(parser.text, parser.action);
  const elsewhere = started !== 0 && started !== lineAt(parser.text, token.at);
  const words = token.value.endsWith(" action") ? "" : " in action";
  return fail(parser, token.value + (elsewhere ? `${words} started at ${parser.name}:${started}` : ""));
}

function tokenText({ type, value }: Token): string {
  if (type === "eof") return "EOF";
  const keyword = /^(block|break|continue|define|else|end|if|nil|range|template|with|dot)$/.test(type);
  if (keyword) return `<${value}>`;
  return value.length > 10 ? `${quote([...value].slice(0, 10).join(""))}...` : quote(value);
}

function fail(parser: Parser, message: string): never {
  const token = parser.tokens[Math.min(parser.next, parser.tokens.length) - 1] ?? parser.tokens[0];
  const line = lineAt(parser.text, token?.at ?? 0);
  throw new TemplateError(`template: ${parser.name}:${line}: ${message}`, parser.name, line);
}
