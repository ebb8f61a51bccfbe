import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parseTemplate, SPRIG, TemplateError } from "./index.ts";
import { type RandomCase, randomCase } from "./random-templates.test-data.ts";
import { recordOf } from "./record.test-data.ts";
import type { Value } from "./values.ts";

/**
 * The same random templates through this engine and through Go's own. GO_TEMPLATE_CASES and GO_TEMPLATE_SEED say how many and
 * from which seed on.
 */
const COUNT = Number(process.env.GO_TEMPLATE_CASES ?? 3000);
const SEED = Number(process.env.GO_TEMPLATE_SEED ?? 1);
const BATCH = 2000;
const SOURCE = join(import.meta.dirname, "../../testdata/go-template");

const hasGo = spawnSync("go", ["version"]).status === 0;
if (!hasGo) console.warn("go is not installed: the templates are not compared with Go's");

interface Answer {
  output?: string;
  error?: string;
}

let folder = "";
beforeAll(() => {
  if (!hasGo) return;
  folder = mkdtempSync(join(tmpdir(), "go-template-"));
  execFileSync("go", ["build", "-o", join(folder, "render"), "."], { cwd: SOURCE });
}, 300_000);
afterAll(() => {
  if (folder !== "") rmSync(folder, { recursive: true });
});

function renderWithGo(cases: RandomCase[]): string[] {
  const input = cases.map((one) => JSON.stringify(one)).join("\n");
  const output = execFileSync(join(folder, "render"), { input, encoding: "utf8", maxBuffer: 2 ** 30 });
  return output.trimEnd().split("\n");
}

function withoutPrototypes(value: unknown): Value {
  return JSON.parse(JSON.stringify(value), (_, item) =>
    typeof item === "object" && item !== null && !Array.isArray(item) ? Object.assign(Object.create(null), item) : item,
  ) as Value;
}

function render({ template, data, plain, record }: RandomCase): Answer {
  const given = withoutPrototypes(data);
  try {
    const parsed = parseTemplate("t", template, plain ? new Map() : SPRIG);
    return { output: parsed.execute(record ? recordOf(given) : given) };
  } catch (error) {
    if (error instanceof TemplateError) return { error: error.message };
    throw error;
  }
}

test.skipIf(!hasGo)(
  `${COUNT} random templates give Go's output, or an error where Go does`,
  () => {
    const differing: unknown[] = [];
    for (let from = SEED; from < SEED + COUNT; from += BATCH) {
      const cases = Array.from({ length: Math.min(BATCH, SEED + COUNT - from) }, (_, index) =>
        randomCase(from + index),
      );
      const [first, second] = [renderWithGo(cases), renderWithGo(cases)];
      cases.forEach((one, index) => {
        // Addresses differ from run to run of Go's.
        if (first[index] !== second[index]) return;
        const go = JSON.parse(first[index] as string) as Answer;
        const own = render(one);
        if (own.output !== go.output) differing.push({ seed: from + index, ...one, go, own });
      });
    }
    expect(differing).toEqual([]);
  },
  600_000,
);
