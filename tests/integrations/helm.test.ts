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

  // setsid: without a terminal, as in CI.
  const bad = `setsid --wait ${HELM_4(["--module", "9.9"])}`;
  const OURS = /^native-sidecar: unknown Kyma Istio module 9\.9; the nearest known are /m;

  test("stderr in a file that is appended to: our line is in it, whole, and so is Helm's", () => {
    const { status } = place.shell(`echo before >appended; ${bad} 2>>appended`);
    expect(status).toBe(1);
    expect(place.read("appended")).toMatch(OURS);
    expect(place.read("appended")).toMatch(/^before\n[\s\S]*plugin "native-sidecar" exited with error/);
  });

  test.each([
    ["$HELM_CACHE_HOME", "home/cache", ""],
    ["$XDG_CACHE_HOME/helm", "xdg/helm", 'unset HELM_CACHE_HOME; export XDG_CACHE_HOME="$PWD/xdg";'],
    ["~/.cache/helm", "user/.cache/helm", 'unset HELM_CACHE_HOME XDG_CACHE_HOME; export HOME="$PWD/user";'],
  ])("stderr in a file that Helm would write over: our line is in the log in %s, and stays there", (_, cache, set) => {
    for (const attempt of ["first", "second"])
      expect(place.shell(`${set} ${bad} 2>${attempt}`).stdout, attempt).toBe("");
    expect(place.read("second")).toMatch(/^Error: .*plugin "native-sidecar" exited with error\n(?!.*native-sidecar: )/);
    expect(place.read(`${cache}/native-sidecar.log`).match(new RegExp(OURS, "gm"))).toHaveLength(2);
  });

  test("Helm 3 cannot load the plugin, says so, and works", () => {
    const { status, stderr } = place.shell("helm3 template demo billing");
    expect(status).toBe(0);
    expect(stderr).toMatch(/failed to load plugins: .*unknown field "apiVersion"/);
    expect(place.shell('HELM_PLUGINS="$PWD/none" helm3 template demo billing').stderr).toBe("");
  });
});

describe("a finding of severity error", () => {
  const place = example();
  place.write(
    "billing/templates/invoices.yaml",
    place
      .read("billing/templates/invoices.yaml")
      .replace("  template:", '  template:\n    metadata: {annotations: {sidecar.istio.io/nativeSidecar: "no"}}'),
  );
  const stream = "helm3 template demo billing | native-sidecar";

  test("fix on a stream goes on, as README.md says", () => {
    expect(place.shell(`${stream} fix - --config native-sidecar.yaml`).status).toBe(0);
  });

  test("check before it does not", () => {
    const { status, stdout } = place.shell(`${stream} check - --config native-sidecar.yaml --fail-on error`);
    expect(status).toBe(1);
    expect(stdout).toContain("bad-opt-out");
    expect(copyOf("helm").read("README.md")).toContain(
      `${stream} check - --config native-sidecar.yaml --fail-on error`,
    );
  });
});

test.each(["helm3", "helm4"])("behind %s template: a bad configuration ends the pipe without output", (helm) => {
  const { status, stdout, stderr } = example().shell(`${helm} template demo billing | native-sidecar fix -`);
  expect(status).toBe(2);
  expect(stdout).toBe("");
  expect(stderr).toMatch(/^native-sidecar: no target: /m);
});
