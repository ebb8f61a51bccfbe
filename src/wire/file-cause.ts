const CAUSES: Readonly<Record<string, string>> = {
  ENOENT: "no such file or directory",
  ENOTDIR: "a part of the path is no directory",
  EACCES: "permission denied",
  EPERM: "permission denied",
  EISDIR: "is a directory",
  ELOOP: "symbolic links lead in a circle",
  EROFS: "the file system is read-only",
  ENOSPC: "no space left on the device",
  ENAMETOOLONG: "the name is too long",
};

/** Code of a system call's error (`EAGAIN`); "" for any other error. */
export function errorCode(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

/** What a file system call failed for, in words. */
export function fileCause(error: unknown): string {
  const code = errorCode(error);
  return Object.hasOwn(CAUSES, code)
    ? (CAUSES[code] as string)
    : error instanceof Error
      ? error.message
      : String(error);
}
