/** What `check --format` takes; each has a reporter of its own (reporters.ts). */
export const FORMATS = ["text", "json", "sarif", "junit", "github", "gitlab", "markdown"] as const;

export type Format = (typeof FORMATS)[number];

/** Formats of services that know files by their paths in a repository; the others name files as the command line does. */
export const REPOSITORY_FORMATS: ReadonlySet<Format> = new Set(["sarif", "junit", "github", "gitlab", "markdown"]);

/** Formats that say something of the target even where there is no finding. */
export const TARGET_FORMATS: ReadonlySet<Format> = new Set(["json", "sarif", "markdown"]);
