// Whole processes, timed in turn.

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const PEAK = fileURLToPath(new URL("peak-memory.mjs", import.meta.url));

/**
 * One process.
 * @typedef {{args: string[], input?: string | Buffer, program?: string, accept?: number[], nodeArgs?: string[]}} Command
 * @param {Command} command `program` instead of this Node; `accept`: exit statuses that are well, 0 alone else.
 * @returns {{milliseconds: number, stdout: Buffer, stderr: string}}
 */
export function runOnce({ args, input, program = process.execPath, nodeArgs = [], accept = [0] }, env = {}) {
  const started = performance.now();
  const result = spawnSync(program, [...nodeArgs, ...args], {
    input: input ?? "",
    maxBuffer: 2 ** 30,
    env: { ...process.env, ...env },
  });
  const milliseconds = performance.now() - started;
  if (result.error) throw result.error;
  if (!accept.includes(result.status))
    throw new Error(
      `${program} ${args.join(" ")}: exit status ${result.status}\n${result.stderr.toString().slice(0, 2000)}`,
    );
  return { milliseconds, stdout: result.stdout, stderr: result.stderr.toString() };
}

/**
 * Median milliseconds of several commands that take turns, after one round that counts for none.
 * @param {Record<string, Command>} commands
 * @returns {Record<string, number>}
 */
export function inTurn(runs, commands) {
  const names = Object.keys(commands);
  const times = Object.fromEntries(names.map((name) => [name, []]));
  for (let run = -1; run < runs; run++) {
    for (const name of names) {
      const { milliseconds } = runOnce(commands[name]);
      if (run >= 0) times[name].push(milliseconds);
    }
  }
  return Object.fromEntries(names.map((name) => [name, median(times[name])]));
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Most memory that a Node process held, in bytes (resident set). */
export function peakMemory(command, directory) {
  const file = `${directory}/peak-memory`;
  runOnce({ ...command, nodeArgs: ["--import", PEAK] }, { PEAK_MEMORY_FILE: file });
  return Number(readFileSync(file, "utf8"));
}
