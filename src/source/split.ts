/** One YAML document's place in a file's text; the `---` line that opens it is its own. */
export interface DocumentRange {
  start: number;
  end: number;
}

/**
 * Documents of a YAML stream, found without parsing: `---` at column 0 followed by white space or the end of the
 * line always opens a document, `...` always ends one (YAML 1.2.2, 9.1.2), also inside block scalars. Directives
 * belong to the document they precede; leading comments to the first one after them. Ranges without content
 * (nothing but comments behind a `...` or in the whole file) are left out, explicit empty documents are kept.
 */
export function splitDocuments(text: string): DocumentRange[] {
  const ranges: DocumentRange[] = [];
  let start = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  let isOpen = false;
  const close = (end: number): void => {
    if (isOpen || holdsContent(text, start, end)) ranges.push({ start, end });
    start = end;
    isOpen = false;
  };
  for (const marker of markers(text, start)) {
    if (marker.opens) {
      if (isOpen || holdsContent(text, start, marker.start)) close(marker.start);
      isOpen = true;
    } else {
      close(marker.end);
    }
  }
  close(text.length);
  return ranges;
}

interface Marker {
  start: number;
  /** Behind the marker's line. */
  end: number;
  opens: boolean;
}

const MARKER = /^(?:---|\.\.\.)(?=[ \t\r\n]|$)/gm;

function* markers(text: string, from: number): Generator<Marker> {
  // Most files have no marker at all, and a plain search for one is far faster than the pattern.
  if (!text.includes("---", from) && !text.includes("...", from)) return;
  MARKER.lastIndex = from;
  const pattern = new RegExp(MARKER);
  pattern.lastIndex = from;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    const lineFeed = text.indexOf("\n", match.index);
    const isLineStart = match.index === from || text[match.index - 1] === "\n";
    if (isLineStart)
      yield { start: match.index, end: lineFeed < 0 ? text.length : lineFeed + 1, opens: match[0] === "---" };
  }
}

/** Anything but blank lines, comments and directives. */
function holdsContent(text: string, start: number, end: number): boolean {
  for (let at = start; at < end; ) {
    const lineFeed = text.indexOf("\n", at);
    const stop = lineFeed < 0 || lineFeed > end ? end : lineFeed;
    let first = at;
    while (first < stop && isBlank(text.charCodeAt(first))) first++;
    if (first < stop && text[first] !== "#" && !(text[first] === "%" && first === at)) return true;
    at = stop + 1;
  }
  return false;
}

/** White space as YAML knows it (other kinds are text), and a byte order mark. */
function isBlank(code: number): boolean {
  return code === 32 || code === 9 || code === 13 || code === 0xfeff;
}

/**
 * The document's top-level `kind` as written, without parsing; undefined where only a parse can tell
 * (flow or JSON style, an unusual notation, none or several).
 * @param indent column of the document's keys: 0, or more for an item of a list.
 */
export function peekKind(text: string, range: DocumentRange, indent = 0): string | undefined {
  const slice = text.slice(range.start, range.end);
  const pattern =
    indent === 0
      ? TOP_KIND
      : new RegExp(`^[- ]{${indent}}kind:[ \\t]+(["']?)(\\w+)\\1[ \\t]*(?:[ \\t]#.*)?\\r?$`, "gm");
  pattern.lastIndex = 0;
  const first = pattern.exec(slice);
  return first !== null && pattern.exec(slice) === null ? first[2] : undefined;
}

const TOP_KIND = /^kind:[ \t]+(["']?)(\w+)\1[ \t]*(?:[ \t]#.*)?\r?$/gm;
