// How fast the built program is, and how much memory it takes, as whole processes in turn with their yardsticks.
//
//   npm run bench                      all rows; writes bench/RESULTS.md
//   npm run bench -- --scale           also a ResourceList of 100 MB and 50,000 files (some minutes)
//   npm run bench -- --runs 5 FOLDER…  check of other folders as well, against js-yaml loading them
//   npm run bench -- --dry             prints only

import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { arch, cpus, tmpdir, totalmem } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { bundleSize } from "./bundle-size.mjs";
import { deployments, resourceList, writeTree } from "./corpus.mjs";
import { injectorFiles } from "./kube-inject.mjs";
import { inTurn, peakMemory, runOnce } from "./measure.mjs";

const PROGRAM = fileURLToPath(new URL("../dist/native-sidecar.mjs", import.meta.url));
const YARDSTICK = fileURLToPath(new URL("yardstick.mjs", import.meta.url));
const RESULTS = fileURLToPath(new URL("RESULTS.md", import.meta.url));
/**
 * The budgets name js-yaml, not its release: they are held against the current major, and the 4th, which most programs
 * still have, stands beside it. Which one is faster depends on the input.
 */
const YAML = ["js-yaml", "js-yaml-4"].flatMap((name) => {
  const version = installedVersion(name);
  return version === undefined ? [] : [{ name, title: `js-yaml ${version}` }];
});
const TARGET = ["--module", "1.22.0", "--kubernetes", "1.33"];
const SEED = 7;
const MB = 1e6;

const USAGE = "usage: npm run bench -- [--runs N] [--scale] [--dry] [FOLDER…]";
const { flags, folders } = wordsOrExit();
const RUNS = Number(flags.runs);
const directory = mkdtempSync(join(tmpdir(), "native-sidecar-bench-"));

/** undefined where the package is not there. */
function installedVersion(name) {
  const file = fileURLToPath(new URL(`../node_modules/${name}/package.json`, import.meta.url));
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")).version : undefined;
}

function wordsOrExit() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        runs: { type: "string", default: "9" },
        scale: { type: "boolean", default: false },
        dry: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    });
    if (!/^[1-9]\d{0,2}$/.test(values.runs)) throw new RangeError(`--runs must be a number from 1 to 999`);
    const missing = positionals.find((path) => !statSync(path, { throwIfNoEntry: false })?.isDirectory());
    if (missing !== undefined) throw new RangeError(`${missing} is no directory`);
    if (!values.help) return { flags: values, folders: positionals };
    console.log(USAGE);
    process.exit(0);
  } catch (error) {
    console.error(`bench: ${error.message.split(". ")[0]}; ${USAGE}`);
    process.exit(2);
  }
}

/** @type {{bench: string, ours: string, yardstick: string, figure: string, budget: string, met: boolean | undefined}[]} */
const rows = [];
/** Details for the results file. */
const notes = [];

function row(bench, ours, yardstick, figure, budget, met) {
  rows.push({ bench, ours, yardstick, figure, budget, met });
  const verdict = met === undefined ? "" : met ? "met" : "NOT MET";
  console.log(`${bench}: ${ours} | ${yardstick} | ${figure} | budget ${budget} ${verdict}`);
}

const ms = (value) => `${value.toFixed(0)} ms`;
const mb = (bytes) => `${(bytes / MB).toFixed(1)} MB`;
const program = (args, input) => ({ args: [PROGRAM, ...args], input, accept: [0, 1] });
const nothing = { args: ["-e", "0"] };

try {
  start();
  smallPackage();
  cleanTree();
  const list = functionOverList();
  render();
  memory(list);
  growth(list);
  bundle();
  for (const folder of folders) otherFolder(folder);
  if (flags.scale) scale();
  if (!flags.dry) writeFileSync(RESULTS, results());
} finally {
  rmSync(directory, { recursive: true, force: true });
}
process.exitCode = rows.some(({ met }) => met === false) ? 1 : 0;

function makeTree(name, options) {
  const path = join(directory, name);
  mkdirSync(path);
  return { path, bytes: writeTree(path, { seed: SEED, ...options }) };
}

/** @returns {string} */
function check(path) {
  return ["check", path, ...TARGET];
}

function start() {
  for (const [count, what] of [
    [1, "1 small file"],
    [5, "5 small files"],
  ]) {
    const { path } = makeTree(`small-${count}`, { files: count, bytes: count * 1500, hits: true });
    const { ours, node } = inTurn(RUNS * 2 + 1, { ours: program(check(path)), node: nothing });
    const more = ours - node;
    row(`check of ${what}`, ms(ours), `node -e 0: ${ms(node)}`, `+${ms(more)}`, "+60 ms", more <= 60);
  }
}

/** The start of a function, as exec and, where tests/integrations/ have left their images, in a container. */
function smallPackage() {
  const input = Buffer.from(resourceList({ items: 20, bytes: 15_000, hits: true, seed: SEED, every: 10 }));
  const exec = inTurn(RUNS * 2 + 1, { ours: program([], input), node: nothing });
  const more = exec.ours - exec.node;
  const what = "function over a package of 20 files";
  row(`${what}, exec`, ms(exec.ours), `node -e 0: ${ms(exec.node)}`, `+${ms(more)}`, "+80 ms", more <= 80);
  const tool = process.env.CONTAINER_TOOL ?? "podman";
  const [image, base] = ["localhost/native-sidecar:latest", "localhost/native-sidecar-base:latest"];
  if (![image, base].every((name) => isThere(tool, name))) {
    console.log(`${what}, container: skipped, as ${tool} has no ${image}; npm run test:e2e builds it`);
    return;
  }
  const confined = ["--network", "none", "--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"];
  const container = (...args) => ({ program: tool, args: ["run", "--rm", "-i", ...confined, ...args], input });
  const copying = "process.stdin.pipe(process.stdout)";
  const { ours, copy } = inTurn(RUNS, { ours: container(image), copy: container(base, "node", "-e", copying) });
  const figure = `${(ours / copy).toFixed(2)} ×`;
  row(`${what}, container`, ms(ours), `an image that copies: ${ms(copy)}`, figure, "1.3 ×", ours <= 1.3 * copy);
}

function isThere(tool, image) {
  return spawnSync(tool, ["image", "inspect", image], { stdio: "ignore" }).status === 0;
}

function againstLoading(bench, path, budget) {
  againstYaml(bench, program(check(path)), ["load", path], budget);
}

/** The budget holds against the first of the yardsticks; the others are there to be seen. */
function againstYaml(bench, command, args, budget) {
  const { input } = command;
  const yardsticks = YAML.map(({ name }) => [name, { args: [YARDSTICK, name, ...args], input }]);
  const { ours, ...times } = inTurn(RUNS, { ours: command, ...Object.fromEntries(yardsticks) });
  const met = budget === undefined ? undefined : ours <= budget * times[YAML[0].name];
  const limit = budget === undefined ? "–" : `${budget} ×`;
  const told = YAML.map(({ name, title }) => `${title} ${args[0]}: ${ms(times[name])}`);
  const ratios = YAML.map(({ name }) => `${(ours / times[name]).toFixed(3)} ×`);
  row(bench, ms(ours), told.join("; "), ratios.join("; "), limit, met);
}

function cleanTree() {
  const clean = makeTree("clean", { files: 1100, bytes: 25 * MB, hits: false });
  againstLoading(`check of ${mb(clean.bytes)}, 1,100 clean files`, clean.path, 0.25);
  const hit = makeTree("hits", { files: 1100, bytes: 25 * MB, hits: true });
  againstLoading(`check of ${mb(hit.bytes)}, 1,100 files, 1 % of the objects hit`, hit.path);
  notes.push(["clean tree", clean.path, clean.bytes]);
}

function functionOverList() {
  const text = resourceList({ items: 4000, bytes: 5 * MB, hits: true, seed: SEED });
  const input = Buffer.from(text);
  const ours = program([], input);
  againstYaml(`function, 4,000 items, ${mb(input.length)}, 1 % hits`, ours, ["load-dump"], 0.2);
  const { same, changed } = untouched(text, runOnce(ours).stdout.toString());
  row(
    "untouched items of it",
    `${changed} items changed`,
    `${40} hold a hit`,
    `${same} byte-identical`,
    "3,960",
    same >= 3960,
  );
  return input;
}

/** Items that come out as they went in. */
function untouched(before, after) {
  const itemsOf = (text) =>
    text.slice(text.indexOf("items:\n"), text.indexOf("\nfunctionConfig:")).split(/^- /m).slice(1);
  const [old, now] = [itemsOf(before), itemsOf(after)];
  const same = old.filter((item, n) => item === now[n]).length;
  return { same, changed: old.length - same };
}

function render() {
  const input = deployments(1000, SEED);
  const ours = program(["render", "-", "--quiet", ...TARGET], input);
  const files = injectorFiles(directory);
  const other = files && { program: "istioctl", args: ["kube-inject", "-f", "-", ...files], input };
  const medians = inTurn(Math.min(RUNS, 5), { ours, ...(other && { istioctl: other }) });
  const perSecond = 1000 / (medians.ours / 1000);
  row(
    "render of 1,000 Deployments",
    ms(medians.ours),
    "–",
    `${perSecond.toFixed(0)} Pods/s`,
    "1,200 Pods/s",
    perSecond >= 1200,
  );
  if (medians.istioctl === undefined) return;
  const ratio = medians.istioctl / medians.ours;
  row(
    "the same against istioctl kube-inject",
    ms(medians.ours),
    ms(medians.istioctl),
    `${ratio.toFixed(1)} × as fast`,
    "5 ×",
    ratio >= 5,
  );
}

function memoryRow(bench, command, inputBytes) {
  const peak = peakMemory(command, directory);
  const budget = 150 * MB + 3 * inputBytes;
  row(
    `peak memory: ${bench}`,
    mb(peak),
    `input ${mb(inputBytes)}`,
    `${mb(peak - 3 * inputBytes)} + 3 × input`,
    `${mb(budget)}`,
    peak <= budget,
  );
}

function memory(list) {
  for (const [, path, bytes] of notes) memoryRow("check, 1,100 files", program(check(path)), bytes);
  memoryRow("function, 4,000 items", program([], list), list.length);
  const many = Buffer.from(deployments(1000, SEED));
  memoryRow("render, 1,000 Deployments", program(["render", "-", "--quiet", ...TARGET], many), many.length);
  const big = Buffer.from(bigConfigMap(58 * MB));
  memoryRow("check, one ConfigMap", program(["check", "-", ...TARGET], big), big.length);
  memoryRow("fix of it to stdout", program(["fix", "-", ...TARGET], big), big.length);
}

function bigConfigMap(bytes) {
  const line = "    the quick brown fox jumps over the lazy dog 0123456789\n";
  return `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: big\ndata:\n  text: |\n${line.repeat(Math.ceil(bytes / line.length))}`;
}

function growth(list) {
  const ten = Buffer.from(resourceList({ items: 40_000, bytes: 50 * MB, hits: true, seed: SEED }));
  grown("function, 4,000 → 40,000 items", program([], list), program([], ten));
  const [few, many] = [500, 5000].map((count) => Buffer.from(deployments(count, SEED)));
  const render = ["render", "-", "--quiet", ...TARGET];
  grown("render, 500 → 5,000 Deployments", program(render, few), program(render, many));
  const [less, more] = [500, 5000].map((documents) => Buffer.from(hackedJobs(documents)));
  const fix = ["fix", "-", "--quiet", ...TARGET];
  grown("fix, 500 → 5,000 hits", program(fix, less), program(fix, more));
  const [small, large] = [110, 1100].map((files) =>
    makeTree(`grown-${files}`, { files, bytes: files * 22_700, hits: true }),
  );
  grown("check, 110 → 1,100 files", program(check(small.path)), program(check(large.path)));
}

function hackedJobs(count) {
  return Array.from(
    { length: count },
    (_, n) => `apiVersion: batch/v1
kind: Job
metadata: {name: job-${n}}
spec:
  template:
    spec:
      restartPolicy: Never
      containers:
        - name: main
          image: alpine
          command: ["/bin/sh", "-c"]
          args:
            - |
              run-${n}
              curl -fsS -X POST http://localhost:15020/quitquitquit
`,
  ).join("---\n");
}

function grown(bench, one, ten) {
  const medians = inTurn(Math.min(RUNS, 5), { one, ten });
  const ratio = medians.ten / medians.one;
  row(`growth: ${bench}`, ms(medians.ten), ms(medians.one), `${ratio.toFixed(1)} ×`, "11 ×", ratio <= 11);
}

function bundle() {
  const { bytes, parts } = bundleSize();
  const shell = parts.find(([name]) => name === "npm:unbash")?.[1] ?? 0;
  const rest = bytes - shell;
  row(
    "bundle, minified, without the shell parser",
    `${(rest / 1000).toFixed(0)} kB`,
    `${(shell / 1000).toFixed(0)} kB shell parser`,
    `${(bytes / 1000).toFixed(0)} kB in all`,
    "600 kB",
    rest <= 600_000,
  );
}

function otherFolder(path) {
  const bytes = readdirSync(path, { recursive: true })
    .filter((name) => /\.(?:ya?ml|json)$/i.test(name))
    .reduce((sum, name) => sum + (statSync(join(path, name), { throwIfNoEntry: false })?.size ?? 0), 0);
  const status = runOnce({ ...program(check(path)), accept: [0, 1, 2] });
  if (status.stderr.includes(": mend the YAML")) console.log(status.stderr.split("\n", 1)[0]);
  againstLoading(`check of ${basename(path)}, ${mb(bytes)}`, path);
}

function scale() {
  const list = Buffer.from(resourceList({ items: 80_000, bytes: 100 * MB, hits: true, seed: SEED }));
  scaleRow(`function, 80,000 items, ${mb(list.length)}`, program([], list), list.length);
  const tree = makeTree("scale", { files: 50_000, bytes: 250 * MB, hits: true });
  scaleRow(`check, 50,000 files, ${mb(tree.bytes)}`, program(check(tree.path)), tree.bytes);
}

function scaleRow(bench, command, bytes) {
  const { one } = inTurn(1, { one: command });
  row(`scale: ${bench}`, ms(one), "–", `${(bytes / MB / (one / 1000)).toFixed(0)} MB/s`, "–", undefined);
  memoryRow(bench, command, bytes);
}

function results() {
  const { length } = cpus();
  const cells = rows.map(({ bench, ours, yardstick, figure, budget, met }) => {
    const verdict = met === undefined ? "–" : met ? "met" : "**not met**";
    return `| ${bench} | ${ours} | ${yardstick} | ${figure} | ${budget} | ${verdict} |`;
  });
  const command = [
    "npm run bench",
    ...(process.argv.length > 2 ? ["--", ...process.argv.slice(2).map(named)] : []),
  ].join(" ");
  const contents = bundleSize().parts.filter(([, size]) => size > 0);
  return `# Measured

\`${command}\`, ${new Date().toISOString().slice(0, 10)}, Node ${process.versions.node}, ${process.platform} ${arch()}, ${length} cores (${cpus()[0]?.model.trim()}), ${Math.round(totalmem() / 2 ** 30)} GiB.
Medians of whole processes, run in turn with their yardsticks (${RUNS} rounds each, fewer for the long ones, one before that counts for none). Corpora come from \`bench/corpus.mjs\`, seed ${SEED}.

| bench | ours | yardstick | figure | budget | |
|---|---|---|---|---|---|
${cells.join("\n")}

## What the bundle holds

| part | bytes |
|---|---|
${contents.map(([name, size]) => `| ${name} | ${size.toLocaleString("en")} |`).join("\n")}
`;
}

/** Folders are shown by their names alone. */
function named(word) {
  return folders.includes(word) ? basename(word) : word;
}
