/** The repository in which `peernet who-has` compares, and its refusals. */

import { expect, test } from "bun:test";
import { join } from "node:path";
import { repository, temporaryFolder } from "../../support/repository.ts";
import { run } from "../support.ts";

const answers = { "overlap/who": async () => ({ sessions: [], not_compared: [] }) };

/** The outcome of a command that runs in a folder. */
async function whoHas(cwd: string, ...words: readonly string[]) {
  using home = temporaryFolder();
  const environment = { HOME: home.path };
  return await run(["who-has", ...words], { answers, cwd, environment, home: home.path });
}

test("who-has compares in the repository of its file, wherever it runs", async () => {
  using repo = repository();
  using elsewhere = temporaryFolder();
  const file = join(repo.tree, "a.txt");
  for (const [cwd, word] of [
    [elsewhere.path, file],
    [repo.tree, "a.txt"],
    [repo.tree, "gone/a.txt"],
  ] as const) {
    const { exit, out } = await whoHas(cwd, word);
    const path = word === file ? "a.txt" : word;
    expect([exit, out]).toEqual([0, `no other live session has changed ${path}\n`]);
  }
});

test("who-has says why it cannot compare, with a hint that ends it", async () => {
  using repo = repository();
  using elsewhere = temporaryFolder();
  repo.git("clone", "-q", "--shared", repo.tree, join(repo.path, "shared"));
  repo.git("init", "-q", join(repo.path, "empty"));
  for (const [cwd, words, message, hint] of [
    [elsewhere.path, ["a.txt"], "is in none", "name a file in a work tree"],
    [repo.tree, ["a.txt", "../b.txt"], "../b.txt is no file of the work tree", "one work tree"],
    [join(repo.tree, ".."), ["hydrate"], "is no file of the work tree", "one work tree"],
    [join(repo.path, "shared"), ["a.txt"], "leads to another repository", "--no-local"],
    [join(repo.path, "empty"), ["a.txt"], "no commit yet", "git commit"],
  ] as const) {
    const { exit, err } = await whoHas(cwd, ...words);
    expect([exit, err.includes(message), err.includes(hint)]).toEqual([2, true, true]);
  }
});

test("who-has refuses a folder, of which it cannot say that no file changed", async () => {
  using repo = repository();
  repo.write("hydrate/src/new.ts", "new");
  const { exit, err } = await whoHas(repo.tree, "src");
  expect([exit, err]).toEqual([
    2,
    "peernet: error: src is a folder, and files are compared\n" +
      "peernet: hint: name its files: peernet who-has $(git ls-files FOLDER)\n",
  ]);
});
