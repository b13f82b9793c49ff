/** Runners of a keeper without readers, for tests of other errands. */

import type { Context } from "../../src/daemon/context/context.ts";
import { PeerCounts } from "../../src/daemon/context/peer-counts.ts";
import { type IncomingReads, incomingReads } from "../../src/daemon/reads/incoming.ts";
import type { ErrandRunners } from "../../src/keeper/errands.ts";

/** Each errand of a reading is one that no program here can do. */
export const noReaders: Pick<ErrandRunners, "read_open" | "read" | "read_close" | "read_whose"> = {
  read_open: async () => null,
  read: async () => null,
  read_close: async () => null,
  read_whose: async () => null,
};

/** Readings of a daemon whose policy lets nobody read. */
export const noReads = (context: Context): IncomingReads =>
  incomingReads({
    context,
    policy: { of: () => null },
    errands: { run: async () => ({ done: false, why: "no_keeper" }) },
    counts: new PeerCounts(),
  });
