/**
 * Opens a repository for reading: its parts, its settings as far as they are read, and its refs; or
 * the reason not to read it. Runs only git, in a git folder of our own.
 */

import type { GitReason } from "../../contract/lease.ts";
import { gitConfigBytesMax } from "../../contract/limits.ts";
import { readInPlace } from "../bounded.ts";
import { plainEnvironment, type RunGit } from "./frozen.ts";
import { fileRefs, type Refs } from "./refs.ts";
import { reftableRefs } from "./reftable.ts";
import { isItsRoot, type Repository, repositoryOf } from "./repository.ts";
import {
  isKnownFormat,
  isOn,
  isSafeDirectory,
  lastOf,
  refStorageOf,
  type Settings,
  settingsOf,
} from "./settings.ts";

/** Facts read beside the usual ones: the changed files, or nothing but the identity. */
export type Compares = "files" | "identity";

/** Dependencies of a reading, besides the folder. */
export interface ReadingParts {
  readonly run: RunGit;
  /** An empty git folder of our own. */
  readonly folder: string;
  /** The user's home folder. */
  readonly home: string;
  /** Resolves when the time is up. */
  readonly ended: Promise<"late">;
  readonly compares?: Compares;
}

/** A repository that may be read. */
export interface Opened {
  readonly repository: Repository;
  /** The user's config. */
  readonly user: Settings;
  /** The repository's own config. */
  readonly own: Settings;
  readonly refs: Refs;
}

/** Opens the repository of a work tree, or returns the reason not to. */
export async function openRepository(
  root: string,
  parts: ReadingParts,
): Promise<Opened | GitReason> {
  const repository = await repositoryOf(root);
  if (typeof repository === "string") return repository;
  const [user, own] = await Promise.all([readUserConfig(parts), readOwnConfig(repository, parts)]);
  if (user === null || own === null) return "broken";
  const refused = await refusal(repository, { user, own, home: parts.home });
  if (refused !== null) return refused;
  return { repository, user, own, refs: await refsOf(repository, own, parts) };
}

async function refsOf(repository: Repository, own: Settings, parts: ReadingParts): Promise<Refs> {
  if (refStorageOf(own) !== "reftable") return fileRefs(repository);
  const isSha256 = lastOf(own, "extensions.objectformat") === "sha256";
  return reftableRefs(repository, parts, isSha256);
}

/** The settings of a user and of a repository. */
export interface Configs {
  readonly user: Settings;
  readonly own: Settings;
  readonly home: string;
}

/** The reason, in its config, not to read a repository. */
async function refusal(
  repository: Repository,
  { user, own, home }: Configs,
): Promise<GitReason | null> {
  if (!repository.isOurs && !isSafeDirectory(user, repository.root, home)) return "refused";
  if (!isKnownFormat(own)) return "odd_layout";
  const named = lastOf(own, "core.worktree");
  const isNamed = named !== undefined && (await isItsRoot(repository, named));
  // A linked work tree is named by its own folder in the repository, whatever the config says.
  if (repository.kind === "linked") return null;
  if (repository.kind === "submodule") return isNamed ? null : "unproven";
  if (named !== undefined && !isNamed) return "foreign";
  return isOn(own, "core.bare") ? "odd_layout" : null;
}

async function readUserConfig({ run, folder, home }: ReadingParts): Promise<Settings | null> {
  const listed = await run(["config", "-z", "--list"], plainEnvironment(folder, home));
  return listed === null ? null : settingsOf(listed.output);
}

/** The repository's config without included files, which may lie anywhere. */
async function readOwnConfig(
  { gitDir, commonDir }: Repository,
  parts: ReadingParts,
): Promise<Settings | null> {
  const common = await readConfig(`${commonDir}/config`, parts);
  if (common === null || !isOn(common, "extensions.worktreeconfig")) return common;
  const tree = await readConfig(`${gitDir}/config.worktree`, parts);
  return tree === null ? null : new Map([...common, ...tree]);
}

async function readConfig(path: string, { run, folder }: ReadingParts): Promise<Settings | null> {
  const bytes = readInPlace(path, gitConfigBytesMax);
  if (bytes === null) return null;
  // Git follows a config's includes on its standard input unless told otherwise.
  const words = ["config", "-f", "-", "--no-includes", "-z", "--list"];
  const listed = await run(words, plainEnvironment(folder, folder), bytes);
  return listed === null ? null : settingsOf(listed.output);
}
