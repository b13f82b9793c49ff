/** Bundles that try to leave their place: each is refused by name, and changes nothing. */

import { afterAll, beforeAll, describe, expect } from "bun:test";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { TaskPlace } from "../../../src/contract/tasks/errands.ts";
import { canDelegate, cannotDelegate, type Delegated, delegated } from "../../support/delegated.ts";
import { giveTo } from "../../support/ordinary.ts";
import { skipUnless } from "../../support/skip.ts";

const test = skipUnless(canDelegate, cannotDelegate);
let user: Delegated;
let clone: string;
/** A repository of the attacker, with the same base. */
let other: string;
let base: string;
const place: TaskPlace = { kind: "repository", name: "clone", path: "~/clone", clone: null };
const git = (words: readonly string[], cwd = other): string => user.run(["git", ...words], cwd);
const sh = (script: string): string => user.run(["sh", "-ec", script], other).trim();

beforeAll(() => {
  if (!canDelegate) return;
  user = delegated();
  clone = join(user.folder, "clone");
  other = join(user.folder, "other");
  mkdirSync(clone);
  giveTo(clone);
  git(["init", "-q", "-b", "main"], clone);
  user.write(join(clone, "a.txt"), "one\n");
  git(["add", "-A"], clone);
  git(["commit", "-qm", "first"], clone);
  base = git(["rev-parse", "HEAD"], clone).trim();
  git(["clone", "-q", clone, other], user.folder);
});
afterAll(async () => {
  if (canDelegate) await user[Symbol.asyncDispose]();
});

const blob = "$(echo x | git hash-object -w --stdin)";
/** A script that prints a tree with one more entry, whose name git itself would not write. */
const treeWith = (mode: string, name: string, sha: string): string =>
  `sha=${sha}; { git cat-file tree HEAD^{tree}; printf '${mode} ${name}\\0'; ` +
  `printf "$(echo $sha | sed 's/../\\\\x&/g')"; } > raw; ` +
  "git hash-object -t tree --literally -w raw";

/** Makes a commit of a tree, and its bundle; returns what a result would tell of it. */
function bundleOf(tree: string, more: { parent?: string; refs?: string } = {}) {
  const { parent = base, refs = "refs/heads/task" } = more;
  const bash = (script: string) => user.run(["bash", "-ec", script], other).trim();
  const sha = bash(tree);
  const commit = sh(`git commit-tree ${sha} -p ${parent} -m x`);
  sh(`git update-ref refs/heads/task ${commit}; git update-ref refs/heads/more ${commit}`);
  sh(`rm -f x.bundle; git bundle create -q x.bundle ${refs} ^${base}`);
  const path = join(other, "x.bundle");
  const bytes = readFileSync(path);
  const sha256 = new Bun.SHA256().update(bytes).digest("hex");
  return { path, commit, bundle: { bytes: bytes.length, sha256 } };
}

type Made = ReturnType<typeof bundleOf>;

/** The answer to an import of a bundle. */
async function importOf({ path, commit, bundle }: Made): Promise<string> {
  const task_id = Bun.randomUUIDv7();
  const asked = join(user.state, "tasks-asked", task_id, "1");
  user.run(["mkdir", "-p", asked]);
  user.run(["cp", path, join(asked, "tree.bundle")]);
  const id = { task_id, round: 1, root: clone, machine: "mini", name: "x" };
  const end = await user.errand("task_import", { ...id, base, commit, bundle });
  return end.imported ? "imported" : end.why;
}

/** The gates of a task whose base comes in a bundle. */
async function weighed({ path, commit }: Made): Promise<readonly string[]> {
  const task_id = Bun.randomUUIDv7();
  const round = join(user.state, "tasks", task_id, "1");
  user.run(["mkdir", "-p", round]);
  user.run(["cp", path, join(round, "bundle")]);
  const { gates } = await user.errand("task_weigh", {
    ...{ task_id, round: 1, place, base: commit, bases: ["main"], bundled: true, usd: null },
    ...{ profile: "test", runner: null, command: ["true"], network: "none" },
  });
  return gates.map(({ gate, why }) => `${gate}: ${why}`);
}

const objectsNow = (): string =>
  user.run(["sh", "-c", "find .git -type f | sort | xargs sha1sum"], clone);

describe("importResult()", () => {
  const promise =
    "P75: A commit comes home only as one ref on the base that was sent, after git checked each of " +
    "its objects in a quarantine.";
  const trees: readonly (readonly [string, string, string])[] = [
    ["a folder named ..", treeWith("40000", "..", "$(git rev-parse HEAD^{tree})"), "refused"],
    ["a folder named .git", treeWith("40000", ".git", "$(git rev-parse HEAD^{tree})"), "refused"],
    ["a folder named .GIT", treeWith("40000", ".GIT", "$(git rev-parse HEAD^{tree})"), "refused"],
    ["a folder named git~1", treeWith("40000", "git~1", "$(git rev-parse HEAD^{tree})"), "refused"],
    ["a name with a slash", treeWith("100644", "b/c", blob), "refused"],
    [
      "a hostile .gitmodules",
      treeWith(
        "100644",
        ".gitmodules",
        `$(printf '[submodule "../x"]\\n\\tpath = -x\\n\\turl = -u./x\\n' | ` +
          "git hash-object -w --stdin)",
      ),
      "refused",
    ],
    ["a submodule", treeWith("160000", "sub", "$(git rev-parse HEAD)"), "mode"],
    [
      "a link out of the tree",
      treeWith("120000", "l", "$(printf ../../etc | git hash-object -w --stdin)"),
      "link",
    ],
    [
      "an absolute link",
      treeWith("120000", "l", "$(printf /etc/passwd | git hash-object -w --stdin)"),
      "link",
    ],
    [
      "a link into .git",
      treeWith("120000", "l", "$(printf .git/config | git hash-object -w --stdin)"),
      "link",
    ],
  ];
  for (const [what, tree, why] of trees) {
    test(`${promise} (not ${what})`, async () => {
      const before = objectsNow();
      expect(await importOf(bundleOf(tree))).toBe(why);
      expect(objectsNow()).toBe(before);
    });
  }

  test("D10: refuses two refs, another base, and a form that it does not know", async () => {
    const tree = treeWith("100644", "b", blob);
    const before = objectsNow();
    expect(await importOf(bundleOf(tree, { refs: "refs/heads/task refs/heads/more" }))).toBe(
      "bundle",
    );
    const between = sh(`git commit-tree ${base}^{tree} -p ${base} -m between`);
    expect(await importOf(bundleOf(tree, { parent: between }))).toBe("base");
    const text = "# v2 git bundle\nnothing\n\n";
    user.write(join(other, "x.bundle"), text);
    const sha256 = new Bun.SHA256().update(text).digest("hex");
    const path = join(other, "x.bundle");
    const odd = { path, commit: base, bundle: { bytes: text.length, sha256 } };
    expect(await importOf(odd)).toBe("bundle");
    expect(objectsNow()).toBe(before);
  });

  test("takes a commit with a file and a link inside of the tree", async () => {
    expect(await importOf(bundleOf(treeWith("100644", "b", blob)))).toBe("imported");
    const link = "$(printf ./a.txt | git hash-object -w --stdin)";
    expect(await importOf(bundleOf(treeWith("120000", "l", link)))).toBe("imported");
  });
});

describe("baseGates()", () => {
  test("D10: refuses a hostile bundle before a person is asked", async () => {
    const hostile = treeWith("40000", ".git", "$(git rev-parse HEAD^{tree})");
    expect(await weighed(bundleOf(hostile))).toEqual(["bundle: bundle_refused"]);
    expect(await weighed(bundleOf(treeWith("100644", "b", blob)))).toEqual([]);
    const two = bundleOf(treeWith("100644", "b", blob), {
      refs: "refs/heads/task refs/heads/more",
    });
    expect(await weighed(two)).toEqual(["bundle: bundle_form"]);
    const good = bundleOf(treeWith("100644", "b", blob));
    expect(await weighed({ ...good, commit: "a".repeat(40) })).toEqual(["bundle: another_commit"]);
  });

  test("D10: refuses a bundle on a commit that no named ref reaches", async () => {
    sh(`git update-ref refs/heads/apart $(git commit-tree ${base}^{tree} -m apart)`);
    const tree = treeWith("100644", "c", blob);
    const made = bundleOf(tree, { parent: "refs/heads/apart", refs: "refs/heads/task" });
    expect(await weighed(made)).not.toEqual([]);
  });
});
