// Loaded into a measured process: writes down the most memory that it held.

import { writeFileSync } from "node:fs";

process.on("exit", () => {
  // maxRSS is in kibibytes.
  writeFileSync(process.env.PEAK_MEMORY_FILE, String(process.resourceUsage().maxRSS * 1024));
});
