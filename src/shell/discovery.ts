import { CODE_FLAG, findShell, INTERPRETERS, unwrap } from "./command.ts";
import { argWords, isFilter, isHarmless, isNeutral, isPasser, isPrint, isQuietRedirect, nameOf } from "./commands.ts";
import { descriptorsOf, isPayloadSource, payloadOf, proxyPortOf, socketOf } from "./connections.ts";
import { nestedUnit, rangeInRoot, rootUnit, type Unit } from "./nested.ts";
import {
  type Command,
  childrenOf,
  type FunctionNode,
  type Pipeline,
  type Script,
  type SyntaxNode,
  type Word,
  walk,
} from "./parse.ts";
import { killsInput, lookUp, lookUpPipe } from "./process-lookup.ts";
import {
  type CallKind,
  type Classified,
  classifyCommand,
  classifyPayload,
  isProxyPort,
  killedNames,
  programName,
  UNKNOWN,
} from "./requests.ts";
import { findTextCalls } from "./text-calls.ts";
import { collectVariables, isSplit, type Variables, valuesOf } from "./variables.ts";

export type Level = "safe" | "review" | "none";

/** A proxy call of a script, before anything is known about what may go. */
export interface Found {
  kind: CallKind;
  /** No higher level than this one, and why. */
  most: Level;
  reason: string | undefined;
  /** Range in the root text. */
  start: number;
  end: number;
  /** Name of the environment variable whose value is the command, when no text of the script holds it. */
  variable: string | undefined;
}

/** A call whose answer another command takes in: `code=$(curl …)`, `[ "$(curl …)" = 200 ]`, `echo "$(curl …)"`. */
export interface Answer {
  calls: number[];
  /** Variable that keeps the answer; undefined for a test or a print. */
  captured: string | undefined;
  use: "capture" | "test" | "print";
}

/** All that is known about a script's calls. Numbers are indexes into `found`. */
export interface Discovery {
  options: DiscoveryOptions;
  root: Unit;
  units: Unit[];
  found: Found[];
  /** Commands and pipelines that are calls as a whole. */
  calls: Map<SyntaxNode, { call: number; tested: boolean }>;
  answers: Map<SyntaxNode, Answer>;
  nested: Map<SyntaxNode, Unit>;
  /** Wrapper words and what goes with them. */
  wrappers: Map<SyntaxNode, { call: number; start: number; end: number }[]>;
  functions: Map<string, FunctionNode[]>;
  /** Commands that run a function of the script. */
  uses: Map<SyntaxNode, string>;
  /** Functions that only print. */
  printers: Set<string>;
  /** Functions named elsewhere than in their definition and uses. */
  mentioned: Set<string>;
  variables: Variables;
}

export interface DiscoveryOptions {
  env: ReadonlyMap<string, string>;
  kinds: ReadonlySet<CallKind>;
  wrappers: ReadonlySet<string>;
  /** Programs that the Pod runs itself although they are named like the proxy's. */
  ownPrograms: ReadonlySet<string>;
}

interface Where {
  unit: Unit;
  loop: SyntaxNode | undefined;
}

interface Field {
  text: string;
  word: Word | undefined;
}

/** Most readings of one command line that are looked at. */
const MOST_READINGS = 32;

/** Finds the proxy calls of a script. */
export function discover(text: string, errexit: boolean, options: DiscoveryOptions): Discovery {
  const root = rootUnit(text, errexit);
  const discovery: Discovery = {
    options,
    root,
    units: [root],
    found: [],
    calls: new Map(),
    answers: new Map(),
    nested: new Map(),
    wrappers: new Map(),
    functions: new Map(),
    uses: new Map(),
    printers: new Set(),
    mentioned: new Set(),
    variables: collectVariables([root.script], options.env),
  };
  return new Finder(discovery, options).run();
}

/** State of one search: the loops that already hold a wait, and the texts of variables that are commands. */
class Finder {
  private readonly into: Discovery;
  private readonly options: DiscoveryOptions;
  private readonly waitOfLoop = new Map<SyntaxNode, number>();
  private readonly commandVariables = new Map<string, number>();
  private readonly forwarders = new Set<string>();
  private readonly ownPrograms: Set<string>;

  constructor(into: Discovery, options: DiscoveryOptions) {
    this.into = into;
    this.options = options;
    this.ownPrograms = new Set(options.ownPrograms);
  }

  run(): Discovery {
    const { root, functions } = this.into;
    this.collectFunctions(root.script);
    for (const [name, [definition]] of functions) {
      if (!definition) continue;
      if (isPrint(definition.body, new Set())) this.into.printers.add(name);
      if (/"?\$[@*]"?/.test(root.text.slice(definition.body.pos, definition.body.end))) this.forwarders.add(name);
    }
    this.descend(root.script, { unit: root, loop: undefined });
    this.findConnections();
    this.collectMentions();
    return this.into;
  }

  private collectFunctions(script: Script): void {
    walk(script, (node) => {
      if (node.type === "Function") {
        const name = node.name.value;
        this.into.functions.set(name, [...(this.into.functions.get(name) ?? []), node]);
      }
      if (node.type === "Command") {
        const name = nameOf(node);
        if (name === "envoy" || name === "pilot-agent") this.ownPrograms.add(name);
      }
      return true;
    });
  }

  private collectMentions(): void {
    const { functions, uses, units, mentioned, nested, printers } = this.into;
    if (functions.size === 0) return;
    const own = new Set([...functions.values()].flat().map((definition): SyntaxNode => definition.name));
    for (const node of uses.keys()) if (node.type === "Command" && node.name) own.add(node.name);
    for (const unit of units) {
      walk(unit.script, (node) => {
        if (node.type === "Command" && (nested.has(node) || isPrint(node, printers))) return false;
        if (node.type !== "Word" || own.has(node)) return true;
        for (const name of node.value.match(/[\w.-]+/g) ?? []) if (functions.has(name)) mentioned.add(name);
        return true;
      });
    }
  }

  private add(
    kind: CallKind,
    where: Where,
    node: { pos: number; end: number },
    most: Level = "safe",
    reason?: string,
  ): number {
    const range = rangeInRoot(where.unit, node.pos, node.end);
    this.into.found.push({ kind, most, reason, ...range, variable: undefined });
    return this.into.found.length - 1;
  }

  /** Notes a call; all waits of one loop are one finding. */
  private addCall(classified: Classified, where: Where, node: SyntaxNode): number {
    const { kind, probe, besides } = classified;
    const most: Level = besides ? "none" : probe ? "review" : "safe";
    const reason =
      besides ?? (probe ? "an open port is not yet a ready proxy; it may be waited for by someone else" : undefined);
    const known = kind === "wait" && where.loop ? this.waitOfLoop.get(where.loop) : undefined;
    if (known !== undefined) {
      const found = this.into.found[known];
      if (found && rank(most) > rank(found.most)) Object.assign(found, { most, reason });
      return known;
    }
    const call = this.add(kind, where, kind === "wait" && where.loop ? where.loop : node, most, reason);
    if (kind === "wait" && where.loop) this.waitOfLoop.set(where.loop, call);
    return call;
  }

  private descend(node: SyntaxNode, where: Where): void {
    switch (node.type) {
      case "Pipeline":
        if (this.findPipeline(node, where)) return;
        break;
      case "Command":
        this.findCommand(node, where);
        return;
      case "TestCommand":
        this.findAnswers(node, where);
        return;
      case "Word":
      case "ArithmeticCommand":
      case "HereDoc":
        this.findAnswers(node, where);
        return;
      case "While":
      case "For":
      case "ArithmeticFor":
      case "Select":
        for (const child of childrenOf(node)) this.descend(child, { ...where, loop: node });
        return;
      case "Function":
        for (const child of childrenOf(node))
          if (child !== node.name) this.descend(child, { ...where, loop: undefined });
        return;
      default:
    }
    for (const child of childrenOf(node)) this.descend(child, where);
  }

  /** Calls in command substitutions of a node that is no call itself. */
  private findAnswers(node: SyntaxNode, where: Where): void {
    const calls: number[] = [];
    let only = true;
    walk(node, (inner) => {
      if ((inner.type !== "CommandExpansion" && inner.type !== "ProcessSubstitution") || !inner.script) return true;
      const unit = inner.script.source === undefined ? where.unit : { ...where.unit, text: inner.script.source };
      const before = this.into.found.length;
      const waits = new Set(this.waitOfLoop.values());
      this.descend(inner.script, { unit, loop: where.loop });
      const found = this.into.found.slice(before).map((_, i) => before + i);
      for (const statement of inner.script.commands) {
        walk(statement, (part) => {
          const call = this.into.calls.get(part)?.call;
          if (call !== undefined && waits.has(call) && !found.includes(call)) found.push(call);
          return true;
        });
      }
      if (found.length > 0 && !this.holdsOnlyCalls(inner.script)) only = false;
      if (inner.script.source !== undefined) {
        const place = rangeInRoot(where.unit, node.pos, node.end);
        for (const call of found) if (call >= before) Object.assign(this.into.found[call] ?? {}, place);
      }
      calls.push(...found);
      return false;
    });
    if (calls.length === 0) return;
    const answer = only ? this.answerOf(node, calls) : undefined;
    if (answer) this.into.answers.set(node, answer);
    else for (const call of calls) this.lower(call, "none", "another command works with its answer");
  }

  private lower(call: number, most: Level, reason: string): void {
    const found = this.into.found[call];
    if (found && rank(most) > rank(found.most)) Object.assign(found, { most, reason });
  }

  private holdsOnlyCalls(script: Script): boolean {
    const { calls, nested, answers, printers } = this.into;
    const only = (node: SyntaxNode): boolean => {
      if (calls.has(node) || answers.has(node) || isNeutral(node) || isPrint(node, printers)) return true;
      if (node.type === "AndOr") return node.commands.every(only);
      if (node.type === "Pipeline")
        return node.commands.some(only) && node.commands.every((part) => only(part) || isFilter(part));
      const unit = nested.get(node);
      return unit?.script.commands.every((statement) => only(statement.command)) ?? false;
    };
    return script.commands.every((statement) => only(statement.command));
  }

  private answerOf(node: SyntaxNode, calls: number[]): Answer | undefined {
    if (node.type === "TestCommand") return { calls, captured: undefined, use: "test" };
    if (node.type !== "Command") return undefined;
    const name = nameOf(node);
    if (name === "[" || name === "test") return { calls, captured: undefined, use: "test" };
    const declares = name === "export" || name === "local" || name === "declare" || name === "readonly";
    if ((!node.name || declares) && node.redirects.length === 0) {
      const assignments = [...node.prefix, ...node.args].filter((part) => part.type === "Assignment");
      const [assignment] = assignments;
      if (assignments.length !== 1 || !assignment || argWords(node).some((word) => !word.text.startsWith("-")))
        return undefined;
      return { calls, captured: assignment.name, use: "capture" };
    }
    return name &&
      (this.into.printers.has(name) || /^(?:echo|printf|logger)$/.test(name)) &&
      node.redirects.every((r) => r.type === "Redirect" && /^(?:\/dev\/null|[0-9])$/.test(r.target?.value ?? ""))
      ? { calls, captured: undefined, use: "print" }
      : undefined;
  }

  /** Command lines a command may stand for, expansions resolved and split. */
  private readings(node: Command): Field[][] {
    let readings: Field[][] = [[]];
    for (const word of [node.name, ...node.args]) {
      if (!word) continue;
      const texts = word.type === "Word" ? valuesOf(word, this.into.variables) : [word.text];
      const at = word.type === "Word" ? word : undefined;
      const split = at !== undefined && isSplit(at);
      const choices = texts.map((text) =>
        (split ? text.split(/\s+/).filter(Boolean) : [text]).map((field) => ({ text: field, word: at })),
      );
      const [only = []] = choices;
      if (choices.length === 1) {
        for (const reading of readings) reading.push(...only);
        continue;
      }
      readings = readings.flatMap((reading) => choices.map((choice) => [...reading, ...choice]));
      if (readings.length > MOST_READINGS) readings.length = MOST_READINGS;
    }
    return readings;
  }

  private findCommand(node: Command, where: Where): void {
    const readings = this.readings(node);
    const [first = []] = readings;
    const name = nameOf(node);
    if (name !== undefined && this.into.functions.has(name)) this.into.uses.set(node, name);
    if (name === "trap" || name === "eval") return this.findNested(node, name, where);
    this.findWrappers(node, first, where);
    const argv = first.map((field) => field.text);
    const shell = findShell(argv, this.options.wrappers);
    if (shell?.script !== undefined) {
      const word = first[shell.script]?.word;
      if (word && this.enter(node, word, "shell", shell.errexit, where)) return;
    }
    if (this.findVariableCommand(node, first, where)) return;
    const classified = this.classify(node, readings);
    if (classified) {
      const call = this.addCall(classified, where, node);
      this.into.calls.set(node, { call, tested: false });
      if (!this.isFreeOfEffects(node)) this.lower(call, "none", "a command substitution in it does more");
      this.checkFiles(call, node, where);
      return;
    }
    if (this.forwardsCall(node, first, where)) return;
    this.findInterpreted(node, argv, where);
    this.findHereDocuments(node, shell !== undefined, where);
    if (argv[0] !== undefined && /^(?:kubectl|oc|docker|podman|nerdctl|crictl|ssh)$/.test(programName(argv[0]))) return;
    this.findAnswers(node, where);
  }

  /** An answer kept in a file that other commands name is used by them. */
  private checkFiles(call: number, node: SyntaxNode, where: Where): void {
    const { text } = where.unit;
    walk(node, (inner) => {
      if (inner.type !== "Command") return true;
      const files = inner.redirects.flatMap((redirect) => (isQuietRedirect(redirect) ? [] : [redirect]));
      const targets = files.flatMap((redirect) =>
        redirect.type === "Redirect" && redirect.target ? [redirect.target.value] : [],
      );
      const words = argWords(inner).map((word) => word.value);
      const named = words.filter((_, i) =>
        /^(?:-\w*[oOD]|--output|--output-document|--dump-header)$/.test(words[i - 1] ?? ""),
      );
      const glued = words.flatMap((word) => /^(?:-[oO]|--output(?:-document)?=)(\/?[\w.].*)$/.exec(word)?.[1] ?? []);
      const tees = nameOf(inner) === "tee" ? words.filter((word) => !word.startsWith("-")) : [];
      const kept = [...targets, ...named, ...glued, ...tees].filter((file) => !/^(?:-|\/dev\/\w+|\d+)$/.test(file));
      const isNamed = (file: string): boolean =>
        text.slice(0, node.pos).includes(file) || text.includes(file, node.end);
      if (kept.some(isNamed)) this.lower(call, "none", "its answer is kept in a file that is used");
      return true;
    });
  }

  private isFreeOfEffects(node: Command): boolean {
    let free = true;
    walk(node, (inner) => {
      if (
        inner.type === "Command" &&
        inner !== node &&
        inner.name &&
        !isFilter(inner) &&
        !isHarmless(inner, this.into.printers)
      ) {
        if (
          !/^(?:pgrep|pidof|ps|hostname|ls|id|seq)$/.test(nameOf(inner) ?? "") &&
          !this.options.env.has(inner.name.value)
        )
          free = false;
      }
      return free;
    });
    return free;
  }

  private classify(node: Command, readings: Field[][]): Classified | undefined {
    const all = readings.map((reading) => {
      const argv = reading.map((field) => field.text);
      const inner = argv.slice(unwrap(argv, this.options.wrappers).program);
      return this.isOwn(inner) ? undefined : classifyCommand(inner);
    });
    const classified =
      all.find((one) => one) ??
      this.classifyConnection(node, readings[0] ?? []) ??
      this.classifyKill(node, readings[0] ?? []);
    if (!classified || !this.options.kinds.has(classified.kind)) return undefined;
    if (all.some((one) => one) && !all.every((one) => one?.kind === classified.kind)) {
      return { ...classified, besides: "with other values of its variables the command does something else" };
    }
    return classified;
  }

  private isOwn(argv: readonly string[]): boolean {
    if (!/^(?:pkill|killall)$/.test(programName(argv[0] ?? ""))) return false;
    return killedNames(argv).some((name) => this.ownPrograms.has(name));
  }

  /** `nc localhost 15020 <<< "POST …"`, `printf "POST …" > /dev/tcp/localhost/15020`, `</dev/tcp/localhost/15021`. */
  private classifyConnection(node: Command, fields: Field[]): Classified | undefined {
    const target = socketOf(node, this.into.variables);
    const texts = fields.map((field) => field.text);
    if (target && isProxyPort(target.host, target.port)) {
      if (!node.name || /^(?:true|:|exec)$/.test(nameOf(node) ?? "")) {
        return nameOf(node) === "exec" && target.kept ? undefined : { kind: "wait", probe: true };
      }
      const kind = classifyPayload(target.port, texts.slice(1).join(" "));
      if (kind) return { kind, probe: false };
      return isPrint({ ...node, redirects: [], suffix: argWords(node), prefix: [] }, new Set())
        ? { kind: "wait", probe: true }
        : undefined;
    }
    const port = proxyPortOf(texts);
    if (port === undefined) return undefined;
    for (const redirect of node.redirects) {
      const payload =
        redirect.type === "HereDoc"
          ? redirect.body.text
          : redirect.type === "HereString" && redirect.target
            ? valuesOf(redirect.target, this.into.variables).join(" ")
            : "";
      const kind = classifyPayload(port, payload);
      if (kind) return { kind, probe: false };
    }
    return undefined;
  }

  /** `kill $(pidof pilot-agent)`, `kill $PID` where PID comes from such a look-up. */
  private classifyKill(node: Command, fields: Field[]): Classified | undefined {
    const argv = fields.map((field) => field.text);
    if (programName(argv[unwrap(argv).program] ?? "") !== "kill") return undefined;
    const operands = argWords(node).filter(
      (word) => !/^-|^(?:kill|TERM|INT|KILL|QUIT|HUP|SIG\w+|\d+)$/.test(word.text),
    );
    if (operands.length === 0 || argWords(node).some((word) => word.value === "-0" || word.value === "-l"))
      return undefined;
    const names = operands.map((word) => this.lookedUp(word, new Set()));
    if (names.some((found) => !found)) return undefined;
    return names.some((found) => found?.some((one) => this.ownPrograms.has(one)))
      ? undefined
      : { kind: "kill", probe: false };
  }

  /** Proxy programs whose process ids the word holds; undefined where it may hold others. */
  private lookedUp(word: Word, seen: Set<string>): string[] | undefined {
    const parts = (word.parts ?? []).flatMap((part) => (part.type === "DoubleQuoted" ? [...part.parts] : [part]));
    if (parts.length !== 1) return undefined;
    const [part] = parts;
    if (part?.type === "CommandExpansion" && part.script) {
      const [statement, ...more] = part.script.commands;
      return statement && more.length === 0 ? lookUp(statement.command) : undefined;
    }
    const name =
      part?.type === "SimpleExpansion"
        ? part.text.slice(1)
        : part?.type === "ParameterExpansion" && !part.operation
          ? part.parameter
          : "";
    const words = this.into.variables.assigned.get(name);
    if (!words || seen.has(name)) return undefined;
    seen.add(name);
    const found = words.map((value) => (value ? this.lookedUp(value, seen) : undefined));
    return found.every((one) => one) ? found.flatMap((one) => one ?? []) : undefined;
  }

  private findPipeline(node: Pipeline, where: Where): boolean {
    const classified = this.classifyPipeline(node);
    if (classified) {
      const call = this.addCall(classified, where, node);
      this.into.calls.set(node, { call, tested: !lastPasses(node) });
      return true;
    }
    // A call in front of filters: the pipeline as a whole is the call.
    const at = node.commands.findIndex((command) => command.type === "Command" && this.isCall(command));
    if (at < 0 || node.commands.length === 1) return false;
    const [head] = node.commands;
    const clean =
      node.commands.slice(0, at).every((command) => isPrint(command, this.into.printers)) &&
      node.commands
        .slice(at + 1)
        .every((command) => isFilter(command) || (command.type === "Command" && this.isCall(command)));
    for (const command of node.commands) {
      if (command.type === "Command") this.findCommand(command, where);
      else this.descend(command, where);
    }
    const calls = node.commands
      .map((command) => this.into.calls.get(command)?.call)
      .filter((call) => call !== undefined);
    const [call] = calls;
    if (call === undefined) return true;
    if (!clean || new Set(calls).size > 1) {
      for (const one of calls) this.lower(one, "none", "another command works with its answer");
      return true;
    }
    for (const command of node.commands) this.into.calls.delete(command);
    const found = this.into.found[call];
    if (found && found.kind !== "wait" && head) Object.assign(found, rangeInRoot(where.unit, node.pos, node.end));
    this.into.calls.set(node, { call, tested: !lastPasses(node) });
    this.checkFiles(call, node, where);
    return true;
  }

  private isCall(node: Command): boolean {
    return this.classify(node, this.readings(node)) !== undefined;
  }

  /** Pipelines that are calls as a whole: `printf … | nc localhost 15020`, `pidof envoy | xargs kill`. */
  private classifyPipeline(node: Pipeline): Classified | undefined {
    const last = node.commands.findIndex(
      (command) => command.type === "Command" && proxyPortOf(this.textsOf(command)) !== undefined,
    );
    const sink = node.commands[last];
    if (last > 0 && sink?.type === "Command" && node.commands.slice(last + 1).every(isFilter)) {
      const before = node.commands.slice(0, last);
      const payload = before
        .map((command) => payloadOf(command, (word) => valuesOf(word, this.into.variables)[0] ?? ""))
        .join(" ");
      const kind = classifyPayload(proxyPortOf(this.textsOf(sink)) ?? "", payload);
      if (
        kind &&
        this.options.kinds.has(kind) &&
        before.every((command) => isPayloadSource(command, this.into.printers))
      )
        return { kind, probe: false };
    }
    if (!this.options.kinds.has("kill")) return undefined;
    const end = node.commands.at(-1);
    const names =
      node.commands.length > 1 && end && killsInput(end) ? lookUpPipe(node.commands.slice(0, -1)) : undefined;
    return names && !names.some((name) => this.ownPrograms.has(name)) ? { kind: "kill", probe: false } : undefined;
  }

  private textsOf(node: Command): string[] {
    return (this.readings(node)[0] ?? []).map((field) => field.text);
  }

  private findNested(node: Command, via: "trap" | "eval", where: Where): void {
    const words = argWords(node).filter((word) => word.value !== "--");
    const [body, ...rest] = words;
    if (!body || (via === "trap" && (rest.length === 0 || /^-[lp]?$/.test(body.value)))) return;
    if (via === "trap" || rest.length === 0) {
      if (this.enter(node, body, via, where.unit.errexit, where)) return;
      if (this.addVariableCommand(body, node, where)) return;
      return this.findAnswers(node, where);
    }
    const classified = classifyCommand(
      words.flatMap((word) => valuesOf(word, this.into.variables)[0]?.split(/\s+/) ?? []),
    );
    if (classified && this.options.kinds.has(classified.kind)) {
      this.into.calls.set(node, { call: this.addCall(classified, where, node), tested: false });
    }
  }

  /** Reads a word as a script; false where its text is not in the word. */
  private enter(node: Command, word: Word, via: "trap" | "shell" | "eval", errexit: boolean, where: Where): boolean {
    if (this.addVariableCommand(word, node, where)) return true;
    const unit = nestedUnit(where.unit, word, via, errexit);
    if (!unit) return false;
    if (unit.error) {
      for (const call of findTextCalls(unit.text)) {
        if (this.options.kinds.has(call.kind)) this.add(call.kind, where, node, "none", "the script does not parse");
      }
      return true;
    }
    this.into.units.push(unit);
    this.into.nested.set(node, unit);
    for (const [name, words] of collectVariables([unit.script], new Map()).assigned) {
      this.into.variables.assigned.set(name, [...(this.into.variables.assigned.get(name) ?? []), ...words]);
    }
    this.into.variables.known.clear();
    this.descend(unit.script, { unit, loop: undefined });
    return true;
  }

  private findWrappers(node: Command, fields: Field[], where: Where): void {
    if (!this.options.kinds.has("wrapper")) return;
    const argv = fields.map((field) => field.text);
    const { wrappers, program } = unwrap(argv, this.options.wrappers);
    for (const at of wrappers) {
      const word = fields[at]?.word;
      const next = fields[argv[at + 1] === "--" ? at + 2 : at + 1]?.word;
      if (!word) continue;
      const whole = next && program < argv.length && next !== word && next.pos > word.pos;
      const call = this.add(
        "wrapper",
        where,
        word,
        whole ? "review" : "none",
        whole ? undefined : "no program follows the wrapper",
      );
      if (whole)
        this.into.wrappers.set(node, [
          ...(this.into.wrappers.get(node) ?? []),
          { call, start: word.pos, end: next.pos },
        ]);
    }
  }

  /** `$QUIT` as a command: reported where the variable gets its text. */
  private findVariableCommand(node: Command, fields: Field[], where: Where): boolean {
    return node.name !== undefined && fields[0]?.word === node.name && this.addVariableCommand(node.name, node, where);
  }

  private addVariableCommand(word: Word, node: Command, where: Where): boolean {
    const name = variableOf(word);
    if (name === undefined) return false;
    const texts = valuesOf(word, this.into.variables).filter((text) => text !== UNKNOWN);
    const array = this.arrayCommand(name);
    const kinds = array ? [array] : texts.flatMap((text) => this.kindsInText(text));
    if (kinds.length === 0) return false;
    const known = this.commandVariables.get(name);
    if (known !== undefined) return true;
    const assignment = this.assignmentOf(name);
    const reason = "the whole command sits in a variable";
    const call = this.add(kinds[0] ?? "quit", { ...where, unit: this.into.root }, assignment ?? node, "none", reason);
    const found = this.into.found[call];
    if (found && !assignment) found.variable = name;
    this.commandVariables.set(name, call);
    return true;
  }

  private arrayCommand(name: string): Exclude<CallKind, "wrapper"> | undefined {
    const assignment = this.assignmentOf(name);
    if (assignment?.type !== "Assignment" || assignment.value.type !== "ArrayValue") return undefined;
    const kind = classifyCommand(
      assignment.value.elements.map((word) => valuesOf(word, this.into.variables)[0] ?? ""),
    )?.kind;
    return kind && this.options.kinds.has(kind) ? kind : undefined;
  }

  private assignmentOf(name: string): Extract<SyntaxNode, { type: "Assignment" }> | undefined {
    let found: Extract<SyntaxNode, { type: "Assignment" }> | undefined;
    walk(this.into.root.script, (node) => {
      if (node.type === "Assignment" && node.name === name) found ??= node;
      return !found;
    });
    return found;
  }

  /** Kinds of the calls in a text that a shell would run. */
  private kindsInText(text: string): Exclude<CallKind, "wrapper">[] {
    if (!/\s/.test(text.trim())) return [];
    const inner = discover(text, false, {
      ...this.options,
      kinds: new Set([...this.options.kinds].filter((kind) => kind !== "wrapper")),
    });
    return inner.found.flatMap((found) => (found.kind === "wrapper" ? [] : [found.kind]));
  }

  /** `retry 5 curl …`: a function that runs its arguments, or a program called retry. */
  private forwardsCall(node: Command, fields: Field[], where: Where): boolean {
    const name = nameOf(node);
    if (name === undefined || !(this.forwarders.has(name) || /^retry(?:\.sh)?$/.test(name))) return false;
    for (let at = 1; at < fields.length; at++) {
      const classified = classifyCommand(fields.slice(at).map((field) => field.text));
      if (!classified || !this.options.kinds.has(classified.kind)) continue;
      const call = this.addCall(classified, where, node);
      this.lower(call, "review", "it is run by a function that retries");
      this.into.calls.set(node, { call, tested: false });
      this.into.uses.delete(node);
      return true;
    }
    return false;
  }

  /** `python -c '…'`: code of another language is only reported. */
  private findInterpreted(node: Command, argv: string[], where: Where): void {
    const inner = argv.slice(unwrap(argv).program);
    if (!INTERPRETERS.test(programName(inner[0] ?? ""))) return;
    const documents = node.redirects.map((redirect) => (redirect.type === "HereDoc" ? redirect.body.text : ""));
    for (const text of [...inner.slice(1).filter((_, i) => CODE_FLAG.test(inner[i] ?? "")), ...documents]) {
      for (const call of findTextCalls(text)) {
        if (this.options.kinds.has(call.kind))
          this.add(call.kind, where, node, "none", "code of another language is not edited");
      }
    }
  }

  /** Here-documents that become a script: written into a file or read by a shell. Printed ones are text. */
  private findHereDocuments(node: Command, shell: boolean, where: Where): void {
    const writes = node.redirects.some(
      (redirect) =>
        redirect.type === "Redirect" && /^>/.test(redirect.operator) && isScriptFile(redirect.target?.value ?? ""),
    );
    const copies = nameOf(node) === "tee" && argWords(node).some((word) => isScriptFile(word.value));
    if (!shell && !writes && !copies) return;
    for (const redirect of node.redirects) {
      if (redirect.type !== "HereDoc") continue;
      const calls = this.kindsInText(redirect.body.text);
      const kinds = calls.length > 0 ? calls : [];
      for (const kind of kinds) this.add(kind, where, node, "none", "the command is text of a here-document");
    }
  }

  /** `exec 3<>/dev/tcp/localhost/15020`, a request written to 3, what comes back read: one call of several commands. */
  private findConnections(): void {
    if (!this.options.kinds.has("quit")) return;
    for (const unit of this.into.units) {
      const opened = new Map<string, { port: string; nodes: Command[] }>();
      walk(unit.script, (node) => {
        if (node.type !== "Command") return true;
        const target = socketOf(node, this.into.variables);
        if (target?.kept !== undefined && nameOf(node) === "exec" && isProxyPort(target.host, target.port)) {
          opened.set(target.kept, { port: target.port, nodes: [node] });
        } else {
          for (const fd of descriptorsOf(node)) opened.get(fd)?.nodes.push(node);
        }
        return true;
      });
      for (const { port, nodes } of opened.values()) this.addConnection(unit, port, nodes);
    }
  }

  private addConnection(unit: Unit, port: string, nodes: Command[]): void {
    const payload = nodes.map((node) => this.textsOf(node).join(" ")).join("\n");
    const kind = /\/quitquitquit\b/.test(payload)
      ? classifyPayload(port, /[A-Z]+ \/quitquitquit\b/.exec(payload)?.[0] ?? "")
      : undefined;
    const [first] = nodes;
    if (kind !== "quit" || !first || nodes.some((node) => this.into.calls.has(node))) return;
    const call = this.add("quit", { unit, loop: undefined }, first);
    const plain = nodes.every((node) => /^(?:exec|echo|printf|cat|head|timeout|read|grep)$/.test(nameOf(node) ?? ""));
    if (!plain) this.lower(call, "none", "another command works with the connection");
    else for (const node of nodes) this.into.calls.set(node, { call, tested: false });
  }
}

export function rank(level: Level): number {
  return level === "safe" ? 0 : level === "review" ? 1 : 2;
}

function lastPasses(node: Pipeline): boolean {
  const last = node.commands.at(-1);
  return last === undefined || isPasser(last) || !isFilter(last);
}

function variableOf(word: Word): string | undefined {
  const parts = (word.parts ?? []).flatMap((part) => (part.type === "DoubleQuoted" ? [...part.parts] : [part]));
  const [part] = parts;
  if (parts.length !== 1 || !part) return undefined;
  if (part.type === "SimpleExpansion") return part.text.slice(1);
  if (part.type === "ParameterExpansion" && (!part.operation || part.operation.type === "Default"))
    return part.parameter;
  return part.type === "CommandExpansion" ? /^\$\(([\w.-]+)\)$/.exec(part.text)?.[1] : undefined;
}

function isScriptFile(path: string): boolean {
  return path !== "" && !/^\/dev\/|\.(?:md|txt|html?|rst|log)$/.test(path) && !/^\d+$/.test(path);
}
