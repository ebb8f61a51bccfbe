// `--jobs`: a run in several threads says and does, byte for byte, what one thread says and does. Here every input may go
// to a worker, however small it is; the last tests run the built file as it is.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterEach, describe, expect, test } from "vitest";
import { main } from "../../src/cli/program.ts";
import { caseFolders, emptyDirectory, filesIn } from "./case-folder.ts";
import { BUNDLE, MODULE_1_22, runProgram } from "./program.ts";

const TESTDATA = fileURLToPath(new URL("../../testdata/", import.meta.url));
const HOME = process.cwd();
afterEach(() => process.chdir(HOME));

interface Done {
  status: number;
  stdout: string;
  stderr: string;
  files: Map<string, string>;
}

/** Runs a command in a fresh copy of a directory. */
async function runIn(
  tree: string,
  args: readonly string[],
  jobs: number,
  worker = pathToFileURL(BUNDLE),
): Promise<Done> {
  const directory = join(emptyDirectory(), "tree");
  cpSync(tree, directory, { recursive: true });
  process.chdir(directory);
  const done: Done = { status: 0, stdout: "", stderr: "", files: new Map() };
  done.status = await main([...args, "--jobs", String(jobs)], {
    cwd: directory,
    readStdin: async () => Buffer.alloc(0),
    stdinIsPiped: false,
    colours: false,
    workers: { file: worker, characters: 1 },
    stdout: (text) => {
      done.stdout += text;
    },
    stderr: (text) => {
      done.stderr += text;
    },
  });
  done.files = filesIn(directory);
  return done;
}

async function expectSame(tree: string, args: readonly string[], jobs = [2]): Promise<Done> {
  const one = await runIn(tree, args, 1);
  for (const several of jobs) expect(await runIn(tree, args, several), `--jobs ${several}`).toEqual(one);
  return one;
}

/** All inputs of some case folders, side by side, but for those that no run can read. */
function gathered(folder: string): string {
  const tree = join(emptyDirectory(), "tree");
  for (const name of readdirSync(join(TESTDATA, folder))) {
    if (/^(?:in)?valid|^[a-z]/.test(name) && !name.startsWith("bad-"))
      cpSync(join(TESTDATA, folder, name), join(tree, name), { recursive: true });
  }
  return tree;
}

const JOB = (n: number): string => `apiVersion: batch/v1
kind: Job
metadata: {name: job-${n}, namespace: ${["legacy", "shop", "plain"][n % 3]}}
spec:
  template:
    metadata: {annotations: {proxy.istio.io/config: '{"holdApplicationUntilProxyStarts": true}'}}
    spec:
      restartPolicy: Never
      containers:
        - name: main
          image: example.com/job:${n}
          command: ["sh", "-c"]
          args:
            - |
              /app/run ${n}
              curl -X POST http://localhost:15020/quitquitquit${n % 5 === 0 ? " # native-sidecar-ignore quit-call: kept" : ""}
${
  n % 4 === 0
    ? `              . /scripts/end.sh
          volumeMounts: [{name: scripts, mountPath: /scripts}]
      volumes: [{name: scripts, configMap: {name: scripts}}]
`
    : ""
}`;

const CLUSTER = `apiVersion: v1
kind: Namespace
metadata: {name: legacy, labels: {istio-injection: disabled}}
---
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: scripts}
data:
  end.sh: |
    curl -X POST http://localhost:15020/quitquitquit
---
apiVersion: networking.istio.io/v1beta1
kind: ProxyConfig
metadata: {name: all, namespace: shop}
spec: {concurrency: 3}
`;

/** Files that need each other: namespaces, a ProxyConfig and a script of one decide about the workloads of all. */
function related(count: number): string {
  const tree = emptyDirectory();
  for (let n = 0; n < count; n++) {
    const name = n % 3 === 0 ? `job-${n}.yaml` : `job-${n}.yml`;
    writeFileSync(join(tree, name), n === 7 ? `${CLUSTER}---\n${JOB(n)}` : JOB(n));
  }
  writeFileSync(
    join(tree, "unused.yaml"),
    `# native-sidecar-ignore quit-call: nothing here\n${JOB(99).replace(/ +curl.*\n/, "")}`,
  );
  return tree;
}

describe("several threads say and do what one does", () => {
  for (const { name, path } of caseFolders("cli", "case.json")) {
    const { args, stdin } = JSON.parse(readFileSync(join(path, "case.json"), "utf8")) as {
      args: string[];
      stdin?: string;
    };
    const isOfFiles = stdin === undefined && /^(?:check|fix|render)$/.test(args[0] ?? "") && !args.includes("--jobs");
    if (!isOfFiles || !existsSync(join(path, "input"))) continue;
    test(`in the case ${name}`, () => expectSame(join(path, "input"), args, [2]));
  }

  const RULES = gathered("rules");
  const SEVERAL = ["--target", "istio=1.26.8", "--target", "module=1.22.0", "--kubernetes", "1.33"];
  test.each([
    ["check", ...MODULE_1_22],
    ["check", "--format", "json", ...MODULE_1_22],
    ["check", "--format", "sarif", ...MODULE_1_22],
    ["check", "--format", "junit", ...MODULE_1_22],
    ["check", "--format", "github", ...MODULE_1_22],
    ["check", "--format", "gitlab", ...MODULE_1_22],
    ["check", "--format", "markdown", ...MODULE_1_22],
    ["check", ...SEVERAL],
    ["fix", ...MODULE_1_22],
    ["fix", "--unsafe", ...SEVERAL],
    ["fix", "--diff", "--unsafe", "--opt-out", "auto", "--istio", "1.26.8"],
    ["render", ...MODULE_1_22],
  ])("with all inputs of the rules' cases: %s %s %s", async (...args) => {
    const { stdout, stderr } = await expectSame(RULES, [...args, "."]);
    expect(stdout + stderr).not.toBe("");
  });

  const RELATED = related(40);
  test.each([
    ["check", ...MODULE_1_22],
    ["check", "--format", "sarif", ...SEVERAL],
    ["fix", "--opt-out", "auto", ...MODULE_1_22],
    ["render", ...MODULE_1_22],
    ["render", "--istio", "1.20.8", "--output", "out"],
    ["render", "--in-place", ...MODULE_1_22],
  ])("with files that need each other: %s %s %s", async (...args) => {
    const { status } = await expectSame(RELATED, [...args, "."], [2, 4]);
    expect(status).toBeLessThan(2);
  });

  test("with a values file that can be read only once", async () => {
    const tree = related(8);
    const values = "<(printf 'global: {proxy: {logLevel: debug}}')";
    const command = `"${process.execPath}" "${BUNDLE}" render . --module 1.22.0 --kubernetes 1.33 --values ${values}`;
    const { stdout, status } = (await import("./program.ts")).run("bash", ["-c", command], tree);
    expect(status).toBe(0);
    expect(stdout).toContain("debug");
  });
});

describe("a bad input", () => {
  const BAD =
    "apiVersion: batch/v1\nkind: Job\nmetadata: {name: x}\nspec: {template: {spec: {containers: [quitquitquit\n";

  test.each([
    ["the first file", ["a.yaml"]],
    ["the last file", ["z.yaml"]],
    ["several files", ["a.yaml", "m.yaml", "z.yaml"]],
  ])("in %s is told as by one thread, and nothing is written", async (_, names) => {
    const tree = related(20);
    for (const name of names) writeFileSync(join(tree, name), BAD);
    for (const command of [["check"], ["fix"], ["render"], ["render", "--output", "out"]]) {
      const { status, files } = await expectSame(tree, [...command, ...MODULE_1_22, "."], [3]);
      expect(status).toBe(2);
      expect(files).toEqual(filesIn(tree));
    }
  });

  test.each(["job-1.yml", "job-13.yml"])("that the injector refuses, %s, is told as by one thread", async (name) => {
    const tree = related(20);
    const file = join(tree, name);
    const refused = readFileSync(file, "utf8").replace(
      '{"holdApplicationUntilProxyStarts": true}',
      "{concurrency: no}",
    );
    writeFileSync(file, refused);
    for (const command of [["render"], ["render", "--output", "out"], ["fix"], ["check"]]) {
      const { status, files } = await expectSame(tree, [...command, ...MODULE_1_22, "."], [3]);
      if (command[0] === "render") expect(status).toBe(2);
      expect([...files.keys()].some((path) => path.startsWith("out"))).toBe(false);
    }
  });
});

describe("a worker that crashes", () => {
  test.each([
    ["throws", "throw new Error('out of luck\\n    at somewhere');", "out of luck"],
    ["exits", "process.exit(7);", "exit status 7"],
    ["answers nothing", "", "exit status 0"],
  ])("and %s is told in one line, and nothing is written", async (_, source, cause) => {
    const worker = join(emptyDirectory(), "worker.mjs");
    writeFileSync(worker, source);
    const tree = related(12);
    for (const command of [["fix"], ["check"], ["render", "--output", "out"]]) {
      const { status, stdout, stderr, files } = await runIn(
        tree,
        [...command, ...MODULE_1_22, "."],
        2,
        pathToFileURL(worker),
      );
      expect(status).toBe(2);
      expect(stdout).toBe("");
      expect(stderr).toMatch(
        /^native-sidecar: internal error: a worker ended early: [^\n]*; nothing was written[^\n]*\n$/,
      );
      expect(stderr).toContain(cause);
      expect(files).toEqual(filesIn(tree));
    }
  });
});

describe("the built file", () => {
  /** Large enough for workers, and little to do for each: a script in a large ConfigMap beside a Job. */
  function large(): string {
    const tree = emptyDirectory();
    const ballast = `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: big}\ndata:\n  a: |\n${"    some text that is no script\n".repeat(20_000)}---\n`;
    for (let n = 0; n < 24; n++) {
      mkdirSync(join(tree, `d${n % 4}`), { recursive: true });
      writeFileSync(join(tree, `d${n % 4}`, `job-${n}.yaml`), ballast + JOB(n));
    }
    return tree;
  }
  const LARGE = large();

  test("starts workers where there is enough to do, and says the same", () => {
    for (const command of [["check"], ["check", "--format", "sarif"], ["fix", "--diff"], ["render"]]) {
      const args = [...command, ...MODULE_1_22, "."];
      const one = runProgram([...args, "--jobs", "1"], LARGE);
      expect(one.stdout).not.toBe("");
      expect(runProgram([...args, "--jobs", "2"], LARGE)).toEqual(one);
      expect(runProgram(args, LARGE)).toEqual(one);
    }
  });

  test("leaves the tree untouched or whole where it is interrupted, and no temporary file", async () => {
    const before = filesIn(LARGE);
    const whole = join(emptyDirectory(), "tree");
    cpSync(LARGE, whole, { recursive: true });
    expect(runProgram(["fix", ...MODULE_1_22, "."], whole).status).toBe(0);
    for (const delay of [150, 250, 350, 450]) {
      const tree = join(emptyDirectory(), "tree");
      cpSync(LARGE, tree, { recursive: true });
      const program = spawn(process.execPath, [BUNDLE, "fix", ...MODULE_1_22, "--jobs", "2", "."], { cwd: tree });
      const ended = once(program, "exit");
      await setTimeout(delay);
      program.kill("SIGINT");
      const [status, signal] = await ended;
      const after = filesIn(tree);
      if (signal !== "SIGINT") expect(status).toBe(0);
      const isUntouched = signal === "SIGINT" && after.get("d0/job-0.yaml") === before.get("d0/job-0.yaml");
      expect(after).toEqual(isUntouched ? before : filesIn(whole));
    }
  });

  test.each(["0", "-1", "two", "1.5", "65", "1e1", ""])("refuses --jobs %j in one line", (word) => {
    const { status, stdout, stderr } = runProgram(["check", `--jobs=${word}`, ...MODULE_1_22, "."], LARGE);
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(/^native-sidecar: [^\n]*--jobs <N>[^\n]* whole number from 1 to 64\.\n$/);
  });
});
