import { describe, expect, test } from "vitest";
import { resourcesOf } from "../kube/resource.ts";
import { parseChunk } from "../source/parse.ts";
import { appendItems } from "./append-items.ts";
import { readResourceList } from "./resource-list.ts";

const HEAD = "kind: ResourceList\n";
const ADDED = "kind: Job\nmetadata:\n  name: added\nspec:\n  a: |\n    x\n\n    y\n";

describe("items are added behind those there are", () => {
  const block = "- kind: Job\n  metadata:\n    name: added\n  spec:\n    a: |\n      x\n\n      y\n";
  const json = '{"kind":"Job","metadata":{"name":"added"},"spec":{"a":"x\\n\\ny\\n"}}';
  const in2 = block.replaceAll(/^(?=.)/gm, "  ");
  test.each([
    ["at the end", `${HEAD}items:\n- kind: A\n`, `${HEAD}items:\n- kind: A\n${block}`],
    ["before comments of what follows", `items:\n- kind: A\n# c\n${HEAD}`, `items:\n- kind: A\n${block}# c\n${HEAD}`],
    ["further in", `${HEAD}items:\n  - kind: A\n`, `${HEAD}items:\n  - kind: A\n${in2}`],
    [
      "CRLF",
      `${HEAD}items:\n- kind: A\n`.replaceAll("\n", "\r\n"),
      `${HEAD}items:\n- kind: A\n${block}`.replaceAll("\n", "\r\n"),
    ],
    ["no final newline", `${HEAD}items:\n- kind: A`, `${HEAD}items:\n- kind: A\n${block.trimEnd()}`],
    ["open block scalar", `${HEAD}items:\n- kind: A\n  a: |\n    x`, `${HEAD}items:\n${block}- kind: A\n  a: |\n    x`],
    ["empty", `${HEAD}items: [] # none\nresults: []\n`, `${HEAD}items: # none\n${block}results: []\n`],
    ["null", `${HEAD}items:\n`, `${HEAD}items:\n${block}`],
    [
      "JSON",
      '{"kind": "ResourceList", "items": [{"kind": "A"}]}',
      `{"kind": "ResourceList", "items": [{"kind": "A"}, ${json}]}`,
    ],
    [
      "JSON in lines",
      '{"kind": "ResourceList", "items": [\n  {"kind": "A"}\n]}\n',
      `{"kind": "ResourceList", "items": [\n  {"kind": "A"},\n  ${json}\n]}\n`,
    ],
    ["empty JSON", '{"kind": "ResourceList", "items": []}', `{"kind": "ResourceList", "items": [${json}]}`],
    ["shared anchors", `${HEAD}items:\n- &a {kind: A}\n- *a\n`, `${HEAD}items:\n- &a {kind: A}\n- *a\n${block}`],
    ["quoted key", `${HEAD}"items":\n- kind: A\nresults: []\n`, `${HEAD}"items":\n- kind: A\n${block}results: []\n`],
  ])("%s", (_, before, after) => {
    expect(appendItems(before, [ADDED])).toBe(after);
    const chunks = readResourceList("", after)?.chunks ?? [];
    const names = chunks.flatMap((chunk) =>
      resourcesOf({ ...chunk, document: 0 }, chunk.root ?? parseChunk(chunk)).map(({ name }) => name),
    );
    expect(names).toContain("added");
  });

  test("several", () => {
    expect(appendItems(`${HEAD}items: []\n`, ["kind: A\n", "kind: B\n"])).toBe(`${HEAD}items:\n- kind: A\n- kind: B\n`);
    expect(appendItems(`${HEAD}items: []\n`, [])).toBe(`${HEAD}items: []\n`);
  });
});
