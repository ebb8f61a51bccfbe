import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

const FOLDERS = ["testdata", "examples", "../shared/hacks", "../shared/injection/inputs"];
/** Longer texts make each run slow and find little more. */
const LONGEST = 6000;
/** So many files of one folder that none of the others is drowned. */
const MOST = 600;

/** Written for what the corpora lack: the corners of YAML. */
const CORNERS = [
  "a: &a {b: [*a]}\n",
  "x: &x [1]\ny: *x\n---\nz: *x\n",
  "%YAML 1.2\n---\na: 1\n...\n# end\n---\nb: 2\n",
  "--- {kind: Job, apiVersion: batch/v1}\n--- # c\nkind: Pod\n",
  "? {a: 1}\n: b\n? [c]\n: d\n1: e\ntrue: f\n~: g\n",
  "a: |+\n  x\n\n---\nb: >-\n  y\n  z\n",
  "__proto__: {a: 1}\nconstructor: {prototype: {b: 2}}\ntoString: c\n",
  "a: !!binary aGk=\nb: !custom x\nc: !!str 1\n",
  "\ufeffkind: Pod\r\napiVersion: v1\r\nmetadata: {name: x}\r\n",
  '{"apiVersion": "v1", "kind": "List", "items": [{"kind": "Pod", "apiVersion": "v1"}]}',
  "apiVersion: v1\nkind: List\nitems:\n- apiVersion: batch/v1\n  kind: Job\n  metadata: {name: a}\n",
  "<<: {a: 1}\nb: {<<: [{c: 1}, {d: 2}]}\n",
];

/** Texts to start from, in a fixed order. */
export function readSeeds(root: string): string[] {
  const files = FOLDERS.flatMap((folder) => sample(manifestsBelow(join(root, folder))));
  const texts = files.map((file) => readFileSync(file, "utf8")).filter((text) => text.length <= LONGEST);
  return [...CORNERS, ...texts];
}

function manifestsBelow(folder: string): string[] {
  if (statSync(folder, { throwIfNoEntry: false }) === undefined) return [];
  const names = (readdirSync(folder, { recursive: true }) as string[]).filter((name) => /\.(?:ya?ml|json)$/.test(name));
  return names.sort().map((name) => join(folder, name));
}

function sample(files: readonly string[]): readonly string[] {
  const step = Math.max(1, Math.ceil(files.length / MOST));
  return files.filter((_, n) => n % step === 0);
}
