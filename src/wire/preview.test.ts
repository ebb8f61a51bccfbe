import { describe, expect, test } from "vitest";
import { isObject, type JsonObject } from "../json.ts";
import { parseChunk } from "../source/parse.ts";
import { toData } from "../source/tree.ts";
import { runFunction } from "./function.ts";
import { readResourceList } from "./resource-list.ts";

const CONFIG = `functionConfig:
  apiVersion: fn.native-sidecar.io/v1alpha1
  kind: NativeSidecar
  metadata: {name: x}
  spec: {target: {istio: 1.28.3, kubernetes: "1.33"}, render: {mode: preview}}
`;
const HEAD = `apiVersion: config.kubernetes.io/v1\nkind: ResourceList\n${CONFIG}`;

const DEPLOYMENT = `# the shop
- apiVersion: apps/v1
  kind: Deployment
  metadata:
    name: shop
    namespace: shop # here
    annotations:
      internal.config.kubernetes.io/path: app/shop.yaml
      config.kubernetes.io/path: app/shop.yaml
      internal.config.kubernetes.io/index: "2"
      config.k8s.io/id: "7"
  spec:
    template:
      metadata:
        labels: {app: shop}
      spec:
        # the app itself
        containers:
        - name: app
          image: app
`;
const OTHER = "- apiVersion: v1\n  kind: Service\n  metadata: {name: s}\n";
const NOT_INJECTED = DEPLOYMENT.replace("labels: {app: shop}", 'labels: {sidecar.istio.io/inject: "false"}');

function run(text: string): string {
  const list = readResourceList("in", text);
  if (list === undefined) throw new Error("no ResourceList");
  return runFunction(list).text;
}

function items(text: string): JsonObject[] {
  const chunks = readResourceList("out", text)?.chunks ?? [];
  return chunks.map((chunk) => toData(chunk.root ?? (parseChunk(chunk) as never)) as JsonObject);
}

function annotationsOf(item: JsonObject | undefined): JsonObject {
  const metadata = item?.metadata;
  return isObject(metadata) && isObject(metadata.annotations) ? metadata.annotations : {};
}

/** Results change from run to run, as the function says what it did. */
function withoutResults(text: string): string {
  return text.replace(/^results:[\s\S]*/m, "");
}

describe("preview", () => {
  const input = `${HEAD}items:\n${DEPLOYMENT}${OTHER}`;
  const output = run(input);
  const copy = items(output).at(-1);

  test("leaves the items as they are and adds a copy", () => {
    expect(output.startsWith(input)).toBe(true);
    expect(items(output)).toHaveLength(3);
    expect(output.match(/name: istio-proxy/g)).toHaveLength(1);
  });

  test("keeps the copy from the cluster, in a file of its own", () => {
    expect(annotationsOf(copy)).toEqual({
      "internal.config.kubernetes.io/path": "rendered/app/shop.yaml",
      "config.kubernetes.io/path": "rendered/app/shop.yaml",
      "internal.config.kubernetes.io/index": "2",
      "config.kubernetes.io/index": "2",
      "config.kubernetes.io/local-config": "true",
      "native-sidecar.io/preview": "true",
    });
    expect(output.match(/# the app itself/g)).toHaveLength(2);
    expect(output.match(/# the shop/g)).toHaveLength(1);
  });

  test("changes nothing the second time", () => {
    expect(run(output)).toBe(output);
  });

  test("replaces a copy that no longer holds, wherever it stands", () => {
    const changed = output.replaceAll("image: app", "image: app:2").replace("image: app:2", "image: app:3");
    const again = run(changed);
    expect(items(again)).toHaveLength(3);
    expect(again.match(/image: app:3/g)).toHaveLength(2);
    expect(again).not.toContain("app:2");
    expect(run(again)).toBe(again);
  });

  test("takes the copy away with its reason", () => {
    const stale = output.replace(DEPLOYMENT, NOT_INJECTED);
    expect(items(run(stale))).toHaveLength(2);
    const only = run(`${HEAD}items:\n${DEPLOYMENT}`).replace(DEPLOYMENT, "");
    expect(items(run(only))).toHaveLength(0);
    expect(run(run(only))).toBe(run(only));
  });

  test("names a file for what came from none", () => {
    const lines = DEPLOYMENT.split("\n").filter((line) => !/annotations:|config\.k/.test(line));
    const out = run(`${HEAD}items:\n${lines.join("\n")}`);
    expect(annotationsOf(items(out).at(-1))["internal.config.kubernetes.io/path"]).toBe(
      "rendered/shop/deployment_shop.yaml",
    );
    expect(run(out)).toBe(out);
  });

  test("works in JSON", () => {
    const parsed = parseChunk({ file: "", text: input, start: 0, end: input.length });
    for (const indent of [undefined, 2]) {
      const json = JSON.stringify(toData(parsed as never), null, indent);
      const out = run(json);
      const list = JSON.parse(out) as { items: JsonObject[] };
      expect(list.items).toHaveLength(3);
      expect(annotationsOf(list.items[2])["config.kubernetes.io/local-config"]).toBe("true");
      expect(run(out)).toBe(out);
      const stale = JSON.stringify(list, null, indent).replace('"image":"app"', '"image":"b"');
      expect((JSON.parse(run(stale)) as typeof list).items).toHaveLength(3);
    }
  });

  test("copies one of items that share anchors", () => {
    const shared = DEPLOYMENT.replace("{app: shop}", "&labels {app: shop}");
    const out = run(`${HEAD}items:\n${shared}${OTHER.replace("{name: s}", "{name: s, labels: *labels}")}`);
    expect(out.match(/name: istio-proxy/g)).toHaveLength(1);
    expect(out).toContain("config.kubernetes.io/path: rendered/app/shop.yaml");
    expect(run(out)).toBe(out);
  });

  test("takes copies for no workloads in other modes either", () => {
    const hack = output.replaceAll(
      "image: app\n",
      'image: app\n          command: [sh, -c, "x; curl -XPOST localhost:15020/quitquitquit"]\n',
    );
    const fixed = run(hack.replace("render: {mode: preview}", "strip: {level: safe}"));
    expect(fixed.match(/quitquitquit/g)?.length ?? 0).toBeLessThan(4);
    expect(withoutResults(fixed)).toContain("quitquitquit");
  });

  const places = (text: string) =>
    items(text)
      .filter((item) => annotationsOf(item)["native-sidecar.io/preview"] === "true")
      .map((item) => {
        const annotations = annotationsOf(item);
        const key = (name: string) => String(annotations[`internal.config.kubernetes.io/${name}`]);
        return `${key("path")} ${key("index")}`;
      });
  const pod = (metadata: string): string =>
    `apiVersion: v1\n  kind: Pod\n  metadata: ${metadata}\n  spec: {containers: [{name: app, image: app}]}\n`;
  const list = (name: string): string =>
    `- apiVersion: v1\n  kind: List\n  items:\n  - ${pod(`{name: ${name}}`).replaceAll("\n", "\n  ").trimEnd()}\n`;

  test("no two copies stand at one place", () => {
    const unnamed = run(`${HEAD}items:\n${list("a")}${list("b")}`);
    expect(places(unnamed)).toEqual(["rendered/list_.yaml 0", "rendered/list_-2.yaml 0"]);
    expect(run(unnamed)).toBe(unnamed);
    const path = (index: string): string =>
      `annotations: {internal.config.kubernetes.io/path: a.yaml${index === "" ? "" : `, internal.config.kubernetes.io/index: "${index}"`}}`;
    const shared = run(
      `${HEAD}items:\n- ${pod(`{name: a, ${path("1")}}`)}- ${pod(`{name: b, ${path("4")}}`)}- ${pod(`{name: c, ${path("")}}`)}- ${pod(`{name: d, ${path("")}}`)}`,
    );
    expect(places(shared)).toEqual([1, 4, 0, 2].map((index) => `rendered/a.yaml ${index}`));
    expect(run(shared)).toBe(shared);
  });

  test("a copy that is rendered again takes its place again", () => {
    const path = (index: string): string =>
      `annotations: {internal.config.kubernetes.io/path: a.yaml, internal.config.kubernetes.io/index: "${index}"}`;
    const first = run(`${HEAD}items:\n- ${pod(`{name: a, ${path("0")}}`)}- ${pod(`{name: b, ${path("1")}}`)}`);
    const again = run(first.replace("istio: 1.28.3", "istio: 1.27.1"));
    expect(places(again)).toEqual(["rendered/a.yaml 0", "rendered/a.yaml 1"]);
    expect(again).not.toContain("1.28.3");
  });

  test("other modes take the copies out, no mode leaves them", () => {
    for (const mode of ["off", "inPlace"]) {
      const other = run(output.replace("mode: preview", `mode: ${mode}`));
      expect(items(other)).toHaveLength(2);
      expect(other).toContain("took out 1 rendered copy");
    }
    expect(items(run(output.replace(", render: {mode: preview}", "")))).toHaveLength(3);
  });

  test("what somebody else keeps below rendered/ stays, and its place with it", () => {
    const own =
      "- apiVersion: v1\n  kind: ConfigMap\n  metadata:\n    name: c\n    annotations:\n      config.kubernetes.io/local-config: 'true'\n      internal.config.kubernetes.io/path: rendered/app/shop.yaml\n      internal.config.kubernetes.io/index: '2'\n";
    const beside = run(`${HEAD}items:\n${own}${DEPLOYMENT}`);
    expect(items(beside)).toHaveLength(3);
    expect(places(beside)).toEqual(["rendered/app/shop.yaml 3"]);
    expect(items(run(beside.replace("mode: preview", "mode: off")))).toHaveLength(2);
  });
});
