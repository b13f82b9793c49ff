/** The table of operations between this machine's sessions and their daemon. */

import { z } from "zod";
import { AskInput, AskOutput, PreviewInput, WireAnswer } from "./ask.ts";
import {
  AuditInput,
  AuditOutput,
  AuditRecord,
  ExportInput,
  FollowInput,
  VerifyOutput,
} from "./audit.ts";
import { DiscoverOutput } from "./discovery.ts";
import { DoctorOutput } from "./doctor.ts";
import {
  ActivateInput,
  ActivateOutput,
  DeactivateInput,
  DeactivateOutput,
  HookInput,
  HookOutput,
  LeasesOutput,
  RenewInput,
  RenewOutput,
  SummaryInput,
  SummaryOutput,
  WakeInput,
  WakeOutput,
} from "./lease.ts";
import type { Surface, Table } from "./operation/operation.ts";
import { OpenEvent, OpenInput, PairInput, PairOutput, ProbeInput, ProbeOutput } from "./pairing.ts";
import { Peer, PeersOutput, Status, UnpairOutput } from "./peer.ts";
import { Name, Scopes } from "./terms.ts";
import { WatchEvent, WatchInput } from "./watch.ts";

const everywhere: readonly Surface[] = ["cli", "mcp", "dashboard"];
const sessions: readonly Surface[] = ["cli", "mcp"];
/** Pairing is a person's: no model is given a row that opens, sees or takes a code. */
const people: readonly Surface[] = ["cli", "dashboard"];
const nothing = z.object({});
const named = z.object({ name: Name });

/** Every operation of the control API, by path. */
export const control = {
  status: {
    kind: "call",
    surfaces: everywhere,
    summary: "This machine, its handles, its peers and their links, an open window.",
    input: nothing,
    output: Status,
    errors: [],
  },
  activate: {
    kind: "call",
    surfaces: sessions,
    summary: "Take a lease on a handle for a session, or rename the one it has.",
    input: ActivateInput,
    output: ActivateOutput,
    errors: ["bad_request", "handle_held", "lease_limit"],
  },
  deactivate: {
    kind: "call",
    surfaces: sessions,
    summary: "Release a session's lease.",
    input: DeactivateInput,
    output: DeactivateOutput,
    errors: ["bad_request", "handle_unknown", "lease_lost"],
  },
  summary: {
    kind: "call",
    surfaces: sessions,
    summary: "Say in a sentence what a session is doing.",
    input: SummaryInput,
    output: SummaryOutput,
    errors: ["bad_request", "handle_unknown"],
  },
  hook: {
    kind: "call",
    surfaces: [],
    summary: "What a hook of a coding agent tells of its session: it starts, works, waits, ends.",
    input: HookInput,
    output: HookOutput,
    errors: ["bad_request"],
  },
  leases: {
    kind: "call",
    surfaces: [],
    summary: "The leases the keeper renews.",
    input: nothing,
    output: LeasesOutput,
    errors: [],
  },
  renew: {
    kind: "call",
    surfaces: [],
    summary: "Renew leases, with what the keeper read.",
    input: RenewInput,
    output: RenewOutput,
    errors: ["bad_request"],
  },
  wake: {
    kind: "call",
    surfaces: [],
    summary: "Take again the leases that expired only because the machine slept.",
    input: WakeInput,
    output: WakeOutput,
    errors: ["bad_request"],
  },
  "pair/open": {
    kind: "stream",
    surfaces: people,
    summary: "Open a pairing window and watch it; ending the stream closes it.",
    input: OpenInput,
    output: OpenEvent,
    errors: ["bad_request"],
  },
  "pair/probe": {
    kind: "call",
    surfaces: people,
    summary: "Ask one address whether a pairing window is open there.",
    input: ProbeInput,
    output: ProbeOutput,
    errors: ["bad_request", "peer_unreachable"],
  },
  discover: {
    kind: "call",
    surfaces: people,
    summary: "Search the tailnet, the LAN and configured addresses for machines, once.",
    input: nothing,
    output: DiscoverOutput,
    errors: [],
  },
  pair: {
    kind: "call",
    surfaces: people,
    summary: "Pair with the machine at an address, by the code shown there.",
    input: PairInput,
    output: PairOutput,
    errors: [
      "bad_request",
      "code_rejected",
      "code_burned",
      "window_closed",
      "fingerprint_mismatch",
      "peer_unreachable",
      "peer_timeout",
      "version_unsupported",
    ],
  },
  unpair: {
    kind: "call",
    surfaces: people,
    summary: "End a pairing, close its connections, and tell the peer if it can be reached.",
    input: named,
    output: UnpairOutput,
    errors: ["bad_request", "peer_unknown"],
  },
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
    surfaces: people,
    summary: "Set exactly what a peer may do; an empty list pauses it.",
    input: z.object({ name: Name, scopes: Scopes }),
    output: Peer,
    errors: ["bad_request", "peer_unknown"],
  },
  ask: {
    kind: "call",
    surfaces: everywhere,
    summary: "Ask for the facts of a session, on a peer or here.",
    input: AskInput,
    output: AskOutput,
    errors: [
      "bad_request",
      "handle_unknown",
      "peer_unknown",
      "peer_unreachable",
      "peer_timeout",
      "peer_refused",
      "scope_denied",
      "rate_limited",
    ],
  },
  preview: {
    kind: "call",
    surfaces: people,
    summary: "What an ask would show: the bytes a peer would be sent.",
    input: PreviewInput,
    output: WireAnswer,
    errors: ["bad_request", "handle_unknown", "peer_unknown", "scope_denied"],
  },
  audit: {
    kind: "call",
    surfaces: people,
    summary: "The newest records of the audit trail.",
    input: AuditInput,
    output: AuditOutput,
    errors: ["bad_request", "peer_unknown"],
  },
  "audit/follow": {
    kind: "stream",
    surfaces: people,
    summary: "Records as they are written.",
    input: FollowInput,
    output: AuditRecord,
    errors: ["bad_request", "peer_unknown"],
  },
  "audit/export": {
    kind: "stream",
    surfaces: people,
    summary: "The whole trail, oldest first.",
    input: ExportInput,
    output: AuditRecord,
    errors: ["bad_request"],
  },
  "audit/verify": {
    kind: "call",
    surfaces: people,
    summary: "Check the chain, its checkpoints and its witnesses.",
    input: nothing,
    output: VerifyOutput,
    errors: [],
  },
  doctor: {
    kind: "call",
    surfaces: everywhere,
    summary: "What can be observed of this machine's network, with one fix for each fault.",
    input: nothing,
    output: DoctorOutput,
    errors: [],
  },
  watch: {
    kind: "stream",
    surfaces: ["dashboard"],
    summary: "This machine's state, and then each change of it as it happens.",
    input: WatchInput,
    output: WatchEvent,
    errors: ["bad_request"],
  },
  stop: {
    kind: "call",
    surfaces: ["cli"],
    summary: "Stop the daemon, and remember that it was stopped.",
    input: nothing,
    output: z.object({ stopping: z.literal(true) }),
    errors: [],
  },
} as const satisfies Table;

export type Control = typeof control;
