// The main job on the manifests of this folder, in a copy of it: strip, render, and the same as a KRM function.

import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createTwoFilesPatch, FILE_HEADERS_ONLY } from "diff";
import { excerpt } from "./excerpt.mjs";

const PROGRAM = fileURLToPath(new URL("../../dist/native-sidecar.mjs", import.meta.url));
const TARGET = ["--module", "1.22.0", "--kubernetes", "1.33"];

const copy = mkdtempSync(join(tmpdir(), "native-sidecar-example-"));
try {
  cpSync(fileURLToPath(new URL(".", import.meta.url)), copy, { recursive: true });

  say("1. Strip: what the target's sidecars made obsolete");
  const strip = run(["fix", "--diff", "manifests", ...TARGET]);
  console.log(`${strip.stdout}${strip.stderr}`);
  console.log(run(["fix", "manifests", ...TARGET]).stderr);

  say("2. Render: the Pods as the target's injector makes them (an excerpt)");
  console.log(excerpt(run(["render", "manifests/invoices.yaml", ...TARGET]).stdout));

  say("3. The strip as a KRM function: ResourceList in, ResourceList with results out");
  const before = readFileSync(join(copy, "resource-list.yaml"), "utf8");
  const { stdout } = run([], { input: before });
  const options = { context: 2, headerOptions: FILE_HEADERS_ONLY };
  console.log(createTwoFilesPatch("stdin", "stdout", before, stdout, undefined, undefined, options));

  console.log(`To see all of it:
  node dist/native-sidecar.mjs render examples/quick-start/manifests ${TARGET.join(" ")}
  node dist/native-sidecar.mjs < examples/quick-start/resource-list.yaml`);
} finally {
  rmSync(copy, { recursive: true, force: true });
}

function say(heading) {
  console.log(`## ${heading}\n`);
}

function run(args, { input = "" } = {}) {
  console.log(`$ native-sidecar ${args.join(" ") || "< resource-list.yaml"}`);
  const result = spawnSync(process.execPath, [PROGRAM, ...args], { cwd: copy, input, encoding: "utf8" });
  if (result.status !== 0) throw new Error(`exit status ${result.status}: ${result.stderr}`);
  return result;
}
