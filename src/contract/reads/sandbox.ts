/** The sandbox of a machine, as its owner sees it, and the order in which a reader proves it. */

import { z } from "zod";

/**
 * The outer wall. `bwrap`: namespaces, in which nothing else has a path. `landlock`: the kernel's
 * rules alone, under which names outside can be tested. Landlock and seccomp stand in both.
 */
export const Wall = z.enum(["bwrap", "landlock"]);
export type Wall = z.infer<typeof Wall>;

/** The sandbox that this machine can build, tried out. */
export interface SandboxSeen {
  /** Null when there is none: then this machine serves no read. */
  readonly wall: Wall | null;
  /** The observation in one sentence, without a period. */
  readonly detail: string;
  /** The one action that mends or improves it; null when nothing is to be done. */
  readonly fix: string | null;
}

/** The line by which a reader reports its canaries: the starter's nonce is in it. */
export const canaryLine = (nonce: string, passed: number, total: number): string =>
  `canaries ${nonce} passed ${passed} of ${total}`;
