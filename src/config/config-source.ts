import type { JsonObject } from "../json.ts";
import { at, entryOf, type Node, type Path } from "../source/tree.ts";

/** Where a config was read from. */
export interface ConfigPlace {
  file: string;
  /** Text that the config's offsets point into. */
  text: string;
}

/** A field as its author knows it. */
export interface FieldPlace {
  label: Path;
  /** Start of its value. */
  offset: number;
  /** Start of its key. */
  keyOffset: number;
}

/** Both forms of config, checked against their schemas. */
export interface ConfigSource {
  spec: JsonObject;
  /** @param field below `spec`. */
  locate(field: Path): FieldPlace;
}

/** Place of the value below the path, or of the last thing on the way that exists. */
export function placeOf(root: Node, label: Path): FieldPlace {
  let place: FieldPlace = { label, offset: root.start, keyOffset: root.start };
  for (let length = 1; length <= label.length; length++) {
    const step = label[length - 1];
    const holder = at(root, label.slice(0, length - 1));
    const found = at(root, label.slice(0, length));
    if (found === undefined) return { ...place, keyOffset: place.offset };
    const entry = typeof step === "string" ? entryOf(holder, step) : undefined;
    place = { label, offset: entry?.value.start ?? found.start, keyOffset: entry?.start ?? found.start };
  }
  return place;
}
