/**
 * Reads the commit of HEAD and of a branch from a repository that keeps its refs in a reftable,
 * which only git can read. Git reads the tables in a git folder of our own. The caller has checked
 * them: none is a link.
 */

import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { plainEnvironment, type RunGit } from "./frozen.ts";
import type { Head, RefFolders, Refs } from "./refs.ts";

/** Dependencies of reading a reftable. */
export interface ReftableParts {
  readonly run: RunGit;
  /** A git folder of our own, in which another one is made. */
  readonly folder: string;
}

const commitForm = /^([0-9a-f]{40}|[0-9a-f]{64})\n$/;

/** The refs of a repository in its reftable; `isSha256` is its object format. */
export async function reftableRefs(
  folders: RefFolders,
  { run, folder }: ReftableParts,
  isSha256: boolean,
): Promise<Refs> {
  const own = join(folder, "refs-of");
  await makeReader(own, folders, isSha256);
  const line = async (words: readonly string[]): Promise<string | null> => {
    const ran = await run(words, { ...plainEnvironment(own, own), ...noConfig });
    return ran === null ? null : new TextDecoder().decode(ran.output);
  };
  const commit = async (ref: string): Promise<string | null> => {
    const text = await line(["rev-parse", "--quiet", "--verify", "--end-of-options", ref]);
    return commitForm.exec(text ?? "")?.[1] ?? null;
  };
  const head = async (): Promise<Head | "odd_layout"> => {
    const ref = (await line(["symbolic-ref", "--quiet", "HEAD"]))?.trimEnd() ?? null;
    const sha = await commit("HEAD");
    // A git that cannot read the tables gives neither; a branch without a commit gives its name.
    return ref === null && sha === null ? "odd_layout" : { ref, sha };
  };
  const names = async (): Promise<readonly string[]> => {
    const text = await line(["for-each-ref", "--format=%(refname)"]);
    return text?.split("\n").filter(Boolean) ?? [];
  };
  return { head, commit, names };
}

const noConfig = {
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_SYSTEM: "/dev/null",
  GIT_CONFIG_GLOBAL: "/dev/null",
} as const;

/** Makes a git folder shaped like a linked work tree's, whose tables are the repository's. */
async function makeReader(own: string, folders: RefFolders, isSha256: boolean): Promise<void> {
  const common = join(own, "common");
  const format = isSha256 ? "\tobjectformat = sha256\n" : "";
  const config =
    "[core]\n\trepositoryformatversion = 1\n\tbare = false\n" +
    `[extensions]\n\trefstorage = reftable\n${format}`;
  for (const at of [own, common]) {
    await mkdir(join(at, "refs"), { recursive: true });
    await mkdir(join(at, "objects"));
    await writeFile(join(at, "HEAD"), "ref: refs/heads/.invalid\n");
    await writeFile(join(at, "config"), config);
  }
  await symlink(join(folders.commonDir, "reftable"), join(common, "reftable"));
  if (folders.gitDir === folders.commonDir) await symlink("common/reftable", join(own, "reftable"));
  else await symlink(join(folders.gitDir, "reftable"), join(own, "reftable"));
  await writeFile(join(own, "commondir"), "common\n");
}
