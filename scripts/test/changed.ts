/** Chooses the tests that stand for a change: test/ mirrors src/, folder by folder. */

import { existsSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { isTest } from "./gates.ts";

/** Tests that hold a whole kind of file, by the beginning of its path. */
const kinds: readonly (readonly [start: string, test: string])[] = [
  ["src/", "test/architecture.test.ts"],
  ["test/", "test/architecture.test.ts"],
  ["scripts/", "test/architecture.test.ts"],
  ["scripts/", "test/scripts"],
  ["scripts/install.sh", "test/install"],
  ["scripts/release", "test/release"],
  ["docs/", "test/documents.test.ts"],
  ["README.md", "test/documents.test.ts"],
  ["SECURITY.md", "test/security.test.ts"],
  [".github/", "test/workflow.test.ts"],
  ["package", "test/supply-chain.test.ts"],
];

/** Lists the files that differ from where this branch left main, with those not yet added. */
export function changedFiles(root: string): readonly string[] {
  const git = (...words: readonly string[]): string | null => {
    const { exitCode, stdout } = Bun.spawnSync(["git", ...words], { cwd: root, stderr: "ignore" });
    return exitCode === 0 ? stdout.toString().trim() : null;
  };
  const base = git("merge-base", "HEAD", "main") ?? git("merge-base", "HEAD", "origin/main");
  const changed = git("diff", "--name-only", base ?? "HEAD") ?? "";
  const added = git("ls-files", "--others", "--exclude-standard") ?? "";
  return [...changed.split("\n"), ...added.split("\n")].filter((path) => path !== "");
}

/** Names the test files and folders of changed files; of a folder, not also the files in it. */
export function testsOf(changed: readonly string[], root: string): readonly string[] {
  const found = new Set(
    changed.flatMap((path) => [
      ...kinds.flatMap(([start, test]) => (path.startsWith(start) ? [test] : [])),
      ...mirrored(path, root),
    ]),
  );
  const tests = [...found].filter((path) => existsSync(join(root, path))).sort();
  return tests.filter((path) => !tests.some((other) => path.startsWith(`${other}/`)));
}

function mirrored(path: string, root: string): readonly string[] {
  if (path.startsWith("test/") && isTest(path)) return [path];
  if (!path.startsWith("src/") && !path.startsWith("test/")) return [];
  // The nearest folder that there is; all of test/ stands for no file in particular.
  let folder = join("test", dirname(path).split("/").slice(1).join("/"));
  while (folder !== "test" && !isFolder(join(root, folder))) folder = dirname(folder);
  return folder === "test" ? [] : [folder];
}

const isFolder = (path: string): boolean => existsSync(path) && statSync(path).isDirectory();
