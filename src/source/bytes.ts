import { UsageError } from "./failure.ts";

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Text of a file; a byte order mark stays in it. @throws {UsageError} for anything but UTF-8. */
export function decode(file: string, bytes: Uint8Array): string {
  if (isWide(bytes)) throw new UsageError(`${file}:1:1: the file is UTF-16 or UTF-32; store it as UTF-8`);
  try {
    return decoder.decode(bytes);
  } catch {
    const { line, column } = firstInvalid(bytes);
    throw new UsageError(`${file}:${line}:${column}: not valid UTF-8; store the file as UTF-8`);
  }
}

/** What ArrayBuffer has since ES2024, and Node since 20. */
interface Resizable {
  resizable?: boolean;
  resize(length: number): void;
}

const ResizableBuffer = ArrayBuffer as new (length: number, options: { maxByteLength: number }) => ArrayBuffer;

/** Room for bytes whose memory can be given back before a collector comes by (see `release`). */
export function releasableRoom(length: number): Buffer {
  return Buffer.from(new ResizableBuffer(length, { maxByteLength: length }));
}

/** Gives the memory of bytes back that nobody reads again: they may be most of what a run holds. */
export function release({ buffer }: Uint8Array): void {
  const resizable = buffer as unknown as Resizable;
  if (resizable.resizable === true) resizable.resize(0);
}

/** Place of the first byte that is no UTF-8; column in bytes. */
function firstInvalid(bytes: Uint8Array): { line: number; column: number } {
  let line = 1;
  let lineStart = 0;
  for (let end = bytes.indexOf(10); ; end = bytes.indexOf(10, lineStart)) {
    const stop = end < 0 ? bytes.length : end;
    const lossy = new TextDecoder().decode(bytes.subarray(lineStart, stop));
    const at = lossy.indexOf("�");
    if (at >= 0 || end < 0) return { line, column: Math.max(at, 0) + 1 };
    line++;
    lineStart = end + 1;
  }
}

/** Text in an encoding of two or four bytes a character: its mark, or a NUL among the first characters (YAML 1.2.2, 5.2). */
export function isWide(bytes: Uint8Array): boolean {
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) return true;
  return bytes.subarray(0, 4).includes(0);
}

/** A literal as bytes, and a piece of it that is looked for first. */
interface Needle {
  piece: Buffer;
  whole: Buffer;
}

/** By list of literals: what to look for. Lists live as long as a run, and serve every file of it. */
const needles = new WeakMap<readonly string[], readonly Needle[]>();

/** True where one of the literals occurs in the bytes. */
export function holdsAny(bytes: Buffer, literals: readonly string[]): boolean {
  let wanted = needles.get(literals);
  if (wanted === undefined) {
    wanted = withoutLonger(literals).map((literal) => {
      return { piece: Buffer.from(pieceOf(literal)), whole: Buffer.from(literal) };
    });
    needles.set(literals, wanted);
  }
  return wanted.some(({ piece, whole }) => bytes.includes(piece) && bytes.includes(whole));
}

/**
 * Node looks for patterns of up to six characters by leaping to their first one, and goes through the bytes one by one
 * for longer patterns (src/string_search.h, 20 to 24): the scan takes a quarter of the time with pieces that begin with
 * a rare character.
 */
const PIECE = 6;
/** Shorter pieces would occur too often. */
const LEAST = 5;
/** From the most frequent character of manifests on; what is not among them is rarer. */
const FREQUENT = " etaionrsclpdmhug.:b-fyw/v";

function pieceOf(literal: string): string {
  // A piece must not begin or end within a character.
  if (!/^[ -~]*$/.test(literal)) return literal;
  const rarity = (at: number): number => {
    const rank = FREQUENT.indexOf(literal[at] as string);
    return rank < 0 ? FREQUENT.length : rank;
  };
  let start = 0;
  for (let at = 1; at + LEAST <= literal.length; at++) if (rarity(at) > rarity(start)) start = at;
  return literal.slice(start, start + PIECE);
}

/** Literals that contain no other one: where a longer one occurs, so does the shorter. */
export function withoutLonger(literals: readonly string[]): string[] {
  const distinct = [...new Set(literals)];
  return distinct.filter((literal) => !distinct.some((other) => other !== literal && literal.includes(other)));
}
