/** Characters of a line and those behind it that its hash is made of. */
const BLOCK = 100;
const FACTOR = 37;
const WORD = 2 ** 32;
/** Stands for the end of the file. */
const END = 65_535;

/** Unsigned 64-bit integer as two words: as many bits as a double holds exactly are never exceeded here. */
interface Wide {
  high: number;
  low: number;
}

/** 37 to the 100th, modulo 2 to the 64th: what a character weighs when it leaves the block. */
const LEAVING = leavingWeight();

function leavingWeight(): Wide {
  let weight: Wide = { high: 0, low: 1 };
  for (let n = 0; n < BLOCK; n++) weight = wide(weight.high * FACTOR, weight.low * FACTOR);
  return weight;
}

function wide(high: number, low: number): Wide {
  const carry = Math.floor(low / WORD);
  return { high: (((high + carry) % WORD) + WORD) % WORD, low: low - carry * WORD };
}

/**
 * GitHub's `primaryLocationLineHash` of every line (index 0: line 1): a rolling hash of the 100 characters from the
 * start of the line on, blanks excepted, and a number that tells equal ones apart. Its upload action computes the same
 * from the files and complains about any other (github/codeql-action, src/fingerprints.ts, v3).
 */
export function lineHashes(text: string): string[] {
  const hashes: string[] = [];
  const counts = new Map<string, number>();
  const block = new Uint16Array(BLOCK);
  const isStart = new Uint8Array(BLOCK);
  let hash: Wide = { high: 0, low: 0 };
  let index = 0;
  const flush = (): void => {
    if (isStart[index] === 0) return;
    isStart[index] = 0;
    const value = hex(hash);
    const count = (counts.get(value) ?? 0) + 1;
    counts.set(value, count);
    hashes.push(`${value}:${count}`);
  };
  const push = (char: number): void => {
    const leaving = block[index] as number;
    block[index] = char;
    hash = wide(hash.high * FACTOR - LEAVING.high * leaving, hash.low * FACTOR + char - LEAVING.low * leaving);
    index = (index + 1) % BLOCK;
  };
  let startsLine = true;
  for (const char of significant(text)) {
    flush();
    if (startsLine) isStart[index] = 1;
    startsLine = char === 10;
    push(char);
  }
  for (let n = 0; n < BLOCK; n++) {
    flush();
    push(0);
  }
  return hashes;
}

/** Codes of the characters that count, each kind of line break as a line feed. */
function* significant(text: string): Generator<number> {
  let afterReturn = false;
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at);
    const isBlank = char === 32 || char === 9 || (afterReturn && char === 10);
    afterReturn = char === 13;
    if (!isBlank) yield char === 13 ? 10 : char;
  }
  yield END;
}

function hex({ high, low }: Wide): string {
  return high === 0 ? low.toString(16) : high.toString(16) + low.toString(16).padStart(8, "0");
}
