// What js-yaml takes for the same input: the yardstick of the benchmarks.
//
//   node yardstick.mjs PACKAGE load DIRECTORY          loads every manifest below it
//   node yardstick.mjs PACKAGE load-dump <list.yaml    loads and dumps what stdin holds
//
// PACKAGE: js-yaml, or another release of it under another name.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const [name = "js-yaml", mode, directory] = process.argv.slice(2);
const { dump, load, loadAll } = await import(name);
if (mode === "load") {
  for (const file of readdirSync(directory, { recursive: true })) {
    if (/\.(?:ya?ml|json)$/i.test(file)) tryLoading(readFileSync(join(directory, file), "utf8"));
  }
} else {
  process.stdout.write(dump(load(readFileSync(0, "utf8"))));
}

/** Folders that someone names may hold templates and broken files. */
function tryLoading(text) {
  try {
    loadAll(text);
  } catch {}
}
