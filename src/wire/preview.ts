import { meansTheSame } from "../inject/injection-removal.ts";
import { isObject, type Json, type JsonObject } from "../json.ts";
import { stringMapAt } from "../kube/labels.ts";
import { isPreviewCopy, LOCAL_CONFIG, PREVIEW_MARK } from "../kube/preview-copy.ts";
import { resourcesOf } from "../kube/resource.ts";
import { applyEdits, type TextEdit } from "../source/edit.ts";
import { compactText, isFilled } from "../source/emit.ts";
import { parseChunk } from "../source/parse.ts";
import { lineStart } from "../source/position.ts";
import { removeChildren } from "../source/remove.ts";
import { rewrite } from "../source/rewrite.ts";
import { at, entryOf, type MapNode, type Node, resolve, toData } from "../source/tree.ts";
import type { DocumentChunk } from "../transform/input.ts";
import { Renderer } from "../transform/render.ts";
import type { Setting, Workload } from "../transform/workload.ts";
import { appendItems } from "./append-items.ts";
import { onlyDocument, type ResourceList, readResourceList } from "./resource-list.ts";

const FOLDER = "rendered/";
/** Where an item came from (kyaml, kio/kioutil): a copy belongs into a file of its own. */
const PATHS = ["internal.config.kubernetes.io/path", "config.kubernetes.io/path"];
/** What tells one item from all others: no copy has that of its original. */
const IDS = ["internal.config.kubernetes.io/id", "config.kubernetes.io/id", "config.k8s.io/id"];
/** Whoever reads the copies from their files counts them anew. In the order of `PATHS`. */
const INDEXES = ["internal.config.kubernetes.io/index", "config.kubernetes.io/index"];

export interface Preview {
  /** The ResourceList with the rendered copies behind its items. */
  text: string;
  unrendered: Workload[];
  /** What the injector drops of the Pods, for people. */
  notes: string[];
}

/** The list without the copies of an earlier run, which are no workloads of their own; its text has them still. */
export function withoutCopies(list: ResourceList): ResourceList {
  const chunks = list.chunks.filter((chunk) => !isCopy(chunk));
  if (chunks.length === list.chunks.length) return list;
  return { ...list, chunks, edited: (edits) => withoutCopies(list.edited(edits)) };
}

function isCopy(chunk: DocumentChunk): boolean {
  const text = chunk.text.slice(chunk.start, chunk.end);
  if (chunk.kind === "ResourceList" || !text.includes(PREVIEW_MARK)) return false;
  return isCopyRoot(chunk.root ?? parseChunk(chunk));
}

function isCopyRoot(node: Node | undefined): boolean {
  const root = resolved(node);
  return root?.kind === "map" && isPreviewCopy(root);
}

/** Where a copy of an earlier run stands, and what it says. */
interface EarlierCopy extends Pick<DocumentChunk, "start" | "end" | "dash"> {
  data: Json;
  place: FilePlace;
}

function earlierCopies(chunk: DocumentChunk): EarlierCopy[] {
  const { start, end, dash } = chunk;
  if (isCopy(chunk)) return [{ start, end, dash, ...saidBy(chunk.root ?? parseChunk(chunk)) }];
  if (chunk.kind !== "ResourceList") return [];
  const copies = resourcesOf({ ...chunk, document: chunk.index }, chunk.root).filter(({ root }) => isCopyRoot(root));
  return copies.map(({ root }) => ({ start: root.propsStart, end: root.end, dash: undefined, ...saidBy(root) }));
}

function saidBy(root: Node | undefined): Pick<EarlierCopy, "data" | "place"> {
  return { data: comparable(root), place: placeOf(root)[0] ?? { path: "", index: "0" } };
}

function resolved(node: Node | undefined): Node | undefined {
  return node && resolve(node);
}

/**
 * Adds a rendered copy of each item whose Pods are injected, in place of those of an earlier run; the items
 * themselves stay as they are, and so does a copy that still holds.
 * @param text a text that readResourceList accepts.
 * @throws {SourceError} where the injector refuses a workload.
 */
export function addCopies(file: string, text: string, setting: Setting): Preview {
  const list = readResourceList(file, text);
  if (list === undefined) throw new RangeError("copies can only be added to a ResourceList");
  const renderer = new Renderer(setting.target, "pods");
  const { input, injected, unrendered } = renderer.render(withoutCopies(list), setting);
  const keys = new Set(injected.map(({ key }) => key));
  const chunks = new Set(injected.map(({ key }) => Number.parseInt(key, 10)));
  const others = withoutCopies(list).chunks.flatMap(placesOf);
  const copies = inFiles(
    input.chunks.flatMap((chunk) => copiesOf(chunk, keys, chunks)),
    others,
  );
  const { added, kept, stale } = settle(copies, list.chunks.flatMap(earlierCopies));
  const documents = numbered(added, [...others, ...kept.map(({ place }) => place)]);
  return {
    text: appendItems(withoutItems(text, stale), documents),
    unrendered,
    notes: renderer.notes(),
  };
}

/**
 * The ResourceList without the copies of an earlier run.
 * @param text a text that readResourceList accepts.
 */
export function dropCopies(file: string, text: string): { text: string; count: number } {
  const copies = readResourceList(file, text)?.chunks.flatMap(earlierCopies) ?? [];
  return { text: withoutItems(text, copies), count: copies.length };
}

/** Where an item goes: kpt and kustomize take a file and the place in it once. */
interface FilePlace {
  path: string;
  index: string;
}

/** Places below `rendered/` that items stand at. */
function placesOf(chunk: DocumentChunk): FilePlace[] {
  if (!chunk.text.slice(chunk.start, chunk.end).includes(FOLDER)) return [];
  const root = chunk.root ?? parseChunk(chunk);
  if (chunk.kind !== "ResourceList") return placeOf(root);
  return resourcesOf({ ...chunk, document: chunk.index }, root).flatMap((resource) => placeOf(resource.root));
}

function placeOf(root: Node | undefined): FilePlace[] {
  const map = resolved(root);
  if (map?.kind !== "map") return [];
  const annotations = stringMapAt(map, ["metadata", "annotations"]);
  const first = (keys: readonly string[]) => keys.map((key) => annotations[key]).find((value) => value !== undefined);
  const path = first(PATHS);
  return path === undefined ? [] : [{ path, index: first(INDEXES) ?? "0" }];
}

/** Copies in files of their own; those whose originals came from no file get names that no other item has. */
function inFiles(documents: readonly string[], others: readonly FilePlace[]): string[] {
  const taken = new Set(others.map(({ path }) => path));
  return documents.map((document) => annotated(document, taken));
}

/** Copies with places in their files that nothing else has: the original's, or the next free one. */
function numbered(copies: readonly string[], others: readonly FilePlace[]): string[] {
  const taken = new Set(others.map(({ path, index }) => `${path} ${index}`));
  return copies.map((copy) => {
    const root = rootOf(copy);
    const [{ path, index } = { path: "", index: "0" }] = placeOf(root);
    let free = /^\d{1,9}$/.test(index) ? Number(index) : 0;
    while (taken.has(`${path} ${free}`)) free++;
    taken.add(`${path} ${free}`);
    return withAnnotations(copy, root, (annotations) => {
      PATHS.forEach((key, n) => {
        if (annotations[key] !== undefined) annotations[INDEXES[n] as string] = String(free);
      });
    });
  });
}

/** Documents to add for one rendered item; several only where items that share anchors come as one chunk. */
function copiesOf(chunk: DocumentChunk, injected: ReadonlySet<string>, chunks: ReadonlySet<number>): string[] {
  const place = { file: chunk.file, text: chunk.text, document: chunk.index };
  if (chunk.kind === "ResourceList") {
    const resources = resourcesOf(place, chunk.root ?? parseChunk(chunk));
    const rendered = resources.filter(({ root }, n) => injected.has(`${chunk.index}:${n}`) && !isCopyRoot(root));
    return rendered.map(({ root }) => blockText(toData(root)));
  }
  return chunks.has(chunk.index) ? [documentText(chunk)] : [];
}

/** A copy of its own, in block style. */
function blockText(data: Json): string {
  if (!isObject(data) || !isFilled(data as JsonObject)) return JSON.stringify(data);
  const style = { step: 2, listOffset: 0, dashWidth: 2, lineBreak: "\n", literals: true } as const;
  return `${compactText(data as JsonObject, 0, style)}\n`;
}

/** An item's text as a document that starts at column 0, without the comments above it. */
function documentText({ text, start, end, dash }: DocumentChunk): string {
  if (dash === undefined) return text.slice(start, end);
  const line = lineStart(text, dash);
  const own = `${text.slice(line, dash)} ${text.slice(dash + 1, end)}`;
  const column = own.length - own.trimStart().length;
  // An item whose content begins on the next line has that line's column.
  const indent = own.slice(0, column).includes("\n") ? column - own.lastIndexOf("\n", column) - 1 : column;
  const margin = new RegExp(`^ {1,${Math.max(indent, 1)}}`, "gm");
  return own.slice(own.lastIndexOf("\n", column) + 1).replace(margin, "");
}

/** A document as the copy of an item: kept from the cluster, in a file of its own. */
function annotated(document: string, taken: Set<string>): string {
  const root = rootOf(document);
  return withAnnotations(document, root, (annotations, before) => {
    for (const id of IDS) delete annotations[id];
    const paths = PATHS.filter((key) => typeof annotations[key] === "string" && annotations[key] !== "");
    for (const key of paths) annotations[key] = copyPath(String(annotations[key]));
    if (paths.length === 0) annotations[PATHS[0] as string] = freePath(copyPath(fileName(before)), taken);
    annotations[LOCAL_CONFIG] = "true";
    annotations[PREVIEW_MARK] = "true";
  });
}

/**
 * Where the copy of a file goes. Paths come from the input, and who writes the copies opens what they name: steps that
 * lead up, or to another root, are left out.
 */
function copyPath(path: string): string {
  const isStep = (step: string): boolean => step !== "" && step !== "." && step !== "..";
  const steps = path.replaceAll("\0", "").split(path.includes("\\") ? /[/\\]/ : "/");
  return FOLDER + (steps.filter(isStep).join("/") || "unnamed.yaml");
}

function rootOf(document: string): MapNode {
  const root = resolved(parseChunk({ file: "", text: document, start: 0, end: document.length }));
  if (root?.kind !== "map") throw new RangeError("only a resource can be copied");
  return root;
}

function withAnnotations(
  document: string,
  root: MapNode,
  change: (annotations: JsonObject, before: JsonObject) => void,
): string {
  const before = toData(root) as JsonObject;
  const metadata = isObject(before.metadata) ? before.metadata : {};
  const annotations: JsonObject = Object.assign(Object.create(null), metadata.annotations);
  change(annotations, before);
  return applyEdits(document, rewrite(document, root, before, { ...before, metadata: { ...metadata, annotations } }));
}

function freePath(path: string, taken: Set<string>): string {
  const stem = path.replace(/\.yaml$/, "");
  let free = path;
  for (let n = 2; taken.has(free); n++) free = `${stem}-${n}.yaml`;
  taken.add(free);
  return free;
}

/** As kyaml names the file of a resource that came from none (kio/kioutil, CreatePathAnnotationValue). */
function fileName({ kind, metadata }: JsonObject): string {
  const { name, generateName, namespace } = isObject(metadata) ? metadata : {};
  const file = `${textOf(kind).toLowerCase()}_${textOf(name ?? generateName)}.yaml`;
  return namespace === undefined ? file : `${textOf(namespace)}/${file}`;
}

function textOf(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}

/** Earlier copies that say the same stay where they are. */
function settle(
  copies: readonly string[],
  earlier: EarlierCopy[],
): { added: string[]; kept: EarlierCopy[]; stale: EarlierCopy[] } {
  const stale = [...earlier];
  const kept: EarlierCopy[] = [];
  const added = copies.filter((copy) => {
    const data = comparable(parseChunk({ file: "", text: copy, start: 0, end: copy.length }));
    const same = stale.findIndex((candidate) => meansTheSame(candidate.data, data));
    if (same >= 0) kept.push(...stale.splice(same, 1));
    return same < 0;
  });
  return { added, kept, stale };
}

/** What a copy says, but for what reading it from a file changes. */
function comparable(node: Node | undefined): Json {
  const data = node === undefined ? null : toData(node);
  if (!isObject(data) || !isObject(data.metadata)) return data;
  const annotations: JsonObject = Object.assign(Object.create(null), data.metadata.annotations);
  for (const key of [...IDS, ...INDEXES]) delete annotations[key];
  return { ...data, metadata: { ...data.metadata, annotations } };
}

function withoutItems(text: string, stale: readonly EarlierCopy[]): string {
  if (stale.length === 0) return text;
  if (stale.every(({ dash }) => dash !== undefined)) {
    return applyEdits(
      text,
      stale.map(({ start, end }): TextEdit => ({ start, end, text: "" })),
    );
  }
  const range = onlyDocument(text);
  const items = at(entryOf(range && parseChunk({ file: "", text, ...range }), "items")?.value, []);
  const starts = new Set(stale.map(({ start }) => start));
  const victims = items?.kind === "seq" ? items.items.filter(({ value }) => starts.has(value.propsStart)) : [];
  return applyEdits(text, removeChildren(text, victims, new Set()));
}
