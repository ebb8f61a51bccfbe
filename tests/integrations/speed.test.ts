// How fast a package of 20 files is done, against programs that do nothing. Run alone, after all other tests.

import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { emptyDirectory } from "../e2e/case-folder.ts";
import { BUNDLE } from "../e2e/program.ts";
import { container, LIST } from "./container.ts";
import { BASE_IMAGE, IMAGE } from "./image.ts";

/** The least milliseconds of both in turn: what else the machine does can only add to them. */
function inTurn(runs: number, one: () => void, other: () => void): [number, number] {
  const times: [number[], number[]] = [[], []];
  for (let n = 0; n < runs; n++) {
    for (const [index, run] of [one, other].entries()) {
      const started = performance.now();
      run();
      times[index]?.push(performance.now() - started);
    }
  }
  return [Math.min(...times[0]), Math.min(...times[1])];
}

describe("speed, for a package of 20 files", () => {
  const COPY = "process.stdin.pipe(process.stdout)";

  test("container: at most 1.3 times an image that only copies stdin to stdout", () => {
    const ours = (): void => expect(container([IMAGE], LIST).status).toBe(0);
    const copy = (): void => expect(container([BASE_IMAGE, "node", "-e", COPY], LIST).status).toBe(0);
    inTurn(1, ours, copy);
    const [own, other] = inTurn(11, ours, copy);
    console.info(
      `container: ${own.toFixed(0)} ms, copying only: ${other.toFixed(0)} ms, ${(own / other).toFixed(2)} times`,
    );
    expect(own / other).toBeLessThanOrEqual(1.3);
  });

  test("program: at most 80 ms more than node -e 0", () => {
    const directory = emptyDirectory();
    const node = (args: readonly string[]): void => {
      expect(spawnSync(process.execPath, args, { input: LIST, cwd: directory }).status).toBe(0);
    };
    const [own, nothing] = inTurn(
      15,
      () => node([BUNDLE]),
      () => node(["-e", "0"]),
    );
    console.info(
      `program: ${own.toFixed(0)} ms, node -e 0: ${nothing.toFixed(0)} ms, ${(own - nothing).toFixed(0)} ms more`,
    );
    expect(own - nothing).toBeLessThanOrEqual(80);
  });
});
