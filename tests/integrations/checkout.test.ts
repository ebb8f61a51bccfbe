import { mkdirSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { emptyDirectory, filesIn } from "../e2e/case-folder.ts";
import { commitAll, ownRepository } from "./checkout.ts";

test("a checkout's node_modules stays out, also where it is a link", () => {
  const [root, elsewhere] = [emptyDirectory(), emptyDirectory()];
  writeFileSync(join(root, ".gitignore"), "node_modules/\n");
  for (const file of ["a.ts", "gone.ts"]) writeFileSync(join(root, file), "");
  commitAll(root, "The project");
  unlinkSync(join(root, "gone.ts"));
  writeFileSync(join(root, "new.ts"), "");
  mkdirSync(join(elsewhere, "vitest"));
  symlinkSync(elsewhere, join(root, "node_modules"));
  const names = [...filesIn(ownRepository(root)).keys()].filter((name) => !name.startsWith(".git/"));
  expect(names).toEqual([".gitignore", "a.ts", "new.ts"]);
});
