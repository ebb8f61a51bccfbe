/** What a worker's start takes, as texts that are worked on in the same time. */
const START = 2 ** 17;

/**
 * Deals inputs out to threads: neighbours together, so that what the slices give stands in order again. The first
 * thread runs already, and gets what the others have no time for.
 * @param most number of slices at most.
 * @param each characters that a slice must have to be worth its thread.
 */
export function sliced<T extends { text: string }>(inputs: readonly T[], most: number, each: number): T[][] {
  const total = inputs.reduce((sum, { text }) => sum + text.length, 0);
  const count = Math.min(most, inputs.length, Math.floor(total / each));
  if (count < 2) return [[...inputs]];
  const lead = Math.min(START, each);
  const share = (total - lead) / count;
  const slices: T[][] = [];
  let done = 0;
  for (const input of inputs) {
    // By its middle: a large input goes where most of it belongs.
    const place = Math.floor((done + input.text.length / 2 - lead) / share);
    const slice = Math.min(Math.max(place, 0), count - 1);
    const own = slices[slice] ?? [];
    slices[slice] = own;
    own.push(input);
    done += input.text.length;
  }
  return slices.filter((slice) => slice !== undefined);
}
