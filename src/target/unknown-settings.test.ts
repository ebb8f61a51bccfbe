import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { JsonObject } from "../json.ts";
import { istioDefaults, istioReleases, kymaDefaults, moduleReleases } from "./releases.ts";
import { resolveTarget } from "./resolve-target.ts";
import { UNKNOWN_CLUSTER } from "./target.ts";
import { unknownSettings } from "./unknown-settings.ts";

describe("settings no release knows", () => {
  test.each<[JsonObject, string, string | undefined]>([
    [{ globl: { proxy: {} } }, "values.globl", "global"],
    [{ global: { proxi: {} } }, "values.global.proxi", "global.proxy"],
    [
      { global: { proxy: { excludeIpRanges: "" } } },
      "values.global.proxy.excludeIpRanges",
      "global.proxy.excludeIPRanges",
    ],
    [
      { sidecarInjectorWebhook: { rewriteAppHttpProbe: false } },
      "rewriteAppHttpProbe",
      "sidecarInjectorWebhook.rewriteAppHTTPProbe",
    ],
    [{ pilot: { cni: { enable: true } } }, "values.pilot.cni.enable", "pilot.cni.enabled"],
    [{ nothingLikeIt: 1 }, "values.nothingLikeIt", undefined],
    [{ meshConfig: { trustdomain: "x" } }, "values.meshConfig.trustdomain", "trustDomain"],
  ])("%j", (values, place, guess) => {
    const [note = "", ...others] = unknownSettings(values, undefined, {});
    expect(others).toEqual([]);
    expect(note).toContain(place);
    if (guess === undefined) expect(note).not.toContain("did you mean");
    else expect(note).toContain(`did you mean ${guess}?`);
  });

  test("in MeshConfig and its defaultConfig, in both spellings", () => {
    const good = { trust_domain: "x", defaultConfig: { holdApplicationUntilProxyStarts: true, proxy_metadata: {} } };
    expect(unknownSettings(undefined, good, {})).toEqual([]);
    const [note, ...others] = unknownSettings(
      undefined,
      { defaultConfig: { holdApplicationUntilProxyStart: true } },
      {},
    );
    expect(note).toContain("did you mean holdApplicationUntilProxyStarts?");
    expect(others).toEqual([]);
  });

  test("many are summed up", () => {
    const many = Object.fromEntries(Array.from({ length: 9 }, (_, n) => [`unknown${n}`, 1]));
    expect(unknownSettings(many, undefined, {})).toHaveLength(6);
  });

  test("are notes of the target", () => {
    const { notes } = resolveTarget({ istio: "1.28.3", values: { globl: {} } }, UNKNOWN_CLUSTER);
    expect(notes.join()).toContain("did you mean global?");
  });
});

describe("nothing that a release has is called unknown", () => {
  test.each(istioReleases())("Istio %s", (release) => {
    const { values, meshConfig } = istioDefaults(release);
    expect(unknownSettings(values, meshConfig, {})).toEqual([]);
  });

  test("Kyma's modules", () => {
    for (const release of moduleReleases()) {
      const { values, meshConfig } = kymaDefaults(release, "kyma");
      expect(unknownSettings(values, meshConfig, istioDefaults(release.istio).values)).toEqual([]);
    }
  });

  test("the values that the templates read", () => {
    const folder = new URL("../inject/templates/", import.meta.url);
    const sources = readdirSync(folder).filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"));
    const paths = sources.flatMap((name) =>
      [
        ...readFileSync(new URL(name, folder), "utf8").matchAll(
          /"((?:global|pilot|sidecarInjectorWebhook|istio_cni)\.[\w.]+)"/g,
        ),
      ].map(([, path = ""]) => path),
    );
    expect(paths.length).toBeGreaterThan(20);
    for (const path of paths) {
      const values = path.split(".").reduceRight<JsonObject | string>((inner, key) => ({ [key]: inner }), "x");
      expect(unknownSettings(values as JsonObject, undefined, {})).toEqual([]);
    }
  });
});
