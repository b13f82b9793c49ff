/** Runners of a keeper without readers, for tests of other errands. */

import type { Context } from "../../src/daemon/context/context.ts";
import { PeerCounts } from "../../src/daemon/context/peer-counts.ts";
import { type IncomingReads, incomingReads } from "../../src/daemon/reads/incoming.ts";
import type { ErrandRunners } from "../../src/keeper/errands.ts";

type Others = "notify" | "queue" | "search";

/** Each errand of a reading or a task is one that no program here can do. */
export const noReaders: Omit<ErrandRunners, Others> = {
  webhook: async () => null,
  read_open: async () => null,
  read: async () => null,
  read_close: async () => null,
  read_whose: async () => null,
  task_weigh: async () => null,
  task_start: async () => null,
  task_await: async () => null,
  task_put: async () => null,
  task_get: async () => null,
  task_pack: async () => null,
  task_import: async () => null,
  task_discard: async () => null,
  task_runners: async () => null,
};

/** Readings of a daemon whose policy lets nobody read. */
export const noReads = (context: Context): IncomingReads =>
  incomingReads({
    context,
    policy: { of: () => null },
    errands: { run: async () => ({ done: false, why: "no_keeper" }) },
    counts: new PeerCounts(),
  });
