import { isMap, isSeq, LineCounter, parseDocument } from "yaml";

const SHOWN_OF_AN_INIT_CONTAINER = ["name", "image", "restartPolicy"];

/**
 * A rendered Job without what fills pages: of the added containers only name, image and restart policy are shown, of
 * the Pod template neither metadata nor volumes. Lines that are left out become `# … N lines`; all others are as given.
 */
export function excerpt(text) {
  const lineCounter = new LineCounter();
  const template = parseDocument(text, { lineCounter }).getIn(["spec", "template"]);
  const pod = template.get("spec");
  const hidden = [...pairs(template, (key) => key === "metadata"), ...pairs(pod, (key) => key === "volumes")];
  for (const container of pod.get("initContainers").items) {
    hidden.push(...pairs(container, (key) => !SHOWN_OF_AN_INIT_CONTAINER.includes(key)));
  }
  return withoutLines(
    text,
    hidden.map(({ key, value }) => {
      const isCollection = isMap(value) || isSeq(value);
      // A collection's range ends where the next key starts or the text ends, in front of which its last line stands.
      const end = isCollection ? value.range[2] - 1 : value.range[1] - 1;
      return [lineCounter.linePos(key.range[0]).line, lineCounter.linePos(end).line];
    }),
  );
}

function pairs(map, isHidden) {
  return map.items.filter(({ key }) => isHidden(key.value));
}

/** @param ranges pairs of first and last line, from 1 */
function withoutLines(text, ranges) {
  const lines = text.trimEnd().split("\n");
  const isHidden = (n) => ranges.some(([first, last]) => n >= first && n <= last);
  const shown = [];
  for (let n = 1; n <= lines.length; n++) {
    if (!isHidden(n)) {
      shown.push(lines[n - 1]);
      continue;
    }
    const start = n;
    while (n < lines.length && isHidden(n + 1)) n++;
    const indent = /^ */.exec(lines[start - 1])[0];
    shown.push(`${indent}# … ${n - start + 1} line${n === start ? "" : "s"}`);
  }
  return `${shown.join("\n")}\n`;
}
