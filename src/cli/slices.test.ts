import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sliced } from "./slices.ts";

const textOf = (length: number): { text: string } => ({ text: "x".repeat(length) });

describe("sliced", () => {
  it("keeps all inputs in their order, in no more slices than asked for, none of them empty", () => {
    const lengths = fc.array(fc.nat({ max: 5_000 }), { maxLength: 60 });
    fc.assert(
      fc.property(lengths, fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9_000 }), (all, most, each) => {
        const inputs = all.map(textOf);
        const slices = sliced(inputs, most, each);
        expect(slices.flat()).toEqual(inputs);
        expect(slices.length).toBeLessThanOrEqual(Math.max(1, most));
        if (inputs.length > 0) for (const slice of slices) expect(slice.length).toBeGreaterThan(0);
      }),
    );
  });

  it("makes one slice of what is not worth two threads", () => {
    expect(sliced([textOf(900), textOf(900)], 4, 1_000)).toHaveLength(1);
    expect(sliced([textOf(9_000)], 4, 1_000)).toHaveLength(1);
    expect(sliced([textOf(1_000), textOf(1_000)], 4, 1_000)).toHaveLength(2);
    expect(sliced([textOf(1_000), textOf(1_000)], 1, 1_000)).toHaveLength(1);
  });

  it("gives the first slice a little more", () => {
    const slices = sliced(
      Array.from({ length: 1_000 }, () => textOf(10_000)),
      4,
      2 ** 20,
    );
    const sizes = slices.map((slice) => slice.length);
    expect(sizes[0]).toBeGreaterThan(sizes[1] ?? 0);
    expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThan(20);
  });
});
