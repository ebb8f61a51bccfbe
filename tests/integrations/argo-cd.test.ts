import { spawnSync } from "node:child_process";
import { copyFileSync, cpSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { emptyDirectory } from "../e2e/case-folder.ts";
import type { Run } from "../e2e/program.ts";
import { ownRepository } from "./checkout.ts";
import { copyOf, followReadme, ROOT, type Workplace, workplace } from "./example.ts";
import { BUILD_IMAGE } from "./image.ts";
import { CONTAINER_TOOL, needTools, TOOLS } from "./tools.ts";

needTools("kustomize", "helm3");

const CALL = "quitquitquit";

interface PluginConfig {
  kind: string;
  metadata: { name: string };
  spec: Record<"init" | "generate", Command> & { version: string; discover: { find: Command } };
}

interface Command {
  command: string[];
  args?: string[];
}

const CONFIG = parse(copyOf("argo-cd").read("plugin.yaml")) as PluginConfig;

/** What repo-server sends along (reposerver/repository/repository.go getPluginEnvs, argo-cd v3.5). */
const APPLICATION = {
  ARGOCD_APP_NAME: "billing",
  ARGOCD_APP_NAMESPACE: "billing",
  ARGOCD_APP_REVISION: "0123456789abcdef0123456789abcdef01234567",
  ARGOCD_APP_SOURCE_PATH: "app",
  KUBE_VERSION: "1.33.2",
  KUBE_API_VERSIONS: "v1,apps/v1,batch/v1",
  ARGOCD_APP_PARAMETERS: "[]",
  ARGOCD_ENV_MODULE: "1.22.0",
};

/** Runs a command as the plugin server does (cmpserver/plugin/plugin.go runCommand, argo-cd v3.5): 90 s, no stdin. */
function serve({ command, args = [] }: Command, place: Workplace, environment: Record<string, string>): Run {
  const bin = emptyDirectory();
  copyFileSync(join(TOOLS, "helm3"), join(bin, "helm"));
  const program = [...command, ...args].map((word) => `'${word}'`).join(" ");
  const PATH = [bin, place.directory, process.env.PATH].join(delimiter);
  return place.shell(`PATH="${PATH}:$PATH"; cd app; exec timeout 90 ${program} </dev/null`, environment);
}

/** Init and generate in a fresh copy, as for each manifest request. */
function generate(place: Workplace, environment: Record<string, string> = APPLICATION): Run {
  const init = serve(CONFIG.spec.init, place, environment);
  return init.status === 0 ? serve(CONFIG.spec.generate, place, environment) : init;
}

const kinds = (stream: string): string[] =>
  parseAllDocuments(stream)
    .map((document) => (document.toJS() as { kind?: string } | null)?.kind)
    .filter((kind) => kind !== undefined)
    .sort();

test("plugin.yaml is what the plugin server accepts", () => {
  expect(CONFIG.kind).toBe("ConfigManagementPlugin");
  expect(CONFIG.metadata.name).not.toBe("");
  expect(CONFIG.spec.generate.command).not.toEqual([]);
  const { spec } = parse(copyOf("argo-cd").read("application.yaml")) as {
    spec: { source: { plugin: { name: string } } };
  };
  expect(spec.source.plugin.name).toBe(`${CONFIG.metadata.name}-${CONFIG.spec.version}`);
});

describe("discover", () => {
  const find = CONFIG.spec.discover.find;

  test("matches a directory with a configuration", () => {
    const { status, stdout } = serve(find, copyOf("argo-cd"), APPLICATION);
    expect(status).toBe(0);
    expect(stdout).not.toBe("");
  });

  test("matches no other, and that is no failure", () => {
    const place = copyOf("argo-cd");
    rmSync(join(place.directory, "app/.native-sidecar.yaml"));
    expect(serve(find, place, APPLICATION)).toEqual({ status: 0, stdout: "", stderr: "" });
  });
});

describe("generate", () => {
  test("plain manifests: the stream and nothing else, within the time", () => {
    const started = Date.now();
    const { status, stdout, stderr } = generate(copyOf("argo-cd"));
    expect(Date.now() - started).toBeLessThan(10_000);
    expect(status, stderr).toBe(0);
    expect(kinds(stdout)).toEqual(["Job", "Namespace"]);
    expect(stdout).not.toContain(CALL);
    expect(stderr).toContain("fixed 1 finding");
  });

  test.each(["kustomization.yaml", "kustomization.yml", "Kustomization"])("a kustomization in %s", (name) => {
    const place = copyOf("argo-cd");
    place.write(`app/${name}`, "resources: [namespace.yaml, invoices.yaml]\nnamePrefix: eu-\n");
    const { status, stdout, stderr } = generate(place);
    expect(status, stderr).toBe(0);
    expect(stdout).toContain("name: eu-invoices");
    expect(stdout).not.toContain(CALL);
  });

  test("a chart, its hooks too", () => {
    const place = copyOf("argo-cd");
    cpSync(join(ROOT, "examples/helm/billing"), join(place.directory, "app"), { recursive: true });
    const { status, stdout, stderr } = generate(place);
    expect(status, stderr).toBe(0);
    expect(kinds(stdout)).toEqual(["Job", "Job"]);
    expect(stdout).not.toContain(CALL);
  });

  test("the cluster's version decides: before 1.33 the call is still needed", () => {
    const { status, stdout } = generate(copyOf("argo-cd"), { ...APPLICATION, KUBE_VERSION: "1.32.4" });
    expect(status).toBe(0);
    expect(stdout).toContain(CALL);
  });

  test.each([
    ["a target that does not exist", { ARGOCD_ENV_MODULE: "9.9" }, "native-sidecar: unknown Kyma Istio module 9.9"],
    ["no target", { ARGOCD_ENV_MODULE: "" }, "no target: give --istio"],
  ])("%s: our line, a failure, no output", (_, wrong, line) => {
    const { status, stdout, stderr } = generate(copyOf("argo-cd"), { ...APPLICATION, ...wrong });
    expect(status).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).toContain(line);
  });

  test("a manifest that cannot be read: our line, a failure, no output", () => {
    const place = copyOf("argo-cd");
    place.write("app/broken.yaml", 'kind: Job\nspec: "quitquitquit\n');
    const { status, stdout, stderr } = generate(place);
    expect(status).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).toMatch(/^native-sidecar: <stdin>:\d+:\d+: /);
  });

  describe("of plain manifests, what Argo CD takes by default", () => {
    const OTHER = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: other\n";

    test("a link to a manifest", () => {
      const place = copyOf("argo-cd");
      place.shell("mkdir base && mv app/invoices.yaml base && ln -s ../base/invoices.yaml app/invoices.yaml");
      const { status, stdout, stderr } = generate(place);
      expect(status, stderr).toBe(0);
      expect(kinds(stdout)).toEqual(["Job", "Namespace"]);
    });

    test("subdirectories only when asked, in the order of names", () => {
      const place = copyOf("argo-cd");
      place.shell("mkdir app/later app/.hidden");
      place.write("app/later/other.yaml", OTHER);
      expect(kinds(generate(place).stdout)).toEqual(["Job", "Namespace"]);
      const { stdout, stderr } = generate(place, { ...APPLICATION, ARGOCD_ENV_RECURSE: "true" });
      expect(stdout.match(/^kind: \w+/gm), stderr).toEqual(["kind: Job", "kind: ConfigMap", "kind: Namespace"]);
    });

    test("no file that says so", () => {
      const place = copyOf("argo-cd");
      place.write("app/values.yaml", "# +argocd:skip-file-rendering\nreplicas: 2\n");
      const { status, stdout, stderr } = generate(place);
      expect(status, stderr).toBe(0);
      expect(kinds(stdout)).toEqual(["Job", "Namespace"]);
    });
  });

  // Half an output would have Argo CD prune the rest. The unreadable file is not the last one.
  test.each<[string, (app: string) => void, string]>([
    ["a link to nothing", (app) => symlinkSync("absent.yaml", join(app, "aaa.yaml")), "./aaa.yaml"],
    ["a link to a directory", (app) => symlinkSync("..", join(app, "aaa.yaml")), "./aaa.yaml"],
    ["Jsonnet", (app) => writeFileSync(join(app, "aaa.jsonnet"), "{}"), "./aaa.jsonnet"],
  ])("%s: a line, a failure, no output", (_, spoil, name) => {
    const place = copyOf("argo-cd");
    spoil(join(place.directory, "app"));
    const { status, stdout, stderr } = generate(place);
    expect(status).toBe(1);
    expect(stdout).toBe("");
    expect(stderr).toContain(`native-sidecar-plugin: ${name}: `);
  });

  test("a file that cat fails on: a failure, no output", () => {
    const place = copyOf("argo-cd");
    // Root may read everything: a cat of our own stands for a file of another user's.
    place.write(
      "cat",
      '#!/bin/sh\ncase $1 in */invoices.yaml) echo "cat: $1: Permission denied" >&2; exit 1 ;; esac\nexec /bin/cat "$@"\n',
    );
    place.shell("chmod +x cat");
    const { status, stdout, stderr } = generate(place);
    expect(status).toBe(1);
    expect(stdout).toBe("");
    expect(stderr).toContain("native-sidecar-plugin: ./invoices.yaml: cannot be read");
  });

  test("a finding of severity error: a note, or a failure where FAIL_ON says so", () => {
    const place = copyOf("argo-cd");
    const wrong = 'template:\n    metadata: {annotations: {sidecar.istio.io/nativeSidecar: "no"}}';
    place.write("app/invoices.yaml", place.read("app/invoices.yaml").replace("template:", wrong));
    expect(generate(place).status).toBe(0);
    const { status, stdout, stderr } = generate(place, { ...APPLICATION, ARGOCD_ENV_FAIL_ON: "error" });
    expect(status).toBe(1);
    expect(stdout).toBe("");
    expect(stderr).toContain("bad-opt-out");
  });

  test("a kustomization that does not build is kustomize's failure", () => {
    const place = copyOf("argo-cd");
    place.write("app/kustomization.yaml", "resources: [absent.yaml]\n");
    const { status, stdout, stderr } = generate(place);
    expect(status).toBe(1);
    expect(stdout).toBe("");
    expect(stderr).toContain("absent.yaml");
  });
});

describe("the image", () => {
  // No registry is asked: the Dockerfile's images stand in under their own names, made of the tools at hand.
  beforeAll(() => {
    const dockerfile = copyOf("argo-cd").read("Dockerfile");
    standIn(dockerfile, "KUSTOMIZE_IMAGE", "kustomize", "app/kustomize");
    standIn(dockerfile, "HELM_IMAGE", "helm3", "usr/bin/helm");
    // The base that README.md names, which also is the Dockerfile's default one.
    const base = "docker.io/library/node:20-slim";
    for (const args of [
      ["image", "inspect", base],
      ["tag", BUILD_IMAGE, base],
    ])
      if (spawnSync(CONTAINER_TOOL, args).status === 0) break;
  });

  test("README, followed literally; as the repo-server's patch runs it", () => {
    const place = workplace(join(ownRepository(), "examples/argo-cd"));
    followReadme("argo-cd", place);
    expect(kinds(place.read("billing.yaml"))).toEqual(["Job", "Namespace"]);
    expect(place.read("billing.yaml")).not.toContain(CALL);
    const confined = "--network none --read-only --tmpfs /tmp --cap-drop ALL --security-opt no-new-privileges";
    const discover = `docker run --rm ${confined} -v "$PWD/app:/app:ro" -w /app registry.example.com/native-sidecar-plugin:0.1.0 native-sidecar-plugin discover`;
    const { status, stdout, stderr } = place.shell(discover);
    expect(status, stderr).toBe(0);
    expect(stdout).toBe(".native-sidecar.yaml\n");
  }, 600_000);
});

function standIn(dockerfile: string, argument: string, tool: string, path: string): void {
  const image = new RegExp(`^ARG ${argument}=(.*)$`, "m").exec(dockerfile)?.[1] ?? "";
  const directory = emptyDirectory();
  mkdirSync(join(directory, "rootfs", path, ".."), { recursive: true });
  copyFileSync(join(TOOLS, tool), join(directory, "rootfs", path));
  writeFileSync(join(directory, "Dockerfile"), "FROM scratch\nCOPY rootfs /\n");
  const { status, stderr } = spawnSync(CONTAINER_TOOL, ["build", "--tag", image, directory], { encoding: "utf8" });
  expect(status, stderr).toBe(0);
}
