/** Lures that a seed draws: any names of a `.git` lead to another repository, alone or together. */

import { expect, test } from "bun:test";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { describe } from "../../../src/session/describe.ts";
import { type Draw, histories, historiesMs } from "../../support/histories.ts";
import { describing, repository } from "../../support/repository.ts";
import { faultsWanted } from "../../support/skip.ts";
import { type Lure, lureBeside } from "./lures.ts";

const promise =
  "P31: A folder tells git facts of its own repository or none, " +
  "and reading them runs nothing of it, also while another program changes it.";

/** Names that a repository may lack, and that git would read. */
const absent = [
  ...["packed-refs", "commondir", "gitdir", "config.worktree", "shallow", "reftable", "worktrees"],
  ...["objects/info/alternates", "objects/info/commit-graph", "refs/heads/two", "info/grafts"],
] as const;

/** Names that git reads in one of two repositories, those by which a commit is found twice. */
function namesOf({ folder, secret, sha }: Lure): readonly string[] {
  const there = [join(folder, ".git"), secret].flatMap((at) =>
    readdirSync(at, { recursive: true }).map(String),
  );
  const object = `objects/${sha.slice(0, 2)}`;
  const sharp = ["objects", object, `${object}/${sha.slice(2)}`, "refs", "refs/heads/main", "HEAD"];
  // Hooks and logs are many, and git reads none of them here.
  const read = there.filter((name) => !/^(hooks|logs)\b/.test(name));
  return [...read, ...absent, ...Array.from({ length: 8 }, () => sharp).flat()];
}

/** Puts a link, a path or a hint of a commit in the place of one of these names of the lure. */
function plant(draw: Draw, { folder, secret, sha }: Lure, names: readonly string[]): string {
  const name = draw.pick(names);
  const path = join(folder, ".git", name);
  const target = join(secret, name);
  const texts = [sha, `ref: ${secret}/refs/heads/main`, "ref: refs/heads/two", secret, target];
  const text = draw.pick(texts);
  const isLink = draw.oneIn(2) && existsSync(target);
  // Nothing is put into the other repository through a link that was planted before.
  const isInPlace = existsSync(dirname(path)) && realpathSync(dirname(path)) === dirname(path);
  if (!isInPlace || !statSync(dirname(path)).isDirectory()) return "nothing";
  rmSync(path, { recursive: true, force: true });
  if (isLink) symlinkSync(target, path);
  else writeFileSync(path, `${text}\n`);
  return `${name}: ${isLink ? "a link" : text}`;
}

test(
  `37: ${promise} None of many drawn lures tells of another.`,
  async () => {
    using repo = repository();
    repo.git("pack-refs", "--all", "--no-prune");
    await histories(faultsWanted ? 200 : 40, async (draw) => {
      const lure = lureBeside(repo);
      try {
        // Its maker knows the other's commit, and that of a folder that is read alone.
        if (draw.oneIn(2))
          writeFileSync(join(lure.folder, ".git/refs/heads/main"), `${lure.sha}\n`);
        mkdirSync(join(lure.folder, ".git/objects", lure.sha.slice(0, 2)), { recursive: true });
        const names = namesOf(lure);
        const planted = Array.from({ length: draw.between(1, 3) }, () => plant(draw, lure, names));
        const { git, why } = await describe(lure.folder, describing(repo.path));
        const subject = git?.subject ?? null;
        expect([planted, subject === null || subject === "Lure"]).toEqual([planted, true]);
        expect([planted, git === null]).toEqual([planted, why !== null]);
      } finally {
        rmSync(lure.folder, { recursive: true, force: true });
      }
    });
  },
  historiesMs,
);
