import { beforeAll, describe, expect, test } from "vitest";
import { copyOf, followReadme, type Workplace } from "./example.ts";
import { needTools } from "./tools.ts";

needTools("helm3", "helm4");

const CALL = "quitquitquit";
const CONFIG = ["--config", "native-sidecar.yaml"];

/** Helm keeps its plugins with the example, not with the user. */
const homes = (directory: string): Record<string, string> => ({
  HELM_DATA_HOME: `${directory}/home/data`,
  HELM_CACHE_HOME: `${directory}/home/cache`,
  HELM_CONFIG_HOME: `${directory}/home/config`,
});
const example = (): Workplace => copyOf("helm", homes);

const post = (args: readonly string[]): string => args.map((arg) => `--post-renderer-args ${arg}`).join(" ");
const HELM_3 = (args: readonly string[]): string =>
  `helm3 template demo billing --post-renderer native-sidecar ${post(["fix", "-", ...args])}`;
const HELM_4 = (args: readonly string[]): string =>
  `helm4 template demo billing --post-renderer native-sidecar ${post(args)}`;

test("README, followed literally", () => {
  const place = followReadme("helm", example());
  expect(place.read("demo.yaml")).toContain("name: demo-invoices");
  expect(place.read("demo.yaml")).not.toContain(CALL);
});

describe("helm 3", () => {
  const place = example();

  test("the post-renderer takes out the call and no other byte; hooks do not reach it", () => {
    const plain = place.shell("helm3 template demo billing").stdout.split("\n");
    const { status, stdout, stderr } = place.shell(HELM_3(CONFIG));
    expect(status, stderr).toBe(0);
    expect(stdout.split("\n")).toEqual(plain.filter((line) => !line.includes("# or the Job never ends")));
    expect(stdout).toContain(CALL);
  });

  test("a bad configuration: our line, Helm's failure, no output", () => {
    const { status, stdout, stderr } = place.shell(HELM_3(["--module", "9.9"]));
    expect(status).toBe(1);
    expect(stdout).toBe("");
    expect(stderr).toMatch(/^native-sidecar: unknown Kyma Istio module 9\.9; the nearest known are /m);
    expect(stderr).toContain("Error: error while running post render");
  });
});

describe("helm 4", () => {
  const place = example();
  beforeAll(() => {
    const { status, stderr } = place.shell("helm4 plugin install plugin");
    expect(status, stderr).toBe(0);
  });

  test("the plugin takes the calls out, that of the hook too", () => {
    const { status, stdout, stderr } = place.shell(HELM_4(CONFIG));
    expect(status, stderr).toBe(0);
    expect(stdout).toContain("name: demo-invoices");
    expect(stdout).toContain("name: demo-migrate");
    expect(stdout).not.toContain(CALL);
  });

  test("a bad configuration: our line past Helm, Helm's failure, no output", () => {
    const { status, stdout } = place.shell(`${HELM_4(["--module", "9.9"])} 2> >(cat >errors); echo "status $?"`);
    expect(status).toBe(1);
    expect(stdout).toBe("");
    const errors = place.shell("sleep 0.2; cat errors").stdout;
    expect(errors).toMatch(/^native-sidecar: unknown Kyma Istio module 9\.9; the nearest known are /m);
    expect(errors).toContain('plugin "native-sidecar" exited with error');
  });
});

test.each(["helm3", "helm4"])("behind %s template: a bad configuration ends the pipe without output", (helm) => {
  const { status, stdout, stderr } = example().shell(`${helm} template demo billing | native-sidecar fix -`);
  expect(status).toBe(2);
  expect(stdout).toBe("");
  expect(stderr).toMatch(/^native-sidecar: no target: /m);
});
