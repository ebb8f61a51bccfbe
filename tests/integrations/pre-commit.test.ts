import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { emptyDirectory } from "../e2e/case-folder.ts";
import { commitAll, ownRepository } from "./checkout.ts";
import { copyOf, followReadme, ROOT, type Workplace } from "./example.ts";
import { needTools } from "./tools.ts";

needTools("pre-commit", "git", "npm");

const CALL = "quitquitquit";
let project: string;
let revision: string;
let cache: string;

beforeAll(() => {
  project = ownRepository();
  // Without lock and scripts npm would ask for other versions than those that were tested.
  revision = copyOf("pre-commit").shell(`git -C "${project}" rev-parse HEAD`).stdout.trim();
  cache = join(emptyDirectory(), "pre-commit");
});

/** The example with this checkout in place of a released tag, committed once. */
function repository(): Workplace {
  const place = copyOf("pre-commit", () => ({
    PRE_COMMIT_HOME: cache,
    GIT_CONFIG_COUNT: "2",
    GIT_CONFIG_KEY_0: "user.name",
    GIT_CONFIG_VALUE_0: "Test",
    GIT_CONFIG_KEY_1: "user.email",
    GIT_CONFIG_VALUE_1: "test@example.com",
  }));
  const config = place.read(".pre-commit-config.yaml");
  place.write(
    ".pre-commit-config.yaml",
    config.replace("https://git.example.com/native-sidecar.git", project).replace("v0.1.0", revision),
  );
  return place;
}

test("README, followed literally", () => {
  followReadme("pre-commit", repository());
}, 600_000);

describe("on the second commit", () => {
  const second = (): Workplace => {
    const place = repository();
    place.shell("mv invoices.yaml ..invoices; true");
    commitAll(place.directory, "Start");
    place.shell("pre-commit install; mv ..invoices invoices.yaml; git add invoices.yaml");
    return place;
  };

  test("the fix is made and the commit held back; once it is added, the commit goes through", () => {
    const place = second();
    const first = place.shell("git commit --message 'Add invoices'");
    expect(first.status).toBe(1);
    expect(first.stderr).toContain("fixed 1 finding in 1 file");
    expect(place.read("invoices.yaml")).not.toContain(CALL);
    const again = place.shell("git add invoices.yaml && git commit --message 'Add invoices'");
    expect(again.status, again.stderr).toBe(0);
    expect(place.shell("git log --format=%s").stdout).toBe("Add invoices\nStart\n");
    expect(place.shell("git show HEAD:invoices.yaml").stdout).toBe(place.read("invoices.yaml"));
  });

  test("a manifest that cannot be read: our line, a failed hook, no file changed", () => {
    const place = second();
    const broken = `${place.read("invoices.yaml")}  bad: "quitquitquit\n`;
    place.write("invoices.yaml", broken);
    const { status, stderr } = place.shell("git add . && git commit --message 'Add invoices'");
    expect(status).toBe(1);
    expect(stderr).toMatch(/^native-sidecar: invoices\.yaml:\d+:\d+: /m);
    expect(place.read("invoices.yaml")).toBe(broken);
  });
});

test("a file whose name begins with a dash is a file", () => {
  const place = repository();
  place.shell("mv invoices.yaml ./-x.yaml && git init --quiet && git add --all");
  const { stdout } = place.shell("pre-commit run native-sidecar-check --all-files || true");
  expect(stdout).toContain("-x.yaml\n  20:15 warning quit-call");
  expect(place.shell("pre-commit run native-sidecar-fix --all-files || true").stdout).toContain("fixed 1 finding");
  expect(place.read("-x.yaml")).not.toContain(CALL);
});

test("the hooks are what pre-commit accepts", () => {
  const { status, stdout } = repository().shell(`pre-commit validate-manifest "${ROOT}/.pre-commit-hooks.yaml"`);
  expect(status, stdout).toBe(0);
});
