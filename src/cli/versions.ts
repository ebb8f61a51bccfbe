import { versions } from "../target/index.ts";
import type { Io } from "./io.ts";
import { OK } from "./run.ts";

/** Known releases and what they inject by default. */
export async function versionsCommand(io: Io): Promise<number> {
  const { istio, modules } = versions();
  io.stdout("Istio\n");
  for (const { istio: version, nativeSidecars } of istio)
    io.stdout(`  ${version.padEnd(14)} ${word(nativeSidecars)}\n`);
  io.stdout("Kyma Istio module\n");
  for (const { module, istio: version, nativeSidecars } of modules) {
    io.stdout(`  ${module.padEnd(14)} Istio ${version.padEnd(10)} ${word(nativeSidecars)}\n`);
  }
  return OK;
}

function word(nativeSidecars: "auto" | boolean): string {
  if (nativeSidecars === "auto") return "native (auto: Kubernetes 1.33 on all nodes)";
  return nativeSidecars ? "native" : "regular";
}
