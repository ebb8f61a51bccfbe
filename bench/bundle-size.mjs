// What the program is made of, by package or folder, in bytes of the minified bundle.
//
//   node bench/bundle-size.mjs     prints the list

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const META = new URL("../dist/native-sidecar.meta.json", import.meta.url);

/** @returns {{bytes: number, parts: [string, number][]}} parts from the biggest on; packages as "npm:NAME" */
export function bundleSize() {
  const { outputs } = JSON.parse(readFileSync(META, "utf8"));
  const output = Object.values(outputs).find(({ entryPoint }) => entryPoint !== undefined);
  const parts = new Map();
  for (const [file, { bytesInOutput }] of Object.entries(output.inputs)) {
    const name = partOf(file);
    parts.set(name, (parts.get(name) ?? 0) + bytesInOutput);
  }
  return { bytes: output.bytes, parts: [...parts].sort((a, b) => b[1] - a[1]) };
}

function partOf(file) {
  const inPackage = /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1];
  return inPackage === undefined ? file.split("/").slice(0, 2).join("/") : `npm:${inPackage}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { bytes, parts } = bundleSize();
  for (const [name, size] of [...parts, ["all", bytes]]) console.log(`${String(size).padStart(8)}  ${name}`);
}
