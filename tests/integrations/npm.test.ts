// What `npm publish` would publish: packed, installed into an empty project, and used there.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { emptyDirectory } from "../e2e/case-folder.ts";
import { ROOT, type Workplace, workplace } from "./example.ts";
import { needTools } from "./tools.ts";

needTools("npm");

let place: Workplace;
let tarball: string;
let packed: string[];

beforeAll(() => {
  const directory = emptyDirectory();
  place = workplace(directory);
  const pack = workplace(ROOT).shell(`npm pack --json --silent --ignore-scripts --pack-destination "${directory}"`);
  expect(pack.status, pack.stderr).toBe(0);
  const [{ filename, files }] = JSON.parse(pack.stdout) as [{ filename: string; files: { path: string }[] }];
  tarball = join(directory, filename);
  packed = files.map(({ path }) => path).sort();
  place.write("package.json", '{"name": "empty", "private": true, "type": "module"}');
  const install = place.shell(`npm install --silent --offline --no-audit --no-fund "${tarball}"`);
  expect(install.status, install.stderr).toBe(0);
});

describe("the package", () => {
  test("holds the program, the library, the schemas and the rules, and no file of development", () => {
    expect(packed).toEqual(
      expect.arrayContaining([
        "LICENSE",
        "README.md",
        "dist/index.d.mts",
        "dist/index.mjs",
        "dist/native-sidecar.mjs",
        "docs/rules/quit-call.md",
        "fn/config-map.schema.json",
        "fn/metadata.yaml",
        "fn/native-sidecar.schema.json",
        "package.json",
      ]),
    );
    expect(
      packed.filter((path) => /\.ts$|test|\.map$|^(?:src|scripts|testdata|examples|node_modules)\//.test(path)),
    ).toEqual([]);
  });

  test("brings no other package along", () => {
    const { stdout } = place.shell("ls node_modules");
    expect(stdout).toBe("native-sidecar\n");
  });
});

const CONFIG = `apiVersion: fn.native-sidecar.io/v1alpha1
kind: NativeSidecar
spec: {target: {module: "1.22.0", kubernetes: "1.33"}, strip: {level: safe}}
`;

describe("in an empty project", () => {
  test("npx runs the program", () => {
    place.write("job.yaml", readFileSync(join(ROOT, "examples/quick-start/manifests/invoices.yaml"), "utf8"));
    place.write("config.yaml", CONFIG);
    const { status, stdout } = place.shell("npx --offline native-sidecar check job.yaml --config config.yaml");
    expect(status).toBe(1);
    expect(stdout).toContain("quit-call");
  });

  test("bad input: our line and npx's failure", () => {
    const { status, stdout, stderr } = place.shell("npx --offline native-sidecar check absent.yaml --module 1.22.0");
    expect(status).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).toMatch(/^native-sidecar: absent\.yaml/m);
  });

  test("the library is imported, with its types", () => {
    place.write(
      "use.mts",
      `import { check, type FunctionOutcome, render, SourceError, transform, type ReportedFinding } from "native-sidecar";
import { readFileSync } from "node:fs";
const manifests = readFileSync("job.yaml", "utf8");
const config: string = readFileSync("config.yaml", "utf8");
const findings: ReportedFinding[] = check(manifests, config);
const items = manifests.replace(/^#.*\\n/, "").trimEnd().replaceAll("\\n", "\\n  ");
const list = \`apiVersion: config.kubernetes.io/v1\\nkind: ResourceList\\nitems:\\n- \${items}\\n\`;
const outcome: FunctionOutcome = transform(list, config);
let line = "";
try { check('kind: Job\\nspec: "quitquitquit', config); } catch (error) { if (error instanceof SourceError) line = error.describe(); }
console.log(JSON.stringify({
  rules: findings.map(({ rule }) => rule),
  failed: outcome.failed,
  stripped: !outcome.text.split("results:")[0]?.includes("curl"),
  native: render(manifests, config).includes("restartPolicy: Always"),
  line,
}));
// @ts-expect-error a config is a text
if (line === "never") check(manifests, 1);
`,
    );
    place.write(
      "tsconfig.json",
      '{"compilerOptions": {"module": "nodenext", "strict": true, "skipLibCheck": false, "types": ["node"], "typeRoots": ["ROOT/node_modules/@types"], "outDir": "out"}, "files": ["use.mts"]}'.replace(
        "ROOT",
        ROOT,
      ),
    );
    const compiled = place.shell(`"${join(ROOT, "node_modules/.bin/tsc")}" -p .`);
    expect(compiled.status, compiled.stdout).toBe(0);
    const { status, stdout, stderr } = place.shell("node out/use.mjs");
    expect(status, stderr).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      rules: ["quit-call"],
      failed: false,
      stripped: true,
      native: true,
      line: expect.stringMatching(/^<input>:\d+:\d+: /),
    });
  });

  test("the schema is there for editors, and is what the program prints", () => {
    writeFileSync(
      join(place.directory, "schema.mjs"),
      'import schema from "native-sidecar/schema.json" with { type: "json" };\nconsole.log(JSON.stringify(schema));\n',
    );
    const { stdout } = place.shell("node --no-warnings schema.mjs");
    const printed = place.shell("npx --offline native-sidecar schema").stdout;
    expect(JSON.parse(stdout)).toEqual(JSON.parse(printed));
  });
});

describe("what others check packages with finds nothing", () => {
  test("publint", () => {
    const { status, stdout, stderr } = place.shell(`npx --yes publint@0.3.25 run "${tarball}" --strict`);
    expect(status, `${stdout}${stderr}`).toBe(0);
  });

  test("are the types wrong", () => {
    const command = `npx --yes @arethetypeswrong/cli@0.18.5 "${tarball}" --profile esm-only --exclude-entrypoints schema.json package.json`;
    const { status, stdout, stderr } = place.shell(command);
    expect(status, `${stdout}${stderr}`).toBe(0);
  });
});
