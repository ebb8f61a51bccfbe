import { createHash } from "node:crypto";
import { fn, type TemplateFunction } from "../functions.ts";
import { bytesOf, fromBytes } from "../go-string.ts";

const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** Encodings and checksums (sprig 3.3.0 strings.go, crypto.go). A text that does not decode gives Go's error text. */
export const ENCODING_FUNCTIONS: [string, TemplateFunction][] = [
  ["b64enc", fn("string", ([text]) => bytesOf(text as string).toString("base64"))],
  ["b64dec", fn("string", ([text]) => decode(text as string, 64))],
  ["b32enc", fn("string", ([text]) => encode32(bytesOf(text as string)))],
  ["b32dec", fn("string", ([text]) => decode(text as string, 32))],
  ["sha1sum", fn("string", ([text]) => hash("sha1", text as string))],
  ["sha256sum", fn("string", ([text]) => hash("sha256", text as string))],
  ["sha512sum", fn("string", ([text]) => hash("sha512", text as string))],
  ["adler32sum", fn("string", ([text]) => String(adler32(bytesOf(text as string))))],
];

function hash(algorithm: string, text: string): string {
  return createHash(algorithm).update(bytesOf(text)).digest("hex");
}

function adler32(bytes: Uint8Array): number {
  let [a, b] = [1, 0];
  for (const byte of bytes) {
    a = (a + byte) % 65521;
    b = (b + a) % 65521;
  }
  return b * 65536 + a;
}

function encode32(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 5) {
    let group = 0n;
    for (let byte = 0; byte < 5; byte++) group = (group << 8n) | BigInt(bytes[at + byte] ?? 0);
    const chars = Math.ceil((Math.min(5, bytes.length - at) * 8) / 5);
    for (let char = 0; char < 8; char++)
      text += char < chars ? BASE32[Number((group >> BigInt(35 - 5 * char)) & 31n)] : "=";
  }
  return text;
}

/** Go's StdEncoding: padded, line ends left out (encoding/base64, encoding/base32). */
function decode(text: string, base: 32 | 64): string {
  const input = bytesOf(text).toString("latin1");
  const result = base === 64 ? decode64(input) : decode32(input.replace(/[\r\n]/g, ""));
  return typeof result === "number"
    ? `illegal base${base} data at input byte ${result}`
    : fromBytes(Buffer.from(result));
}

/** The bytes of a number of digits, which came from the left of their group. */
function unpack(digits: number[], bits: number, groupSize: number): number[] {
  let group = 0n;
  for (let at = 0; at < groupSize; at++) group = (group << BigInt(bits)) | BigInt(digits[at] ?? 0);
  const all = (groupSize * bits) / 8;
  const whole = Math.floor((digits.length * bits) / 8);
  return Array.from({ length: whole }, (_, at) => Number((group >> BigInt(8 * (all - 1 - at))) & 255n));
}

/** The bytes, or the offset of what is wrong. */
function decode64(input: string): number[] | number {
  const bytes: number[] = [];
  let digits: number[] = [];
  let at = 0;
  const skipLineEnds = () => {
    while (input[at] === "\n" || input[at] === "\r") at++;
  };
  for (; at < input.length; at++) {
    const char = input[at] as string;
    if (char === "\n" || char === "\r") continue;
    if (char === "=") {
      if (digits.length < 2) return at;
      at++;
      if (digits.length === 2) {
        skipLineEnds();
        if (at === input.length) return at;
        if (input[at] !== "=") return at - 1;
        at++;
      }
      skipLineEnds();
      return at < input.length ? at : [...bytes, ...unpack(digits, 6, 4)];
    }
    const digit = digit64(char);
    if (digit < 0) return at;
    digits.push(digit);
    if (digits.length === 4) {
      bytes.push(...unpack(digits, 6, 4));
      digits = [];
    }
  }
  return digits.length === 0 ? bytes : input.length - digits.length;
}

function digit64(char: string): number {
  const code = char.charCodeAt(0);
  if (code >= 65 && code <= 90) return code - 65;
  if (code >= 97 && code <= 122) return code - 71;
  if (code >= 48 && code <= 57) return code + 4;
  return char === "+" ? 62 : char === "/" ? 63 : -1;
}

/** The bytes, or the offset of what is wrong. */
function decode32(input: string): number[] | number {
  const bytes: number[] = [];
  let digits: number[] = [];
  for (let at = 0; at < input.length; at++) {
    const char = input[at] as string;
    const rest = input.length - at - 1;
    if (char === "=" && digits.length >= 2 && rest < 8) {
      const missing = 7 - digits.length;
      if (rest < missing) return input.length;
      for (let pad = 1; pad <= missing; pad++) if (input[at + pad] !== "=") return at + pad - 1;
      if (digits.length === 3 || digits.length === 6) return at;
      return [...bytes, ...unpack(digits, 5, 8)];
    }
    const digit = BASE32.indexOf(char);
    if (digit < 0) return at;
    digits.push(digit);
    if (digits.length === 8) {
      bytes.push(...unpack(digits, 5, 8));
      digits = [];
    }
  }
  return digits.length === 0 ? bytes : input.length - digits.length;
}
