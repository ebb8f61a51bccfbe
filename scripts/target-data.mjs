#!/usr/bin/env node
// Writes src/target/data/releases.generated.ts: what each Istio release and Kyma Istio module installs.
//
//   node scripts/target-data.mjs ISTIO_GIT_DIR RECORDED_DIR
//
// ISTIO_GIT_DIR is a clone of github.com/istio/istio with all tags (profiles and release list). RECORDED_DIR holds
// istio-defaults/VERSION.{values.json,mesh.yaml} (Helm values and MeshConfig of a default install) and
// kyma/modules.json with the files it names.
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";

const [gitDir, recordedDir] = process.argv.slice(2);
if (!gitDir || !recordedDir) throw new Error("usage: target-data.mjs ISTIO_GIT_DIR RECORDED_DIR");

const FIRST_MINOR = 20;
/** Pre-releases we know beside the stable releases. */
const PRE_RELEASES = ["1.31.0-rc.0"];
/** Patch releases at which a minor began to hand gateways.securityContext to the injector (istiod-injector-configmap.yaml). */
const GATEWAY_VALUES_FROM = ["1.20.8", "1.21.4", "1.22.2"];
/** What of an overlay the injector can see (the same template's `pick`), and what picks further overlays. */
const SEEN = [
  "global",
  "istio_cni",
  "sidecarInjectorWebhook",
  "revision",
  "meshConfig",
  "profile",
  "platform",
  "compatibilityVersion",
];

const releases = [
  ...git("tag")
    .split("\n")
    .filter((tag) => isStable(tag)),
  ...PRE_RELEASES,
].sort(compareVersions);
const tables = { istio: releases, defaults: defaultSteps(), profiles: profileSteps(), ...kymaTables() };
const file = fileURLToPath(new URL("../src/target/data/releases.generated.ts", import.meta.url));
writeFileSync(file, moduleText(tables));
console.log(`${file}: ${readFileSync(file).length} bytes`);

function isStable(tag) {
  const match = /^1\.(\d+)\.\d+$/.exec(tag);
  return match !== null && Number(match[1]) >= FIRST_MINOR;
}

/** Values and MeshConfig of the profile `default`, one step for each release where they change. */
function defaultSteps() {
  const steps = [];
  let last = { values: {}, meshConfig: {} };
  for (const release of releases) {
    const next = defaultsOf(release);
    const patch = {
      values: difference(last.values, next.values),
      meshConfig: difference(last.meshConfig, next.meshConfig),
    };
    if (Object.keys(patch.values).length + Object.keys(patch.meshConfig).length > 0)
      steps.push({ from: release, ...patch });
    last = next;
  }
  return steps;
}

function defaultsOf(release) {
  const dir = join(recordedDir, "istio-defaults");
  const inMinor = recordedVersions()
    .filter((version) => minorOf(version) === minorOf(release))
    .sort(compareVersions);
  const version = inMinor.findLast((v) => compareVersions(v, release) <= 0) ?? inMinor[0];
  const values = readJson(join(dir, `${version}.values.json`));
  delete values.global.tag;
  const gatewaysFrom = GATEWAY_VALUES_FROM.find((v) => minorOf(v) === minorOf(release));
  if (gatewaysFrom && compareVersions(release, gatewaysFrom) < 0) delete values.gateways;
  return { values, meshConfig: ownMeshConfig(readYaml(join(dir, `${version}.mesh.yaml`)), values) };
}

/** A MeshConfig without what the chart's configmap.yaml makes of the values (see src/target/chart-mesh-config.ts). */
function ownMeshConfig(meshConfig, values) {
  const { tracing, discoveryAddress, ...defaultConfig } = meshConfig.defaultConfig;
  if (discoveryAddress !== "istiod.istio-system.svc:15012") throw new Error(`unexpected ${discoveryAddress}`);
  if (tracing && values.global.proxy.tracer !== "zipkin") throw new Error("unexpected tracing");
  const { trustDomain, rootNamespace, defaultProviders, ...own } = meshConfig;
  const { metrics, ...providers } = defaultProviders;
  const kept = { ...own, defaultConfig, defaultProviders: providers };
  for (const key of ["defaultConfig", "defaultProviders"]) if (Object.keys(kept[key]).length === 0) delete kept[key];
  return kept;
}

/** istioctl's profiles (manifests/profiles) and the charts' own (files/profile-*.yaml), one step for each change. */
function profileSteps() {
  const steps = [];
  let last = {};
  for (const release of releases) {
    const next = { istioctl: istioctlProfiles(release), chart: chartProfiles(release) };
    const patch = difference(last, next);
    if (Object.keys(patch).length > 0) steps.push({ from: release, profiles: patch });
    last = next;
  }
  return steps;
}

function istioctlProfiles(release) {
  const profiles = {};
  for (const path of filesIn(release, "manifests/profiles/")) {
    const name = /([^/]+)\.yaml$/.exec(path)?.[1];
    if (name === undefined || name === "default") continue; // the recorded values hold it
    const spec = parse(git("show", `${release}:${path}`)).spec ?? {};
    const values = seenBy(spec.values ?? {});
    if (spec.meshConfig) values.meshConfig = spec.meshConfig;
    // istioctl hands an enabled CNI component on as a value (operator/pkg/translate 1.20-1.23, operator/pkg/render since).
    if (spec.components?.cni?.enabled) {
      if (minorOf(release) < 24) values.istio_cni = { enabled: true, ...values.istio_cni };
      else values.pilot = { ...values.pilot, cni: { enabled: true, ...values.pilot?.cni } };
    }
    profiles[name] = values;
  }
  return profiles;
}

function chartProfiles(release) {
  const profiles = {};
  for (const path of filesIn(release, "manifests/charts/istio-control/istio-discovery/files/")) {
    const name = /\/profile-([^/]+)\.yaml$/.exec(path)?.[1];
    if (name !== undefined) profiles[name] = seenBy(parse(git("show", `${release}:${path}`)) ?? {});
  }
  return profiles;
}

function seenBy(values) {
  const seen = Object.fromEntries(Object.entries(values).filter(([key]) => SEEN.includes(key)));
  const { cni, env } = values.pilot ?? {};
  if (cni || env) seen.pilot = { ...(cni && { cni }), ...(env && { env }) };
  return seen;
}

/** Kyma's modules, and what they install over the default of their Istio: a chain of steps that modules refer to. */
function kymaTables() {
  const dir = join(recordedDir, "kyma");
  const chain = [];
  const modules = readJson(join(dir, "modules.json")).map(
    ({ module, istio, nativeSidecars, compatibilityMode, profiles }) => {
      const installs = Object.entries(profiles).map(([profile, names]) => [
        profile,
        installIndex(dir, chain, istio, names),
      ]);
      return { module, istio, nativeSidecars, compatibilityMode, installs: Object.fromEntries(installs) };
    },
  );
  let last = {};
  const installs = chain.map((install) => {
    const patch = difference(last, install);
    last = install;
    return patch;
  });
  return { installs, modules };
}

function installIndex(dir, chain, istio, names) {
  const values = readJson(join(dir, names.values));
  if (values.global.tag !== `${istio}-distroless`) throw new Error(`unexpected ${values.global.tag}`);
  delete values.global.tag;
  const base = defaultsOf(istio);
  const meshConfig = ownMeshConfig(readYaml(join(dir, names.meshConfig)), values);
  const install = { values: difference(base.values, values), meshConfig: difference(base.meshConfig, meshConfig) };
  const known = chain.findIndex((other) => JSON.stringify(other) === JSON.stringify(install));
  return known >= 0 ? known : chain.push(install) - 1;
}

function recordedVersions() {
  const names = readdirSync(join(recordedDir, "istio-defaults"));
  return names.flatMap((name) => (name.endsWith(".values.json") ? [name.slice(0, -".values.json".length)] : []));
}

/** The JSON merge patch (RFC 7396, lists replaced) that makes `to` of `from`; `null` deletes, so data must hold no null. */
function difference(from, to) {
  const patch = {};
  for (const key of Object.keys(from)) if (!Object.hasOwn(to, key)) patch[key] = null;
  for (const [key, value] of Object.entries(to)) {
    if (value === null) throw new Error(`null at ${key}`);
    if (!isMap(value) || !isMap(from[key])) {
      if (JSON.stringify(sorted(from[key])) !== JSON.stringify(sorted(value))) patch[key] = value;
    } else {
      const inner = difference(from[key], value);
      if (Object.keys(inner).length > 0) patch[key] = inner;
    }
  }
  return patch;
}

function sorted(value) {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isMap(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key])]),
  );
}

function isMap(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** JSON in a string, one row a line: the program parses it only when it resolves a target. */
function moduleText(tables) {
  const list = (rows) => `[\n${rows.map((row) => JSON.stringify(row)).join(",\n")}\n]`;
  const { istio, ...rows } = tables;
  const lines = [
    `"istio":${JSON.stringify(istio)}`,
    ...Object.entries(rows).map(([name, value]) => `"${name}":${list(value)}`),
  ];
  const json = `{\n${lines.join(",\n")}\n}`;
  if (/[`]|\$\{/.test(json)) throw new Error("the data would end the template literal");
  return `// Written by scripts/target-data.mjs from istio/istio and kyma-project/istio; do not edit.\nexport const releasesJson = String.raw\`${json}\`;\n`;
}

function filesIn(release, dir) {
  return git("ls-tree", "--name-only", release, dir).split("\n").filter(Boolean);
}

function git(...args) {
  return execFileSync("git", ["-C", gitDir, ...args], { encoding: "utf8", maxBuffer: 1 << 26 });
}

function readJson(path) {
  return JSON.parse(readFileSync(path, "utf8"));
}

function readYaml(path) {
  return parse(readFileSync(path, "utf8"));
}

function minorOf(version) {
  return Number(version.split(".")[1]);
}

function compareVersions(a, b) {
  const [left, right] = [a, b].map((version) => version.split("-"));
  const [x, y] = [left[0], right[0]].map((core) => core.split(".").map(Number));
  for (let i = 0; i < 3; i++) if (x[i] !== y[i]) return x[i] - y[i];
  if (left.length !== right.length) return right.length - left.length;
  return (left[1] ?? "").localeCompare(right[1] ?? "");
}
