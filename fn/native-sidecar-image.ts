import { pathToFileURL } from "node:url";
import { start } from "./start.ts";

// What Node was started with: a script, which has no URL of its own.
start(pathToFileURL(process.argv[1] ?? ""));
