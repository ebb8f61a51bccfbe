// Bundled and started by run.mjs: every property in turn, in batches, until the time is over.

import fc from "fast-check";
import { mutate, mutations } from "./mutate.ts";
import type { Property } from "./properties.ts";
import * as properties from "./properties.ts";
import { readSeeds } from "./seeds.ts";

const BATCH = 250;

const { FUZZ_ROOT = ".", FUZZ_SECONDS = "60", FUZZ_SEED, FUZZ_ONLY } = process.env;
const seeds = readSeeds(FUZZ_ROOT);
const chosen = Object.entries(properties).filter(([name]) => FUZZ_ONLY === undefined || name === FUZZ_ONLY);
const firstSeed = Number(FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31));
const end = Date.now() + Number(FUZZ_SECONDS) * 1000;
const tally = new Map(chosen.map(([name]) => [name, { runs: 0, said: 0, slowest: 0 }]));
let failures = 0;

console.log(`${seeds.length} seeds, first random seed ${firstSeed}`);
for (let batch = 0; Date.now() < end && failures < 20; batch++) {
  for (const [name, property] of chosen) failures += (await holds(name, property, firstSeed + batch)) ? 0 : 1;
}
for (const [name, { runs, said, slowest }] of tally)
  console.log(`${name}: ${runs} runs, ${said} of them with something to say; slowest ${slowest.toFixed(0)} ms`);
console.log(failures === 0 ? "all hold" : `${failures} failures`);
process.exit(failures === 0 ? 0 : 1);

async function holds(name: string, property: Property, seed: number): Promise<boolean> {
  process.send?.({ name, seed });
  const counts = tally.get(name) as { runs: number; said: number; slowest: number };
  const outcome = await fc.check(
    fc.asyncProperty(fc.nat({ max: 2 ** 20 }), mutations, async (n, changes) => {
      const text = mutate(seeds[n % seeds.length] ?? "", changes, seeds);
      const started = performance.now();
      const saidSomething = await property(text);
      counts.slowest = Math.max(counts.slowest, performance.now() - started);
      counts.runs++;
      if (saidSomething) counts.said++;
    }),
    { seed, numRuns: BATCH },
  );
  if (!outcome.failed) return true;
  const [n, changes] = outcome.counterexample ?? [0, []];
  const text = mutate(seeds[n % seeds.length] ?? "", changes, seeds);
  const cause =
    outcome.errorInstance instanceof Error ? (outcome.errorInstance.stack ?? "") : String(outcome.errorInstance);
  console.log(`FAILED ${name}, seed ${seed}\n${JSON.stringify(text)}\n${cause.split("\n").slice(0, 12).join("\n")}\n`);
  return false;
}
