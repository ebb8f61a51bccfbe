import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { NO_CONFIG } from "../config/config.ts";
import type { TargetRequest } from "../target/index.ts";
import { readCluster } from "../transform/cluster.ts";
import type { Finding } from "../transform/finding.ts";
import { type Input, readStream } from "../transform/input.ts";
import { settingOf } from "../transform/targets.ts";
import { inspect } from "../transform/transform.ts";
import { type Setting, settingsOf } from "../transform/workload.ts";
import { type Report, reportItems } from "./report.ts";
import { fixMaker } from "./sarif-fixes.ts";

const NATIVE: TargetRequest = { module: "1.22.0", kubernetes: "1.33" };

/** What `check` reports of files given by name and text, for a target whose sidecars are native or for others. */
export function reportOf(
  files: Readonly<Record<string, string>>,
  requests: readonly TargetRequest[] = [NATIVE],
): Report {
  const inputs = Object.entries(files).map(([name, text]) => readStream(name, text));
  const setting = settingFor(inputs, requests);
  const findings = findingsOf(inputs, setting);
  const settings = settingsOf(setting);
  return {
    version: "0.0.0",
    targets: settings.map(({ target: { istio, module, kubernetes, nativeSidecars } }) => {
      return { istio, module, kubernetes, nativeSidecars: nativeSidecars !== false, assumed: [] };
    }),
    files: Object.keys(files),
    items: reportItems(findings, fixMaker(findings)),
    failOn: "warning",
    colours: false,
    counts: async () => ({
      files: inputs.length,
      documents: 0,
      workloads: 0,
      sidecars: settings.map(() => ({ native: 0, regular: 0, none: 0 })),
    }),
  };
}

function settingFor(inputs: readonly Input[], requests: readonly TargetRequest[]): Setting {
  return settingOf({ ...NO_CONFIG, targets: [...requests] }, readCluster(inputs));
}

/** The findings themselves. */
export function findingsOf(inputs: readonly Input[], setting = settingFor(inputs, [NATIVE])): Finding[] {
  return inputs.flatMap((input) => inspect(input, setting, { level: "safe", rules: {} }).findings);
}

/** Names and texts of all files below a folder, by name. */
export function filesBelow(folder: string): Record<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".yaml"));
  return Object.fromEntries(names.sort().map((name) => [name, readFileSync(join(folder, name), "utf8")]));
}

/** A Job whose only container runs a shell script, one line each. */
export function jobWith(lines: readonly string[], name = "job"): string {
  const script = lines.map((line) => `              ${line}\n`).join("");
  return `apiVersion: batch/v1
kind: Job
metadata: {name: ${name}}
spec:
  template:
    spec:
      containers:
        - name: main
          command: ["sh", "-c"]
          args:
            - |
${script}`;
}

export const QUIT = "curl -X POST http://localhost:15020/quitquitquit";

/** Names as only an attacker gives them: they end lines, tables, commands and tags, ring bells and call people. */
export const HOSTILE = "x|`*_<img src=x>&]]>@team\n::error::boo\u001b[31m\u202e,:%0A\"'\u0000";

/** A workload of such a name, in a file of such a name. */
export function hostileFiles(): Record<string, string> {
  const name = HOSTILE.replace("\u0000", "");
  return { [`dir/${name}.yaml`]: jobWith(["work", QUIT], JSON.stringify(name)) };
}
