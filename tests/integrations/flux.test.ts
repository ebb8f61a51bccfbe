import { basename } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { commitAll } from "./checkout.ts";
import { copyOf, followReadme } from "./example.ts";
import { needTools } from "./tools.ts";

needTools("kustomize", "git");

const CALL = "quitquitquit";
/** What Flux puts a value in place of; no template of ours. */
const VARIABLE = ["ledger:$", "{tag:=1.9.0}"].join("");

test("README, followed literally: files and branch without the call", () => {
  const place = copyOf("flux", (directory) => ({ REPOSITORY: `${directory}/../${basename(directory)}-remote.git` }));
  place.shell('git init --quiet --bare "$REPOSITORY"');
  // As in CI: the example stands in a checkout, whose files must not come along.
  commitAll(place.directory, "The manifests");
  followReadme("flux", place);
  expect(place.read("mended/invoices.yaml")).toBe(
    place.read("manifests/invoices.yaml").replace(/^.*quitquitquit.*\n/m, ""),
  );
  const { stdout } = place.shell('git -C "$REPOSITORY" ls-tree -r --name-only deploy');
  expect(stdout).toBe("manifests.yaml\n");
  expect(place.shell('git -C "$REPOSITORY" show deploy:manifests.yaml').stdout).toBe(place.read("out/manifests.yaml"));
  place.shell('rm -rf "$REPOSITORY"');
});

test("prepare.sh without arguments says how it is called", () => {
  const { status, stderr } = copyOf("flux").shell("./prepare.sh");
  expect(status).toBe(2);
  expect(stderr).toMatch(/^usage: prepare\.sh KUSTOMIZATION OUTPUT/);
});

test("prepare.sh gives what kustomize builds without the call", () => {
  const place = copyOf("flux");
  const plain = place.shell("kustomize build manifests").stdout.split("\n");
  place.shell("./prepare.sh manifests out --module 1.22.0 --kubernetes 1.33");
  expect(place.read("out/manifests.yaml").split("\n")).toEqual(plain.filter((line) => !line.includes(CALL)));
});

test("Flux's own variables pass through", () => {
  const place = copyOf("flux");
  place.write("manifests/ledger.yaml", place.read("manifests/ledger.yaml").replace("ledger:1.9.0", VARIABLE));
  place.shell("./prepare.sh manifests out --module 1.22.0 --kubernetes 1.33");
  expect(place.read("out/manifests.yaml")).toContain(VARIABLE);
});

test.each([
  ["a bad target", "manifests --module 9.9", /^native-sidecar: unknown Kyma Istio module 9\.9/m],
  ["a kustomization that is not there", "absent --module 1.22.0", /absent/],
])("%s: our line or kustomize's, a failure, the output of before", (_, args, line) => {
  const place = copyOf("flux");
  place.shell("mkdir out && echo before >out/manifests.yaml");
  const [kustomization = "", ...flags] = args.split(" ");
  const { status, stderr } = place.shell(`./prepare.sh ${kustomization} out ${flags.join(" ")}`);
  expect(status).not.toBe(0);
  expect(stderr).toMatch(line);
  expect(place.read("out/manifests.yaml")).toBe("before\n");
});

test("the workflow calls the script as the README does", () => {
  const { jobs } = parse(copyOf("flux").read(".github/workflows/prepare.yaml")) as {
    jobs: { publish: { steps: { run?: string }[] } };
  };
  const commands = jobs.publish.steps.map(({ run }) => run);
  expect(commands).toContain("./prepare.sh manifests out --module 1.22.0 --kubernetes 1.33");
});
