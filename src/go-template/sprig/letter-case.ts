import { runesOf } from "../go-string.ts";
import { isSpace, lowerRune, upperRune } from "./letters.ts";

/** Words in other spellings (huandu/xstrings 1.5.0, convert.go). */

const UPPER = /\p{Lu}/u;
const LETTER = /\p{L}/u;
const NUMBER = /\p{N}/u;
const PUNCTUATION = /\p{P}/u;

function isConnector(char: string): boolean {
  return char === "-" || char === "_" || isSpace(char);
}

/** xstrings.ToPascalCase */
export function camelCase(text: string): string {
  const chars = runesOf(text);
  let at = 0;
  let result = "";
  while (at < chars.length && isConnector(chars[at] as string)) result += chars[at++];
  // The last one of nothing but connectors is written twice.
  if (at === chars.length) return result + (chars.at(-1) ?? "");
  const first = chars[at++] as string;
  let upperRun = UPPER.test(first);
  let previous = upperRune(first);
  for (; at < chars.length; at++) {
    let char = chars[at] as string;
    if (isConnector(char) && isConnector(previous)) {
      result += previous;
      previous = char;
      continue;
    }
    if (isConnector(previous)) {
      upperRun = UPPER.test(char);
      char = upperRune(char);
    } else {
      if (upperRun && UPPER.test(char)) char = lowerRune(char);
      else upperRun = false;
      result += previous;
    }
    previous = char;
  }
  return result + previous;
}

type WordKind = "none" | "number" | "upper" | "letters" | "connector" | "punctuation" | "other";
interface Word {
  kind: WordKind;
  text: string;
}

/** xstrings.ToSnakeCase and ToKebabCase */
export function separated(text: string, connector: string): string {
  const chars = runesOf(text);
  if (chars.length === 0) return "";
  let at = 0;
  let result = "";
  const write = ({ kind, text: word }: Word) => {
    result += kind === "upper" || kind === "connector" ? lowered(word, connector) : word;
  };
  const next = (): Word => {
    const word = nextWord(chars, at);
    at += [...word.text].length;
    return word;
  };
  const joins = ({ kind }: Word) => kind === "letters" || kind === "number";
  const parts = ({ kind }: Word) => kind !== "none" && kind !== "punctuation" && kind !== "connector";
  let word = next();
  while (at < chars.length) {
    if (word.kind !== "connector") write(word);
    const last = word;
    word = next();
    switch (last.kind) {
      case "number":
        while (joins(word)) {
          write(word);
          word = next();
        }
        if (parts(word)) result += connector;
        break;
      case "connector":
        write(last);
        break;
      case "punctuation":
        break;
      default: {
        if (word.kind !== "number") {
          if (word.kind !== "connector" && word.kind !== "punctuation") result += connector;
          break;
        }
        if (at >= chars.length) break;
        const number = word;
        word = next();
        if (word.kind !== "letters") {
          write(number);
          if (word.kind !== "connector" && word.kind !== "punctuation") result += connector;
          break;
        }
        // Letters after a number part it from the word before: HTTP2xx is http_2xx.
        result += connector;
        write(number);
        while (joins(word)) {
          write(word);
          word = next();
        }
        if (parts(word)) result += connector;
      }
    }
  }
  write(word);
  return result;
}

function lowered(word: string, connector: string): string {
  return [...word].map((char) => (isConnector(char) ? connector : UPPER.test(char) ? lowerRune(char) : char)).join("");
}

/** Letters but Chinese characters. */
function isAlphabet(char: string): boolean {
  return LETTER.test(char) && !/[\u3400-\u4d85\u4e00-\u9fcc\u{20000}-\u{2b81d}]/u.test(char);
}

function nextWord(chars: string[], start: number): Word {
  const first = chars[start];
  if (first === undefined) return { kind: "none", text: "" };
  const run = (kind: WordKind, goesOn: (char: string) => boolean, from = start + 1): Word => {
    let end = from;
    while (end < chars.length && goesOn(chars[end] as string)) end++;
    return { kind, text: chars.slice(start, end).join("") };
  };
  const lower = (char: string) => isAlphabet(char) && !UPPER.test(char);
  if (first === "\ufffd") return { kind: "none", text: first };
  if (isConnector(first)) return run("connector", isConnector);
  if (PUNCTUATION.test(first)) return run("punctuation", (char) => PUNCTUATION.test(char));
  if (UPPER.test(first)) return upperWord(chars, start, run, lower);
  if (isAlphabet(first)) return run("letters", lower);
  if (NUMBER.test(first)) return run("number", (char) => NUMBER.test(char));
  return run(
    "other",
    (char) => !isConnector(char) && !isAlphabet(char) && !NUMBER.test(char) && !PUNCTUATION.test(char),
  );
}

/** Capitals, the last of which belongs to a word that follows: HTTPStatus is HTTP and Status. */
function upperWord(
  chars: string[],
  start: number,
  run: (kind: WordKind, goesOn: (char: string) => boolean, from?: number) => Word,
  lower: (char: string) => boolean,
): Word {
  const second = chars[start + 1] ?? "";
  if (!UPPER.test(second)) return run("upper", lower);
  let end = start + 2;
  while (end < chars.length && UPPER.test(chars[end] as string)) end++;
  if (end < chars.length && isAlphabet(chars[end] as string)) end--;
  return { kind: "upper", text: chars.slice(start, end).join("") };
}
