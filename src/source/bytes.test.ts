import fc from "fast-check";
import { expect, it } from "vitest";
import { RULES } from "../rules/index.ts";
import { CLUSTER_WORDS } from "../transform/cluster.ts";
import { decode, holdsAny, releasableRoom, release } from "./bytes.ts";

const LITERALS = [...RULES.flatMap(({ meta }) => meta.literals), ...CLUSTER_WORDS, "größe", "\u{1f600}x y z"];

it("finds each literal, whatever stands around it", () => {
  for (const literal of LITERALS) {
    expect([literal, holdsAny(Buffer.from(`a: ${literal}\n`), [literal])]).toEqual([literal, true]);
    expect([literal, holdsAny(Buffer.from(literal), LITERALS)]).toEqual([literal, true]);
    expect([literal, holdsAny(Buffer.from(literal.slice(0, -1)), [literal])]).toEqual([literal, false]);
  }
});

it("finds what a plain search finds", () => {
  const part = fc.oneof(
    fc.constantFrom(...LITERALS),
    fc.constantFrom(...LITERALS).map((literal) => literal.slice(2)),
    fc.string({ unit: "grapheme" }),
  );
  fc.assert(
    fc.property(fc.array(part), fc.subarray(LITERALS, { minLength: 1 }), (parts, literals) => {
      const text = parts.join("");
      expect(holdsAny(Buffer.from(text), literals)).toBe(literals.some((literal) => text.includes(literal)));
    }),
  );
});

it("gives back the room of bytes that became text, and of no others", () => {
  const room = releasableRoom(1000);
  const bytes = room.subarray(0, room.write("größe"));
  expect(decode("t", bytes)).toBe("größe");
  release(bytes);
  expect(room.buffer.byteLength).toBe(0);
  const others = Buffer.from("kept");
  release(others);
  expect(others.toString()).toBe("kept");
});
