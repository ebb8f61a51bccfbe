// Manifests to measure with, made up but shaped like those of real clusters: most bytes are CRDs and dashboards in
// ConfigMaps, 2 % of the objects are workloads, half of these hold a workaround. The same seed gives the same bytes.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** mulberry32: good enough to shape texts with, and the same everywhere. */
export function dice(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    below: (limit) => Math.floor(next() * limit),
    pick: (list) => list[Math.floor(next() * list.length)],
  };
}

const NOUNS = "invoice ledger mail report cart order stock price user audit token queue cache route image".split(" ");
const WORDS =
  "the object desired state of a resource which is reconciled by its controller whenever the spec changes and must be unique within namespace".split(
    " ",
  );

const sentence = (d, words) => Array.from({ length: words }, () => d.pick(WORDS)).join(" ");
const times = (count, make) => Array.from({ length: count }, (_, n) => make(n)).join("");

function head(d, apiVersion, kind, name) {
  return `apiVersion: ${apiVersion}
kind: ${kind}
metadata:
  name: ${name}
  namespace: team-${d.below(40)}
  labels:
    app.kubernetes.io/name: ${name}
    app.kubernetes.io/part-of: ${d.pick(NOUNS)}s
`;
}

/** OpenAPI schemas as controller-gen writes them, about 420 bytes for each property. */
function crd(d, name, properties) {
  return `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  annotations:
    controller-gen.kubebuilder.io/version: v0.16.5
  name: ${name}s.example.com
spec:
  group: example.com
  names: {kind: ${name[0].toUpperCase()}${name.slice(1).replaceAll("-", "")}, plural: ${name}s}
  scope: Namespaced
  versions:
  - name: v1alpha1
    schema:
      openAPIV3Schema:
        description: ${sentence(d, 9)}
        properties:
${times(
  properties,
  (n) => `          ${d.pick(NOUNS)}${n}:
            description: |-
              ${sentence(d, 14)}
              ${sentence(d, 12)}.
            properties:
              name:
                description: ${sentence(d, 8)}
                maxLength: 253
                type: string
              values:
                items: {type: string}
                type: array
                x-kubernetes-list-type: atomic
            type: object
`,
)}        type: object
    served: true
    storage: true
`;
}

/** A Grafana dashboard as JSON in a ConfigMap, about 480 bytes for each panel. */
function dashboard(d, name, panels) {
  return `${head(d, "v1", "ConfigMap", name)}    grafana_dashboard: "1"
data:
  ${name}.json: |
    {
      "title": "${name}",
      "panels": [
${times(
  panels,
  (n) => `        {
          "id": ${n + 1},
          "title": "${sentence(d, 4)}",
          "type": "timeseries",
          "gridPos": { "h": 8, "w": 12, "x": ${12 * (n % 2)}, "y": ${8 * (n >> 1)} },
          "targets": [
            { "expr": "sum(rate(http_requests_total{job=\\"${d.pick(NOUNS)}\\", code=~\\"5..\\"}[5m])) by (pod)", "legendFormat": "{{pod}}" }
          ]
        }${n + 1 < panels ? "," : ""}
`,
)}      ]
    }
`;
}

function service(d, name) {
  return `${head(d, "v1", "Service", name)}spec:
  selector:
    app.kubernetes.io/name: ${name}
  ports:
    - name: http
      port: ${8000 + d.below(999)}
      targetPort: http # ${sentence(d, 4)}
    - name: metrics
      port: 9090
`;
}

function role(d, name) {
  return `${head(d, "rbac.authorization.k8s.io/v1", "Role", name)}rules:
${times(
  2 + d.below(6),
  () => `  - apiGroups: ["", "apps"]
    resources: [${d.pick(NOUNS)}s, ${d.pick(NOUNS)}s/status]
    verbs: [get, list, watch, create, update, patch]
`,
)}`;
}

function settings(d, name) {
  return `${head(d, "v1", "ConfigMap", name)}data:
  application.properties: |
${times(8 + d.below(10), (n) => `    ${d.pick(NOUNS)}.${d.pick(WORDS)}.${n}=${d.below(10_000)}\n`)}`;
}

/** @param hack whether the script ends by stopping the sidecar. */
function workload(d, name, hack) {
  const isJob = hack || d.below(3) === 0;
  const [apiVersion, kind] = isJob ? ["batch/v1", "Job"] : ["apps/v1", "Deployment"];
  const selector = isJob ? "" : `  selector:\n    matchLabels: {app: ${name}}\n`;
  return `${head(d, apiVersion, kind, name)}spec:
${selector}  template:
    metadata:
      labels: {app: ${name}}
    spec:
${isJob ? "      restartPolicy: Never\n" : ""}      containers:
        - name: main
          image: registry.example.com/${name}:${d.below(9)}.${d.below(30)}.0
          command: ["/bin/sh", "-c"]
          args:
            - |
              set -e
              /app/${d.pick(NOUNS)} --verbose # ${sentence(d, 5)}
${hack ? "              curl -fsS -X POST http://localhost:15020/quitquitquit\n" : ""}          env:
            - name: LOG_LEVEL
              value: info
          resources:
            requests: {cpu: ${10 + d.below(90)}m, memory: 64Mi}
`;
}

/**
 * One object. Of 100 (or `every`), two are workloads, and of these one has a workaround where `hits` says so.
 * @param size target of the ballast in bytes.
 */
function resource(d, n, { hits, size, every = 100 }) {
  const name = `${d.pick(NOUNS)}-${n}`;
  const place = Math.floor(((n % every) * 100) / every);
  if (place >= 37 && place < 37 + 100 / every) return workload(d, name, hits);
  if (place >= 73 && place < 73 + 100 / every) return workload(d, name, false);
  const kind = d.below(100);
  if (kind < 12) return crd(d, name, Math.max(1, Math.round((size * 4) / 420)));
  if (kind < 24) return dashboard(d, name, Math.max(1, Math.round((size * 3) / 480)));
  return kind < 50 ? service(d, name) : kind < 75 ? role(d, name) : settings(d, name);
}

/** A directory of files; small objects come several to a file. Returns its size in bytes. */
export function writeTree(directory, { files, bytes, hits, seed }) {
  const d = dice(seed);
  const average = bytes / files;
  let written = 0;
  for (let n = 0, object = 0; n < files; n++) {
    const folder = join(directory, `team-${String(n % 50).padStart(2, "0")}`);
    if (n < 50) mkdirSync(folder, { recursive: true });
    const documents = [];
    const wanted = Math.max(200, average * (n + 1) - written);
    for (let length = 0; length < wanted; ) {
      const document = resource(d, object++, { hits, size: average });
      documents.push(document);
      length += document.length;
    }
    const text = documents.join("---\n");
    writeFileSync(join(folder, `manifests-${n}.yaml`), text);
    written += text.length;
  }
  return written;
}

const CONFIG = `functionConfig:
  apiVersion: fn.native-sidecar.io/v1alpha1
  kind: NativeSidecar
  metadata:
    name: native-sidecar
  spec:
    target:
      module: "1.22.0"
      kubernetes: "1.33"
    strip:
      level: safe
`;

/** A ResourceList as kustomize writes it. */
export function resourceList({ items, bytes, hits, seed, every }) {
  const d = dice(seed);
  const size = bytes / items;
  const parts = ["apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n"];
  for (let n = 0; n < items; n++) {
    const annotations = `  annotations:\n    internal.config.kubernetes.io/index: '${n % 7}'\n    internal.config.kubernetes.io/path: 'team/${n}.yaml'\n`;
    const text = resource(d, n, { hits, size: size * 0.56, every }).replace(
      /^metadata:\n(?: {2}annotations:\n)?/m,
      `metadata:\n${annotations}`,
    );
    parts.push(`- ${text.trimEnd().replaceAll("\n", "\n  ").replaceAll("\n  \n", "\n\n")}\n`);
  }
  return parts.join("") + CONFIG;
}

/** Deployments alone, small as those of kube-inject's own benchmark. */
export function deployments(count, seed) {
  const d = dice(seed);
  return Array.from({ length: count }, (_, n) => {
    const name = `${d.pick(NOUNS)}-${n}`;
    return `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
  namespace: team-${d.below(40)}
spec:
  replicas: ${1 + d.below(4)}
  selector:
    matchLabels: {app: ${name}}
  template:
    metadata:
      labels: {app: ${name}}
    spec:
      containers:
        - name: main
          image: registry.example.com/${name}:${d.below(9)}.${d.below(30)}.0
          ports:
            - {name: http, containerPort: 8080}
          env:
            - {name: LOG_LEVEL, value: info}
          readinessProbe:
            httpGet: {path: /ready, port: http}
          resources:
            requests: {cpu: ${10 + d.below(90)}m, memory: 64Mi}
`;
  }).join("---\n");
}
