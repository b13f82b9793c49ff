/** Answers of a daemon that the tests of several commands share. */

import type { Answer, WireAnswer } from "../../src/contract/ask.ts";
import { untrustedFields, untrustedNotice } from "../../src/contract/ask.ts";
import type { AuditRecord } from "../../src/contract/audit.ts";
import type { OpenEvent, PairedPeer } from "../../src/contract/pairing.ts";
import type { Peer, Status } from "../../src/contract/peer.ts";
import { both } from "../support/grants.ts";

/** A fingerprint. */
export const fingerprint = "sha256:Jq3vKx9mPZ0c2LtR7yWb1HnUeXo4sDfG8aVhCiT5kQE";
/** Another one. */
export const otherFingerprint = "sha256:AAAAKx9mPZ0c2LtR7yWb1HnUeXo4sDfG8aVhCiT5kQE";
/** A thread. */
export const thread = "01935fd2-61f1-7c6a-9d2e-3b1c5a7e9f00";
/** The wall clock of the fake effects. */
export const nowMs = 1_800_000_000_000;

const minute = 60_000;
const hour = 60 * minute;

/** The facts of mini/hydrate. */
export const wireAnswer: WireAnswer = {
  project: "hydrate",
  git: {
    sha: "91c0d7e000000000000000000000000000000000",
    subject: "sync: back off after 429",
    branch: "main",
    dirty: 3,
    age_ms: 12_345,
  },
  summary: {
    text: "Port the sync client to streaming; two tests still red",
    age_ms: 4 * minute + 59_999,
  },
  session: {
    harness: "claude-code",
    state: "working",
    state_for_ms: 4 * minute,
    started_age_ms: 2 * hour,
    age_ms: 2_000,
  },
  lease: { renewed_age_ms: 12_000, expires_in_ms: 63_000 },
  hidden: [],
};

/** The answer of mini/hydrate, with other fields where given. */
export function answer(changed: Partial<Answer> = {}): Answer {
  const { started_age_ms, ...session } = wireAnswer.session;
  const dated = <T extends { readonly age_ms: number }>(fact: T) => ({
    ...fact,
    observed_at_ms: nowMs - fact.age_ms,
  });
  return {
    status: "ok",
    handle: "mini/hydrate",
    thread_id: thread,
    answered_by: "daemon",
    project: wireAnswer.project,
    git: wireAnswer.git === null ? null : dated(wireAnswer.git),
    summary: wireAnswer.summary === null ? null : dated(wireAnswer.summary),
    session: { ...dated(session), started_at_ms: nowMs - started_age_ms },
    lease: wireAnswer.lease,
    hidden: [],
    untrusted: [...untrustedFields],
    notice: untrustedNotice,
    answered_at_ms: nowMs,
    round_trip_ms: 12,
    ...changed,
  };
}

/** A peer called mini that is up, with other fields where given. */
export const peer = (changed: Partial<Peer> = {}): Peer => ({
  name: "mini",
  fingerprint,
  link: "up",
  link_detail: null,
  link_reason: null,
  address: "100.88.4.20:7337",
  round_trip_ms: 12,
  grants: both(["ask"], ["ask"]),
  paired_at_ms: new Date(2026, 10, 24, 12).getTime(),
  acknowledged: true,
  version: "0.1.0",
  last_seen_at_ms: nowMs,
  last_seen_age_ms: 3_000,
  handles: [
    {
      handle: "mini/hydrate",
      project: "hydrate",
      state: "working",
      state_for_ms: 4 * minute,
      expires_in_ms: 60_000,
      hidden: [],
    },
  ],
  ...changed,
});

/** A peer called server that has been gone for 3 h. */
export const goneServer: Peer = peer({
  name: "server",
  link: "down",
  round_trip_ms: null,
  last_seen_age_ms: 3 * hour,
  handles: [],
});

/** The status of laptop, with other fields where given. */
export const status = (changed: Partial<Status> = {}): Status => ({
  machine: {
    name: "laptop",
    fingerprint: otherFingerprint,
    version: "0.1.0",
    running: true,
    listen: ["100.101.7.3:7337"],
    started_at_ms: nowMs - hour,
  },
  outbox: [],
  handles: [
    {
      handle: "hydrate",
      project: "hydrate",
      harness: "claude-code",
      state: "idle",
      state_for_ms: 20_000,
      summary: null,
      git: {
        sha: "3f9c2ab000000000000000000000000000000000",
        subject: "sync: try again",
        branch: "retry-sync",
        dirty: 0,
      },
      started_at_ms: nowMs - hour,
      expires_in_ms: 60_000,
    },
  ],
  peers: [peer()],
  window: { open: false },
  ...changed,
});

/** A record of an ask that mini made, with other fields where given. */
export const record = (changed: Partial<AuditRecord> = {}): AuditRecord => ({
  seq: 1,
  at_ms: nowMs,
  direction: "in",
  verb: "ask",
  peer_fingerprint: fingerprint,
  peer_name: "mini",
  origin_address: "100.88.4.20",
  origin_transport: "tailnet",
  origin_node: null,
  origin_login: null,
  handle: "laptop/hydrate",
  from_handle: null,
  harness: "claude-code",
  text: "is retry.ts free?",
  outcome: "ok",
  thread_id: thread,
  subject_id: null,
  content_sha256: "0".repeat(64),
  details: null,
  count: null,
  prev_hash: "",
  hash: "1".repeat(64),
  ...changed,
});

/** The first event of a window. */
export const opened: Extract<OpenEvent, { event: "opened" }> = {
  event: "opened",
  code: "027674",
  expires_at_ms: nowMs + 120_000,
  expires_in_ms: 120_000,
  addresses: ["100.101.7.3:7337"],
  fingerprint: otherFingerprint,
};

/** A pairing with mini. */
export const pairedMini: PairedPeer = {
  name: "mini",
  fingerprint,
  address: "100.88.4.20:7337",
  grants: both(["ask"], ["ask"]),
  told_name: null,
  look_alike: null,
};

/** The event that ends a window well. */
export const paired: OpenEvent = { event: "paired", peer: pairedMini, visible: ["hydrate", "api"] };
