import { describe, expect, it } from "vitest";
import { check, render, SourceError, transform, UsageError } from "./index.ts";

const CONFIG = `apiVersion: fn.native-sidecar.io/v1alpha1
kind: NativeSidecar
metadata: {name: c}
spec:
  target: {module: "1.22.0", kubernetes: "1.33"}
`;
const JOB = `apiVersion: batch/v1
kind: Job
metadata: {name: a, namespace: n}
spec:
  template:
    spec:
      containers:
      - name: c
        image: i
        command: [sh, -c, "work; curl -X POST localhost:15020/quitquitquit"] # why
`;

function resourceList(job: string, config: string): string {
  const indented = (text: string): string => text.trimEnd().replaceAll("\n", "\n  ");
  const item = `- ${indented(job)}`;
  return `apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n${item}\nfunctionConfig:\n  ${indented(config)}\n`;
}

describe("transform", () => {
  it("strips as the functionConfig says and tells of it", () => {
    const outcome = transform(resourceList(JOB, `${CONFIG}  strip: {level: safe}\n`));
    expect(outcome.text).toContain('command: [sh, -c, "work"] # why\n');
    expect(outcome.text).toContain("rule: quit-call");
    expect(outcome.failed).toBe(false);
  });

  it("changes nothing but the results for a config without sections", () => {
    const text = resourceList(JOB, CONFIG);
    const outcome = transform(text);
    expect(outcome.text.startsWith(text)).toBe(true);
    expect(outcome.text.slice(text.length)).toMatch(/^results:\n/);
  });

  it("takes another config", () => {
    expect(transform(resourceList(JOB, CONFIG), `${CONFIG}  strip: {level: safe}\n`).text).toContain('"work"');
  });

  it("refuses what is no ResourceList", () => {
    expect(() => transform(JOB)).toThrow(UsageError);
    expect(() => transform(resourceList(JOB, "kind: Other"))).toThrow(SourceError);
  });
});

describe("several targets", () => {
  const several = CONFIG.replace(/ {2}target: .*/, '  targets: [{module: "1.22.0"}, {istio: "1.26.8"}]');

  it("are told with the findings", () => {
    const [finding] = check(JOB, several);
    expect(finding?.at).toEqual([0]);
    expect(finding?.fix).toBe("none");
    expect(finding?.message).toMatch(/\[at module 1\.22\.0; not at istio 1\.26\.8 \(regular\)\]$/);
    expect(check(JOB, CONFIG)[0]).not.toHaveProperty("at");
  });

  it("are all heeded by the function", () => {
    const { text } = transform(resourceList(JOB, `${several}  strip: {level: safe}\n  optOut: {mode: auto}\n`));
    expect(text).toContain("quitquitquit");
    expect(text).toContain('sidecar.istio.io/nativeSidecar: "false"');
  });

  it("make no render", () => {
    expect(() => render(JOB, several)).toThrow("a render makes the Pods of one target, not of 2");
    expect(() => transform(resourceList(JOB, `${several}  render: {mode: preview}\n`))).toThrow(SourceError);
  });
});

describe("check and render", () => {
  it("reports", () => {
    expect(check(JOB, CONFIG).map(({ rule, fix, line }) => [rule, fix, line])).toEqual([["quit-call", "safe", 10]]);
  });

  it("renders and keeps the user's text", () => {
    const text = render(JOB, CONFIG);
    expect(text).toContain('localhost:15020/quitquitquit"] # why\n');
    expect(text).toMatch(
      /initContainers:\n {6}- name: istio-validation\n[\s\S]*\n {6}- name: istio-proxy\n[\s\S]*restartPolicy: Always/,
    );
  });

  it("names what is wrong with a target", () => {
    expect(() => check(JOB, CONFIG.replace("1.22.0", "1.99"))).toThrow(/unknown Kyma Istio module 1\.99/);
    expect(() => check(JOB, CONFIG.replace(/ {2}target.*\n/, ""))).toThrow(SourceError);
  });
});
