import { isIPv6 } from "node:net";
import { fn, type TemplateFunction } from "../functions.ts";
import { bytesOf, fromBytes } from "../go-string.ts";
import { FunctionError } from "../template-error.ts";
import { entriesOf, newMap, typeOf, type Value } from "../values.ts";

/** URLs as dictionaries (sprig 3.3.0 url.go; net/url of Go 1.26). Inside, strings are bytes, one character each. */
export const URL_FUNCTIONS: [string, TemplateFunction][] = [
  ["urlParse", fn("string", ([text]) => urlParse(text as string))],
  ["urlJoin", fn("map", ([map]) => urlJoin(map))],
];

interface UserInfo {
  name: string;
  password: string | undefined;
}
interface Url {
  scheme: string;
  opaque: string;
  user: UserInfo | undefined;
  host: string;
  path: string;
  query: string;
  fragment: string;
}

/** Characters that stay as they are in a part of a URL. */
const KEPT = {
  path: /[A-Za-z0-9$&+,\-./:;=@_~]/,
  host: /[A-Za-z0-9!"$&'()*+,\-.:;<=>[\]_~]/,
  user: /[A-Za-z0-9$&+,\-.;=_~]/,
  fragment: /[A-Za-z0-9!$&()*+,\-./:;=?@_~]/,
};
type Part = keyof typeof KEPT;

function toBytes(text: string): string {
  return bytesOf(text).toString("latin1");
}
function toText(bytes: string): string {
  return fromBytes(Buffer.from(bytes, "latin1"));
}

function urlParse(text: string): Value {
  let url: Url;
  try {
    url = parseUrl(toBytes(text));
  } catch (error) {
    if (error instanceof FunctionError)
      throw new FunctionError(`unable to parse url: parse "${text}": ${error.message}`);
    throw error;
  }
  const map = newMap();
  map.scheme = toText(url.scheme);
  map.host = toText(url.host);
  map.hostname = toText(hostname(url.host));
  map.path = toText(url.path);
  map.query = toText(url.query);
  map.opaque = toText(url.opaque);
  map.fragment = toText(url.fragment);
  map.userinfo = url.user === undefined ? "" : userText(url.user);
  return map;
}

function parseUrl(text: string): Url {
  const [before, fragment] = cut(text, "#");
  return { ...parseBefore(before), fragment: unescaped(fragment, "fragment") };
}

function parseBefore(text: string): Url {
  const url: Url = { scheme: "", opaque: "", user: undefined, host: "", path: "", query: "", fragment: "" };
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  if (/[\0-\x1f\x7f]/.test(text)) throw new FunctionError("net/url: invalid control character in URL");
  if (text === "*") return { ...url, path: "*" };
  if (text.startsWith(":")) throw new FunctionError("missing protocol scheme");
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(text)?.[1];
  url.scheme = (scheme ?? "").toLowerCase();
  const [rest, query] = cut(scheme === undefined ? text : text.slice(scheme.length + 1), "?");
  url.query = query;
  if (!rest.startsWith("/")) {
    if (url.scheme !== "") return { ...url, opaque: rest };
    if (cut(rest, "/")[0].includes(":")) throw new FunctionError("first path segment in URL cannot contain colon");
  }
  let path = rest;
  if (rest.startsWith("//") && (url.scheme !== "" || !rest.startsWith("///"))) {
    const slash = rest.indexOf("/", 2);
    const authority = slash < 0 ? rest.slice(2) : rest.slice(2, slash);
    path = slash < 0 ? "" : rest.slice(slash);
    const at = authority.lastIndexOf("@");
    url.host = parseHost(url.scheme, authority.slice(at + 1));
    url.user = at < 0 ? undefined : parseUser(authority.slice(0, at));
  }
  return { ...url, path: unescaped(path, "path") };
}

function cut(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + separator.length)];
}

function parseUser(text: string): UserInfo {
  if (!/^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(text)) throw new FunctionError("net/url: invalid userinfo");
  const [name, password] = cut(text, ":");
  return { name: unescaped(name, "user"), password: text.includes(":") ? unescaped(password, "user") : undefined };
}

function parseHost(scheme: string, host: string): string {
  const open = host.lastIndexOf("[");
  if (open > 0) throw new FunctionError("invalid IP-literal");
  if (open === 0) return parseAddress(host);
  const colon = host.indexOf(":");
  if (colon >= 0) {
    const strict = scheme === "http" || scheme === "https";
    checkPort(host.slice(strict ? colon : host.lastIndexOf(":")));
  }
  return unescaped(host, "host");
}

/** An IPv6 address in brackets, with a port or without. */
function parseAddress(host: string): string {
  const close = host.lastIndexOf("]");
  if (close < 0) throw new FunctionError("missing ']' in host");
  const port = host.slice(close + 1);
  checkPort(port);
  const written = host.slice(1, close);
  const zone = written.indexOf("%25");
  const name =
    zone < 0
      ? unescaped(written, "host")
      : unescaped(written.slice(0, zone), "host") + unescaped(written.slice(zone), "host");
  const [address, zoneName] = cut(name, "%");
  if (!isIPv6(address) || (name.includes("%") && zoneName === "")) throw new FunctionError("invalid host");
  return `[${name}]${port}`;
}

function checkPort(port: string): void {
  if (!/^(?::[0-9]*)?$/.test(port)) throw new FunctionError(`invalid port "${port}" after host`);
}

function unescaped(text: string, part: Part): string {
  if (part === "host") {
    for (const char of text.replace(/%../g, "")) {
      if (char < "\x80" && char !== "%" && !KEPT.host.test(char)) {
        throw new FunctionError(`invalid character "${char}" in host name`);
      }
    }
  }
  return text.replace(/%(.{0,2})/gs, (whole, digits: string) => {
    const good =
      /^[0-9a-fA-F]{2}$/.test(digits) && (part !== "host" || digits === "25" || Number.parseInt(digits, 16) >= 0x80);
    if (!good) throw new FunctionError(`invalid URL escape "${whole}"`);
    return String.fromCharCode(Number.parseInt(digits, 16));
  });
}

function escaped(text: string, part: Part): string {
  const hex = (char: string) => `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`;
  return [...text].map((char) => (KEPT[part].test(char) ? char : hex(char))).join("");
}

function hostname(hostPort: string): string {
  const host = hostPort.replace(/:[0-9]*$/, "");
  return host.startsWith("[") && host.endsWith("]") ? host.slice(1, -1) : host;
}

function userText({ name, password }: UserInfo): string {
  return escaped(name, "user") + (password === undefined ? "" : `:${escaped(password, "user")}`);
}

/** @throws FunctionError where the dictionary has something else than a text */
function urlJoin(map: Value): string {
  const entries = entriesOf(map) ?? {};
  const part = (key: string): string => {
    const value = Object.hasOwn(entries, key) ? entries[key] : "";
    if (typeof value === "string") return toBytes(value);
    if (value === null || value === undefined) {
      throw new FunctionError("runtime error: invalid memory address or nil pointer dereference");
    }
    throw new FunctionError(`unable to parse ${key} key, must be of type string, but ${typeOf(value).kind} found`);
  };
  const [scheme, host, path] = [part("scheme"), part("host"), part("path")];
  const [query, opaque, fragment, userinfo] = [part("query"), part("opaque"), part("fragment"), part("userinfo")];
  const user = userinfo === "" ? undefined : parseUrl(`proto://${userinfo}@host`).user;
  let url = scheme === "" ? "" : `${scheme}:`;
  if (opaque !== "") url += opaque;
  else {
    if (scheme !== "" || host !== "" || user !== undefined) {
      if (host !== "" || path !== "" || user !== undefined) url += "//";
      if (user !== undefined) url += `${userText(user)}@`;
      url += escaped(host, "host");
    }
    const written = path === "*" ? "*" : escaped(path, "path");
    if (written !== "" && !written.startsWith("/") && host !== "") url += "/";
    if (url === "" && cut(written, "/")[0].includes(":")) url += "./";
    url += written;
  }
  if (query !== "") url += `?${query}`;
  return toText(url + (fragment === "" ? "" : `#${escaped(fragment, "fragment")}`));
}
