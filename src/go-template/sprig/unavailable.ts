import type { TemplateFunction } from "../functions.ts";
import { FunctionError } from "../template-error.ts";
import { ANY } from "../values.ts";

/**
 * Functions of sprig 3.3.0 whose result hangs on the machine, the clock, the network or chance, and those that make keys. A
 * template that names them parses, as it does in Go; running them is an error.
 */
const NAMES = [
  ...["env", "expandenv", "getHostByName"],
  ...["now", "ago", "date", "date_in_zone", "dateInZone", "date_modify", "dateModify", "htmlDate", "htmlDateInZone"],
  ...["must_date_modify", "mustDateModify", "toDate", "mustToDate", "unixEpoch"],
  ...["randAlphaNum", "randAlpha", "randAscii", "randNumeric", "randBytes", "randInt", "shuffle", "uuidv4"],
  ...["bcrypt", "htpasswd", "derivePassword", "encryptAES", "decryptAES", "genPrivateKey"],
  ...["buildCustomCert", "genCA", "genCAWithKey", "genSelfSignedCert", "genSelfSignedCertWithKey"],
  ...["genSignedCert", "genSignedCertWithKey"],
];

export const UNAVAILABLE_FUNCTIONS: [string, TemplateFunction][] = NAMES.map((name) => [
  name,
  {
    params: [ANY],
    variadic: true,
    run: () => {
      throw new FunctionError(`${name} gives something else in every run, so it cannot be rendered offline`);
    },
  },
]);
