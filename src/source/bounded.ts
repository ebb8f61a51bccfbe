/** Longer quotations of the input, and longer words, tell no more than their beginning does. */
const MAX_QUOTED = 200;
/** A line that is longer is nothing to read; usage with all of its help is shorter. */
const MAX_MESSAGE = 4000;
/** Of a long word the end stays as well: of a path it is what tells. */
const WORD_END = 60;

const WORD = /\S{200,}/g;

/** A message whose quotations of the input cannot bury it, whatever the input holds. */
export function bounded(message: string): string {
  if (message.length <= MAX_QUOTED) return message;
  const short = withShortQuotations(message).replace(WORD, (word) =>
    word.length > MAX_QUOTED + 2 ? middleCut(word, MAX_QUOTED) : word,
  );
  return short.length > MAX_MESSAGE ? middleCut(short, MAX_MESSAGE) : short;
}

/** Quotations are those of JSON. Behind one that has no end there is none to cut. */
function withShortQuotations(message: string): string {
  let short = "";
  let from = 0;
  for (let open = message.indexOf('"'); open >= 0; open = message.indexOf('"', from)) {
    const close = closingQuote(message, open);
    if (close < 0) break;
    const quoted = message.slice(open, close + 1);
    short += message.slice(from, open);
    short += quoted.length > MAX_QUOTED + 2 ? `${head(quoted, MAX_QUOTED)}…"` : quoted;
    from = close + 1;
  }
  return short + message.slice(from);
}

function closingQuote(message: string, open: number): number {
  for (let at = open + 1; at < message.length; at++) {
    if (message[at] === "\\") at++;
    else if (message[at] === '"') return at;
  }
  return -1;
}

function middleCut(text: string, length: number): string {
  return `${head(text, length - WORD_END)}…${tail(text, WORD_END)}`;
}

/** No half of a surrogate pair, and no backslash without what it escapes. */
function head(text: string, length: number): string {
  return text.slice(0, length).replace(/(?:[\ud800-\udbff]|\\)$/, "");
}

function tail(text: string, length: number): string {
  return text.slice(-length).replace(/^[\udc00-\udfff]/, "");
}
