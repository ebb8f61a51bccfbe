import fc from "fast-check";

/** One change to a text; numbers are taken modulo what is there, so that any combination means something. */
export type Mutation =
  | { kind: "insert"; at: number; token: string }
  | { kind: "delete"; at: number; length: number }
  | { kind: "replace"; at: number; length: number; token: string }
  | { kind: "duplicate-line" | "delete-line" | "indent" | "outdent"; at: number }
  | { kind: "move-line"; at: number; to: number }
  | { kind: "splice"; at: number; seed: number }
  | { kind: "append"; seed: number }
  | { kind: "line-breaks"; lineBreak: string };

const TOKENS = [
  ..."\t|\r|\r\n|\n|\0|\ufeff|\u2028|\u0085|\ud800|\udc00|é|😀|{|}|[|]|,|: |:|- |#| #|\"|'|`|\\|*|&|!|%|@|?|<<: ".split(
    "|",
  ),
  "|",
  ">",
  "|+\n",
  ">-\n",
  "---\n",
  "\n---\n",
  "--- ",
  "\n...\n",
  "...",
  "&a ",
  "*a",
  "<<: *a\n",
  "!!str ",
  "!!map ",
  "!x ",
  "%YAML 1.1\n---\n",
  "? ",
  "null",
  "~",
  "{}",
  "[]",
  "0o17",
  "1e999",
  "__proto__: 1\n",
  "constructor: {}\n",
  "{{ .Values.x }}",
  "$" + "{VAR}",
  "kind: Job\n",
  "kind: List\n",
  "items:\n",
  "# native-sidecar-ignore quit-call: because\n",
  "curl -X POST localhost:15020/quitquitquit\n",
  "; pkill -f pilot-agent",
  "trap 'curl localhost:15020/quitquitquit' EXIT\n",
  "$(",
  "<<EOF\n",
  "if true; then\n",
  "fi\n",
  "\\\n",
];

const place = fc.nat({ max: 2 ** 20 });
const token = fc.oneof(fc.constantFrom(...TOKENS), fc.string({ unit: "binary", maxLength: 3 }));

/** A few changes; shrinks towards none. */
export const mutations: fc.Arbitrary<Mutation[]> = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant("insert" as const), at: place, token }),
    fc.record({ kind: fc.constant("delete" as const), at: place, length: fc.nat({ max: 12 }) }),
    fc.record({ kind: fc.constant("replace" as const), at: place, length: fc.nat({ max: 4 }), token }),
    fc.record({
      kind: fc.constantFrom("duplicate-line" as const, "delete-line" as const, "indent" as const, "outdent" as const),
      at: place,
    }),
    fc.record({ kind: fc.constant("move-line" as const), at: place, to: place }),
    fc.record({ kind: fc.constant("splice" as const), at: place, seed: place }),
    fc.record({ kind: fc.constant("append" as const), seed: place }),
    fc.record({ kind: fc.constant("line-breaks" as const), lineBreak: fc.constantFrom("\r\n", "\n", "\r") }),
  ),
  { maxLength: 6, size: "max" },
);

/** The text after all changes. */
export function mutate(text: string, changes: readonly Mutation[], seeds: readonly string[]): string {
  return changes.reduce((current, change) => changed(current, change, seeds), text);
}

function changed(text: string, change: Mutation, seeds: readonly string[]): string {
  switch (change.kind) {
    case "append":
      return `${text}${text.endsWith("\n") ? "" : "\n"}---\n${pick(seeds, change.seed)}`;
    case "line-breaks":
      return text.replace(/\r\n?|\n/g, change.lineBreak);
    case "insert":
    case "delete":
    case "replace": {
      const at = change.at % (text.length + 1);
      const length = change.kind === "insert" ? 0 : change.length;
      return text.slice(0, at) + (change.kind === "delete" ? "" : change.token) + text.slice(at + length);
    }
    case "splice": {
      const other = pick(seeds, change.seed).split("\n");
      const from = change.seed % other.length;
      return withLines(text, (lines) =>
        lines.splice(change.at % (lines.length + 1), 0, ...other.slice(from, from + 9)),
      );
    }
    default:
      return withLines(text, (lines) => changeLine(lines, change));
  }
}

function changeLine(lines: string[], change: Extract<Mutation, { at: number }>): void {
  const at = change.at % lines.length;
  const line = lines[at] ?? "";
  if (change.kind === "duplicate-line") lines.splice(at, 0, line);
  else if (change.kind === "delete-line") lines.splice(at, 1);
  else if (change.kind === "indent") lines[at] = `  ${line}`;
  else if (change.kind === "outdent") lines[at] = line.replace(/^ {1,2}/, "");
  else if (change.kind === "move-line") {
    lines.splice(at, 1);
    lines.splice(change.to % (lines.length + 1), 0, line);
  }
}

function withLines(text: string, change: (lines: string[]) => unknown): string {
  const lines = text.split("\n");
  change(lines);
  return lines.join("\n");
}

function pick(seeds: readonly string[], n: number): string {
  return seeds[n % seeds.length] ?? "";
}
