/** Rows of the control table about paired machines. */

import { z } from "zod";
import type { Table } from "../operation/operation.ts";
import { Peer, PeersOutput } from "../peer.ts";
import { Name, Scopes } from "../terms.ts";
import { everywhere, named, nothing, people } from "./rows.ts";

/** Rows about paired machines. */
export const peerRows = {
  peers: {
    kind: "call",
    surfaces: everywhere,
    summary: "Paired machines.",
    input: nothing,
    output: PeersOutput,
    errors: [],
  },
  "peers/show": {
    kind: "call",
    surfaces: everywhere,
    summary: "One paired machine.",
    input: named,
    output: Peer,
    errors: ["bad_request", "peer_unknown"],
  },
  "peers/rename": {
    kind: "call",
    surfaces: people,
    summary: "Change this machine's own name for a peer.",
    input: z.object({ name: Name, to: Name }),
    output: Peer,
    errors: ["bad_request", "peer_unknown"],
  },
  "peers/grant": {
    kind: "call",
    person: true,
    surfaces: people,
    summary: "Set exactly what a peer may do; an empty list pauses it.",
    input: z.object({ name: Name, scopes: Scopes }),
    output: Peer,
    errors: ["bad_request", "peer_unknown"],
  },
} as const satisfies Table;
