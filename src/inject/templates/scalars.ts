import { isObject, type Json } from "../../json.ts";
import { parseGoYaml, YamlError } from "./go-yaml.ts";

/** Plain text that YAML reads as itself wherever a template puts it. */
const PLAIN = /^(?:--?[A-Za-z]|[A-Za-z/$])[\w./$()=@+-]*(?:[:,][\w./$()=@+-]+)*$/;
const KEYWORD = /^(?:y|n|yes|no|on|off|true|false|null)$/i;

/** What YAML reads where a template writes `"{{ text }}"`; undefined where that is no longer one string. */
export function doubleQuoted(text: string): string | undefined {
  return /["\\]|\p{Cc}/u.test(text) ? stringOf(`"${text}"`) : text;
}

/** What YAML reads where a template writes `'{{ text }}'`; undefined where that is no longer one string. */
export function singleQuoted(text: string): string | undefined {
  return /'|\p{Cc}/u.test(text) ? stringOf(`'${text}'`) : text;
}

/** Pods of one target share most of their texts; more than this many are forgotten again. */
const REMEMBERED = 1000;

const known = new Map<string, Json | undefined>();

/** What YAML reads where a template writes a text without quotes as the value of a key; undefined where it reads more than that. */
export function plain(text: string): Json | undefined {
  if (PLAIN.test(text) && !KEYWORD.test(text)) return text;
  if (known.has(text)) return known.get(text);
  const read = readPlain(text);
  // A map or list of one Pod must not become part of another.
  if (typeof read === "object" && read !== null) return read;
  if (known.size >= REMEMBERED) known.clear();
  known.set(text, read);
  return read;
}

function readPlain(text: string): Json | undefined {
  const map = parsed(`key: ${text}\n`);
  return isObject(map) && Object.keys(map).length === 1 ? map.key : undefined;
}

/** The quoted text stands in a list: alone, its end need not be found. */
function stringOf(yaml: string): string | undefined {
  const list = parsed(`[${yaml}]`);
  const [value, ...others] = Array.isArray(list) ? list : [];
  return typeof value === "string" && others.length === 0 ? value : undefined;
}

function parsed(yaml: string): Json | undefined {
  try {
    return parseGoYaml(yaml);
  } catch (error) {
    if (error instanceof YamlError) return undefined;
    throw error;
  }
}
