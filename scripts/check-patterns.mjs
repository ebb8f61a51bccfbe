// Looks for regular expressions of src/ and fn/ that some input makes run for ever (exponential or polynomial time).
//
//   npm run lint:patterns          (half a minute)
//
// A pattern whose input is short by nature stands in BOUNDED, with what bounds it.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { transformSync } from "esbuild";
import { check } from "recheck";
import { parseAst } from "vitest/node";

const ROOT = fileURLToPath(new URL("../", import.meta.url));

/** `FILE PATTERN` → why no input of it can be long. */
const BOUNDED = JSON.parse(readFileSync(new URL("bounded-patterns.json", import.meta.url), "utf8"));

const patterns = new Map();
for (const folder of ["src", "fn"]) {
  for (const name of readdirSync(join(ROOT, folder), { recursive: true })) {
    if (!/\.(?:ts|mjs|cjs)$/.test(name) || /\.test\.|\.test-data\.|\.d\.m?ts$/.test(name)) continue;
    const file = `${folder}/${name}`;
    const loader = name.endsWith(".ts") ? "ts" : "js";
    collect(file, parseAst(transformSync(readFileSync(join(ROOT, file), "utf8"), { loader, charset: "utf8" }).code));
  }
}

let failures = 0;
for (const [key, { file, source, flags }] of patterns) {
  const verdict = await check(source, flags.replace(/[dv]/g, ""), { timeout: 10_000 });
  if (verdict.status !== "vulnerable") continue;
  if (Object.hasOwn(BOUNDED, `${file} ${key}`)) continue;
  failures++;
  console.log(`${file}: ${key}\n  ${verdict.complexity.summary}, for example ${verdict.attack.pattern}`);
}
const unused = Object.keys(BOUNDED).filter(
  (known) => ![...patterns].some(([key, { file }]) => known === `${file} ${key}`),
);
for (const known of unused) console.log(`bounded-patterns.json: there is no ${known}`);
console.log(`${patterns.size} patterns, ${failures} that can run away`);
process.exitCode = failures + unused.length === 0 ? 0 : 1;

function collect(file, node) {
  if (Array.isArray(node)) for (const child of node) collect(file, child);
  else if (typeof node === "object" && node !== null) {
    if (node.type === "Literal" && node.regex) {
      const { pattern: source, flags } = node.regex;
      patterns.set(`/${source}/${flags}`, { file, source, flags });
    }
    for (const child of Object.values(node)) collect(file, child);
  }
}
