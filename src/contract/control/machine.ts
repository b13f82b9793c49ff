/** Rows of the control table about this machine: its state, its network, its shutdown. */

import { z } from "zod";
import { DiscoverOutput } from "../discovery.ts";
import { DoctorOutput } from "../doctor.ts";
import type { Table } from "../operation/operation.ts";
import { Status } from "../peer.ts";
import { everywhere, nothing, people } from "./rows.ts";

/** Rows about this machine: its state, its network, its shutdown. */
export const machineRows = {
  status: {
    kind: "call",
    surfaces: everywhere,
    summary: "This machine, its handles, its peers and their links, an open window.",
    input: nothing,
    output: Status,
    errors: [],
  },
  doctor: {
    kind: "call",
    surfaces: everywhere,
    summary: "Observations of this machine's network, with one fix for each fault.",
    input: nothing,
    output: DoctorOutput,
    errors: [],
  },
  discover: {
    kind: "call",
    surfaces: people,
    summary: "Search the tailnet, the LAN and configured addresses for machines, once.",
    input: nothing,
    output: DiscoverOutput,
    errors: [],
  },
  stop: {
    kind: "call",
    surfaces: ["cli"],
    summary: "Stop the daemon, and remember that it was stopped.",
    input: nothing,
    output: z.object({ stopping: z.literal(true), unremembered: z.string().nullable() }),
    errors: [],
  },
} as const satisfies Table;
