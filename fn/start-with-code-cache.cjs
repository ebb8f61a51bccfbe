// How the image starts: with the code that V8 made of the bundle when the image was built, which saves the parsing, a
// quarter of a short run. Another release of Node refuses that code by itself and parses as ever.
//
//   WRITE_CODE_CACHE=1 node start.cjs <resource-list.yaml   writes it, with all that this run needed

const { existsSync, readFileSync, writeFileSync } = require("node:fs");
const { join } = require("node:path");
const { constants, Script } = require("node:vm");

const filename = join(__dirname, "bundle.cjs");
const cache = join(__dirname, "bundle.code-cache");
const bundle = readFileSync(filename, "utf8");
const script = new Script(`(function (exports, require, module, __filename, __dirname) {${bundle}\n})`, {
  filename,
  cachedData: existsSync(cache) ? readFileSync(cache) : undefined,
  importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
});
script.runInThisContext()(exports, require, module, filename, __dirname);
if (process.env.WRITE_CODE_CACHE) process.on("exit", () => writeFileSync(cache, script.createCachedData()));
