import { describe, expect, test } from "vitest";
import { parseTemplate, SPRIG, TemplateError, type Value } from "./index.ts";

function render(text: string, data: Value = {}, functions = SPRIG): string {
  return parseTemplate("t", text, functions).execute(data);
}
function problem(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof TemplateError) return error.message;
    throw error;
  }
  return "no error";
}

describe("errors name template, line and column as Go does", () => {
  test.each([
    ["{{ .a.b.c }}", 't:1:5: executing "t" at <.a.b.c>: nil pointer evaluating interface {}.c'],
    ["\n  {{ .s.x }}", 't:2:7: executing "t" at <.s.x>: can\'t evaluate field x in type interface {}'],
    [
      '{{ define "x" }}{{ index . 1 }}{{ end }}\n{{ template "x" .l }}',
      't:1:19: executing "x" at <index . 1>: error calling index',
    ],
    ['{{ fail "no" }}', 't:1:3: executing "t" at <fail "no">: error calling fail: no'],
    ['{{ template "none" }}', 't:1:12: executing "t" at <{{template "none"}}>: template "none" not defined'],
    ["é{{ trunc 1.5 .s }}", 't:1:11: executing "t" at <1.5>: expected integer; found 1.5'],
    ["{{ add 1 }}{{ nope }}", 't:1: function "nope" not defined'],
    ["a\n{{ if . }}", "t:2: unexpected EOF"],
    ["{{ range . }}\n{{ $x }}", 't:2: undefined variable "$x"'],
    ['{{ "abc }}', "t:1: unterminated quoted string"],
  ])("%s", (text, message) => {
    const data = { a: { b: null }, s: "text", l: [1] };
    expect(problem(() => render(text, data))).toContain(message);
  });
});

describe("hostile templates", () => {
  test.each(["constructor", "__proto__", "toString", "hasOwnProperty", "prototype"])(
    "%s is a key like any other",
    (key) => {
      expect(render(`{{ .${key} }}|{{ index . "${key}" }}|{{ hasKey . "${key}" }}`)).toBe(
        "<no value>|<no value>|false",
      );
      expect(render(`{{ $d := dict "${key}" 1 }}{{ $d.${key} }}{{ toJson $d }}`)).toBe(`1{"${key}":1}`);
      expect(render(`{{ (fromJson "{\\"${key}\\":2}").${key} }}`)).toBe("2");
    },
  );

  test("data of the caller is never changed", () => {
    const data = { map: { a: 1 }, list: ["b", "a"] };
    expect(render('{{ $_ := set .map "a" 2 }}{{ $_ := unset .map "b" }}{{ merge .map (dict "c" 3) }}', data)).toBe(
      "map[a:2 c:3]",
    );
    expect(data).toEqual({ map: { a: 1 }, list: ["b", "a"] });
  });

  test.each([
    [
      "an endless recursion",
      '{{ define "x" }}{{ template "x" . }}{{ end }}{{ template "x" . }}',
      "exceeded maximum template depth (500)",
    ],
    ["a long range", "{{ range until 3000000 }}{{ range until 1000 }}x{{ end }}{{ end }}", "more than 5000000 steps"],
    ["a long text", '{{ repeat 1000000000 "x" }}', "the text is longer than"],
    [
      "a doubled text",
      '{{ $x := "xxxxxxxxxxxxxxxx" }}{{ range until 40 }}{{ $x = print $x $x }}{{ end }}',
      "the text is longer than",
    ],
    ["much output", '{{ $x := repeat 1000000 "x" }}{{ range until 100 }}{{ $x }}{{ end }}', "the text is longer than"],
    ["doubled lists", "{{ $x := list 1 }}{{ range until 60 }}{{ $x = list $x $x }}{{ end }}{{ toJson $x }}", "steps"],
    ["a map within itself", '{{ $d := dict }}{{ $_ := set $d "d" $d }}{{ $d }}', "nested deeper than 500"],
    ["many parentheses", `{{ ${"(".repeat(5000)}1${")".repeat(5000)} }}`, "max expression depth exceeded"],
    ["many blocks", `${"{{ if . }}".repeat(5000)}${"{{ end }}".repeat(5000)}`, "max depth of nested actions exceeded"],
  ])("%s ends with an error that names the place", (_, text, message) => {
    const error = problem(() => render(text));
    expect(error).toMatch(/^template: t:1:/);
    expect(error).toContain(message);
  });

  test.each([
    ['{{ regexMatch "(a*)*(a*)*b" (repeat 5000 "a") }}', "false"],
    ['{{ regexMatch "(x+x+)+y" (repeat 5000 "x") }}', "false"],
    ['{{ regexReplaceAll "(a|aa)+$" (repeat 2000 "a") "b" }}', "b"],
    ['{{ semverCompare (repeat 300 ">1 ") "1.2.3" }}', "false"],
  ])("%s takes linear time", (text, expected) => {
    const start = performance.now();
    expect(render(text)).toBe(expected);
    expect(performance.now() - start).toBeLessThan(2000);
  });

  test("no function reaches the environment, the clock or chance", () => {
    for (const name of ["env", "expandenv", "now", "randAlpha", "uuidv4", "getHostByName"]) {
      expect(problem(() => render(`{{ ${name} "PATH" }}`))).toContain("cannot be rendered offline");
    }
  });
});

describe("Go's own values", () => {
  test.each<[string, string]>([
    ["{{ .f }} {{ .g }} {{ .h }}", "1e+06 600 1.5"],
    ['{{ printf "%T %T %T %T" .f .l .m .s }}', "float64 []interface {} map[string]interface {} string"],
    ['{{ len "日本" }} {{ trunc 4 "日本" }} {{ "日本" | trunc 3 }}', "6 日\ufffd 日"],
    ["{{ range $k, $v := .m }}{{ $k }}={{ $v }},{{ end }}", "a=<no value>,b=2,"],
    ["{{ range 3 }}{{ . }}{{ else }}none{{ end }}", "012"],
    ['{{ and 1 0 .none.x }}{{ or 0 2 (fail "") }}', "02"],
    ['{{ eq 1 2 1 }} {{ ne .s "x" }} {{ lt 1.5 2.0 }}', "true true true"],
    ["{{ with $x := .m.b }}{{ $x }}{{ else with .s }}{{ . }}{{ end }}", "2"],
    ["{{- /* gone */ -}} x {{- 1 -}} y", "x1y"],
    ["{{ break | print }}", "no"],
  ])("%s", (text, expected) => {
    const data = { f: 1e6, g: 600, h: 1.5, l: [1], m: { b: 2, a: null }, s: "text" };
    if (expected === "no") expect(problem(() => render(text, data))).toContain("in {{break}}");
    else expect(render(text, data)).toBe(expected);
  });

  test("other delimiters, and templates by name", () => {
    const template = parseTemplate("t", '<<define "x">><<.>>!<<end>>{{ . }}<< template "x" . >>', SPRIG, {
      delimiters: { left: "<<", right: ">>" },
    });
    expect(template.execute("a")).toBe("{{ . }}a!");
    expect(template.execute("b", "x")).toBe("b!");
  });
});
