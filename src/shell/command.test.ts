import { describe, expect, test } from "vitest";
import { classifyArgv, readContainerCommand } from "./command.ts";

describe("a shell runs a string", () => {
  test.each([
    [["sh", "-c", "x"], [], "command", 2, false],
    [["/bin/bash", "-ec"], ["x"], "args", 0, true],
    [["sh"], ["-c", "x"], "args", 1, false],
    [["/usr/bin/env", "bash", "-c", "x"], [], "command", 3, false],
    [["tini", "-g", "--", "/bin/sh", "-c"], ["x"], "args", 0, false],
    [["bash", "-o", "pipefail", "-c", "x"], [], "command", 4, false],
    [["bash", "-euxo", "pipefail", "-c", "x"], [], "command", 4, true],
    [["bash", "-o", "errexit", "-c", "x"], [], "command", 4, true],
    [["busybox", "sh", "-c", "x"], [], "command", 3, false],
    [["sh", "-c", "--", "x"], [], "command", 3, false],
    [["scuttle", "sh", "-c", "x"], [], "command", 3, false],
    [[], ["sh", "-c", "x"], "args", 2, false],
    [["/docker-entrypoint.sh"], ["sh", "-c", "x"], "args", 2, false],
    [["timeout", "-k", "5", "60", "sh", "-c", "x"], [], "command", 6, false],
  ] as const)("%j %j", (command, args, list, index, errexit) => {
    expect(readContainerCommand(command, args)).toMatchObject({ kind: "script", errexit, place: { list, index } });
  });
});

test("no shell runs it", () => {
  expect(readContainerCommand(["/checker"], ["-c", "x"]).kind).toBe("program");
  expect(readContainerCommand([], ["--url", "x"]).kind).toBe("program");
  expect(readContainerCommand(["kubectl", "exec", "p", "--", "sh", "-c", "x"], []).kind).toBe("program");
  expect(readContainerCommand(["sh", "/run.sh"], []).kind).toBe("shell");
  expect(readContainerCommand(["python3", "-c"], ["x"])).toMatchObject({
    kind: "code",
    place: { list: "args", index: 0 },
  });
  expect(readContainerCommand(["node", "-e", "x"], [])).toMatchObject({
    kind: "code",
    place: { list: "command", index: 2 },
  });
});

test("wrapper words are named", () => {
  const run = readContainerCommand(["tini", "--", "/usr/bin/scuttle"], ["main"]);
  expect(run).toMatchObject({ kind: "program", program: 3, wrappers: [{ list: "command", index: 2 }] });
  expect(readContainerCommand(["/opt/bin/kubexit", "main"], []).wrappers).toEqual([]);
  expect(readContainerCommand(["/opt/bin/kubexit", "main"], [], new Set(["kubexit"])).wrappers).toHaveLength(1);
});

test("a command line without a shell", () => {
  const quit = "http://localhost:15020/quitquitquit";
  expect(classifyArgv(["curl", "-X", "POST", quit])).toEqual({ kind: "quit", probe: false });
  expect(classifyArgv(["timeout", "5", "wget", "-qO-", "http://127.0.0.1:15021/healthz/ready"])?.kind).toBe("wait");
  expect(classifyArgv(["pkill", "-TERM", "-f", "/usr/local/bin/pilot-agent"])?.kind).toBe("kill");
  expect(classifyArgv(["curl", "$(URL)"], new Map([["URL", "localhost:15000/quitquitquit"]]))?.kind).toBe("quit");
  expect(classifyArgv(["/checker", quit])).toBeUndefined();
  expect(classifyArgv(["curl", "-H", `X: ${quit}`, "http://web/"])).toBeUndefined();
  expect(classifyArgv(["curl", quit, "http://web/"])?.besides).toMatch(/other addresses/);
});
