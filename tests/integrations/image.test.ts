// The image as clusters run it: nobody, read-only, no network, no privileges.

import { spawnSync } from "node:child_process";
import { beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { container, LIST } from "./container.ts";
import { IMAGE } from "./image.ts";
import { CONTAINER_TOOL } from "./tools.ts";

describe("confined", () => {
  test("it is the function", () => {
    const { status, stdout, stderr } = container([IMAGE], LIST);
    expect(status, stderr).toBe(0);
    expect((parse(stdout) as { items: unknown[] }).items).toHaveLength(20);
    expect(stderr.match(/^info: .*: fixed quit-call/gm)).toHaveLength(2);
  });

  test("it is the program", () => {
    const { status, stdout } = container([IMAGE, "versions"]);
    expect(status).toBe(0);
    expect(stdout).toContain("1.22.0");
  });

  test("bad input: our line, its status, no output", () => {
    const { status, stdout, stderr } = container([IMAGE], LIST.replace("level: safe", "level: saf"));
    expect(status).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).toMatch(/^native-sidecar: <stdin>:\d+:\d+: .*spec\.strip\.level/);
  });

  test("it runs as nobody, by number", () => {
    const uid = ["--entrypoint", "node", IMAGE, "-p", "process.getuid() + ':' + process.getgid()"];
    expect(container(uid).stdout).toBe("65534:65534\n");
  });
});

describe("metadata", () => {
  interface Inspected {
    Config: { User: string; Entrypoint: string[]; Labels: Record<string, string> };
  }
  let inspected: Inspected;
  beforeAll(() => {
    const { stdout } = spawnSync(CONTAINER_TOOL, ["image", "inspect", IMAGE], { encoding: "utf8" });
    [inspected] = JSON.parse(stdout) as [Inspected];
  });

  test("OCI labels", () => {
    const own = Object.keys(inspected.Config.Labels).filter((name) => name.startsWith("org.opencontainers.image."));
    expect(own.map((name) => name.replace(/.*\./, ""))).toEqual(
      expect.arrayContaining(["title", "description", "licenses", "version", "revision"]),
    );
  });

  test("user and entrypoint", () => {
    expect(inspected.Config.User).toBe("65534:65534");
    expect(inspected.Config.Entrypoint).toEqual(["node", "/native-sidecar/start.cjs"]);
  });
});
