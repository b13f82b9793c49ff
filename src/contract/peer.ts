/** Messages about peers, links and this machine. */

import { z } from "zod";
import { toldWay } from "./delivery/way.ts";
import { BothGrants, FactGroup, HiddenGroups, ToldEntries } from "./grants.ts";
import { Count, Harness, LocalHandle, State, ToldState } from "./lease.ts";
import { handlesMax } from "./limits.ts";
import { MailStanding } from "./messages/inbox.ts";
import { TaskStanding } from "./tasks/standing.ts";
import {
  Base64url,
  Branch,
  Commit,
  Duration,
  Features,
  Fingerprint,
  Handle,
  Id,
  Instant,
  Name,
  Port,
  Project,
  Subject,
  ToldScopes,
  text,
} from "./terms.ts";
import { topicsTextMax } from "./topics/limits.ts";
import { ExpectedMachines } from "./trust/expected.ts";

export const Link = z.enum(["up", "down", "one-way", "refused"]);
export type Link = z.infer<typeof Link>;

export const LinkReason = z.enum([
  /** The peer reaches this machine, which cannot reach it. */
  "no_way_there",
  /** The peer cannot reach this machine. */
  "no_way_back",
  /** This machine cannot reach the peer; its calls go back over the peer's connections. */
  "its_connections",
  /** The peer cannot reach this machine; its calls come over this machine's connections. */
  "own_connections",
  /** The peer said that it ended the pairing. */
  "unpaired",
  /** The peer does not accept this machine's credential. */
  "not_accepted",
  /** A machine with another key answers at its address. */
  "another_machine",
  /** Both machines answer and share no protocol version. */
  "versions_apart",
]);
export type LinkReason = z.infer<typeof LinkReason>;

/**
 * Facts of a session for a list. Absent from a machine that sends none in its hello; null when
 * unknown, or hidden as `hidden` says.
 */
const listed = {
  harness: Harness.nullable().optional(),
  branch: Branch.nullable().optional(),
  sha: Commit.nullable().optional(),
  /** Number of changed files. */
  dirty: Count.nullable().optional(),
  /** The first line of its summary, cut to 120 characters. */
  summary: Subject.nullable().optional(),
  /** The way in which mail reaches it; absent where the peer tells none. */
  ...toldWay,
};

/** Sessions of this machine that have changed the same files as a session of a peer. */
const shared = {
  overlaps: z.array(z.object({ name: Name, files: z.int().min(1) })).optional(),
};

/** A live handle of a peer, from its last hello. */
export const RemoteHandle = z.object({
  handle: Handle,
  project: z.string().nullable(),
  state: State.nullable(),
  state_for_ms: Duration.nullable(),
  expires_in_ms: Duration,
  ...listed,
  /** The groups of facts that the peer hides; absent when it does not say. */
  hidden: z.array(FactGroup).optional(),
  ...shared,
});
export type RemoteHandle = z.infer<typeof RemoteHandle>;

/** The chooser of a peer's name: a person here, or the machine itself. */
export const NamedBy = z.enum(["person", "itself"]);

export const Peer = z.object({
  name: Name,
  named_by: NamedBy.optional(),
  fingerprint: Fingerprint,
  link: Link,
  link_detail: z.string().nullable(),
  /** The reason why the link is not up, as far as it is known. */
  link_reason: LinkReason.nullable(),
  address: z.string().nullable(),
  round_trip_ms: z.number().min(0).nullable(),
  /** `theirs`: the peer's rights here. `ours`: this machine's rights there. */
  grants: BothGrants,
  paired_at_ms: Instant,
  /** True when the peer has sent anything since the pairing; otherwise pairing again mends it. */
  acknowledged: z.boolean(),
  version: z.string().nullable(),
  last_seen_at_ms: Instant.nullable(),
  last_seen_age_ms: Duration.nullable(),
  /** The tailnet's word on a machine that is down, and its age; absent without one. */
  tailnet: z.object({ online: z.boolean(), age_ms: Duration }).optional(),
  /** True while a person there watches this machine's sessions. */
  watches: z.boolean().optional(),
  handles: z.array(RemoteHandle),
  /** The last handles of a machine that is down now, with their age. */
  last_known: z
    .object({ age_ms: Duration, handles: z.array(RemoteHandle) })
    .nullable()
    .optional(),
  /** The peer keeps a checkpoint that this machine's trail does not contain; absent otherwise. */
  witness: z.literal("disagrees").optional(),
});
export type Peer = z.infer<typeof Peer>;

export const WindowState = z.discriminatedUnion("open", [
  z.object({ open: z.literal(false) }),
  z.object({ open: z.literal(true), expires_in_ms: Duration, attempts_left: z.int() }),
]);

/** Entries of the outbox that wait for one peer. */
export const PeerQueue = z.object({
  peer: Name,
  entries: z.int().min(1),
  /** Entries that are set aside: the peer failed too often and too long. */
  stuck: z.int().min(0),
});

export const Status = z.object({
  machine: z.object({
    name: Name,
    fingerprint: Fingerprint,
    version: z.string(),
    running: z.literal(true),
    listen: z.array(z.string()),
    /** Addresses of the settings that another program holds; absent when there are none. */
    taken: z.array(z.string()).optional(),
    started_at_ms: Instant,
  }),
  handles: z.array(LocalHandle),
  peers: z.array(Peer),
  /** The queue of each peer with waiting entries. */
  outbox: z.array(PeerQueue),
  window: WindowState,
  /** The mail that waits here; absent from a daemon of an earlier version. */
  mail: MailStanding.optional(),
  /** The tasks that wait or go on; absent from a daemon of an earlier version. */
  tasks: TaskStanding.optional(),
  /** The keeper, as the daemon sees it; absent while nothing needs it. */
  keeper: z.enum(["runs", "missing"]).optional(),
  /** The machines that are expected by their fingerprints; absent when there are none. */
  expected: ExpectedMachines.optional(),
});
export type Status = z.infer<typeof Status>;

export const PeersOutput = z.object({ peers: z.array(Peer) });
export const UnpairOutput = z.object({
  name: Name,
  fingerprint: Fingerprint,
  /** True when the peer received the notice. */
  told: z.boolean(),
  /** True when the peer had ended the pairing before, and said so. */
  ended_there: z.boolean().optional(),
  connections_closed: z.int().min(0),
  records_kept: z.int().min(0),
});

/** A signed statement of the end of a machine's audit chain. */
export const Checkpoint = z.object({
  /** The trail's own id: another id means another trail of the same machine. */
  trail_id: Id,
  seq: z.int().min(1),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  at_ms: Instant,
  signature: z.string().regex(/^[A-Za-z0-9_-]{86}$/),
});
export type Checkpoint = z.infer<typeof Checkpoint>;

/** A checkpoint of the first form, which named no trail. */
export const FirstCheckpoint = Checkpoint.omit({ trail_id: true });
export type FirstCheckpoint = z.infer<typeof FirstCheckpoint>;

const version = text(64);

/** The fields of both sides' hellos. */
const hello = {
  version,
  /** Supported protocol versions. */
  protocols: z.array(z.int().min(1).max(1_000)).min(1).max(16),
  /** Optional parts of the protocol that the build supports. */
  features: Features,
  /** The rights of the other side here. */
  scopes: ToldScopes,
  /** The entries behind `scopes`, with their limits. */
  grants: ToldEntries.optional(),
  /** True while a person at their own machine looks at sessions: it receives changes at once. */
  watching: z.boolean().optional(),
  /** True while a person has paused the other side's rights here; absent otherwise. */
  paused: z.boolean().optional(),
  /** The groups of facts that the grant hides in `handles`; absent from an earlier version. */
  hidden: HiddenGroups.optional(),
  /** A count that moves when the changed files that the other side may compare have changed. */
  overlap: Count.optional(),
  /** Digests of topics that the other side may send to and that have a subscriber. */
  topics: Base64url.max(topicsTextMax).optional(),
  /** The latest checkpoint of this machine; one of another form reads as null. */
  checkpoint: Checkpoint.nullable().catch(null),
  /** The latest checkpoint of the other machine that this one has kept. */
  witness: Checkpoint.nullable().catch(null),
};

/** Live handles, for a peer that may ask; null for any other. */
const handles = z
  .array(
    z.object({
      name: Name,
      project: Project.nullable(),
      state: ToldState,
      state_for_ms: Duration.nullable(),
      expires_in_ms: Duration,
      ...listed,
      /** True when the grant shows the name alone, for messages. */
      only_name: z.boolean().optional(),
    }),
  )
  .max(handlesMax)
  .nullable();

export const HelloInput = z.object({
  ...hello,
  /** Absent when this hello carries none. */
  handles: handles.optional(),
  /** Its listening port at the address from which this connection comes. */
  port: Port.nullable().default(null),
});
export const HelloOutput = z.object({
  ...hello,
  /** True when the answering machine's last dial of the caller succeeded; null before the first. */
  dialled: z.boolean().nullable(),
  handles,
});
export type HelloOutput = z.infer<typeof HelloOutput>;
