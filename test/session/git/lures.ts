/** Folders whose `.git` leads elsewhere, made by someone who knows the other repository. */

import { cpSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Repository } from "../../support/repository.ts";

/** A lure beside a repository whose commit, files and paths its maker knows. */
export interface Lure {
  /** The other repository's `.git`. */
  readonly secret: string;
  readonly sha: string;
  /** The lure's own folder, a repository of its own with a commit and `a.txt`. */
  readonly folder: string;
  write(name: string, text: string): void;
  link(name: string, target: string): void;
  /** Has the lure's config say something. */
  set(key: string, value: string): void;
}

/** Makes a lure beside a repository. */
export function lureBeside(repo: Repository): Lure {
  const folder = join(repo.path, "lure");
  repo.git("init", "-q", "--initial-branch=main", folder);
  writeFileSync(join(folder, "a.txt"), "water\n");
  repo.git("-C", folder, "add", ".");
  repo.git("-C", folder, "commit", "-qm", "Lure");
  const write = (name: string, text: string): void => {
    rmSync(join(folder, name), { recursive: true, force: true });
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  };
  const link = (name: string, target: string): void => {
    write(name, "");
    rmSync(join(folder, name));
    symlinkSync(target, join(folder, name));
  };
  return {
    secret: join(repo.tree, ".git"),
    sha: repo.git("rev-parse", "HEAD"),
    folder,
    write,
    link,
    set: (key, value) => {
      repo.git("config", "-f", join(folder, ".git", "config"), key, value);
    },
  };
}

/** Makes the lure's folder a linked work tree of a repository that lies in the lure itself. */
export function linkedInside({ folder, write }: Lure): void {
  cpSync(join(folder, ".git"), join(folder, "fake"), { recursive: true });
  rmSync(join(folder, ".git"), { recursive: true });
  write(".git", "gitdir: fake/worktrees/x\n");
  write("fake/worktrees/x/HEAD", "ref: refs/heads/main\n");
  write("fake/worktrees/x/commondir", "../..\n");
  write("fake/worktrees/x/gitdir", `${join(folder, ".git")}\n`);
}

/** Makes the lure's folder a submodule of a repository that lies in the lure itself. */
export function submoduleInside({ folder, write }: Lure): void {
  cpSync(join(folder, ".git"), join(folder, "fake"), { recursive: true });
  rmSync(join(folder, ".git"), { recursive: true });
  write(".git", "gitdir: fake\n");
  write("fake/config", `[core]\n\tworktree = ${folder}\n`);
}

/** Ways to make a lure, each by its name. */
export type Ways = Readonly<Record<string, (lure: Lure) => void>>;

/** Ways by which a folder could have git read commits of another repository. */
export const foreign: Ways = {
  "its .git is a link": ({ link, secret }) => link(".git", secret),
  "its .git shares another's history": ({ write, secret }) =>
    write(".git/commondir", `${secret}\n`),
  "its HEAD is a link": ({ link, secret }) => link(".git/HEAD", join(secret, "HEAD")),
  "its objects are a link": ({ link, secret }) => link(".git/objects", join(secret, "objects")),
  "its packs are a link": ({ link, secret }) =>
    link(".git/objects/pack", join(secret, "objects/pack")),
  "a folder of its objects is a link": ({ link, secret, sha, write }) => {
    link(`.git/objects/${sha.slice(0, 2)}`, join(secret, "objects", sha.slice(0, 2)));
    write(".git/refs/heads/main", `${sha}\n`);
  },
  "one of its objects is a link": ({ link, secret, sha, write }) => {
    const path = `objects/${sha.slice(0, 2)}/${sha.slice(2)}`;
    link(`.git/${path}`, join(secret, path));
    write(".git/refs/heads/main", `${sha}\n`);
  },
  "its refs are a link": ({ link, secret }) => link(".git/refs", join(secret, "refs")),
  "its branch is a link": ({ link, secret }) =>
    link(".git/refs/heads/main", join(secret, "refs/heads/main")),
  "its branch names another, which is a link": ({ link, write, secret }) => {
    write(".git/refs/heads/main", "ref: refs/heads/two\n");
    link(".git/refs/heads/two", join(secret, "refs/heads/main"));
    write(".git/objects/info/alternates", `${join(secret, "objects")}\n`);
  },
  "its packed refs are a link": ({ link, secret }) =>
    link(".git/packed-refs", join(secret, "packed-refs")),
  "its reftable is a link": ({ link, secret }) => link(".git/reftable", join(secret, "refs")),
  "its config is a link": ({ link, secret }) => link(".git/config", join(secret, "config")),
  "its list of shallow commits is a link": ({ link, secret }) =>
    link(".git/shallow", join(secret, "HEAD")),
  "its alternates lead out": ({ write, secret, sha }) => {
    write(".git/objects/info/alternates", `${join(secret, "objects")}\n`);
    write(".git/refs/heads/main", `${sha}\n`);
  },
  "its alternates lead out by a relative path, after a comment": ({ write, sha }) => {
    write(".git/objects/info/alternates", "# mine\n../../../hydrate/.git/objects\n");
    write(".git/refs/heads/main", `${sha}\n`);
  },
  "its alternates lead out in quotes": ({ write, secret, sha }) => {
    write(".git/objects/info/alternates", `"${join(secret, "objects")}"\n`);
    write(".git/refs/heads/main", `${sha}\n`);
  },
  "it names its alternates in itself, where a link leads out": ({ write, link, secret, sha }) => {
    write(".git/objects/info/alternates", "../more\n");
    link(`.git/more/${sha.slice(0, 2)}`, join(secret, "objects", sha.slice(0, 2)));
    write(".git/refs/heads/main", `${sha}\n`);
  },
  "core.worktree is another folder": ({ set, secret }) => set("core.worktree", dirname(secret)),
  "core.worktree is set twice, of which git takes the last": ({ write, folder, secret }) => {
    const trees = [folder, dirname(secret)].map((tree) => `\tworktree = ${tree}\n`);
    write(".git/config", `[core]\n${trees.join("")}`);
  },
  "a work tree's own config names another folder": ({ set, write, secret }) => {
    set("core.repositoryFormatVersion", "1");
    set("extensions.worktreeConfig", "true");
    write(".git/config.worktree", `[core]\n\tworktree = ${dirname(secret)}\n`);
  },
  "it is linked to a repository in itself, whose objects are a link": (lure) => {
    linkedInside(lure);
    lure.link("fake/objects", join(lure.secret, "objects"));
    lure.write("fake/refs/heads/main", `${lure.sha}\n`);
  },
  "it is a submodule of itself, whose refs are a link": (lure) => {
    submoduleInside(lure);
    lure.link("fake/refs", join(lure.secret, "refs"));
  },
  "it is linked to another repository by a folder of its own": (lure) => {
    linkedInside(lure);
    lure.write("fake/worktrees/x/commondir", `${lure.secret}\n`);
  },
};

/** Ways to a repository that does not name the folder, and forms that are not read. */
export const odd: Ways = {
  "its .git names another repository": ({ write, secret }) => write(".git", `gitdir: ${secret}\n`),
  "its .git names another repository by a relative path": ({ write }) =>
    write(".git", "gitdir: ../hydrate/.git\n"),
  "its .git names nothing": ({ write }) => write(".git", "gitdir: nowhere\n"),
  "its .git is no pointer": ({ write }) => write(".git", "not a pointer"),
  "it is a submodule that names another folder": (lure) => {
    submoduleInside(lure);
    lure.write("fake/config", `[core]\n\tworktree = ${dirname(lure.secret)}\n`);
  },
  "it is linked by a path that a link leads out of": (lure) => {
    linkedInside(lure);
    lure.link("fake/worktrees", join(lure.secret, "worktrees"));
    mkdirSync(join(lure.secret, "worktrees/x"), { recursive: true });
    writeFileSync(join(lure.secret, "worktrees/x/commondir"), "../..\n");
    writeFileSync(join(lure.secret, "worktrees/x/gitdir"), "/elsewhere/.git\n");
  },
  "its alternates lead out after more text than is looked at": ({ write, secret, sha }) => {
    const padding = `#${"x".repeat(1_000)}\n`.repeat(100);
    write(".git/objects/info/alternates", `${padding}${join(secret, "objects")}\n`);
    write(".git/refs/heads/main", `${sha}\n`);
  },
  "its branch leads out by its name": ({ write }) =>
    write(".git/HEAD", "ref: refs/heads/../../../../hydrate/.git/refs/heads/main\n"),
  "its HEAD names a file of another repository": ({ write, secret }) =>
    write(".git/HEAD", `ref: ${secret}/refs/heads/main\n`),
  "its branches name each other in a circle": ({ write }) => {
    write(".git/refs/heads/main", "ref: refs/heads/two\n");
    write(".git/refs/heads/two", "ref: refs/heads/main\n");
  },
  "a pipe stands among its refs": ({ folder }) => {
    Bun.spawnSync(["mkfifo", join(folder, ".git/refs/heads/pipe")]);
  },
  "its HEAD is a pipe": ({ folder }) => {
    rmSync(join(folder, ".git/HEAD"));
    Bun.spawnSync(["mkfifo", join(folder, ".git/HEAD")]);
  },
  "its branch is a link inside itself": ({ link }) => link(".git/refs/heads/main", "../../HEAD"),
  "it has an extension that nobody knows": ({ set }) => {
    set("core.repositoryFormatVersion", "1");
    set("extensions.more", "true");
  },
  "its format is of the future": ({ set }) => set("core.repositoryFormatVersion", "2"),
};

/** Ways by which the count of changed files could tell of other files. */
export const otherFiles: Ways = {
  "its index is a link": ({ link, secret }) => link(".git/index", join(secret, "index")),
  "its index is shared by a link": ({ link, secret }) =>
    link(`.git/sharedindex.${"a".repeat(40)}`, join(secret, "index")),
  "its excludes are a link": ({ link, secret }) => link(".git/info/exclude", join(secret, "HEAD")),
  "its info is a link": ({ link, secret }) => link(".git/info", join(secret, "info")),
  "its index is larger than a memory": ({ folder }) => {
    Bun.spawnSync(["truncate", "-s", "3G", join(folder, ".git/index")]);
  },
  "its config names excludes elsewhere": ({ set, secret }) =>
    set("core.excludesFile", join(secret, "HEAD")),
};
