#!/usr/bin/env node
// Writes src/target/data/setting-names.generated.ts: which Helm values and MeshConfig fields Istio knows, those of
// all releases together, so that a name is called unknown only where no release has it.
//
//   node scripts/setting-names.mjs ISTIO_GIT_DIR API_GIT_DIR
//
// Clones of github.com/istio/istio and github.com/istio/api with all tags. Read are the charts' values.yaml and
// values_types.proto (operator/pkg/apis) of the first and last patch of every minor, and mesh/v1alpha1/config.proto.
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";

const [istioDir, apiDir] = process.argv.slice(2);
if (!istioDir || !apiDir) throw new Error("usage: setting-names.mjs ISTIO_GIT_DIR API_GIT_DIR");

const FIRST_MINOR = 20;
const MAX_DEPTH = 4;
const CHARTS = /^manifests\/charts\/(?:.*\/)values\.yaml$/;
const PROTOS = ["operator/pkg/apis/values_types.proto", "operator/pkg/apis/istio/v1alpha1/values_types.proto"];
const WRAPPERS = ["_internal_defaults_do_not_set", "defaults"];
/** What no chart names: istioctl's profiles set the first two, templates read the next two, Kyma's installs have the others. */
const UNLISTED = [
  "global.enabled",
  "global.namespace",
  "global.proxy.capNetBindService",
  "global.trustDomain",
  "pilot.cni.cniBinDir",
  "pilot.cni.cniConfDir",
];

const values = {};
for (const tag of edgeTags()) {
  for (const proto of PROTOS) addMessage(values, messagesOf(show(istioDir, tag, proto)), "Values", 1);
  const files = git(istioDir, "ls-tree", "-r", "--name-only", tag, "manifests/charts").split("\n");
  for (const file of files.filter((name) => CHARTS.test(name))) {
    const data = parse(show(istioDir, tag, file)) ?? {};
    for (const layer of [data, ...WRAPPERS.map((key) => data[key])]) addData(values, layer, 1);
  }
}
for (const path of UNLISTED) {
  const keys = path.split(".");
  const last = keys.pop();
  keys.reduce((tree, key) => tree[key], values)[last] ??= 0;
}
// What charts keep their defaults in may be set as well.
for (const key of WRAPPERS) values[key] = 0;
const meshConfig = {};
for (const tag of apiTags()) {
  const fields = messagesOf(show(apiDir, tag, "mesh/v1alpha1/config.proto")).get("MeshConfig") ?? [];
  for (const { name } of fields) meshConfig[camelCase(name)] = 0;
}
const json = JSON.stringify({ values: sorted(values), meshConfig: Object.keys(meshConfig).sort() });
const file = fileURLToPath(new URL("../src/target/data/setting-names.generated.ts", import.meta.url));
const head = "// Written by scripts/setting-names.mjs from istio/istio and istio/api; do not edit.\n";
writeFileSync(file, `${head}export const settingNamesJson = String.raw\`${json}\`;\n`);
console.log(`${file}: ${json.length} bytes`);

/** The first and last release of every minor. */
function edgeTags() {
  const minors = new Map();
  for (const tag of git(istioDir, "tag").split("\n")) {
    const match = /^1\.(\d+)\.(\d+)(-rc\.\d+)?$/.exec(tag);
    if (match === null || Number(match[1]) < FIRST_MINOR) continue;
    minors.set(match[1], [...(minors.get(match[1]) ?? []), { tag, patch: Number(match[2]) }]);
  }
  return [...minors.values()].flatMap((tags) => {
    const ordered = tags.sort((a, b) => a.patch - b.patch);
    return [...new Set([ordered[0].tag, ordered.at(-1).tag])];
  });
}

function apiTags() {
  const tags = git(apiDir, "tag").split("\n");
  return tags.filter((tag) => Number(/^v?1\.(\d+)\.0$/.exec(tag)?.[1]) >= FIRST_MINOR).concat("HEAD");
}

/** Messages of a proto file by name, with their fields. */
function messagesOf(text) {
  const messages = new Map();
  const open = [];
  for (const line of text.split("\n").map((each) => each.replace(/\/\/.*/, "").trim())) {
    const [, kind, name] = /^(message|enum|oneof)\s+(\w+)\s*\{/.exec(line) ?? [];
    if (kind !== undefined) {
      if (!line.endsWith("}")) open.push(kind === "oneof" ? (open.at(-1) ?? "") : kind === "enum" ? "" : name);
      if (kind === "message") messages.set(name, messages.get(name) ?? []);
      continue;
    }
    const field = /^(?:repeated\s+|optional\s+)?(map<[^>]*>|[\w.]+)\s+(\w+)\s*=\s*\d+/.exec(line);
    if (field !== null && open.at(-1)) {
      const jsonName = /json_name\s*=\s*"(\w+)"/.exec(line)?.[1];
      messages.get(open.at(-1))?.push({ name: jsonName ?? field[2], type: field[1], isList: /^repeated/.test(line) });
    } else if (line.startsWith("}")) open.pop();
  }
  return messages;
}

function addMessage(tree, messages, message, depth) {
  for (const { name, type, isList } of messages.get(message) ?? []) {
    tree[name] ??= 0;
    if (isList || !messages.has(type) || depth >= MAX_DEPTH || messages.get(type).length === 0) continue;
    if (tree[name] === 0) tree[name] = {};
    addMessage(tree[name], messages, type, depth + 1);
  }
}

/** Keys of a values file; below a map that is empty there anything may stand. */
function addData(tree, data, depth) {
  if (typeof data !== "object" || data === null || Array.isArray(data)) return;
  for (const [key, value] of Object.entries(data)) {
    tree[key] ??= 0;
    const isMap = typeof value === "object" && value !== null && !Array.isArray(value) && Object.keys(value).length > 0;
    if (isMap && tree[key] !== 0 && depth < MAX_DEPTH) addData(tree[key], value, depth + 1);
  }
}

function sorted(tree) {
  if (tree === 0) return 0;
  return Object.fromEntries(
    Object.keys(tree)
      .sort()
      .map((key) => [key, sorted(tree[key])]),
  );
}

function camelCase(name) {
  return name.replace(/_([a-z0-9])/g, (_, letter) => letter.toUpperCase());
}

function show(dir, tag, path) {
  try {
    return execFileSync("git", ["-C", dir, "show", `${tag}:${path}`], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
  } catch {
    return "";
  }
}

function git(dir, ...args) {
  return execFileSync("git", ["-C", dir, ...args], { encoding: "utf8", maxBuffer: 1 << 26 });
}
