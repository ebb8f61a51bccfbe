import { realpath } from "node:fs/promises";
import { WORKLOAD_KINDS } from "../kube/pod-template.ts";
import { UsageError } from "../source/failure.ts";
import { Renderer } from "../transform/render.ts";
import { refuseSeveral } from "../transform/targets.ts";
import type { Workload } from "../transform/workload.ts";
import { isInside } from "../wire/find-files.ts";
import { writeFiles, writeOutputs } from "../wire/write-files.ts";
import type { InputFlags, Inputs } from "./inputs.ts";
import type { Io } from "./io.ts";
import { NO_WORKLOADS, targetNotes, tell } from "./notes.ts";
import { type OpenRun, withRun } from "./open-run.ts";
import type { TargetFlags } from "./options.ts";
import { OK } from "./run.ts";

export interface RenderFlags extends TargetFlags, InputFlags {
  output?: string;
  inPlace?: boolean;
  quiet?: boolean;
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
  const renderer = new Renderer(target, flags.inPlace ? "pods" : "typed");
  const rendered: RenderedFile[] = [];
  const unrendered: Workload[] = [];
  let injected = 0;
  let workloads = 0;
  // A rewrite in place needs no file without a workload; every other output holds all documents.
  for await (const { input, file } of inputs.read(flags.inPlace ? WORKLOAD_KINDS : undefined)) {
    const result = renderer.render(input, setting);
    injected += result.injected.length;
    workloads += result.workloads;
    unrendered.push(...result.unrendered);
    const outputName = file?.outputName ?? "stdin.yaml";
    rendered.push({ name: input.file, outputName, before: input.text, text: result.input.text });
  }
  await writeOut(rendered, inputs, flags, io);
  if (!flags.quiet) {
    if (flags.output !== undefined || flags.inPlace)
      io.stderr(`rendered ${counted(injected, "workload")} in ${counted(rendered.length, "file")}\n`);
    tell(io, [
      ...unrenderedNotes(unrendered),
      ...target.renderNotes,
      ...renderer.notes(),
      ...(workloads === 0 ? [NO_WORKLOADS] : []),
      ...targetNotes(target, injected > 0, inputs.notes),
    ]);
  }
  return OK;
}

/** A render among its own inputs would replace them, or be rendered again by the next run. */
async function refuseOwnInput(output: string, { files = [] }: Inputs): Promise<void> {
  const directory = await realpath(output).catch(() => undefined);
  if (directory === undefined) return;
  for (const { name } of files) {
    if (!isInside(directory, await realpath(name))) continue;
    throw new UsageError(`--output ${output} holds what is to be rendered (${name}); name another directory`);
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

function unrenderedNotes(unrendered: readonly Workload[]): string[] {
  if (unrendered.length === 0) return [];
  const kinds = [...new Set(unrendered.map(({ pod }) => pod.template.resource.kind))].sort().join(", ");
  return [`not rendered: ${unrendered.length} of kind ${kinds}, whose Pods are built in the cluster`];
}
