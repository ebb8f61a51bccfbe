// At most 150 MB and three times the input, also where most of it is one text: measured as bench/measure.mjs does.

import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { emptyDirectory } from "./case-folder.ts";
import { BUNDLE, MODULE_1_22 } from "./program.ts";

const PEAK = fileURLToPath(new URL("../../bench/peak-memory.mjs", import.meta.url));
const MB = 1e6;
const QUIT = "curl -fsS -X POST http://localhost:15020/quitquitquit\n";

const lines = (indent: number, bytes = 58 * MB): string => {
  const line = `${" ".repeat(indent)}the quick brown fox jumps over the lazy dog 0123456789\n`;
  return line.repeat(Math.ceil(bytes / line.length));
};
const job = (script: string, metadata = ""): string => `apiVersion: batch/v1
kind: Job
metadata:
  name: big
${metadata}spec:
  template:
    spec:
      restartPolicy: Never
      containers:
        - name: main
          image: alpine
          command: ["/bin/sh", "-c"]
          args:
            - |
${script}              ${QUIT}`;
const configMap = (text: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: big\ndata:\n  text: |\n${text}`;
const item = (n: number): string =>
  `- apiVersion: v1\n  kind: Service\n  metadata:\n    name: a${n}\n  spec:\n${"    # some words that make it longer\n".repeat(20)}    ports: []\n`;
const resourceList = (items: number): string =>
  `apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n${Array.from({ length: items }, (_, n) => item(n)).join("")}- ${job(
    "",
  )
    .trimEnd()
    .replaceAll(
      "\n",
      "\n  ",
    )}\nfunctionConfig:\n  apiVersion: fn.native-sidecar.io/v1alpha1\n  kind: NativeSidecar\n  spec:\n    target: {module: 1.22.0}\n    strip: {level: safe}\n`;

const INPUTS: Record<string, { text: () => string; runs: string[][] }> = {
  "a huge script": {
    text: () => job(lines(14)),
    runs: [
      ["check", "-"],
      ["fix", "-", "--diff"],
      ["render", "-"],
    ],
  },
  "a huge text beside a script": {
    text: () => job("", `  annotations:\n    big: |\n${lines(6)}`),
    runs: [
      ["fix", "-"],
      ["fix", "-", "--diff"],
      ["render", "-"],
    ],
  },
  "a huge ConfigMap that holds a call": { text: () => `${configMap(lines(4))}    ${QUIT}`, runs: [["check", "-"]] },
  "a huge ConfigMap beside a script": { text: () => `${job("")}---\n${configMap(lines(4))}`, runs: [["fix", "-"]] },
  "a ResourceList": { text: () => resourceList(80_000), runs: [[]] },
};

describe.each(Object.entries(INPUTS))("peak memory of %s", (_, { text, runs }) => {
  const directory = emptyDirectory();
  const file = join(directory, "peak");
  const input = Buffer.from(text());

  test.each(runs.map((args) => [args.join(" ") || "as a function", args] as const))("%s", (_, args) => {
    const target = args.length === 0 ? [] : MODULE_1_22;
    const { status } = spawnSync(process.execPath, ["--import", PEAK, BUNDLE, ...args, ...target], {
      input,
      maxBuffer: 2 ** 30,
      env: { ...process.env, PEAK_MEMORY_FILE: file },
    });
    expect(status).toBeLessThan(2);
    expect(Number(readFileSync(file, "utf8")) / MB).toBeLessThan(150 + (3 * input.length) / MB);
    writeFileSync(file, "");
  });
});
