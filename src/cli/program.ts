import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { nearest } from "../config/nearest.ts";
import { FORMATS } from "../report/format.ts";
import { visible } from "../report/visible.ts";
import { bounded } from "../source/bounded.ts";
import { UsageError } from "../source/failure.ts";
import type { Io } from "./io.ts";
import { OWN_VERSION } from "./own-version.ts";
import { BAD, OK, run } from "./run.ts";

/** Parses the arguments and runs what they name. Returns the exit status; never throws for bad usage. */
export async function main(argv: readonly string[], io: Io): Promise<number> {
  let status = OK;
  const command = async (action: () => Promise<number>): Promise<void> => {
    status = await run(io, action);
  };
  const program = build(io, command);
  try {
    await program.parseAsync([...argv], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? OK : BAD;
  }
  return status;
}

function build(io: Io, run: (action: () => Promise<number>) => Promise<void>): Command {
  const program = new Command("native-sidecar")
    .description(
      "Strips obsolete Istio sidecar workarounds, opts workloads out, renders injected Pod templates offline.",
    )
    .version(OWN_VERSION)
    .exitOverride()
    .helpCommand("help [COMMAND]", "how a command is used")
    .configureOutput({ writeOut: io.stdout, writeErr: io.stderr, outputError: (text) => io.stderr(usageLine(text)) })
    // An unknown command is told apart from an unknown option in the action.
    .allowExcessArguments()
    .allowUnknownOption()
    .addHelpText("after", "\nWithout a command and with a ResourceList on stdin it is a KRM function (kustomize, kpt).")
    .action(() =>
      run(async () => {
        if (program.args[0] !== undefined) throw unknownWord(program, program.args[0]);
        return (await import("./function.ts")).functionCommand(io, () => program.helpInformation());
      }),
    );

  target(program.command("check [PATH...]").description("report findings; writes nothing"))
    .addOption(new Option("--format <FORMAT>", "of the report").choices(FORMATS).default("text"))
    .addOption(failOn())
    .option("--no-color", "no colours")
    .option("--quiet", "nothing but the report")
    .addOption(jobs())
    .action((paths, flags) => run(async () => (await import("./check.ts")).checkCommand(paths, flags, io)));

  target(program.command("fix [PATH...]").description("strip workarounds in place; stdin goes to stdout"))
    .option("--unsafe", "apply fixes of level review too")
    .addOption(
      new Option("--opt-out <MODE>", "annotate workloads that are not ready").choices(["auto", "selected", "off"]),
    )
    .option("--diff", "print a unified diff and write nothing")
    .option("--exit-code", "with --diff: exit status 1 when there is something to fix")
    .option("--quiet", "no summary")
    .addOption(jobs())
    .action((paths, flags) => run(async () => (await import("./fix.ts")).fixCommand(paths, flags, io)));

  target(program.command("render [PATH...]").description("injected manifests, as the target's injector makes them"))
    .option("--output <DIR>", "write there, one file per input file")
    .option("--in-place", "replace the Pod templates in the files")
    .option("--quiet", "no summary")
    .addOption(jobs())
    .action((paths, flags) => run(async () => (await import("./render.ts")).renderCommand(paths, flags, io)));

  target(program.command("diff [PATH...]").description("what an upgrade changes in the rendered Pods, by workload"))
    .requiredOption(
      "--from <TARGET>",
      "istio=1.26.8, or module=1.21.1,kubernetes=1.33,compatibilityMode=true",
      once("--from"),
    )
    .requiredOption("--to <TARGET>", "the same for what comes", once("--to"))
    .addOption(new Option("--format <FORMAT>", "of the report").choices(["text", "json", "markdown"]).default("text"))
    .option("--no-color", "no colours")
    .option("--quiet", "nothing but the report")
    .action((paths, flags) => run(async () => (await import("./diff.ts")).diffCommand(paths, flags, io)));

  target(
    program.command("explain [WORDS...]").description("a rule's documentation, or why a workload gets which sidecar"),
  )
    .option("--workload", "the words are files whose workloads are explained")
    .option("--quiet", "no notes")
    .action((words, flags) => run(async () => (await import("./explain.ts")).explainCommand(words, flags, io)));

  program
    .command("versions")
    .description("known Istio and Kyma module versions and their defaults")
    .action(() => run(async () => (await import("./versions.ts")).versionsCommand(io)));

  program
    .command("schema")
    .description("the functionConfig's JSON schema")
    .action(() => run(async () => (await import("./schema.ts")).schemaCommand(io)));

  return program;
}

/** Commander's complaint as one line like all others. */
function usageLine(text: string): string {
  const line = text.trim().replace(/^error: /, "");
  const told = line.replace(/\n\(Did you mean (.*?)\?*\)$/, "; did you mean $1?");
  return `native-sidecar: ${visible(bounded(told))}\n`;
}

function unknownWord(program: Command, word: string): UsageError {
  if (word.startsWith("-"))
    return new UsageError(`option ${word} needs a command in front of it (check, fix, render, …)`);
  const names = program.commands.map((command) => command.name());
  const guess = nearest(word, names);
  return new UsageError(
    `no command '${word}'${guess === undefined ? "" : `, did you mean ${guess}?`}; commands: ${names.join(", ")}`,
  );
}

/** Options that say what the manifests are for. */
function target(command: Command): Command {
  const several = command.name() === "diff" ? command : command.addOption(targets());
  return several
    .option("--exclude <GLOB>", "what directories hold that is not read; repeatable", (glob, known: string[] = []) => [
      ...known,
      glob,
    ])
    .option("--module <VERSION>", "Kyma Istio module, 1.22.0 or 1.22")
    .option("--istio <VERSION>", "Istio, 1.27.1 or 1.27")
    .option("--kubernetes <VERSION>", "Kubernetes, 1.33")
    .option("--compatibility-mode", "compatibilityMode of the Kyma Istio CR")
    .option("--profile <NAME>", "kyma, kyma-light; default, openshift, …")
    .addOption(
      new Option("--native-sidecars <WORD>", "istiod's ENABLE_NATIVE_SIDECARS").choices(["auto", "true", "false"]),
    )
    .option("--revision <NAME>", "istiod's revision", notEmpty)
    .option("--values <FILE>", "Istio Helm values over the profile's; with --inject-config the injector's own")
    .option("--mesh-config <FILE>", "MeshConfig over the profile's; with --inject-config the mesh's own")
    .option("--inject-config <FILE>", "the cluster's own injector, as istioctl kube-inject takes it, or its ConfigMap")
    .option("--config <FILE>", "a functionConfig; else .native-sidecar.yaml here or above");
}

/** In place of --module and --istio; the other flags hold for all of them. */
function targets(): Option {
  return new Option(
    "--target <TARGET>",
    "one of several: istio=1.26.8, or module=1.25.0,kubernetes=1.33; repeatable",
  ).argParser((words: string, known: string[] = []) => [...known, words]);
}

const MAX_JOBS = 64;

function jobs(): Option {
  const words = "threads at most, where there is enough to do; default: 1, for render the cores, up to 4";
  return new Option("--jobs <N>", words).argParser((word) => {
    if (!/^[1-9]\d?$/.test(word) || Number(word) > MAX_JOBS)
      throw new InvalidArgumentError(`It must be a whole number from 1 to ${MAX_JOBS}.`);
    return Number(word);
  });
}

function failOn(): Option {
  return new Option("--fail-on <SEVERITY>", "exit status 1 from this severity on")
    .choices(["error", "warning", "info", "never"])
    .default("warning");
}

/** Of two targets neither is silently dropped. */
function once(flag: string): (value: string, previous: string | undefined) => string {
  return (value, previous) => {
    if (previous !== undefined) throw new InvalidArgumentError(`${flag} stands twice, ${previous} already.`);
    return value;
  };
}

function notEmpty(value: string): string {
  if (value === "") throw new InvalidArgumentError("It must not be empty.");
  return value;
}
