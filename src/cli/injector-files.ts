import { dirname, isAbsolute, join } from "node:path";
import type { Config } from "../config/config.ts";
import type { InjectorFiles, TargetRequest } from "../target/index.ts";
import { installedInjector, type TextFile } from "../transform/cluster-injector-source.ts";

type ReadText = (path: string) => Promise<TextFile>;

/** A config with what its targets' injector files hold. @param file the config's own: paths are relative to it. */
export async function withInjectorFiles(config: Config, file: string, read: ReadText): Promise<Config> {
  const targets = await Promise.all(
    config.targets.map(async (target): Promise<TargetRequest> => {
      if (target.injector === undefined) return target;
      return { ...target, installed: await readInjectorFiles(target.injector, dirname(file), read) };
    }),
  );
  return { ...config, targets };
}

/**
 * The injector that files hold.
 * @param directory what paths are relative to.
 * @throws {SourceError | UsageError} a file that cannot be read, or does not hold what it should.
 */
export async function readInjectorFiles(
  { config, values, meshConfig }: InjectorFiles,
  directory: string,
  read: ReadText,
): Promise<TargetRequest["installed"]> {
  const fileOf = (path: string): Promise<TextFile> => read(isAbsolute(path) ? path : join(directory, path));
  return installedInjector({
    config: await fileOf(config),
    values: values === undefined ? undefined : await fileOf(values),
    meshConfig: meshConfig === undefined ? undefined : await fileOf(meshConfig),
  });
}
