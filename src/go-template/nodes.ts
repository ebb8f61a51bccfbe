import { quote } from "./quote.ts";

/** What a template was parsed into (text/template/parse/node.go). `at` is the offset of the node in the text. */
export interface List {
  type: "list";
  at: number;
  nodes: Statement[];
}
export interface Text {
  type: "text";
  at: number;
  text: string;
}
export interface Action {
  type: "action";
  at: number;
  pipe: Pipe;
}
export interface Branch {
  type: "if" | "with" | "range";
  at: number;
  pipe: Pipe;
  list: List;
  elseList: List | undefined;
}
export interface Jump {
  type: "break" | "continue";
  at: number;
}
export interface TemplateCall {
  type: "template";
  at: number;
  name: string;
  pipe: Pipe | undefined;
}
export type Statement = Text | Action | Branch | Jump | TemplateCall;

export interface Pipe {
  type: "pipe";
  at: number;
  assign: boolean;
  variables: Variable[];
  commands: Command[];
}
export interface Command {
  type: "command";
  at: number;
  args: [Operand, ...Operand[]];
}
export interface Identifier {
  type: "identifier";
  at: number;
  name: string;
}
export interface Variable {
  type: "variable";
  at: number;
  /** With the dollar sign. */
  name: string;
  fields: string[];
}
export interface Field {
  type: "field";
  at: number;
  fields: string[];
}
export interface Chain {
  type: "chain";
  at: number;
  node: Identifier | Pipe;
  fields: string[];
}
export interface Constant {
  type: "dot" | "nil";
  at: number;
}
export interface Bool {
  type: "bool";
  at: number;
  value: boolean;
}
export interface StringConstant {
  type: "string";
  at: number;
  literal: string;
  value: string;
}
/** A number constant, as each of the kinds that it can be. */
export interface NumberConstant {
  type: "number";
  at: number;
  literal: string;
  int: bigint | undefined;
  uint: bigint | undefined;
  float: number | undefined;
  complex: { real: number; imag: number } | undefined;
}
export type Operand = Identifier | Variable | Field | Chain | Constant | Bool | StringConstant | NumberConstant | Pipe;

export type Node = List | Statement | Pipe | Command | Operand;

/** The node as template text, as Go's error messages quote it. */
export function textOf(node: Node): string {
  switch (node.type) {
    case "list":
      return node.nodes.map(textOf).join("");
    case "text":
      return node.text;
    case "action":
      return `{{${textOf(node.pipe)}}}`;
    case "if":
    case "with":
    case "range": {
      const otherwise = node.elseList === undefined ? "" : `{{else}}${textOf(node.elseList)}`;
      return `{{${node.type} ${textOf(node.pipe)}}}${textOf(node.list)}${otherwise}{{end}}`;
    }
    case "break":
    case "continue":
      return `{{${node.type}}}`;
    case "template":
      return `{{template ${quote(node.name)}${node.pipe === undefined ? "" : ` ${textOf(node.pipe)}`}}}`;
    case "pipe":
      return pipeText(node);
    case "command":
      return node.args.map(argText).join(" ");
    case "identifier":
      return node.name;
    case "variable":
      return [node.name, ...node.fields].join(".");
    case "field":
      return node.fields.map((field) => `.${field}`).join("");
    case "chain":
      return [argText(node.node), ...node.fields].join(".");
    case "dot":
      return ".";
    case "nil":
      return "nil";
    case "bool":
      return String(node.value);
    default:
      return node.literal;
  }
}

function argText(node: Operand): string {
  return node.type === "pipe" ? `(${pipeText(node)})` : textOf(node);
}

function pipeText({ variables, assign, commands }: Pipe): string {
  const names = variables.map(textOf).join(", ");
  const declared = names === "" ? "" : `${names} ${assign ? "=" : ":="} `;
  return declared + commands.map(textOf).join(" | ");
}
