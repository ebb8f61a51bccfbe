import { expect, test } from "vitest";
import { findTextCalls, isProse } from "./text-calls.ts";

const kinds = (text: string): string[] => findTextCalls(text).map((call) => call.kind);

test("calls in other languages are found by their address", () => {
  expect(kinds("requests.post('http://localhost:15020/quitquitquit')")).toEqual(["quit"]);
  expect(kinds(`c = HTTPConnection("localhost", 15020)\nc.request("POST", "/quitquitquit")`)).toEqual(["quit"]);
  expect(kinds("fetch('http://127.0.0.1:15021/healthz/ready')")).toEqual(["wait"]);
  expect(kinds("os.system('pkill -f pilot-agent')")).toEqual(["kill"]);
  expect(kinds(`{"onExit": "http://localhost:15000/quitquitquit"}`)).toEqual(["quit"]);
});

test("comments, prose and other ports are no calls", () => {
  expect(kinds("# curl localhost:15020/quitquitquit\n// http://localhost:15020/quitquitquit")).toEqual([]);
  expect(kinds("x = 1  # http://localhost:15020/quitquitquit")).toEqual([]);
  expect(kinds("To end it run `curl -X POST localhost:15020/quitquitquit`.")).toEqual([]);
  expect(kinds("http://localhost:9901/quitquitquit http://web:15020/quitquitquit")).toEqual([]);
  expect(kinds("pkill -f envoy-config-render")).toEqual([]);
  expect(["README.md", "notes.txt"].every(isProse)).toBe(true);
  expect(isProse("run.sh")).toBe(false);
});
