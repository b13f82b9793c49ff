/** Tasks of a daemon whose policy lets nobody run anything, and that asks for none. */

import type { Context } from "../../src/daemon/context/context.ts";
import { PeerCounts } from "../../src/daemon/context/peer-counts.ts";
import { type Delegating, delegatingOf } from "../../src/daemon/delegating.ts";
import { PeerMemories } from "../../src/daemon/peers/memories.ts";

/** Such tasks. */
export const noTasks = (context: Context): Delegating =>
  delegatingOf({
    context,
    // Nothing of these tests calls a peer about a task.
    links: {} as never,
    memories: new PeerMemories(context),
    errands: { run: async () => ({ done: false, why: "no_keeper" }) },
    counts: new PeerCounts(),
    policy: { of: () => null },
    wake: () => {},
    tidings: () => ({ ended: () => {} }),
  });
