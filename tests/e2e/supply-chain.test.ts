// What the one file that people run is made of, and what it can do.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { parseAst } from "vitest/node";
import { emptyDirectory } from "./case-folder.ts";
import { BUNDLE, MODULE_1_22, run } from "./program.ts";

const read = (name: string): string => readFileSync(fileURLToPath(new URL(`../../${name}`, import.meta.url)), "utf8");

interface Lock {
  packages: Record<string, { version?: string; resolved?: string; dev?: boolean; integrity?: string }>;
}

/** Every object of a syntax tree that is a node of it. */
function* nodesOf(value: unknown): Generator<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) return;
  if ("type" in value) yield value as Record<string, unknown>;
  for (const child of Object.values(value)) yield* nodesOf(child);
}

const named = (node: unknown): string => ((node ?? {}) as { name?: string }).name ?? "";

describe("the bundle", () => {
  const nodes = [...nodesOf(parseAst(readFileSync(BUNDLE, "utf8").replace(/^#!.*/, "")))];

  test("holds these packages and no other", () => {
    const { inputs } = JSON.parse(read("dist/native-sidecar.meta.json")) as { inputs: Record<string, unknown> };
    const packages = Object.keys(inputs).flatMap(
      (file) => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1] ?? [],
    );
    const { devDependencies } = JSON.parse(read("package.json")) as { devDependencies: Record<string, string> };
    const names = [...new Set(packages)].sort();
    expect(names).toEqual(["commander", "diff", "picomatch", "unbash", "yaml"]);
    for (const name of names) expect(devDependencies[name]).toMatch(/^\d+\.\d+\.\d+$/);
  });

  test("makes no code of text", () => {
    const made = nodes.filter(({ type, callee }) => {
      const isCall = type === "CallExpression" || type === "NewExpression";
      return isCall && /^(?:eval|Function|GeneratorFunction|AsyncFunction)$/.test(named(callee));
    });
    expect(made).toEqual([]);
  });

  test("does its work where connections, processes and code from text are out of reach", () => {
    const directory = emptyDirectory();
    const guard = join(directory, "guard.cjs");
    writeFileSync(guard, GUARD);
    const locked = ["--disallow-code-generation-from-strings", "--require", guard, BUNDLE];
    const list = read("examples/quick-start/resource-list.yaml");
    const invoices = read("examples/quick-start/manifests/invoices.yaml");
    for (const [args, input] of [
      [[], list],
      [["check", "-", "--fail-on", "never", ...MODULE_1_22], invoices],
      [["check", "-", "--fail-on", "never", "--format", "sarif", ...MODULE_1_22], invoices],
      [["fix", "-", "--unsafe", "--opt-out", "auto", ...MODULE_1_22], invoices],
      [["fix", "-", "--diff", ...MODULE_1_22], invoices],
      [["render", "-", ...MODULE_1_22], invoices],
      [["diff", "-", "--from", "istio=1.26", "--to", "istio=1.28"], invoices],
      [["explain", "quit-call"], ""],
      [["versions"], ""],
      [["schema"], ""],
    ] as const) {
      const { status, stderr } = run(process.execPath, [...locked, ...args], directory, input);
      // 1: the diff of two targets, or findings.
      expect([0, 1], stderr).toContain(status);
      expect(stderr).not.toMatch(/out of reach|internal error/);
    }
    const { status } = run(process.execPath, ["--require", guard, "-e", "fetch('http://localhost')"], directory);
    expect(status, "the guard must guard").not.toBe(0);
  });
});

/** Loaded before the program: everything that could carry something out of the process throws. */
const GUARD = `
const refuse = () => { process.stderr.write("out of reach"); process.exit(99); };
const child = require("node:child_process");
for (const name of ["spawn", "spawnSync", "exec", "execSync", "execFile", "execFileSync", "fork"]) child[name] = refuse;
require("node:net").Socket.prototype.connect = refuse;
require("node:net").Server.prototype.listen = refuse;
require("node:dgram").createSocket = refuse;
for (const name of ["lookup", "resolve"]) require("node:dns")[name] = refuse;
for (const name of ["http", "https"]) require("node:" + name).request = refuse;
globalThis.fetch = refuse;
require("node:vm").Script = refuse;
require("node:worker_threads").Worker = refuse;
`;

describe("dependencies", () => {
  const lock = JSON.parse(read("package-lock.json")) as Lock;
  const packages = Object.entries(lock.packages).filter(([name]) => name !== "");

  test("nobody who installs this gets any", () => {
    const { dependencies, optionalDependencies, peerDependencies } = JSON.parse(read("package.json"));
    expect([dependencies, optionalDependencies, peerDependencies]).toEqual([undefined, undefined, undefined]);
    expect(packages.filter(([, { dev }]) => dev !== true)).toEqual([]);
  });

  test("are pinned, with a checksum, and come from whatever registry npm is set to", () => {
    const { devDependencies } = JSON.parse(read("package.json")) as { devDependencies: Record<string, string> };
    for (const [name, version] of Object.entries(devDependencies))
      expect(version, name).toMatch(/^(?:npm:[\w-]+@)?\d+\.\d+\.\d+(?:-[\w.]+)?$/);
    for (const [name, { integrity, resolved }] of packages) {
      expect(integrity, name).toMatch(/^sha512-/);
      expect(resolved, name).toBeUndefined();
    }
  });

  test("only esbuild runs a script when it is installed", () => {
    const scripted = Object.entries(lock.packages).filter(([, entry]) => "hasInstallScript" in entry);
    const names = scripted.map(([name]) => name).filter((name) => name !== "");
    expect(names.filter((name) => !/node_modules\/(?:esbuild|fsevents)$/.test(name))).toEqual([]);
  });
});
