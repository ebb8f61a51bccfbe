// What js-yaml takes for the same input: the yardstick of the benchmarks.
//
//   node yardstick.mjs load DIRECTORY          loads every manifest below it
//   node yardstick.mjs load-dump <list.yaml    loads and dumps what stdin holds

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { dump, load, loadAll } from "js-yaml";

const [mode, directory] = process.argv.slice(2);
if (mode === "load") {
  for (const name of readdirSync(directory, { recursive: true })) {
    if (/\.(?:ya?ml|json)$/i.test(name)) tryLoading(readFileSync(join(directory, name), "utf8"));
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
