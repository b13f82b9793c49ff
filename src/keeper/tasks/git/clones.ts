/**
 * Keeps clones of the repositories that the policy names by their source, below the state folder.
 * Git runs as the user there, with the user's own keys, and never asks anything. A clone has no
 * checked-out file.
 */

import { existsSync, renameSync } from "node:fs";
import { join } from "node:path";
import { stateNames } from "../../../contract/text/state-names.ts";
import type { Timers } from "../../../platform/effects.ts";
import { runner } from "../../../platform/process/run.ts";
import { systemGit } from "../../../session/git/program.ts";
import { digestOf } from "../digest.ts";
import { removeFolder } from "../discard.ts";
import { makeFolder } from "../folder.ts";

/** A source of the policy, by the repository's name. */
export interface CloneSource {
  readonly name: string;
  readonly clone: string;
}

/** Clones of a state folder. */
export interface Clones {
  /** The clone of a source; null while it is made, or when git could not make it. */
  pathOf(source: CloneSource): Promise<string | null>;
  /** Fetches into a clone; resolves when that ended, or goes on behind. */
  refresh(path: string): Promise<void>;
}

/** Dependencies of keeping clones. */
export interface CloneParts {
  readonly state: string;
  readonly home: string;
  readonly timers: Timers;
}

/** The time of one clone or fetch, and the part of it for which a weighing waits. */
const wholeMs = 900_000;
const patienceMs = 8_000;

/** Keeps clones; makes none before it is asked for one. */
export function keepClones({ state, home, timers }: CloneParts): Clones {
  const under = new Map<string, Promise<void>>();
  const git = async (words: readonly string[]): Promise<boolean> => {
    const program = await systemGit();
    if (program === null) return false;
    const over = new AbortController();
    const cancel = timers.after(wholeMs, () => over.abort());
    const run = runner({ ...environment, HOME: home }, over.signal);
    const ran = await run([program, "-c", "gc.auto=0", ...words]);
    cancel();
    return ran?.exit === 0;
  };
  /** Waits for work on a clone, which is begun unless it is under way, for a part of its time. */
  const patiently = async (path: string, work: () => Promise<void>): Promise<void> => {
    const going = under.get(path) ?? work().finally(() => under.delete(path));
    under.set(path, going);
    const late = Promise.withResolvers<void>();
    const cancel = timers.after(patienceMs, late.resolve);
    await Promise.race([going, late.promise]);
    cancel();
  };
  return {
    pathOf: async ({ name, clone }) => {
      const folder = join(state, stateNames.clones);
      const path = join(folder, `${name}-${digestOf(clone).slice(0, 12)}`);
      if (existsSync(path)) return path;
      makeFolder(folder);
      await patiently(path, async () => {
        const part = `${path}.part`;
        await removeFolder(part, new AbortController().signal);
        const words = ["clone", "--quiet", "--no-checkout", "--template=", "--", clone, part];
        if (await git(words)) renameSync(part, path);
      });
      return existsSync(path) ? path : null;
    },
    refresh: (path) =>
      patiently(path, async () => {
        await git(["-C", path, "fetch", "--quiet", "--prune", "--no-write-fetch-head", "origin"]);
      }),
  };
}

/** A git that asks nothing, and reaches its source by these ways alone. */
const environment = {
  ...{ PATH: "/usr/local/bin:/usr/bin:/bin", LC_ALL: "C", GIT_TERMINAL_PROMPT: "0" },
  ...{ GIT_SSH_COMMAND: "ssh -oBatchMode=yes", GIT_ALLOW_PROTOCOL: "https:ssh:git:file" },
};
