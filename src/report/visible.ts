/** Control characters, and those that turn the direction of what follows: none of them may act on a terminal. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const ACTIVE = /[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** Text of the input as a terminal or a log may show it, each character that would act there replaced by one. */
export function visible(text: string): string {
  return text.replace(ACTIVE, (char) => (char === "\t" ? " " : "\ufffd"));
}
