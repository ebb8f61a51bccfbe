import { fn, type TemplateFunction } from "../functions.ts";

/** Paths with slashes (sprig 3.3.0 functions.go; Go's path, and path/filepath as on Linux). No file is looked at. */
export const PATH_FUNCTIONS: [string, TemplateFunction][] = ["", "os"].flatMap((prefix) => {
  const name = (word: string) => (prefix === "" ? word : `os${word[0]?.toUpperCase()}${word.slice(1)}`);
  return [
    [name("base"), fn("string", ([path]) => base(path as string))],
    [name("dir"), fn("string", ([path]) => clean((path as string).slice(0, (path as string).lastIndexOf("/") + 1)))],
    [name("clean"), fn("string", ([path]) => clean(path as string))],
    [name("ext"), fn("string", ([path]) => extension(path as string))],
    [name("isAbs"), fn("string", ([path]) => (path as string).startsWith("/"))],
  ] as [string, TemplateFunction][];
});

function base(path: string): string {
  if (path === "") return ".";
  let end = path.length;
  while (end > 0 && path[end - 1] === "/") end--;
  return path.slice(path.lastIndexOf("/", end - 1) + 1, end) || "/";
}

function clean(path: string): string {
  if (path === "") return ".";
  const rooted = path.startsWith("/");
  const kept: string[] = [];
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") kept.push(part);
    else if (kept.length > 0 && kept.at(-1) !== "..") kept.pop();
    else if (!rooted) kept.push(part);
  }
  const joined = kept.join("/");
  return rooted ? `/${joined}` : joined || ".";
}

function extension(path: string): string {
  const dot = path.lastIndexOf(".");
  return dot > path.lastIndexOf("/") ? path.slice(dot) : "";
}
