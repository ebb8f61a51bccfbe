import { describe, expect, test } from "vitest";
import { type InjectorConfig, readInjectorConfig } from "./cluster/injector-config.ts";
import { createInjector } from "./inject.ts";
import { InjectionError, type InjectionSettings } from "./model.ts";

/** Templates are input: whatever they say ends soon, in an error that names them, or in a Pod. */
function inject(template: string): unknown {
  const config: InjectorConfig = readInjectorConfig({ policy: "enabled", templates: { sidecar: template } });
  const settings: InjectionSettings = {
    istio: "1.28.6",
    values: { global: {}, pilot: { env: { OURS: "ours" } } },
    meshConfig: {},
    revision: "",
    nativeByDefault: true,
    injector: { config, name: "ConfigMap x" },
  };
  const template0 = { metadata: { labels: { app: "a" } }, spec: { containers: [{ name: "app", image: "a" }] } };
  const injector = createInjector(settings);
  return injector.inject({ apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "a" }, template: template0 });
}

const bracket = (open: string, count: number): string => `spec: {x: {{ repeat ${count} ${JSON.stringify(open)} }}`;

describe("a template that goes too far is refused", () => {
  test.each([
    ["without end", '{{ define "a" }}{{ template "a" }}{{ end }}{{ template "a" }}'],
    ["by steps", "{{ range until 100000 }}{{ range until 100000 }}x{{ end }}{{ end }}"],
    ["by a list", "{{ range until 2000000000 }}{{ end }}"],
    ["by output", '{{ range until 100000 }}{{ "0123456789012345678901234567890123456789" }}\n{{ end }}'],
    ["by one text", '{{ repeat 2000000000 "x" }}'],
    ["by doubling", `{{ $a := "x" }}${'{{ $a = printf "%s%s" $a $a }}'.repeat(40)}{{ $a }}`],
    ["by depth of lists", bracket("[", 1_000_000)],
    ["by depth of maps", bracket("{a: ", 400_000)],
    ["by depth of compact lists", 'spec: {{ repeat 300000 "- " }}'],
    ["by depth of keys", 'spec: {{ repeat 300000 "? " }}'],
    [
      "by aliases",
      `spec:\n  a: &a [x,x,x,x,x,x,x,x,x]\n${"bcdefghijk".replace(/./g, (name) => `  ${name}: &${name} [${`*${String.fromCharCode(name.charCodeAt(0) - 1)},`.repeat(9)}]\n`)}`,
    ],
    ["by nested calls", `{{ ${"(".repeat(20_000)}1${")".repeat(20_000)} }}`],
    ["by nested actions", `${"{{ if true }}".repeat(20_000)}x${"{{ end }}".repeat(20_000)}`],
  ])("%s", { timeout: 20_000 }, (_, template) => {
    const start = performance.now();
    expect(() => inject(template)).toThrow(InjectionError);
    expect(() => inject(template)).toThrow(/^ConfigMap x: injection template "sidecar"/);
    expect(performance.now() - start).toBeLessThan(15_000);
  });
});

describe("a template sees nothing but its data", () => {
  test.each([
    ["prototypes", "{{ .Values.constructor }} {{ .Values.__proto__ }} {{ .ObjectMeta.Labels.toString }}"],
    ["prototypes by index", '{{ index .Values "__proto__" }} {{ index .ObjectMeta.Labels "constructor" }}'],
    ["the environment", '[{{ env "PATH" "" }}{{ env "HOME" "" }}]'],
  ])("%s", (_, expression) => {
    const quoted = `metadata: {annotations: {seen: '${expression}'}}`;
    const pod = inject(quoted) as { metadata: { annotations: Record<string, string> } };
    expect(pod.metadata.annotations.seen).not.toMatch(/function|native code|Object|\/usr|\/root/);
  });

  test("istiod's environment is what the values say", () => {
    const pod = inject(`metadata: {annotations: {seen: '{{ env "OURS" "" }}'}}`) as never;
    expect(pod).toMatchObject({ metadata: { annotations: { seen: "ours" } } });
  });

  test.each(['getHostByName "example.com"', 'genPrivateKey "rsa"', 'readFile "/etc/passwd"', 'exec "ls"'])(
    "there is no %s",
    (call) => {
      expect(() => inject(`{{ ${call} }}`)).toThrow(InjectionError);
    },
  );

  test("a key __proto__ in what it makes stays a key", () => {
    inject('metadata: {annotations: {"__proto__": x, constructor: z}, __proto__: {polluted: true}}');
    expect(Object.prototype).not.toHaveProperty("polluted");
  });
});
