// Loaded into a measured process: writes down the most memory that it held.

import { readFileSync, writeFileSync } from "node:fs";

process.on("exit", () => {
  writeFileSync(process.env.PEAK_MEMORY_FILE, String(peakKibibytes() * 1024));
});

/** Linux counts what the parent held when it started this process into maxRSS, but not into VmHWM (proc(5)). */
function peakKibibytes() {
  try {
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"))[1]);
  } catch {
    return process.resourceUsage().maxRSS;
  }
}
