/** The table of operations between one machine's daemon and another's. */

import { askRows } from "./wire/ask.ts";
import { linkRows } from "./wire/links.ts";
import { messageRows } from "./wire/messages.ts";
import { overlapRows } from "./wire/overlap.ts";
import { pairingRows } from "./wire/pairing.ts";
import { readRows } from "./wire/reads.ts";
import type { WireTable } from "./wire/rows.ts";
import { subjectRows } from "./wire/subjects.ts";
import { taskRows } from "./wire/tasks.ts";
import { trustRows } from "./wire/trust.ts";
import { waitRows } from "./wire/waits.ts";

/** Every operation of the peer API, by path. Any other path there is 404. */
export const wire = {
  ...pairingRows,
  ...trustRows,
  ...linkRows,
  ...askRows,
  ...waitRows,
  ...messageRows,
  ...readRows,
  ...taskRows,
  ...overlapRows,
  ...subjectRows,
} as const satisfies WireTable;

export type Wire = typeof wire;

/** Protocol versions of this build. */
export const protocols: readonly number[] = [1];

/** True when a machine with these versions shares one with this build. */
export const speaksWith = (theirs: readonly number[]): boolean =>
  theirs.some((version) => protocols.includes(version));

/**
 * Optional parts of the protocol that this build has. `grants`: it reads entries, and null for
 * hidden facts. `trail`: its checkpoints name a trail. `waits`: peers can wait on it, and report to
 * it that its own waits are reached. `messages`: peers can leave messages, and learn what came of
 * their own. `reads`: its policy may let a peer read a repository. `tasks`: its policy may let a
 * peer delegate a task. `reverse`: its listener takes connections over which it calls. `overlap`:
 * it compares changed files. `topics`: its hellos name subscribed topics, and it takes messages to
 * them. `subjects`: it tells a peer of its records about that peer.
 */
export const features: readonly string[] = [
  ...["grants", "trail", "waits", "messages", "reads", "tasks", "reverse", "overlap", "topics"],
  "subjects",
];
