import { type CallKind, classifyRequest, proxyPattern } from "./requests.ts";

/** A proxy call found in text of any language. Offsets into the text. */
export interface TextCall {
  kind: Exclude<CallKind, "wrapper">;
  start: number;
  end: number;
}

const URL = /(localhost|127\.0\.0\.1|\[::1\]):(15000|15020|15021)(\/[\w/]*)/gi;
const CONNECTION = /["'](localhost|127\.0\.0\.1|::1)["']\s*[,:]\s*["']?(15000|15020|15021)\b["']?/gi;
const PATH = /["'](?:(?:GET|POST)\s+)?(\/(?:quitquitquit|healthz\/ready|server_info|ready))\b/;
const KILL = /\b(?:pkill|killall)\b((?:\s+-[-\w=]+)*)\s+["']?([\w./-]+)/g;
/** How far behind its connection a request is looked for, in characters. */
const REACH = 2000;
const PROSE = /\.(?:md|markdown|rst|adoc|txt|html?)$|^(?:readme|notes|changelog|license)(?:$|\.)/i;

/** True for a ConfigMap key or file whose text is for people. */
export function isProse(name: string): boolean {
  return PROSE.test(name);
}

/**
 * Finds quit, wait and kill calls in text of any language by their address, comments and quoted Markdown excepted.
 * For what no shell reads (`python -c`, `node -e`, configuration) and for shell text that does not parse.
 */
export function findTextCalls(text: string): TextCall[] {
  const calls: TextCall[] = [];
  const add = (kind: TextCall["kind"] | undefined, start: number, length: number): void => {
    if (kind && !inComment(text, start)) calls.push({ kind, start, end: start + length });
  };
  for (const match of text.matchAll(URL)) {
    add(classifyRequest(match[1] ?? "", match[2] ?? "", match[3] ?? ""), match.index, match[0].length);
  }
  for (const match of text.matchAll(CONNECTION)) {
    // The path of a request on an open connection follows it: `conn.request("POST", "/quitquitquit")`.
    const path = PATH.exec(text.slice(match.index, match.index + REACH));
    if (path)
      add(
        classifyRequest(match[1]?.replace("::1", "[::1]") ?? "", match[2] ?? "", path[1] ?? ""),
        match.index,
        match[0].length,
      );
  }
  for (const match of text.matchAll(KILL))
    add(proxyPattern(match[2] ?? "") ? "kill" : undefined, match.index, match[0].length);
  return calls.sort((a, b) => a.start - b.start);
}

function inComment(text: string, offset: number): boolean {
  const lineStart = text.lastIndexOf("\n", offset - 1) + 1;
  const before = text.slice(lineStart, offset);
  if (/^\s*(?:#|\/\/|--\s|;|\*|<!--|"""\s*$|@?rem\s)/i.test(before)) return true;
  if (/\s(?:#|\/\/)\s/.test(before)) return true;
  // Markdown code within prose.
  const lineEnd = text.indexOf("\n", offset);
  const after = text.slice(offset, lineEnd < 0 ? undefined : lineEnd);
  return (
    before.lastIndexOf("`") > before.lastIndexOf("$(") &&
    (before.split("`").length & 1) === 0 &&
    after.includes("`") &&
    /[A-Za-z] `/.test(before)
  );
}
