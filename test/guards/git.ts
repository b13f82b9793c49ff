/** Guards of reading a repository. */

import type { Guard } from "./guard.ts";

/** Guards by which a folder reveals only its own repository, and runs no program. */
export const gitGuards: readonly Guard[] = [
  {
    name: "a config that a repository includes is not read",
    source: "src/session/git/opened.ts",
    find: '"--no-includes", ',
    replace: "",
    file: "test/session/git/repository.test.ts",
    test: "a config that another includes is not read",
  },
  {
    name: "git reads no config but the one that was written for it",
    source: "src/session/git/frozen.ts",
    find: "  GIT_DIR: folder,",
    replace: "",
    file: "test/session/git/running.test.ts",
    test: "describe() gives git nothing of our environment",
  },
  {
    name: "a part of a repository is no link",
    source: "src/session/git/entries.ts",
    find: 'return real !== null && isInside(real, look.home) ? "odd_layout" : "foreign";',
    replace: 'return real === null ? "foreign" : null;',
    file: "test/session/git/repository.test.ts",
    test: "P31: A folder tells git facts of its own repository or none",
  },
  {
    name: "alternates lead nowhere else",
    source: "src/session/git/repository.ts",
    find: 'return lines.every((line) => resolve(objects, line) === objects) ? null : "foreign";',
    replace: 'return lines.length < 0 ? "foreign" : null;',
    file: "test/session/git/repository.test.ts",
    test: "P31: A folder tells git facts of its own repository or none",
  },
  {
    name: "core.worktree is the folder itself",
    source: "src/session/git/opened.ts",
    find: 'if (named !== undefined && !isNamed) return "foreign";',
    replace: "",
    file: "test/session/git/repository.test.ts",
    test: "P31: A folder tells git facts of its own repository or none",
  },
  {
    name: "another user's folder is not read",
    source: "src/session/git/opened.ts",
    find: "if (!repository.isOurs && !isSafeDirectory(user, repository.root, home))",
    replace: "if (repository.isOurs && user === null)",
    file: "test/session/git/repository.test.ts",
    test: "another user's work tree is refused",
  },
  {
    name: "no git of a work tree is run",
    source: "src/session/git/program.ts",
    find: "if (isOpen || (at !== real && (await isWorkTree(at)))) return null;",
    replace: "if (isOpen) return null;",
    file: "test/session/git/program.test.ts",
    test: "soundProgram() refuses a program in a work tree",
  },
  {
    name: "no git that others can write is run",
    source: "src/session/git/program.ts",
    find: "if (isOpen || (at !== real && (await isWorkTree(at)))) return null;",
    replace: "if (at !== real && (await isWorkTree(at))) return null;",
    file: "test/session/git/program.test.ts",
    test: "soundProgram() refuses what another user can write",
  },
  {
    name: "a git's memory is bounded",
    source: "src/platform/process/run.ts",
    find: "const memory = `ulimit -d ",
    replace: "const memory = `: ",
    file: "test/platform/process/run.test.ts",
    test: "limited() ends a program that allocates more",
  },
  {
    name: "a count that only a filter could tell is no count",
    source: "src/session/git/tracked.ts",
    find: 'return isFiltered ? "filtered" : found;',
    replace: "return isFiltered ? found : found;",
    file: "test/session/git/filters.test.ts",
    test: "describe() does not count files that only a filter",
  },
];
