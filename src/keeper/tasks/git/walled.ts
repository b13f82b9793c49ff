/**
 * Runs git on a repository of ours, in namespaces in which nothing else has a path: no config but
 * ours exists there, and a program that a tree names could reach nothing. Ends with its starter.
 */

import { limited, type Ran, runner } from "../../../platform/process/run.ts";
import { type Bind, roomWords } from "../run/room.ts";

/** Paths inside the walls of a git. */
export const gitPaths = {
  git: "/task/git",
  tree: "/task/tree",
  /** Objects of the person's clone. */
  objects: "/task/objects",
  /** The git folder of the person's clone. */
  clone: "/task/clone",
  /** A repository that takes in what comes from elsewhere. */
  quarantine: "/task/quarantine",
} as const;

/** Dependencies of a walled git. */
export interface WalledParts {
  readonly bwrap: string;
  /** The real path of git. */
  readonly git: string;
  readonly signal: AbortSignal;
}

/** Surroundings of one command. */
export interface WalledGiven {
  readonly binds: readonly Bind[];
  /** The folder inside in which it runs; the root unless given. */
  readonly chdir?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly input?: string | Uint8Array<ArrayBuffer>;
}

/** Runs a command in such walls; null when it printed too much, or ended too late. */
export type Walled = (words: readonly string[], given: WalledGiven) => Promise<Ran | null>;

/** An environment in which nothing of a repository but its objects has a say. */
export const gitEnvironment = {
  ...{ PATH: "/usr/bin:/bin", HOME: "/nonexistent", LC_ALL: "C", GIT_DIR: gitPaths.git },
  ...{ GIT_CONFIG_NOSYSTEM: "1", GIT_CONFIG_SYSTEM: "/dev/null", GIT_CONFIG_GLOBAL: "/dev/null" },
  ...{ GIT_ATTR_NOSYSTEM: "1", GIT_OPTIONAL_LOCKS: "0", GIT_TERMINAL_PROMPT: "0" },
  ...{ GIT_NO_LAZY_FETCH: "1", GIT_NO_REPLACE_OBJECTS: "1", GIT_ALLOW_PROTOCOL: "none" },
};

/** Memory of one git, and its processor time: more than a repository of a million files takes. */
const limits = { memoryBytes: 2_147_483_648, processorSeconds: 300 };

/** Runs programs under the limits of a git, until the signal. */
export function gitRunner(signal: AbortSignal) {
  const run = limited(runner({}, signal), limits);
  return (
    words: readonly string[],
    { environment, input }: Pick<WalledGiven, "environment" | "input">,
  ): Promise<Ran | null> =>
    run(words, {
      ...(environment === undefined ? {} : { environment }),
      ...(input === undefined ? {} : { input: bytesOf(input) }),
    });
}

const bytesOf = (input: string | Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> =>
  typeof input === "string" ? new TextEncoder().encode(input) : input;

/** Runs commands inside such walls, until the signal. */
export function walledIn({ bwrap, signal }: Pick<WalledParts, "bwrap" | "signal">): Walled {
  const run = gitRunner(signal);
  return (words, { binds, chdir = "/", environment = {}, ...given }) => {
    // The files of a tree have the modes of any tree: nobody else may enter the folders above it.
    const inside = ["/bin/sh", "-c", 'umask 022; exec "$@"', "sh", ...words];
    return run([...roomWords(bwrap, { binds, chdir }), ...inside], {
      ...given,
      environment: { ...gitEnvironment, ...environment },
    });
  };
}

/** The output of a git that succeeded; null for any other end. */
export type WalledGit = (words: readonly string[], given: WalledGiven) => Promise<string | null>;

/** Runs git inside such walls. */
export function walledGit(parts: WalledParts): WalledGit {
  const walled = walledIn(parts);
  return async (words, given) => {
    const ran = await walled([parts.git, "--no-pager", ...words], given);
    return ran?.exit === 0 ? new TextDecoder().decode(ran.output) : null;
  };
}
