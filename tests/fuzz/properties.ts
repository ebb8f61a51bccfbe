import { parseAllDocuments } from "yaml";
import { functionCommand } from "../../src/cli/function.ts";
import type { Io } from "../../src/cli/io.ts";
import { main } from "../../src/cli/program.ts";
import { run } from "../../src/cli/run.ts";
import { isObject, type Json, type JsonObject } from "../../src/json.ts";
import { RULES } from "../../src/rules/index.ts";
import { decode, holdsAny } from "../../src/source/bytes.ts";
import { isSameData } from "../../src/source/equal.ts";
import { SourceError, UsageError } from "../../src/source/failure.ts";
import { parseChunk, parseFully } from "../../src/source/parse.ts";
import { splitDocuments } from "../../src/source/split.ts";
import { AliasBomb, type Entry, type Item, type Node, type Path, toData } from "../../src/source/tree.ts";
import { resolveTarget, TargetError } from "../../src/target/index.ts";
import { analyse } from "../../src/transform/analyse.ts";
import { readCluster } from "../../src/transform/cluster.ts";
import { type Finding, offsetOf, pathText } from "../../src/transform/finding.ts";
import type { DocumentChunk, Input } from "../../src/transform/input.ts";
import { findingLiterals, inspect, type Plan, transform } from "../../src/transform/transform.ts";
import type { Setting } from "../../src/transform/workload.ts";
import { runFunction } from "../../src/wire/function.ts";
import { readInput } from "../../src/wire/read-input.ts";
import { readParsed, readResourceList } from "../../src/wire/resource-list.ts";

/** Throws where the property does not hold for a text; false where the text says nothing about it. */
export type Property = (text: string) => boolean | Promise<boolean>;

/** A text that the property has nothing to say about. */
class Irrelevant extends Error {}

const STRIP = { level: "review", rules: {} } as const;
const PLAN: Plan = { strip: STRIP, optOut: { mode: "off", selectors: [] }, renderer: undefined };

/** What a text may be refused with. */
function isRefusal(error: unknown): boolean {
  return (
    error instanceof SourceError ||
    error instanceof UsageError ||
    error instanceof TargetError ||
    error instanceof AliasBomb ||
    error instanceof Irrelevant
  );
}

/** A property of texts that are accepted. */
function ofAccepted(property: (text: string) => void): Property {
  return (text) => {
    try {
      property(text);
      return true;
    } catch (error) {
      if (isRefusal(error)) return false;
      throw error;
    }
  };
}

function settingFor(input: Input): Setting {
  const cluster = readCluster([input]);
  return { target: resolveTarget({ module: "1.22.0", kubernetes: "1.33" }, cluster), cluster, podTemplates: [] };
}

function fail(message: string): never {
  throw new Error(message);
}

const dataOf = (node: Node | undefined): Json => (node === undefined ? null : toData(node));

/** The library takes a lone CR for text in some places, YAML for a line break in all: no word of it is to be relied on. */
function hasLoneCr(text: string): boolean {
  return /\r(?!\n)/.test(text);
}

/** Every document that a full parse finds is found without one, with the same data. */
export const splitIsFullParse = ofAccepted((text) => {
  if (hasLoneCr(text)) throw new Irrelevant();
  const whole = parseAllDocuments(text, { version: "1.2", logLevel: "silent", uniqueKeys: false });
  const documents = Array.isArray(whole) ? whole : [];
  // Cutting is only promised for well-formed streams; a tag or directive of another document is none of ours.
  if (documents.some(({ errors, warnings }) => errors.length + warnings.length > 0)) throw new Irrelevant();
  const pieces = splitDocuments(text).map(({ start, end }) =>
    parseAllDocuments(text.slice(start, end), { version: "1.2", logLevel: "silent", uniqueKeys: false }),
  );
  const counts = pieces.map((piece) => (Array.isArray(piece) ? piece.length : 0));
  if (counts.some((count) => count > 1)) fail(`a piece holds several documents: ${counts}`);
  const shown = (list: readonly { contents: unknown }[]): string =>
    JSON.stringify(list.map((document) => String(document.contents)).filter((content) => content !== "null"));
  const split = pieces.flatMap((piece) => (Array.isArray(piece) ? piece : []));
  if (shown(documents) !== shown(split)) fail(`${shown(documents)}\n!==\n${shown(split)}`);
});

/** A ResourceList read by lines holds what the same read by a full parse does. */
export const outlineIsFullParse = ofAccepted((text) => {
  if (hasLoneCr(text)) throw new Irrelevant();
  const listed = text.includes("kind: ResourceList") ? text : asList(text);
  const parsed = readParsed("t", listed);
  const outlined = readResourceList("t", listed);
  if (parsed === undefined || outlined === undefined)
    return parsed === outlined ? undefined : fail(`by parse ${parsed?.apiVersion}, by lines ${outlined?.apiVersion}`);
  const items = (list: typeof parsed): Json[] => list.chunks.map((chunk) => dataOf(chunk.root ?? parseChunk(chunk)));
  // Where items share anchors they come as one.
  if (parsed.chunks.some(({ kind }) => kind === "ResourceList")) return;
  if (!isSameData(items(parsed), items(outlined))) fail("items differ");
  if (!isSameData(dataOf(parsed.functionConfig), dataOf(outlined.functionConfig))) fail("functionConfig differs");
  return;
});

/** What the fast parser reads is what the full one reads. */
export const plainIsFullParse = ofAccepted((text) => {
  for (const range of splitDocuments(text)) {
    const chunk = { file: "t", text, ...range };
    const full = parseFully(chunk);
    if (!isSameData(dataOf(parseChunk(chunk)), dataOf(full))) fail("data differ");
  }
});

/** No finding is lost by looking at bytes, kinds and words before parsing. */
export const filteredIsUnfiltered = ofAccepted((text) => {
  const input = readInput("t", text);
  const setting = settingFor(input);
  const everything = RULES.filter(({ meta }) => !meta.onRequest).map((rule) => ({
    ...rule,
    meta: { ...rule.meta, literals: [""] },
  }));
  const open: Input = {
    ...input,
    chunks: input.chunks.map(({ kind: _, ...chunk }) => ({ ...chunk, kind: undefined })),
  };
  const all = [...analyse(open, setting, everything)].flatMap(({ findings }) => findings);
  const filtered = inspect(input, setting, STRIP).findings.filter(({ rule }) => !rule.onRequest);
  if (show(all) !== show(filtered)) fail(`unfiltered ${show(all)}\nfiltered ${show(filtered)}`);
  const isOfInterest = holdsAny(Buffer.from(text), findingLiterals(STRIP));
  if (all.length > 0 && !isOfInterest) fail(`the byte scan loses ${show(all)}`);
});

function show(findings: readonly Finding[]): string {
  return findings.map((f) => `${f.rule.name}@${offsetOf(f)} ${pathText(f)} ${f.level}`).join("\n");
}

interface Fixed {
  before: Input;
  after: Input;
  applied: Finding[];
}

function fix(text: string): Fixed {
  const before = readInput("t", text);
  const { input: after, applied } = transform(before, settingFor(before), PLAN);
  return { before, after, applied };
}

const own = ({ text, start, end }: DocumentChunk): string => text.slice(start, end);

/** Documents without an applied finding keep every byte, and so does what lies between documents. */
export const bytesOutsideEditsStay = ofAccepted((text) => {
  const { before, after, applied } = fix(text);
  if (applied.length === 0) return after.text === text ? undefined : fail("changed without a finding");
  const changedIndexes = new Set(applied.map(({ resource }) => resource.document));
  if (before.chunks.length !== after.chunks.length) fail("another number of documents");
  const rest = ({ text: whole, chunks }: Input): string => {
    let at = 0;
    let between = "";
    for (const { start, end } of chunks) {
      between += whole.slice(at, start);
      at = end;
    }
    return between + whole.slice(at);
  };
  if (rest(before) !== rest(after)) fail("changed between documents");
  before.chunks.forEach((chunk, n) => {
    const now = after.chunks[n];
    if (now !== undefined && !changedIndexes.has(chunk.index) && own(chunk) !== own(now)) fail(`document ${n} changed`);
  });
  return;
});

/** A second run has nothing to do. */
export const fixIsIdempotent = ofAccepted((text) => {
  const { after, applied } = fix(text);
  if (applied.length === 0) throw new Irrelevant();
  const again = fix(after.text);
  if (again.applied.length > 0) fail(`fixed again: ${show(again.applied)}`);
  if (again.after.text !== after.text) fail("changed again");
});

/** After a fix everything but what its operations change reads as before. */
export const dataOutsideEditsStays = ofAccepted((text) => {
  const { before, after, applied } = fix(text);
  if (applied.length === 0) throw new Irrelevant();
  before.chunks.forEach((chunk, n) => {
    const now = after.chunks[n];
    const fixed = applied.filter(({ resource }) => resource.document === chunk.index);
    // What an alias reads changes at the anchor, and what a later round changed is placed in another text.
    if (now === undefined || fixed.length === 0 || own(chunk).includes("*")) return;
    const [old, current] = [chunk, now].map((each) => dataOf(each.root ?? parseChunk(each))) as [Json, Json];
    for (const path of fixed.flatMap(touchedBy)) for (const data of [old, current]) forget(data, path);
    if (!isSameData(pruned(old), pruned(current))) fail(`${JSON.stringify(old)}\n!==\n${JSON.stringify(current)}`);
  });
});

/** What a finding's fix changes: values, or the lists and maps that lose or get an entry. */
function touchedBy({ site }: Finding): Path[] {
  return site.operations.flatMap((operation): Path[] => {
    switch (operation.kind) {
      case "remove":
        return [holderPath(operation.child)];
      case "edit-script":
        return [pathOf(operation.scalar), ...(operation.hook === undefined ? [] : [holderPath(operation.hook)])];
      case "edit-text":
        return [pathOf(operation.scalar)];
      case "rename-key":
        return [holderPath(operation.entry)];
      case "move-annotation":
        return [
          holderPath(operation.entry),
          [...pathOf(operation.template.resource.root), ...operation.template.metadataPath],
        ];
      default:
        return [pathOf(operation.node)];
    }
  });
}

function holderPath(child: Entry | Item): Path {
  return pathOf("map" in child ? child.map : child.seq);
}

/** The way from the document's root to a node. */
function pathOf({ parent }: Node): Path {
  if (parent === undefined) return [];
  const step = "map" in parent ? (parent.name ?? "") : parent.seq.items.indexOf(parent);
  return [...holderPath(parent), step];
}

function forget(data: Json | undefined, path: Path): void {
  const [step, ...rest] = path;
  if (step === undefined || typeof data !== "object" || data === null) return;
  const holder = data as JsonObject;
  if (!Object.hasOwn(holder, step)) return;
  if (rest.length === 0) holder[step] = null;
  else forget(holder[step], rest);
}

/** Without what is null or empty: a fix prunes maps that it empties. */
function pruned(data: Json): Json {
  if (Array.isArray(data)) return data.map(pruned);
  if (!isObject(data)) return data;
  const kept: JsonObject = Object.create(null);
  for (const [key, value] of Object.entries(data)) {
    const inner = pruned(value as Json);
    if (inner === null || (typeof inner === "object" && Object.keys(inner).length === 0)) continue;
    kept[key] = inner;
  }
  return kept;
}

const CONFIG = `functionConfig:
  apiVersion: fn.native-sidecar.io/v1alpha1
  kind: NativeSidecar
  metadata: {name: x}
  spec: {target: {module: "1.22.0", kubernetes: "1.33"}}
`;

/** Each document of a text as an item, as kyaml would write it but with the text's own notation. */
function asList(text: string): string {
  const items = splitDocuments(text).map(({ start, end }) => {
    const body = text.slice(start, end).replace(/^---[ \t]*\r?\n/, "");
    return `- ${body.trimEnd().replaceAll("\n", "\n  ")}\n`;
  });
  return `apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n${items.join("")}${CONFIG}`;
}

/** Where nothing is to do, a ResourceList comes out as it went in, but for its results. */
export const listPassesThrough = ofAccepted((text) => {
  const list = readResourceList("t", asList(text));
  if (list === undefined) throw new Irrelevant();
  const { text: out } = runFunction(list);
  const results = out.indexOf("\nresults:");
  if (list.text.includes("results")) throw new Irrelevant();
  if (out !== list.text && (results < 0 || `${out.slice(0, results)}\n` !== list.text)) fail(`changed\n${out}`);
});

const COMMANDS = [
  ["check", "-"],
  ["check", "-", "--format", "json"],
  ["check", "-", "--format", "sarif"],
  ["fix", "-"],
  ["fix", "-", "--unsafe", "--opt-out", "auto"],
  ["fix", "-", "--diff"],
  ["render", "-"],
  ["explain", "--workload", "-"],
] as const;
const TARGET = ["--module", "1.22.0", "--kubernetes", "1.33"];

/** Whatever the bytes are: an exit status of 0, 1 or 2 and no word of an internal error. */
export const neverCrashes: Property = async (text) => {
  const bytes = Buffer.from(text, text.length % 7 === 0 ? "latin1" : "utf8");
  const command = COMMANDS[text.length % COMMANDS.length] ?? COMMANDS[0];
  await endsWell(bytes, (io) => main([...command, ...TARGET], io), command.join(" "));
  const listed = text.includes("ResourceList") ? bytes : Buffer.from(asList(decodable(bytes)));
  await endsWell(listed, (io) => run(io, () => functionCommand(io, () => "")), "function");
  return true;
};

function decodable(bytes: Buffer): string {
  try {
    return decode("t", bytes);
  } catch {
    return bytes.toString("utf8");
  }
}

async function endsWell(bytes: Buffer, program: (io: Io) => Promise<number>, what: string): Promise<void> {
  let said = "";
  const io: Io = {
    cwd: "/",
    readStdin: async () => bytes,
    stdinIsPiped: true,
    colours: false,
    stdout: () => {},
    stderr: (line) => {
      said += line;
    },
  };
  const status = await program(io);
  if (![0, 1, 2].includes(status)) fail(`${what}: exit status ${status}`);
  if (/internal error|\n {4}at |did not come to an end/.test(said)) fail(`${what}: ${said}`);
}
