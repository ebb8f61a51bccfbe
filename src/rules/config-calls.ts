import { analyseScript, findTextCalls, isProse } from "../shell/index.ts";

/** A proxy call in a text of a ConfigMap. */
export interface ConfigCall {
  kind: "quit" | "wait" | "kill";
  /** Offsets into the text; `end` exclusive. */
  start: number;
  end: number;
}

/** A text without any of these holds no call. */
export const CALL_LITERALS = ["quitquitquit", "15020", "15021", "15000", "kill", "fuser"] as const;

const NO_ENV: ReadonlyMap<string, string> = new Map();
const KINDS: ReadonlySet<ConfigCall["kind"]> = new Set(["quit", "wait", "kill"]);
const POLICY =
  /\.rego$|\bkyverno\.io\/|^[ \t]*package[ \t]+[\w.]+[ \t\r]*$|\bkind:[ \t]*(?:ConstraintTemplate|ClusterPolicy)\b/m;

/** The times before a command in a crontab. */
const SCHEDULE = /^[ \t]*(?:[\d*/,-]{1,20}[ \t]{1,8}){5}/gm;

/** Proxy calls in one text of a ConfigMap, whatever its language; comments, prose and policies excepted. */
export function configCalls(key: string, text: string): ConfigCall[] {
  if (isProse(key) || !CALL_LITERALS.some((literal) => text.includes(literal))) return [];
  if (POLICY.test(key) || POLICY.test(text)) return [];
  const commands = text.replace(SCHEDULE, (fields) => " ".repeat(fields.length));
  if (!isShell(key, commands)) return findTextCalls(text);
  const { findings } = analyseScript({ text: commands, errexit: false, env: NO_ENV, role: "main", kinds: KINDS });
  return findings.flatMap(({ kind, start, end }) => (kind === "wrapper" ? [] : [{ kind, start, end }]));
}

/** By the `#!` line, else by the key's ending; a text of several words without either reads like a shell's. */
function isShell(key: string, text: string): boolean {
  const interpreter = /^#![ \t]*(\S+)(?:[ \t]+(?:-S[ \t]+)?(\S+))?/.exec(text);
  if (interpreter !== null)
    return /(?:^|\/)(?:env|(?:ba|da|a|k|z|mk)?sh)$/.test(interpreter[1] ?? "") && isShellWord(interpreter[2]);
  const ending = /\.(\w+)$/.exec(key)?.[1]?.toLowerCase();
  if (ending !== undefined) return /^(?:ba|da|k|z)?sh$/.test(ending);
  return /\s\S/.test(text.trim()) && !/^\s*[[{<]/.test(text) && !/^\s*[\w.-]+:\s/.test(text) && parses(text);
}

/** What stands behind `#!/usr/bin/env`, or an option of the shell itself. */
function isShellWord(word: string | undefined): boolean {
  return word === undefined || word.startsWith("-") || /^(?:ba|da|a|k|z|mk)?sh$/.test(word);
}

function parses(text: string): boolean {
  return analyseScript({ text, errexit: false, env: NO_ENV, role: "main", kinds: KINDS }).error === undefined;
}
