import { describe, expect, test } from "vitest";
import { copyOf, followReadme, type Workplace } from "./example.ts";
import { needTools } from "./tools.ts";

needTools("kustomize");

const EXEC = "kustomize build --enable-alpha-plugins --enable-exec";
const CONTAINER = "kustomize build --enable-alpha-plugins";
const CALL = "quitquitquit";

/** The example after its first step: the program beside each kustomization. */
function prepared(): Workplace {
  const place = copyOf("kustomize");
  place.shell('for d in fix inline validate; do cp "$(command -v native-sidecar)" $d/native-sidecar.mjs; done');
  return place;
}

test("README, followed literally", () => {
  followReadme("kustomize");
});

test("program and container, functionConfig by file and inline: all build the same", () => {
  const place = prepared();
  const [file, inline, container] = [`${EXEC} fix`, `${EXEC} inline`, `${CONTAINER} container`].map((command) =>
    place.shell(command),
  );
  expect(file?.status, file?.stderr).toBe(0);
  expect(file?.stdout).not.toContain(CALL);
  expect(file?.stderr).toMatch(/^info: Job invoices .*: fixed quit-call: /m);
  expect(inline?.stdout).toBe(file?.stdout);
  expect(container?.stdout, container?.stderr).toBe(file?.stdout);
  expect(container?.stderr).toMatch(/info: Job invoices .*: fixed quit-call: /);
});

test("all but the call is what kustomize builds without us", () => {
  const place = prepared();
  const plain = place.shell("kustomize build manifests").stdout.split("\n");
  const fixed = place.shell(`${EXEC} fix`).stdout.split("\n");
  expect(fixed).toEqual(plain.filter((line) => !line.includes(CALL)));
});

describe("as the last transformer, reporting only", () => {
  test("it changes nothing and tells of warnings", () => {
    const place = prepared();
    const { status, stdout, stderr } = place.shell(`${EXEC} validate`);
    expect(status).toBe(0);
    expect(stdout).toBe(place.shell("kustomize build manifests").stdout);
    expect(stderr).toMatch(/^warning: quit-call: Job billing\/invoices /m);
  });

  test("it stops the build at an error", () => {
    const place = prepared();
    const wrong = 'template:\n    metadata: {annotations: {sidecar.istio.io/nativeSidecar: "no"}}';
    place.write("manifests/invoices.yaml", place.read("manifests/invoices.yaml").replace("template:", wrong));
    const { status, stdout, stderr } = place.shell(`${EXEC} validate`);
    expect(status).toBe(1);
    expect(stdout).toBe("");
    expect(stderr).toMatch(/^error: bad-opt-out: Job billing\/invoices /m);
    expect(stderr).toContain("Error: couldn't execute function");
  });
});

describe("limits that the README tells of still hold", () => {
  test("validators: refuses every function", () => {
    const place = prepared();
    place.write("validate/kustomization.yaml", "resources: [../manifests]\nvalidators: [native-sidecar.yaml]\n");
    place.write("validate/native-sidecar.mjs", "#!/usr/bin/env node\nprocess.stdin.pipe(process.stdout)\n");
    const { status, stderr } = place.shell(`${EXEC} validate`);
    expect(status).toBe(1);
    expect(stderr).toContain("validator shouldn't modify the resource map");
  });

  test("without --enable-exec a program is left out in silence", () => {
    const place = prepared();
    const { status, stdout, stderr } = place.shell("kustomize build --enable-alpha-plugins fix");
    expect(status).toBe(0);
    expect(stderr).toBe("");
    expect(stdout).toContain(CALL);
    expect(place.read("README.md")).toContain("without `--enable-exec`");
  });

  test("comments do not arrive", () => {
    const { stdout } = copyOf("kustomize").shell("kustomize build manifests");
    expect(stdout).not.toContain("# Sends the invoices");
  });

  test("preview copies are refused by kustomize", () => {
    const place = prepared();
    place.write("fix/native-sidecar.yaml", `${place.read("fix/native-sidecar.yaml")}  render: {mode: preview}\n`);
    const { status, stdout } = place.shell(`${EXEC} fix`);
    expect(status).toBe(1);
    expect(stdout).toBe("");
  });
});

test.each([
  ["program", "fix", EXEC],
  ["container", "container", CONTAINER],
])("a bad functionConfig of the %s: our line, kustomize's failure, no output", (_, overlay, command) => {
  const place = prepared();
  const config = place.read(`${overlay}/native-sidecar.yaml`);
  place.write(`${overlay}/native-sidecar.yaml`, config.replace("level: safe", "level: saf"));
  const { status, stdout, stderr } = place.shell(`${command} ${overlay}`);
  expect(status).toBe(1);
  expect(stdout).toBe("");
  expect(stderr).toMatch(/^native-sidecar: <stdin>:\d+:\d+: .*spec\.strip\.level.*safe/m);
  expect(stderr).toContain("Error: couldn't execute function");
});
