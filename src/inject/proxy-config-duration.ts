const UNITS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};
const PART = /^(\d*)(?:\.(\d*))?(ns|us|µs|μs|ms|s|m|h)/;
const LIMIT = 2n ** 63n;

/** time.ParseDuration ("2m", "1h30m", "1.5s", "0") in nanoseconds; undefined where Go gives an error. */
export function parseDuration(text: string): bigint | undefined {
  const sign = text.startsWith("-") ? -1n : 1n;
  let rest = text.replace(/^[+-]/, "");
  if (rest === "0") return 0n;
  if (rest === "" || rest.length > 256) return undefined;
  let total = 0n;
  while (rest !== "") {
    const [matched = "", whole = "", fraction = "", unit = ""] = PART.exec(rest) ?? [];
    if (matched === "" || whole + fraction === "") return undefined;
    const nanos = UNITS[unit] ?? 0n;
    total += BigInt(whole || "0") * nanos + (BigInt(fraction || "0") * nanos) / 10n ** BigInt(fraction.length);
    rest = rest.slice(matched.length);
  }
  return total < LIMIT ? sign * total : undefined;
}

/** A duration as protobuf's JSON writes it: seconds with 0, 3, 6 or 9 decimals. */
export function durationText(nanos: bigint): string {
  const positive = nanos < 0n ? -nanos : nanos;
  const decimals = String(positive % 1_000_000_000n)
    .padStart(9, "0")
    .replace(/(?:000){1,3}$/, "");
  return `${nanos < 0n ? "-" : ""}${positive / 1_000_000_000n}${decimals === "" ? "" : `.${decimals}`}s`;
}
