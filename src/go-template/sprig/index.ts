import type { FunctionMap } from "../functions.ts";
import { DATE_FUNCTIONS } from "./dates.ts";
import { DEFAULT_FUNCTIONS } from "./defaults.ts";
import { DICT_FUNCTIONS } from "./dicts.ts";
import { ENCODING_FUNCTIONS } from "./encoding.ts";
import { LIST_FUNCTIONS } from "./lists.ts";
import { MATH_FUNCTIONS } from "./math.ts";
import { PATH_FUNCTIONS } from "./paths.ts";
import { REGEX_FUNCTIONS } from "./regex.ts";
import { SEMVER_FUNCTIONS } from "./semver.ts";
import { STRING_FUNCTIONS } from "./strings.ts";
import { UNAVAILABLE_FUNCTIONS } from "./unavailable.ts";
import { URL_FUNCTIONS } from "./urls.ts";

/** The functions of Masterminds/sprig 3.3.0 (TxtFuncMap), which Istio's injector has used from 1.20 on. */
export const SPRIG: FunctionMap = new Map([
  ...DATE_FUNCTIONS,
  ...DEFAULT_FUNCTIONS,
  ...DICT_FUNCTIONS,
  ...ENCODING_FUNCTIONS,
  ...LIST_FUNCTIONS,
  ...MATH_FUNCTIONS,
  ...PATH_FUNCTIONS,
  ...REGEX_FUNCTIONS,
  ...SEMVER_FUNCTIONS,
  ...STRING_FUNCTIONS,
  ...URL_FUNCTIONS,
  ...UNAVAILABLE_FUNCTIONS,
]);
