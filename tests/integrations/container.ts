import { spawnSync } from "node:child_process";
import { stringify } from "yaml";
import { CONTAINER_TOOL } from "./tools.ts";

/** A package of 20 files, of which two hold something to fix, as kpt hands it over. */
export const LIST = resourceList(20);

function resourceList(files: number): string {
  const items = Array.from({ length: files }, (_, n) => ({
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: {
      name: `job-${n}`,
      namespace: "test",
      annotations: { "internal.config.kubernetes.io/path": `${n}.yaml` },
    },
    spec: {
      template: {
        spec: {
          restartPolicy: "Never",
          containers: [
            {
              name: "main",
              image: "alpine:3.20",
              command: ["/bin/sh", "-c"],
              args: [
                `send-mail\n${n % 10 === 0 ? "curl -X POST http://localhost:15020/quitquitquit\n" : "echo sent\n"}`,
              ],
            },
          ],
        },
      },
    },
  }));
  const functionConfig = {
    apiVersion: "fn.native-sidecar.io/v1alpha1",
    kind: "NativeSidecar",
    spec: { target: { module: "1.22.0", kubernetes: "1.33" }, strip: { level: "safe" } },
  };
  return stringify({ apiVersion: "config.kubernetes.io/v1", kind: "ResourceList", functionConfig, items });
}

const CONFINED = ["--network", "none", "--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"];

/** Runs an image as confined as it can be. */
export function container(
  args: readonly string[],
  input = "",
): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(CONTAINER_TOOL, ["run", "--rm", "-i", ...CONFINED, ...args], { input, encoding: "utf8" });
}
