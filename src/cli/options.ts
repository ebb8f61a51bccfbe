import { isAbsolute, relative } from "node:path";
import { type Config, NO_CONFIG, readConfigText } from "../config/config.ts";
import { isObject, type Json, type JsonObject } from "../json.ts";
import { RULE_NAMES } from "../rules/index.ts";
import { isSameData } from "../source/equal.ts";
import { SourceError, UsageError } from "../source/failure.ts";
import { parseChunk } from "../source/parse.ts";
import { at, type Path, toDataOf } from "../source/tree.ts";
import { parseTargetWords, TargetError, type TargetRequest } from "../target/index.ts";
import { type ConfigFiles, configFilesOnDisk } from "./config-files.ts";
import { readInjectorFiles, withInjectorFiles } from "./injector-files.ts";

/** Flags that say what the manifests are for. */
export interface TargetFlags {
  /** TARGET words, one for each of several targets. */
  target?: string[];
  module?: string;
  istio?: string;
  kubernetes?: string;
  compatibilityMode?: boolean;
  profile?: string;
  nativeSidecars?: string;
  revision?: string;
  values?: string;
  meshConfig?: string;
  /** With it, `values` and `meshConfig` are the injector's own, not changes to a profile's. */
  injectConfig?: string;
  config?: string;
}

/** The config file's content with the flags over it. @throws {SourceError | UsageError} */
export async function loadConfig(
  flags: TargetFlags,
  cwd: string,
  files: ConfigFiles = configFilesOnDisk().files,
): Promise<Config> {
  return withRequest(await readConfigFile(flags, cwd, files), flags, files);
}

/** A config for a command that is told its targets apart. */
export interface CommonConfig {
  config: Config;
  /** Fields in which the targets of the file differ, and which no flag settles: they hold for none. */
  differing: string[];
}

/**
 * The same for a command that is told its targets apart: of several in the file what all of them say alike stands, but
 * for version and profile. @throws as `loadConfig`.
 */
export async function loadCommonConfig(flags: TargetFlags, cwd: string): Promise<CommonConfig> {
  const { files } = configFilesOnDisk();
  const config = await readConfigFile(flags, cwd, files);
  const { common, differing } = commonFields(config.targets);
  const targets = config.targets.length > 1 ? [common] : config.targets;
  const whole = await withRequest({ ...config, targets }, flags, files);
  const [settled = {}] = whole.targets;
  return { config: whole, differing: differing.filter((field) => !Object.hasOwn(settled, field)) };
}

/** Fields that go with any version, as `commonOf` keeps them. */
const COMMON_FIELDS = [
  "kubernetes",
  "compatibilityMode",
  "nativeSidecars",
  "revision",
  "values",
  "meshConfig",
  "injector",
] as const;

function commonFields(targets: readonly TargetRequest[]): { common: TargetRequest; differing: string[] } {
  const [first = {}, ...others] = targets;
  const said = COMMON_FIELDS.filter((field) => targets.some((target) => target[field] !== undefined));
  const shared = said.filter((field) => {
    const [one, ...rest] = [first, ...others].map((target) => target[field] as Json | undefined);
    return one !== undefined && rest.every((other) => other !== undefined && isSameData(one, other));
  });
  const fields = shared.map((field) => [field, first[field]] as const);
  const { installed } = first;
  const common = Object.fromEntries([...fields, ...(shared.includes("injector") ? [["installed", installed]] : [])]);
  return { common, differing: said.filter((field) => !shared.includes(field)) };
}

async function readConfigFile(flags: TargetFlags, cwd: string, files: ConfigFiles): Promise<Config> {
  const file = flags.config ?? (await files.find(cwd));
  if (file === undefined) return NO_CONFIG;
  const name = shown(file, cwd);
  const config = readConfigText(name, await files.read(file, name), RULE_NAMES);
  const read = async (path: string) => ({ name: shown(path, cwd), text: await files.read(path, shown(path, cwd)) });
  return withInjectorFiles(config, file, read);
}

async function withRequest(config: Config, flags: TargetFlags, files: ConfigFiles): Promise<Config> {
  const { request, errorAt: errorInFlag } = await targetRequest(flags, files);
  if (flags.target !== undefined) return withTargets(config, request, errorInFlag, flags.target);
  if (Object.keys(request).length === 0) return config;
  const errorAt: Config["errorAt"] = (field, message) => {
    const name = fieldOf(field);
    if (!Object.hasOwn(request, name)) return config.errorAt(field, message);
    return errorInFlag(field, message, field[0] === "targets" ? `spec.targets[${field[1]}]` : undefined);
  };
  return { ...config, targets: withFlags(config.targets, request), errorAt };
}

/** Flags over what the file says: over each of its targets, but a version stands for one target in place of all. */
function withFlags(targets: readonly TargetRequest[], request: TargetRequest): TargetRequest[] {
  const [first = {}, ...others] = targets;
  if (others.length === 0) return [{ ...commonOf(first, request), ...request }];
  return isVersioned(request) ? [request] : targets.map((target) => ({ ...target, ...request }));
}

/** The targets of `--target` in place of the file's. Other flags, and what the file says of one target, hold for all. */
function withTargets(
  config: Config,
  request: TargetRequest,
  errorInFlag: ErrorInFlag,
  targets: readonly string[],
): Config {
  for (const flag of ["module", "istio"] as const) {
    const value = request[flag];
    if (value !== undefined)
      throw new UsageError(`--${flag} beside --target: name it as one of them, --target ${flag}=${value}`);
  }
  const [configured = {}, ...others] = config.targets;
  const file = others.length === 0 ? configured : {};
  const named = targets.map((words) => ({ words, own: readTarget(words) }));
  const errorAt: Config["errorAt"] = (field, message) => {
    const [list, n] = field;
    const about = named[list === "targets" ? Number(n) : 0];
    if (about === undefined) return undefined;
    const { words, own } = about;
    const name = fieldOf(field);
    const target = `--target ${words}`;
    if (name === "" || Object.hasOwn(own, name)) return new UsageError(`${target}: ${message}`);
    // What holds for all targets may be wrong for one of them.
    const one = named.length > 1 ? target : undefined;
    if (Object.hasOwn(request, name)) return errorInFlag(field, message, one);
    const inFile = ["target", ...field.slice(list === "targets" ? 2 : 1)];
    return config.errorAt(inFile, one === undefined ? message : `${one}: ${message}`);
  };
  return { ...config, targets: named.map(({ own }) => ({ ...commonOf(file, own), ...request, ...own })), errorAt };
}

function readTarget(words: string): TargetRequest {
  try {
    return parseTargetWords(words);
  } catch (error) {
    throw error instanceof TargetError ? new UsageError(`--target: ${error.message}`) : error;
  }
}

/** What stays of a target under another request: its version and profile do not under another version. */
function commonOf(target: TargetRequest, over: TargetRequest): TargetRequest {
  if (!isVersioned(over)) return target;
  const { module: _module, istio: _istio, profile: _profile, ...common } = target;
  return common;
}

/** Whether a target names its release; the input must tell it otherwise. */
export function isVersioned({ istio, module }: TargetRequest): boolean {
  return istio !== undefined || module !== undefined;
}

/** The name in ["target", "module"] and ["targets", 0, "module"]; "" where an error speaks of no single field. */
function fieldOf(field: Path): string {
  return String(field[field[0] === "targets" ? 2 : 1] ?? "");
}

/** A file that was found upwards, as seen from the working directory. */
function shown(file: string, cwd: string): string {
  return isAbsolute(file) ? relative(cwd, file) || file : file;
}

/** What the flags ask for, and errors in the files they name. */
interface FlagRequest {
  request: TargetRequest;
  errorAt: ErrorInFlag;
}

/** @param target which of several it is about. */
type ErrorInFlag = (field: Path, message: string, target?: string) => ReturnType<Config["errorAt"]>;

async function targetRequest(flags: TargetFlags, files: ConfigFiles): Promise<FlagRequest> {
  const { module, istio, kubernetes, compatibilityMode, profile, nativeSidecars, revision } = flags;
  const isChange = flags.injectConfig === undefined;
  const values = isChange && flags.values !== undefined ? await readData(flags.values, files) : undefined;
  const meshConfig = isChange && flags.meshConfig !== undefined ? await readData(flags.meshConfig, files) : undefined;
  const installed = await installedOf(flags, files);
  const settings = { values: values?.data, meshConfig: meshConfig?.data, installed };
  const asked = { module, istio, kubernetes, compatibilityMode, profile, nativeSidecars, revision, ...settings };
  const request: TargetRequest = Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined));
  const errorAt: ErrorInFlag = (field, message, target) => {
    const name = fieldOf(field);
    const file = name === "values" ? values : name === "meshConfig" ? meshConfig : undefined;
    const told = target === undefined ? message : `${target}: ${message}`;
    if (file !== undefined) return file.errorAt(field.slice(field.indexOf(name) + 1), told);
    // No target could do with such a Kubernetes version.
    return target === undefined || name === "kubernetes" ? undefined : new UsageError(told);
  };
  return { request, errorAt };
}

/** The injector of the three files that `istioctl kube-inject` takes too. */
async function installedOf(
  { injectConfig, values, meshConfig }: TargetFlags,
  files: ConfigFiles,
): Promise<TargetRequest["installed"]> {
  if (injectConfig === undefined) return undefined;
  const read = async (path: string) => ({ name: path, text: await files.read(path, path) });
  return readInjectorFiles({ config: injectConfig, values, meshConfig }, "", read);
}

interface DataFile {
  data: JsonObject;
  /** An error at a field, or at the innermost that stands on the way there. */
  errorAt(field: Path, message: string): SourceError;
}

/** A YAML or JSON file that holds one map. */
async function readData(file: string, files: ConfigFiles): Promise<DataFile> {
  const text = await files.read(file, file);
  const node = parseChunk({ file, text, start: text.charCodeAt(0) === 0xfeff ? 1 : 0, end: text.length });
  const data = node === undefined ? {} : toDataOf({ file, text }, node);
  if (!isObject(data)) throw new SourceError(file, text, node?.start ?? 0, "holds no map of values");
  const errorAt: DataFile["errorAt"] = (field, message) => {
    const places = field.map((_, n) => at(node, field.slice(0, field.length - n)));
    return new SourceError(file, text, places.find((place) => place !== undefined)?.start ?? 0, message);
  };
  return { data, errorAt };
}
