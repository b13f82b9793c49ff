/** Rows of the control table about paired machines. */

import { z } from "zod";
import { GrantInput, RevokeInput } from "../grants.ts";
import type { Table } from "../operation/operation.ts";
import { Peer, PeersOutput } from "../peer.ts";
import { Name } from "../terms.ts";
import { ExpectedMachines } from "../trust/expected.ts";
import { everywhere, named, nothing, people } from "./rows.ts";

/** Rows about paired machines. */
export const peerRows = {
  peers: {
    kind: "call",
    surfaces: everywhere,
    summary: "Paired machines.",
    input: nothing,
    output: PeersOutput.extend({ expected: ExpectedMachines.optional() }),
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
    person: true,
    surfaces: people,
    summary: "Change this machine's own name for a peer, or confirm it.",
    input: z.object({ name: Name, to: Name }),
    output: Peer,
    errors: ["bad_request", "peer_unknown"],
  },
  "peers/grant": {
    kind: "call",
    person: true,
    surfaces: people,
    summary: "Add rights to a peer; the same scope again replaces its entry.",
    input: GrantInput,
    output: Peer,
    errors: ["bad_request", "peer_unknown"],
  },
  "peers/revoke": {
    kind: "call",
    surfaces: people,
    person: true,
    summary: "Take scopes away from a peer, or all of them.",
    input: RevokeInput,
    output: Peer,
    errors: ["bad_request", "peer_unknown"],
  },
  "peers/pause": {
    kind: "call",
    surfaces: people,
    person: true,
    summary: "Suspend a peer's rights until it is resumed; its entries stay.",
    input: named,
    output: Peer,
    errors: ["bad_request", "peer_unknown"],
  },
  "peers/resume": {
    kind: "call",
    surfaces: people,
    person: true,
    summary: "Restore a paused peer's rights.",
    input: named,
    output: Peer,
    errors: ["bad_request", "peer_unknown"],
  },
} as const satisfies Table;
