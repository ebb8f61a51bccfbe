import { type Input, readStream } from "../transform/input.ts";
import { readResourceList } from "./resource-list.ts";

/** Documents of a text: the items of a ResourceList, else those of a YAML stream. */
export function readInput(file: string, text: string): Input {
  return readResourceList(file, text) ?? readStream(file, text);
}
