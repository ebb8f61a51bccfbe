// Throws damaged manifests at the program's parts for a bounded time.
//
//   npm run fuzz                 a minute
//   npm run fuzz 600             ten minutes
//   npm run fuzz 60 SEED NAME    a batch's seed again, one property alone
//
// A run that answers nothing for two minutes hangs: it is killed, and the batch that it was in is named.

import { fork } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const SILENCE = 120_000;

const [seconds = "60", seed, only] = process.argv.slice(2);
const directory = mkdtempSync(join(tmpdir(), "native-sidecar-fuzz-"));
const outfile = join(directory, "fuzz.mjs");
try {
  await build({
    entryPoints: [fileURLToPath(new URL("fuzz.ts", import.meta.url))],
    outfile,
    bundle: true,
    platform: "node",
    target: "node20",
    format: "esm",
    banner: {
      js: 'import { createRequire as __createRequire } from "node:module";\nconst require = __createRequire(import.meta.url);',
    },
    define: { __VERSION__: '"fuzz"' },
    loader: { ".md": "text" },
    logLevel: "warning",
  });
  process.exitCode = await fuzz();
} finally {
  rmSync(directory, { recursive: true, force: true });
}

function fuzz() {
  const env = { ...process.env, FUZZ_ROOT: ROOT, FUZZ_SECONDS: seconds };
  if (seed !== undefined) env.FUZZ_SEED = seed;
  if (only !== undefined) env.FUZZ_ONLY = only;
  const child = fork(outfile, { env, execArgv: ["--enable-source-maps"] });
  let batch = { name: "start", seed: 0 };
  let timer;
  const wait = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      console.log(`HANGS in ${batch.name}, seed ${batch.seed}`);
      child.kill("SIGKILL");
    }, SILENCE);
  };
  wait();
  child.on("message", (message) => {
    batch = message;
    wait();
  });
  return new Promise((resolve) => {
    child.on("exit", (code) => {
      clearTimeout(timer);
      resolve(code ?? 1);
    });
  });
}
