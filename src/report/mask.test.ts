import { describe, expect, it } from "vitest";
import { maskSecrets } from "./mask.ts";

describe("maskSecrets", () => {
  it.each([
    ['curl -H "Authorization: Bearer abc.def-1" http://x', 'curl -H "Authorization: Bearer ***" http://x'],
    ["curl -H 'authorization: Basic dXNlcjpwdw==' x", "curl -H 'authorization: Basic ***' x"],
    ["curl -H Authorization:s3cr3t x", "curl -H Authorization:*** x"],
    ["wget --header='Proxy-Authorization: token 0123' x", "wget --header='Proxy-Authorization: token ***' x"],
    ['curl -H "Authorization: SharedAccess sr=x y" http://x', 'curl -H "Authorization: SharedAccess ***" http://x'],
    ["curl -u admin:hunter2 http://x", "curl -u admin:*** http://x"],
    ["curl -uadmin:hunter2 http://x", "curl -uadmin:*** http://x"],
    ["curl --user 'admin:hunter2' http://x", "curl --user 'admin:***' http://x"],
    ["curl --oauth2-bearer hunter2 http://x", "curl --oauth2-bearer *** http://x"],
    ["mysqldump --password=hunter2 db", "mysqldump --password=*** db"],
    ["tool --db-password hunter2 --keep", "tool --db-password *** --keep"],
    ["PGPASSWORD=hunter2 psql", "PGPASSWORD=*** psql"],
    ['{"client_secret": "hunter2", "name": "x"}', '{"client_secret": "***", "name": "x"}'],
    ["git clone https://bot:hunter2@git.example/x", "git clone https://bot:***@git.example/x"],
    ["git clone https://0123456789abcdef0123@git.example/x", "git clone https://***@git.example/x"],
    ["curl 'https://x/y?access_token=hunter2&page=2'", "curl 'https://x/y?access_token=***&page=2'"],
    ["echo ghp_0123456789abcdefghijABCD", "echo ***"],
    ["curl -u a:hunter2; next", "curl -u a:***; next"],
    ["x=$(curl -u a:hunter2); y", "x=$(curl -u a:***); y"],
    ["tool --token hunter2; next", "tool --token ***; next"],
    ["tool --token hunter2&& next", "tool --token ***&& next"],
    ["curl https://x/y?token=hunter2| next", "curl https://x/y?token=***| next"],
    ["tool --password 'hunter;2;' x", "tool --password '***' x"],
    ["curl -H 'X-Vault-Token: hvs.abc' x", "curl -H 'X-Vault-Token: ***' x"],
  ])("masks %s", (text, masked) => expect(maskSecrets(text)).toBe(masked));

  it.each([
    "curl -X POST http://localhost:15020/quitquitquit",
    'curl -H "Authorization: Bearer $TOKEN" http://x',
    'curl -u "$USER:$PASSWORD" http://x',
    "mysql --password=$(cat /run/secret) db",
    "tool --password-file /run/secret",
    "tool --token ; next",
    "ssh git@github.com",
    "until curl -fs http://127.0.0.1:15021/healthz/ready; do sleep 1; done",
    "kubectl create secret generic x",
  ])("leaves %s", (text) => expect(maskSecrets(text)).toBe(text));

  it("is quick on text that resembles secrets", () => {
    const text = `${"password".repeat(20_000)} ${"https://a:".repeat(20_000)} ${"--token ".repeat(20_000)}`;
    const start = performance.now();
    maskSecrets(text);
    expect(performance.now() - start).toBeLessThan(2_000);
  });
});
