import type { Format } from "./format.ts";
import type { Reporter } from "./report.ts";

/** Each reporter is imported only where its format is asked for. */
const REPORTERS: Readonly<Record<Format, () => Promise<Reporter>>> = {
  text: async () => (await import("./text.ts")).textReport,
  json: async () => (await import("./json.ts")).jsonReport,
  sarif: async () => (await import("./sarif.ts")).sarifReport,
  junit: async () => (await import("./junit.ts")).junitReport,
  github: async () => (await import("./github.ts")).githubReport,
  gitlab: async () => (await import("./gitlab.ts")).gitlabReport,
  markdown: async () => (await import("./markdown.ts")).markdownReport,
};

export function loadReporter(format: Format): Promise<Reporter> {
  return REPORTERS[format]();
}
