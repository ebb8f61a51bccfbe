import { sprint } from "./format.ts";
import type { FunctionMap, TemplateFunction } from "./functions.ts";
import { rejoined, sortedKeys } from "./go-string.ts";
import { type Budget, LimitError } from "./limits.ts";
import type {
  Branch,
  Chain,
  Command,
  List,
  Node,
  NumberConstant,
  Operand,
  Pipe,
  Statement,
  TemplateCall,
} from "./nodes.ts";
import { textOf } from "./nodes.ts";
import { quote } from "./quote.ts";
import { FunctionError, lineAt, TemplateError } from "./template-error.ts";
import {
  ANY,
  entriesOf,
  entry,
  GoComplex,
  GoInt,
  GoMap,
  GoStruct,
  INT,
  int,
  isTrue,
  isTyped,
  itemsOf,
  type Method,
  pointerTo,
  REFLECT_VALUE,
  type Signature,
  type Type,
  typeOf,
  type Value,
  type ValueMap,
  zeroOf,
} from "./values.ts";

/** Templates made into closures that run them (text/template/exec.go, Go 1.24). */

/** What all templates of one text share. */
export interface Program {
  name: string;
  text: string;
  functions: FunctionMap;
  templates: Map<string, Exec>;
  /** Whether a function is called that changes a map that it is given. */
  changesData: boolean;
  /** Fields of the data that are the same in all runs of one `constants`. */
  constantFields: ReadonlySet<string>;
  /** While the text's own template is compiled: whether `.` is the data (1), or only `$` (0); -1 in other templates. */
  scope: -1 | 0 | 1;
}

/** One run of a template. */
export interface Run {
  program: Program;
  budget: Budget;
  out: string;
  /** Variables, the latest last. */
  names: string[];
  values: Value[];
  /** What is being executed, for error messages. */
  node: Node;
  template: string;
  depth: number;
  /** What the fields that are constant belong to; undefined: nothing is remembered. */
  constants: object | undefined;
}

/** How statements end: in order, or at a break or continue. */
const DONE = 0;
const BREAK = 1;
const CONTINUE = 2;
type Signal = typeof DONE | typeof BREAK | typeof CONTINUE;
export type Exec = (run: Run, dot: Value) => Signal;
type Eval = (run: Run, dot: Value) => Value;
/** `final` is the value of the command before in the pipeline. */
type CommandEval = (run: Run, dot: Value, final: Value) => Value;

/** @throws TemplateError with the place of the current node */
function fail(run: Run, message: string): never {
  const { name, text } = run.program;
  const { at } = run.node;
  const line = lineAt(text, at);
  const column = Buffer.byteLength(text.slice(text.lastIndexOf("\n", at - 1) + 1, at));
  const context = textOf(run.node);
  const where = `template: ${name}:${line}:${column}: executing ${quote(run.template)} at <${context}>`;
  throw new TemplateError(`${where}: ${message}`, name, line, column);
}

export function compileList(program: Program, list: List): Exec {
  const statements = list.nodes.map((node) => compileStatement(program, node));
  if (statements.length === 1) return statements[0] as Exec;
  return (run, dot) => {
    for (const statement of statements) {
      const signal = statement(run, dot);
      if (signal !== DONE) return signal;
    }
    return DONE;
  };
}

function write(run: Run, text: string): void {
  run.out += text;
  if (run.out.length > run.budget.limits.output) run.budget.text(run.out.length);
}

function compileStatement(program: Program, node: Statement): Exec {
  switch (node.type) {
    case "text":
      return (run) => {
        write(run, node.text);
        return DONE;
      };
    case "action": {
      const pipe = compilePipe(program, node.pipe);
      const silent = node.pipe.variables.length > 0;
      return (run, dot) => {
        run.budget.spend(1);
        const value = pipe(run, dot);
        if (silent) return DONE;
        run.node = node;
        write(run, typeof value === "string" ? value : printed(run, value));
        return DONE;
      };
    }
    case "break":
      return () => BREAK;
    case "continue":
      return () => CONTINUE;
    case "template":
      return compileTemplateCall(program, node);
    case "range":
      return compileRange(program, node);
    default:
      return compileBranch(program, node);
  }
}

/** What an action writes for a value. */
function printed({ budget }: Run, value: Value): string {
  return value === undefined ? "<no value>" : sprint([printable(value)], budget);
}

/** A pointer prints as what it points to, unless only the pointer knows its String method. */
export function printable(value: Value): Value {
  if (!(value instanceof GoStruct) || !value.pointer || value.data === null) return value;
  return value.struct.textOfPointer === true ? value : new GoStruct(value.struct, value.data);
}

function compileBranch(program: Program, node: Branch): Exec {
  const pipe = compilePipe(program, node.pipe);
  const withDot = node.type === "with";
  const list = withDot ? compileOtherDot(program, node.list) : compileList(program, node.list);
  const otherwise = node.elseList === undefined ? undefined : compileList(program, node.elseList);
  return (run, dot) => {
    run.budget.spend(1);
    const mark = run.names.length;
    const value = pipe(run, dot);
    let signal: Signal = DONE;
    if (isTrue(value)) signal = list(run, withDot ? value : dot);
    else if (otherwise !== undefined) signal = otherwise(run, dot);
    pop(run, mark);
    return signal;
  };
}

function pop(run: Run, mark: number): void {
  if (run.names.length === mark) return;
  run.names.length = mark;
  run.values.length = mark;
}

function compileTemplateCall(program: Program, node: TemplateCall): Exec {
  const pipe = node.pipe === undefined ? undefined : compilePipe(program, node.pipe);
  return (run, dot) => {
    run.node = node;
    run.budget.spend(1);
    const exec = program.templates.get(node.name);
    if (exec === undefined) return fail(run, `template ${quote(node.name)} not defined`);
    if (run.depth >= run.budget.limits.depth) {
      fail(run, `exceeded maximum template depth (${run.budget.limits.depth})`);
    }
    const inner = pipe?.(run, dot);
    const { names, values, template } = run;
    run.names = ["$"];
    run.values = [inner];
    run.template = node.name;
    run.depth++;
    exec(run, inner);
    run.depth--;
    run.template = template;
    run.names = names;
    run.values = values;
    return DONE;
  };
}

/** What a range visits; `index` is undefined for a range over an integer. */
interface Visited {
  index: Value;
  item: Value;
}

/** A list in which `.` is something else than around it. */
function compileOtherDot(program: Program, list: List): Exec {
  const { scope } = program;
  if (scope === 1) program.scope = 0;
  const compiled = compileList(program, list);
  program.scope = scope;
  return compiled;
}

function compileRange(program: Program, node: Branch): Exec {
  const pipe = compilePipe(program, node.pipe);
  const list = compileOtherDot(program, node.list);
  const otherwise = node.elseList === undefined ? undefined : compileList(program, node.elseList);
  return (run, dot) => {
    run.node = node;
    const start = run.names.length;
    const value = pipe(run, dot);
    const mark = run.names.length;
    let visited = false;
    for (const { index, item } of iterate(run, node, value)) {
      visited = true;
      run.budget.spend(1);
      setRangeVariables(run, node.pipe, index, item);
      const signal = list(run, item);
      pop(run, mark);
      if (signal === BREAK) break;
    }
    // Go ends the range itself at a break in its else list; a continue is the outer range's.
    const signal = visited || otherwise === undefined ? DONE : otherwise(run, dot);
    pop(run, start);
    return signal === BREAK ? DONE : signal;
  };
}

function* iterate(run: Run, node: Branch, value: Value): Generator<Visited> {
  if (value === undefined) return;
  if (value instanceof GoInt) {
    if (node.pipe.variables.length > 1) {
      fail(run, `can't use ${sprint([value], run.budget)} to iterate over more than one variable`);
    }
    for (let item = 0n; item < value.value; item++) yield { index: undefined, item: new GoInt(value.type, item) };
    return;
  }
  const items = itemsOf(value);
  if (items !== undefined) {
    const { length } = items;
    for (let index = 0; index < length; index++) yield { index: int(index), item: items[index] };
    return;
  }
  const entries = entriesOf(value);
  if (entries === undefined) return fail(run, `range can't iterate over ${sprint([value], run.budget)}`);
  const visits = sortedKeys(entries).map((key) => ({ index: key, item: entries[key] }));
  yield* visits;
}

function setRangeVariables(run: Run, { variables, assign }: Pipe, index: Value, item: Value): void {
  const [first, second] = variables;
  if (first === undefined) return;
  if (assign) {
    setVariable(run, first.name, second === undefined ? item : index);
    if (second !== undefined) setVariable(run, second.name, item);
    return;
  }
  const top = run.values.length;
  run.values[top - 1] = item;
  if (second !== undefined) run.values[top - 2] = index;
}

function setVariable(run: Run, name: string, value: Value): void {
  const at = run.names.lastIndexOf(name);
  if (at < 0) fail(run, `undefined variable: ${name}`);
  run.values[at] = value;
}

function compilePipe(program: Program, pipe: Pipe): Eval {
  const evaluate = compileEachTime(program, pipe);
  return isConstantPipe(program, pipe) ? remembering(pipe, evaluate) : evaluate;
}

/** Evaluates once for all runs of the same constants. A value that fails fails each time. */
function remembering(first: Node, evaluate: Eval): Eval {
  let known: object | undefined;
  let value: Value;
  let last = first;
  return (run, dot) => {
    if (known === undefined || known !== run.constants) {
      value = evaluate(run, dot);
      known = run.constants;
      last = run.node;
    }
    // Errors that follow speak of what was evaluated last.
    run.node = last;
    return value;
  };
}

/** Functions that give the same for the same arguments, and what they give is never changed afterwards. */
const PURE = new Set(
  (
    "and or not eq ne lt le gt ge len index print printf println default quote squote trim trimSuffix trimPrefix lower upper " +
    "indent nindent toString int int64 toJson toJSON toYaml env isset hasKey contains hasPrefix hasSuffix replace join split empty " +
    "coalesce ternary valueOrDefault formatDuration omitNil"
  ).split(" "),
);

/** Whether a pipe calls something, reads nothing but constants and data that never changes, and leaves no variable. */
function isConstantPipe(program: Program, { commands, variables }: Pipe): boolean {
  if (program.constantFields.size === 0 || program.scope < 0 || variables.length > 0) return false;
  return commands.every(({ args }) => args.every((operand) => isConstant(program, operand)));
}

function isConstant(program: Program, operand: Operand): boolean {
  switch (operand.type) {
    case "bool":
    case "number":
    case "string":
    case "nil":
      return true;
    case "field":
      return program.scope === 1 && program.constantFields.has(operand.fields[0] as string);
    case "variable":
      return operand.name === "$" && program.constantFields.has(operand.fields[0] ?? "");
    case "identifier":
      return PURE.has(operand.name);
    case "pipe":
      return isConstantPipe(program, operand);
    case "chain":
      return operand.node.type === "pipe" && isConstantPipe(program, operand.node);
    default:
      return false;
  }
}

function compileEachTime(program: Program, pipe: Pipe): Eval {
  const commands = pipe.commands.map((command, index) => compileCommand(program, command, index > 0));
  const { variables, assign } = pipe;
  const [only] = commands;
  if (commands.length === 1 && only !== undefined && variables.length === 0) {
    return (run, dot) => {
      run.node = pipe;
      return only(run, dot, undefined) ?? undefined;
    };
  }
  return (run, dot) => {
    run.node = pipe;
    let value: Value;
    // A nil interface becomes no value.
    for (const command of commands) value = command(run, dot, value) ?? undefined;
    for (const { name } of variables) {
      if (assign) setVariable(run, name, value);
      else {
        run.names.push(name);
        run.values.push(value);
      }
    }
    return value;
  };
}

function compileCommand(program: Program, command: Command, hasFinal: boolean): CommandEval {
  const [first, ...args] = command.args;
  switch (first.type) {
    case "field": {
      const chain = compileFields(program, first, first.fields, args, hasFinal);
      return (run, dot, final) => {
        run.node = first;
        return chain(run, dot, dot, final);
      };
    }
    case "chain":
      return compileChain(program, first, args, hasFinal);
    case "identifier":
      return compileCall(program, first.name, command, args, hasFinal);
    case "variable": {
      if (first.fields.length > 0) {
        const chain = compileFields(program, first, first.fields, args, hasFinal);
        return (run, dot, final) => {
          run.node = first;
          return chain(run, dot, variableValue(run, first.name), final);
        };
      }
    }
  }
  if (args.length > 0 || hasFinal) {
    return (run) => {
      if (first.type !== "pipe") run.node = first;
      return fail(run, `can't give argument to non-function ${argumentText(first)}`);
    };
  }
  return compileOperand(program, first);
}

function argumentText(node: Operand): string {
  return textOf(node);
}

function variableValue(run: Run, name: string): Value {
  const at = run.names.lastIndexOf(name);
  if (at < 0) fail(run, `undefined variable: ${name}`);
  return run.values[at];
}

/** The value of an operand that stands alone as a command. */
function compileOperand(program: Program, node: Operand): Eval {
  switch (node.type) {
    case "pipe":
      return compilePipe(program, node);
    case "variable":
      return (run) => {
        run.node = node;
        return variableValue(run, node.name);
      };
    case "dot":
      return (run, dot) => {
        run.node = node;
        return dot;
      };
    case "nil":
      return (run) => {
        run.node = node;
        return fail(run, "nil is not a command");
      };
    case "number":
      return compileNumber(node);
    case "bool":
    case "string":
      return atNode(node, node.value);
    default:
      throw new TypeError(`no operand: ${node.type}`);
  }
}

/** A number where nothing says which type it has to be (exec.go, idealConstant). */
function compileNumber(node: NumberConstant): Eval {
  const { literal, int: whole, float, complex } = node;
  const hex = /^0[xX][^pP]+$/.test(literal);
  let value: Value;
  if (complex !== undefined) value = new GoComplex(complex.real, complex.imag);
  else if (float !== undefined && !hex && !literal.startsWith("'") && /[.eEpP]/.test(literal)) value = float;
  else if (whole !== undefined) value = new GoInt(INT, whole);
  else {
    return (run) => {
      run.node = node;
      return fail(run, `${literal} overflows int`);
    };
  }
  return atNode(node, value);
}

function atNode(node: Operand, value: Value): Eval {
  return (run) => {
    run.node = node;
    return value;
  };
}

/** Looks up fields one after the other; the last one may be a method with arguments. */
type FieldsEval = (run: Run, dot: Value, receiver: Value, final: Value) => Value;

function compileFields(
  program: Program,
  node: Operand,
  fields: string[],
  operands: Operand[],
  hasFinal: boolean,
): FieldsEval {
  const last = fields.length - 1;
  const args = operands.map((operand) => argumentsOf(program, operand));
  const hasArgs = args.length > 0 || hasFinal;
  return (run, dot, receiver, final) => {
    let value = receiver;
    let held = false;
    for (let index = 0; index <= last; index++) {
      const name = fields[index] as string;
      const plain = index < last || !hasArgs;
      if (plain && typeof value === "object" && value !== null && !isTyped(value) && !Array.isArray(value)) {
        value = entry(value, name);
      } else {
        const given = plain ? undefined : { args, hasFinal, final };
        value = fieldOf(run, dot, node, name, value, held, given);
      }
      held = true;
    }
    return value;
  };
}

/** Arguments of a method: each operand for the type that the method asks for. */
interface Given {
  args: ((type: Type) => Eval)[];
  hasFinal: boolean;
  final: Value;
}

function fieldOf(
  run: Run,
  dot: Value,
  node: Node,
  name: string,
  receiver: Value,
  held: boolean,
  given: Given | undefined,
): Value {
  if (receiver === undefined) return undefined;
  if (receiver === null) return fail(run, `nil pointer evaluating interface {}.${name}`);
  if (receiver instanceof GoStruct) return structField(run, dot, node, name, receiver, given);
  const text = receiver instanceof GoInt && name === "String" ? receiver.type.text : undefined;
  if (text !== undefined) {
    const method: Method = { params: [], run: () => text((receiver as GoInt).value) };
    return callMethod(run, dot, node, name, method, undefined, given);
  }
  const entries = entriesOf(receiver);
  if (entries === undefined) {
    return fail(run, `can't evaluate field ${name} in type ${held ? ANY.name : typeOf(receiver).name}`);
  }
  if (given !== undefined) return fail(run, `${name} is not a method but has arguments`);
  return entry(entries, name);
}

function structField(
  run: Run,
  dot: Value,
  node: Node,
  name: string,
  receiver: GoStruct,
  given: Given | undefined,
): Value {
  const { struct, data } = receiver;
  const method = struct.methods.get(name);
  if (method !== undefined) return callMethod(run, dot, node, name, method, data, given);
  const field = struct.fields.get(name);
  if (field === undefined) return fail(run, `can't evaluate field ${name} in type ${receiver.type.name}`);
  if (data === null) return fail(run, `nil pointer evaluating ${receiver.type.name}.${name}`);
  if (given !== undefined) return fail(run, `${name} has arguments but cannot be invoked as function`);
  return field.get(data as never);
}

function callMethod(
  run: Run,
  dot: Value,
  node: Node,
  name: string,
  method: Method,
  data: unknown,
  given: Given | undefined,
): Value {
  const { args = [], hasFinal = false, final } = given ?? {};
  const wrong = wrongCount(name, method, args.length, hasFinal);
  if (wrong !== undefined) return fail(run, wrong);
  const values = args.map((arg, index) => arg(parameterType(method, index))(run, dot));
  if (hasFinal) values.push(valid(run, final, finalType(method, args.length + 1)));
  return guarded(run, node, name, () => method.run(data as never, values));
}

function compileChain(program: Program, node: Chain, args: Operand[], hasFinal: boolean): CommandEval {
  const fields = compileFields(program, node, node.fields, args, hasFinal);
  const start =
    node.node.type === "pipe"
      ? compilePipe(program, node.node)
      : compileCall(program, node.node.name, node.node, [], false);
  const inner = node.node;
  return (run, dot, final) => {
    run.node = inner;
    return fields(run, dot, start(run, dot, undefined), final);
  };
}

/** An operand as an argument, for the type of the parameter. */
function argumentsOf(program: Program, node: Operand): (type: Type) => Eval {
  const compiled = new Map<Type, Eval>([[ANY, compileArgument(program, node, ANY)]]);
  return (type) => {
    const evaluate = compiled.get(type) ?? compileArgument(program, node, type);
    compiled.set(type, evaluate);
    return evaluate;
  };
}

function compileArgument(program: Program, node: Operand, type: Type): Eval {
  switch (node.type) {
    case "nil":
      return (run) => {
        run.node = node;
        return canBeNil(type) ? zeroOf(type) : fail(run, `cannot assign nil to ${type.name}`);
      };
    case "bool":
    case "number":
    case "string":
      return compileConstant(node, type);
    case "dot":
      return (run, dot) => {
        run.node = node;
        return valid(run, dot, type);
      };
    default: {
      const evaluate = compileValue(program, node);
      return (run, dot) => {
        run.node = node;
        return valid(run, evaluate(run, dot), type);
      };
    }
  }
}

function compileValue(program: Program, node: Exclude<Operand, { type: "nil" | "bool" | "number" | "string" }>): Eval {
  switch (node.type) {
    case "field": {
      const chain = compileFields(program, node, node.fields, [], false);
      const evaluate: Eval = (run, dot) => chain(run, dot, dot, undefined);
      return isConstant(program, node) ? remembering(node, evaluate) : evaluate;
    }
    case "variable": {
      if (node.fields.length === 0) return (run) => variableValue(run, node.name);
      const chain = compileFields(program, node, node.fields, [], false);
      const evaluate: Eval = (run, dot) => chain(run, dot, variableValue(run, node.name), undefined);
      return isConstant(program, node) ? remembering(node, evaluate) : evaluate;
    }
    case "pipe":
      return compilePipe(program, node);
    case "identifier": {
      const call = compileCall(program, node.name, node, [], false);
      return (run, dot) => call(run, dot, undefined);
    }
    case "chain": {
      const chain = compileChain(program, node, [], false);
      return (run, dot) => chain(run, dot, undefined);
    }
    default:
      return (_run, dot) => dot;
  }
}

/** A constant takes the type of the parameter, if it can. */
function compileConstant(node: Extract<Operand, { type: "bool" | "number" | "string" }>, type: Type): Eval {
  const expected = (what: string): Eval => {
    return (run) => {
      run.node = node;
      return fail(run, `expected ${what}; found ${textOf(node)}`);
    };
  };
  if (type === ANY || type === REFLECT_VALUE) {
    return node.type === "number" ? compileNumber(node) : atNode(node, node.value);
  }
  if (type.kind === "bool") return node.type === "bool" ? atNode(node, node.value) : expected("bool");
  if (type.kind === "string") return node.type === "string" ? atNode(node, node.value) : expected("string");
  if (type.kind === "float64") {
    const float = node.type === "number" ? node.float : undefined;
    return float === undefined ? expected("float") : atNode(node, float);
  }
  if (/^u?int/.test(type.kind)) {
    const unsigned = type.kind.startsWith("u");
    const whole = node.type === "number" ? (unsigned ? node.uint : node.int) : undefined;
    if (whole === undefined) return expected(unsigned ? "unsigned integer" : "integer");
    return atNode(node, new GoInt(type as GoInt["type"], whole));
  }
  return (run) => {
    run.node = node;
    return fail(run, `can't handle ${textOf(node)} for arg of type ${type.name}`);
  };
}

function canBeNil({ kind, name }: Type): boolean {
  return kind === "interface" || kind === "map" || kind === "slice" || kind === "ptr" || name === REFLECT_VALUE.name;
}

/** The value as an argument of a type (exec.go, validateType). */
function valid(run: Run, value: Value, type: Type): Value {
  if (value === undefined) return canBeNil(type) ? zeroOf(type) : fail(run, `invalid value; expected ${type.name}`);
  if (type === ANY || type === REFLECT_VALUE) return value;
  const actual = typeOf(value);
  if (actual === type || actual.name === type.name || type.accepts?.(actual) === true) return value;
  if (value instanceof GoStruct) {
    if (actual.elem !== undefined && actual.elem.name === type.name) {
      if (value.isNil) fail(run, `dereference of nil pointer of type ${type.name}`);
      return new GoStruct(value.struct, value.data);
    }
    const pointer = pointerTo(value.struct);
    if (pointer.name === type.name || type.accepts?.(pointer) === true)
      return new GoStruct(value.struct, value.data, true);
  }
  return fail(run, `wrong type for value; expected ${type.name}; got ${actual.name}`);
}

function parameterType({ params, variadic }: Signature, index: number): Type {
  const last = params.length - 1;
  return params[variadic === true ? Math.min(index, last) : index] as Type;
}

/** Type for the value of the command before, which is the last argument. */
function finalType(signature: Signature, count: number): Type {
  return parameterType(signature, count - 1);
}

function wrongCount(
  name: string,
  { params, variadic }: Signature,
  args: number,
  hasFinal: boolean,
): string | undefined {
  const count = args + (hasFinal ? 1 : 0);
  if (variadic === true) {
    const least = params.length - 1;
    return count < least ? `wrong number of args for ${name}: want at least ${least} got ${args}` : undefined;
  }
  return count === params.length ? undefined : `wrong number of args for ${name}: want ${params.length} got ${count}`;
}

function compileCall(program: Program, name: string, node: Node, operands: Operand[], hasFinal: boolean): CommandEval {
  const callee = program.functions.get(name) as TemplateFunction;
  const identifier: Node = node.type === "command" ? (node as Command).args[0] : node;
  if (callee.changesArguments === true) program.changesData = true;
  const wrong = wrongCount(name, callee, operands.length, hasFinal);
  if (wrong !== undefined) {
    return (run) => {
      run.node = identifier;
      return fail(run, wrong);
    };
  }
  const args = operands.map((operand, index) => compileArgument(program, operand, parameterType(callee, index)));
  if (callee === AND || callee === OR) return compileLogic(callee === OR, identifier, args, hasFinal);
  const count = args.length;
  const last = hasFinal ? finalType(callee, count + 1) : ANY;
  return (run, dot, final) => {
    run.node = identifier;
    run.budget.spend(1);
    const values = new Array<Value>(hasFinal ? count + 1 : count);
    for (let index = 0; index < count; index++) values[index] = (args[index] as Eval)(run, dot);
    if (hasFinal) values[count] = valid(run, final, last);
    let value: Value;
    try {
      value = callee.run(values, run.budget);
    } catch (error) {
      return failedCall(run, node, name, error);
    }
    return typeof value === "string" ? checkedText(run, node, value) : value;
  };
}

/** `and` and `or` look at no more arguments than they need; in the engine, since functions see values alone. */
const LOGIC = { params: [REFLECT_VALUE, REFLECT_VALUE], variadic: true };
export const AND: TemplateFunction = { ...LOGIC, run: (args) => args.at(-1) };
export const OR: TemplateFunction = { ...LOGIC, run: (args) => args.at(-1) };

function compileLogic(or: boolean, identifier: Node, args: Eval[], hasFinal: boolean): CommandEval {
  return (run, dot, final) => {
    run.node = identifier;
    run.budget.spend(1);
    let value: Value;
    for (const arg of args) {
      value = arg(run, dot);
      if (isTrue(value) === or) return value;
    }
    return hasFinal ? final : value;
  };
}

function guarded(run: Run, node: Node, name: string, call: () => Value): Value {
  let value: Value;
  try {
    value = call();
  } catch (error) {
    return failedCall(run, node, name, error);
  }
  return typeof value === "string" ? checkedText(run, node, value) : value;
}

function failedCall(run: Run, node: Node, name: string, error: unknown): never {
  run.node = node;
  if (error instanceof FunctionError) return fail(run, `error calling ${name}: ${error.message}`);
  if (error instanceof LimitError) return fail(run, error.message);
  throw error;
}

function checkedText(run: Run, node: Node, value: string): string {
  if (value.length > 4096) {
    run.node = node;
    run.budget.text(value.length);
  }
  return rejoined(value);
}

/** Runs a compiled template. */
export function execute(
  program: Program,
  template: string,
  data: Value,
  budget: Budget,
  constants: object | undefined,
): string {
  const exec = program.templates.get(template);
  const node: Node = { type: "list", at: 0, nodes: [] };
  const run: Run = { program, budget, out: "", names: ["$"], values: [data], node, template, depth: 0, constants };
  try {
    exec?.(run, data);
  } catch (error) {
    if (error instanceof LimitError) fail(run, error.message);
    if (error instanceof RangeError && /call stack/i.test(error.message))
      fail(run, "the template is nested too deeply");
    throw error;
  }
  return run.out;
}

/** A copy that a template may change: maps and lists are copied, structs over copies of their data. */
export function copyOf(value: Value, budget: Budget, depth = 0): Value {
  if (typeof value !== "object" || value === null) return value;
  budget.spend(1);
  budget.nesting(depth);
  if (Array.isArray(value)) return value.map((item) => copyOf(item, budget, depth + 1));
  if (value instanceof GoStruct) {
    const { struct, data, pointer } = value;
    return new GoStruct(struct, copyOf(data as Value, budget, depth + 1), pointer);
  }
  if (value instanceof GoMap)
    return new GoMap(value.type.elem as Type, copyEntries(value.entries, budget, depth), value.isNil);
  return isTyped(value) ? value : copyEntries(value, budget, depth);
}

function copyEntries(entries: ValueMap, budget: Budget, depth: number): ValueMap {
  const copy: ValueMap = Object.create(null);
  for (const key of Object.keys(entries)) copy[key] = copyOf(entries[key], budget, depth + 1);
  return copy;
}
