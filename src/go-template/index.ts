export { type FunctionMap, fn, type TemplateFunction } from "./functions.ts";
export { DEFAULT_LIMITS, type Limits } from "./limits.ts";
export { SPRIG } from "./sprig/index.ts";
export { type GoTemplate, parseTemplate, type TemplateOptions } from "./template.ts";
export { FunctionError, TemplateError } from "./template-error.ts";
export * from "./values.ts";
