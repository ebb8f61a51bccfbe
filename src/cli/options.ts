import { readFile } from "node:fs/promises";
import { isAbsolute, relative } from "node:path";
import { type Config, NO_CONFIG, readConfigText } from "../config/config.ts";
import { findConfigFile } from "../config/find-config.ts";
import { isObject, type JsonObject } from "../json.ts";
import { RULE_NAMES } from "../rules/index.ts";
import { decode } from "../source/bytes.ts";
import { SourceError, UsageError } from "../source/failure.ts";
import { parseChunk } from "../source/parse.ts";
import { toData } from "../source/tree.ts";
import type { TargetRequest } from "../target/index.ts";
import { unreadable } from "../wire/find-files.ts";

/** Flags that say what the manifests are for. */
export interface TargetFlags {
  module?: string;
  istio?: string;
  kubernetes?: string;
  compatibilityMode?: boolean;
  profile?: string;
  nativeSidecars?: string;
  revision?: string;
  values?: string;
  meshConfig?: string;
  config?: string;
}

/** The config file's content with the flags over it. @throws {SourceError | UsageError} */
export async function loadConfig(flags: TargetFlags, cwd: string): Promise<Config> {
  const file = flags.config ?? (await findConfigFile(cwd));
  const config = file === undefined ? NO_CONFIG : readConfigText(shown(file, cwd), await readText(file), RULE_NAMES);
  const request = await targetRequest(flags);
  if (Object.keys(request).length === 0) return config;
  const [configured = {}] = config.targets;
  // A version on the command line replaces the file's, whichever family that is of.
  const { module: _module, istio: _istio, profile: _profile, ...rest } = configured;
  const isVersioned = request.istio !== undefined || request.module !== undefined;
  const target = isVersioned ? { ...rest, ...request } : { ...configured, ...request };
  const errorAt: Config["errorAt"] = (field, message) =>
    field.length > 1 && Object.hasOwn(request, field[1] as string) ? undefined : config.errorAt(field, message);
  return { ...config, targets: [target], errorAt };
}

/** A file that was found upwards, as seen from the working directory. */
function shown(file: string, cwd: string): string {
  return isAbsolute(file) ? relative(cwd, file) || file : file;
}

async function targetRequest(flags: TargetFlags): Promise<TargetRequest> {
  const { module, istio, kubernetes, compatibilityMode, profile, nativeSidecars, revision } = flags;
  const request: TargetRequest = { module, istio, kubernetes, compatibilityMode, profile, nativeSidecars, revision };
  if (flags.values !== undefined) request.values = await readData(flags.values);
  if (flags.meshConfig !== undefined) request.meshConfig = await readData(flags.meshConfig);
  return Object.fromEntries(Object.entries(request).filter(([, value]) => value !== undefined));
}

/** A YAML or JSON file that holds one map. */
async function readData(file: string): Promise<JsonObject> {
  const text = await readText(file);
  const node = parseChunk({ file, text, start: text.charCodeAt(0) === 0xfeff ? 1 : 0, end: text.length });
  const data = node === undefined ? {} : toData(node);
  if (!isObject(data)) throw new SourceError(file, text, node?.start ?? 0, "holds no map of values");
  return data;
}

async function readText(file: string): Promise<string> {
  try {
    return decode(file, await readFile(file));
  } catch (error) {
    throw error instanceof UsageError ? error : unreadable(file, error);
  }
}
