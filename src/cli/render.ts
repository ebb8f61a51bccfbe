import { realpath } from "node:fs/promises";
import { WORKLOAD_KINDS } from "../kube/pod-template.ts";
import { UsageError } from "../source/failure.ts";
import { Renderer } from "../transform/render.ts";
import { addTally, emptyTally, type RenderTally, renderNotes } from "../transform/render-tally.ts";
import { refuseSeveral } from "../transform/targets.ts";
import type { Setting } from "../transform/workload.ts";
import { isInside } from "../wire/find-files.ts";
import { writeFiles, writeOutputs } from "../wire/write-files.ts";
import type { InputFlags, Inputs, InputText } from "./inputs.ts";
import type { Io } from "./io.ts";
import { inJobs, type JobsFlag, type SliceWork } from "./jobs.ts";
import { NO_WORKLOADS, targetNotes, tell } from "./notes.ts";
import { type OpenRun, withRun } from "./open-run.ts";
import type { TargetFlags } from "./options.ts";
import { OK } from "./run.ts";

export interface RenderFlags extends TargetFlags, InputFlags, JobsFlag {
  output?: string;
  inPlace?: boolean;
  quiet?: boolean;
}

/** What became of some inputs: plain data. */
interface Rendered {
  /** One for each input; undefined: as it was. */
  texts: (string | undefined)[];
  injected: number;
  workloads: number;
  /** Kinds of workloads that are injected, and cannot be rendered. */
  unrendered: string[];
  tally: RenderTally;
}

interface RenderedFile {
  name: string;
  outputName: string;
  before: string;
  text: string;
}

export async function renderCommand(paths: string[], flags: RenderFlags, io: Io): Promise<number> {
  if (flags.output !== undefined && flags.inPlace) throw new UsageError("give --output or --in-place, not both");
  return withRun(paths, flags, io, (run) => renderInputs(run, flags, io));
}

async function renderInputs(run: OpenRun, flags: RenderFlags, io: Io): Promise<number> {
  const { inputs } = run;
  if (inputs.files === undefined && flags.inPlace)
    throw new UsageError("--in-place needs files; stdin is rendered to stdout");
  if (flags.output !== undefined) await refuseOwnInput(flags.output, inputs);
  const setting = await run.setting();
  refuseSeveral(run.config, setting, ["targets"]);
  const { target } = setting;
  const given: InputText[] = [];
  // A rewrite in place needs no file without a workload; every other output holds all documents.
  for await (const one of inputs.texts(flags.inPlace ? WORKLOAD_KINDS : undefined)) given.push(one);
  const parts = await inJobs(
    renderWork(setting, flags),
    given,
    { command: "render", flags, shared: undefined },
    { run, io },
  );
  const { texts, injected, workloads, unrendered, tally } = together(parts, target.istio);
  const rendered = given.map(({ file, text, outputName }, n): RenderedFile => {
    return { name: file, outputName, before: text, text: texts[n] ?? text };
  });
  await writeOut(rendered, inputs, flags, io);
  if (!flags.quiet) {
    if (flags.output !== undefined || flags.inPlace)
      io.stderr(`rendered ${counted(injected, "workload")} in ${counted(rendered.length, "file")}\n`);
    tell(io, [
      ...unrenderedNotes(unrendered),
      ...target.renderNotes,
      ...renderNotes(tally),
      ...(workloads === 0 ? [NO_WORKLOADS] : []),
      ...targetNotes(target, injected > 0, inputs.notes),
    ]);
  }
  return OK;
}

export function renderWork(setting: Setting, { inPlace }: RenderFlags): SliceWork<Rendered> {
  return (inputs) => {
    const renderer = new Renderer(setting.target, inPlace ? "pods" : "typed");
    const whole: Rendered = { texts: [], injected: 0, workloads: 0, unrendered: [], tally: renderer.tally };
    for (const input of inputs) {
      const { input: rendered, injected, workloads, unrendered } = renderer.render(input, setting);
      whole.texts.push(rendered.text === input.text ? undefined : rendered.text);
      whole.injected += injected.length;
      whole.workloads += workloads;
      whole.unrendered.push(...unrendered.map(({ pod }) => pod.template.resource.kind));
    }
    return whole;
  };
}

function together(parts: readonly Rendered[], istio: string): Rendered {
  const sum = (count: (part: Rendered) => number): number => parts.reduce((total, part) => total + count(part), 0);
  const tally = emptyTally(istio);
  for (const part of parts) addTally(tally, part.tally);
  return {
    texts: parts.flatMap(({ texts }) => texts),
    injected: sum(({ injected }) => injected),
    workloads: sum(({ workloads }) => workloads),
    unrendered: parts.flatMap(({ unrendered }) => unrendered),
    tally,
  };
}

/** A render among its own inputs would replace them, or be rendered again by the next run. */
async function refuseOwnInput(output: string, { files = [] }: Inputs): Promise<void> {
  const directory = await realpath(output).catch(() => undefined);
  if (directory === undefined) return;
  for (const { name } of files) {
    if (!isInside(directory, await realpath(name))) continue;
    throw new UsageError(
      `--output ${output} holds what is to be rendered (${name}); name another directory, or leave it out with --exclude`,
    );
  }
}

async function writeOut(rendered: readonly RenderedFile[], inputs: Inputs, flags: RenderFlags, io: Io): Promise<void> {
  if (flags.output !== undefined) {
    await writeOutputs(
      flags.output,
      rendered.map(({ outputName, text }) => ({ name: outputName, text })),
    );
  } else if (flags.inPlace) {
    const changed = rendered.filter(({ before, text }) => text !== before);
    await writeFiles(changed.map(({ name, before, text }) => ({ file: name, before, text })));
  } else {
    io.stdout(inputs.files === undefined ? (rendered[0]?.text ?? "") : joined(rendered.map(({ text }) => text)));
  }
}

/** Several files as one stream of documents. */
function joined(texts: readonly string[]): string {
  return (
    texts
      .filter((text) => text.trim() !== "")
      // A byte order mark may stand in front of the whole stream only.
      .map((text, n) => (n > 0 && text.charCodeAt(0) === 0xfeff ? text.slice(1) : text))
      .map((text, n) => {
        const ended = text.endsWith("\n") || texts.length === 1 ? text : `${text}\n`;
        return n === 0 || /^---(?:\s|$)/.test(ended) ? ended : `---\n${ended}`;
      })
      .join("")
  );
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** @param unrendered their kinds. */
function unrenderedNotes(unrendered: readonly string[]): string[] {
  if (unrendered.length === 0) return [];
  const kinds = [...new Set(unrendered)].sort().join(", ");
  return [`not rendered: ${unrendered.length} of kind ${kinds}, whose Pods are built in the cluster`];
}
