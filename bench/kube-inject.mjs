// What istioctl kube-inject needs to work without a cluster.

import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { loadAll } from "js-yaml";

/** Arguments that name the injector's files, taken from a default install; undefined where there is no istioctl. */
export function injectorFiles(directory) {
  const { error, status, stdout } = spawnSync("istioctl", ["manifest", "generate"], {
    encoding: "utf8",
    maxBuffer: 2 ** 28,
  });
  if (error || status !== 0) return undefined;
  const configMaps = loadAll(stdout).filter((object) => object?.kind === "ConfigMap");
  const dataOf = (name) => configMaps.find(({ metadata }) => metadata.name === name)?.data ?? {};
  const { config, values } = dataOf("istio-sidecar-injector");
  const files = { injectConfigFile: config, valuesFile: values, meshConfigFile: dataOf("istio").mesh };
  if (Object.values(files).includes(undefined)) return undefined;
  return Object.entries(files).flatMap(([flag, text]) => {
    const path = join(directory, flag);
    writeFileSync(path, text);
    return [`--${flag}`, path];
  });
}
