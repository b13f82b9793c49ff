/**
 * Runs git without walls, on a person's own clone of a machine that has none: through a git folder
 * of ours, with the same environment and the same paths.
 */

import type { Buildable } from "../../sandbox/prove.ts";
import {
  gitEnvironment,
  gitRunner,
  type WalledGit,
  type WalledParts,
  walledGit,
} from "./walled.ts";

/** Runs git behind walls where there are any, and without them elsewhere. */
export function gitWith(walls: Buildable, parts: Omit<WalledParts, "bwrap">): WalledGit {
  if ("bwrap" in walls && "path" in walls.bwrap) {
    return walledGit({ ...parts, bwrap: walls.bwrap.path });
  }
  return plainGit(parts);
}

function plainGit({ git, signal }: Omit<WalledParts, "bwrap">): WalledGit {
  const run = gitRunner(signal);
  return async (words, { binds, environment = {}, input, chdir = "/" }) => {
    // Longer paths first: one may begin with another.
    const sorted = binds.toSorted((one, other) => other.at.length - one.at.length);
    const real = (text: string): string =>
      sorted.reduce((changed, { at, from }) => changed.replaceAll(at, from), text);
    const all = Object.entries({ ...gitEnvironment, ...environment });
    const ran = await run([git, "-C", real(chdir), "--no-pager", ...words.map(real)], {
      environment: Object.fromEntries(all.map(([name, value]) => [name, real(value)])),
      ...(input === undefined ? {} : { input }),
    });
    return ran?.exit === 0 ? new TextDecoder().decode(ran.output) : null;
  };
}
