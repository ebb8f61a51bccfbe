import { styleText } from "node:util";

/** Puts text into colours, or leaves it as it is. */
export type Paint = (format: Parameters<typeof styleText>[0], text: string) => string;

/** @param colours whether they are wanted: whoever says so has looked at the stream. */
export function painter(colours: boolean): Paint {
  return (format, text) => (colours ? styleText(format, text, { validateStream: false }) : text);
}
