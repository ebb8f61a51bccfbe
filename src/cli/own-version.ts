declare const __VERSION__: string;

/** The version of this program: package.json's in the bundle, 0.0.0 in its sources. */
export const OWN_VERSION = typeof __VERSION__ === "string" ? __VERSION__ : "0.0.0";
