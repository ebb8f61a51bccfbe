import { expect, test } from "vitest";
import { randomFrom } from "../../go-template/random-templates.test-data.ts";
import { parseGoYaml, YamlError } from "../templates/go-yaml.ts";
import { type KnownBlocks, readSimple } from "./read-yaml.ts";

const BASE = `metadata:
  labels:
    security.istio.io/tlsMode: "istio"
    service.istio.io/canonical-name: 'web''s'
  annotations: {
    istio.io/rev: "default",
    kubectl.kubernetes.io/default-container: "a\\tb",
    plain: text, "quoted/key": 12,
  }
spec:
  initContainers:
  - name: istio-init
    image: "docker.io/istio/proxyv2:1.28.6"
    args:
    - istio-iptables
    - "-p"
    - --run-validation
    -
      - nested
    securityContext:
      privileged: false
      runAsUser: 0
      capabilities:
        add: []
        drop:
        - ALL
    # a comment

  - name: istio-proxy # another one
    env:
    - name: PROXY_CONFIG
      value: |
             {"a": "b # no comment"}

    - name: PORTS
      value: |-
        [
          {"containerPort":80}
        ]
    resources: {}
    empty:
  volumes:
    - emptyDir:
        medium: Memory
      name: x
    - {name: y, emptyDir: {}, list: [1, "two", three]}
  yes: off
  number: 0x1F
  octal: 010
  text: a: b
  date: 2001-01-01
`;

/** As JSON with keys in order. */
function inOrder(value: unknown): string {
  return JSON.stringify(value, (_, one: unknown) => {
    const isMap = typeof one === "object" && one !== null && !Array.isArray(one);
    return isMap ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1))) : one;
  });
}

function parsed(text: string): string {
  try {
    return inOrder(parseGoYaml(text));
  } catch (error) {
    if (error instanceof YamlError) return `error ${error.message}`;
    throw error;
  }
}

test("what the reader reads by itself is what the YAML library reads", () => {
  const lines = BASE.split("\n");
  const random = randomFrom(7);
  const snippets = [
    "  ",
    " ",
    "- ",
    "#",
    ": ",
    '"',
    "'",
    "{",
    "}",
    "[",
    "]",
    ",",
    "|",
    ">",
    "&a ",
    "*a",
    "\n",
    "!!str ",
    "~",
    "?",
    "<<: ",
    "-",
    "x",
  ];
  const known: KnownBlocks = new Map();
  let simple = 0;
  for (let round = 0; round < 4000; round++) {
    const start = random.below(lines.length);
    const chosen = random.chance(0.5) ? lines.slice(start, start + 1 + random.below(12)) : [...lines];
    const text = chosen.filter(() => !random.chance(0.05)).join("\n");
    const at = random.below(text.length + 1);
    const mutated = random.chance(0.7)
      ? text.slice(0, at) + random.pick(snippets) + text.slice(at + random.below(3))
      : text;
    const read = readSimple(mutated);
    // What was read before of other texts changes nothing.
    expect(JSON.stringify(readSimple(mutated, known)), mutated).toBe(JSON.stringify(read));
    if (read === undefined) continue;
    simple++;
    expect(inOrder(read), mutated).toBe(parsed(mutated));
  }
  expect(simple).toBeGreaterThan(300);
});
