import { spawnSync } from "node:child_process";
import { copyFileSync, cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { emptyDirectory } from "../e2e/case-folder.ts";
import type { Run } from "../e2e/program.ts";
import { copyOf, followReadme, ROOT, type Workplace } from "./example.ts";
import { IMAGE_WITH_SHELL } from "./image.ts";
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

  test("a kustomization", () => {
    const place = copyOf("argo-cd");
    place.write("app/kustomization.yaml", "resources: [namespace.yaml, invoices.yaml]\nnamePrefix: eu-\n");
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
  });

  test("README, followed literally; as the repo-server's patch runs it", () => {
    const place = copyOf("argo-cd");
    place.write("Dockerfile", place.read("Dockerfile").replace("localhost/native-sidecar:latest", IMAGE_WITH_SHELL));
    followReadme("argo-cd", place);
    expect(kinds(place.read("billing.yaml"))).toEqual(["Job", "Namespace"]);
    expect(place.read("billing.yaml")).not.toContain(CALL);
    const confined = "--network none --read-only --tmpfs /tmp --cap-drop ALL --security-opt no-new-privileges";
    const discover = `docker run --rm ${confined} -v "$PWD/app:/app:ro" -w /app registry.example.com/native-sidecar-plugin:0.1.0 native-sidecar-plugin discover`;
    const { status, stdout, stderr } = place.shell(discover);
    expect(status, stderr).toBe(0);
    expect(stdout).toBe(".native-sidecar.yaml\n");
  });
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
