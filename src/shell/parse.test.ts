import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { parseShell } from "./parse.ts";

// Each text is judged by bash -n as well.
const FAULTS = [
  ...["if a; then fi", "a &&", "a | ", "(a", "a)", "f() {", "{ a }", "while a; do", "do a; done", "echo 'x", "echo `a"],
  ...["echo $(a", "a ; ; b", "&& a", "a &; b", "if a; then b; else; fi", "a\n&& b", "a;; b", "case x in a) b esac"],
  ...["if a; then b\n# c\n; fi", "a\n; b", "{ a( b; }", "if a (; then b; fi", "while a; ! do b; done", "echo ${x"],
];
const RIGHT = [
  ...["a", "if ! a; then b; fi", "case x in (a|b) c;; *) ;; esac", "f() { a; } && f", "for x; do a; done", "#c", ""],
  ...["for ((i=0;i<3;i++)); do a; done", "(a;)", "x=(a b)", "a | { b; } # c", "[[ -n x && ( -z y || -z z ) ]] || a"],
  ...["echo $(case x in a) b;; esac)", "a &\nb", "cat <<E | sh # c\n(;\nE\nb", "case x in a) b; ;; esac", "a \\\n; b"],
];

test.each([...FAULTS, ...RIGHT])("accepts what bash accepts: %j", (text) => {
  const accepted = spawnSync("bash", ["-n", "-c", text]).status === 0;
  expect(accepted).toBe(RIGHT.includes(text));
  expect(parseShell(text).error === undefined).toBe(accepted);
});

test("a here-document without its end is a fault, though shells only warn", () => {
  expect(parseShell("cat <<E\nx").error).toBeDefined();
});
