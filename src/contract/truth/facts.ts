/**
 * The evidence of each fact about another machine: the code that derives it, and its age. A field
 * of an output that stands in no row here is a claim without evidence. Loads nothing.
 */

import { mailOutputs, reachFacts } from "./reach.ts";
import { policyOutputs, readFacts } from "./reads.ts";
import { taskFacts, taskOutputs } from "./tasks.ts";

/** The evidence of some facts. */
export interface Evidence {
  /** The fields of outputs, by the schema that has them: `Peer.link`. */
  readonly fields: readonly string[];
  /** The code that derives them: the file, and the name in it. */
  readonly from: string;
  /** The field with their age, or the reason why they have none. */
  readonly age: string;
}

const heard = "Peer.last_seen_age_ms";
const now = "of the moment: the other machine said it in this call";
const decided = "a decision on this machine, true until the next";

const under = (schema: string, names: string): readonly string[] =>
  names.split(" ").map((name) => `${schema}.${name}`);

/** All rows, by the words that claims use for them. */
export const facts = {
  name: {
    fields: ["Peer.name", "Peer.named_by", "PeerQueue.peer", "ShownOutboxEntry.peer"],
    from: "src/core/peers/naming.ts#nameOfPeer",
    age: decided,
  },
  "name at pairing": {
    fields: ["PairedPeer.name", "PairedPeer.named_by", "PairedPeer.told_name", "PairedPeer.former"],
    from: "src/daemon/pairing/shown.ts#pairedEvent",
    age: now,
  },
  identity: {
    fields: ["Peer.fingerprint", "PairedPeer.fingerprint", "UnpairOutput.fingerprint"],
    from: "src/peer/certificate.ts#fingerprintOf",
    age: "none: a key proves itself in each connection",
  },
  pairing: {
    fields: ["Peer.paired_at_ms", "Peer.acknowledged", "PairOutput.event"],
    from: "src/daemon/peers/memories.ts#shown",
    age: "Peer.paired_at_ms",
  },
  link: {
    fields: ["Peer.link", "Peer.link_reason", "Peer.link_detail"],
    from: "src/core/peers/link.ts#linkOf",
    age: heard,
  },
  seen: {
    fields: [
      "Peer.last_seen_age_ms",
      "Peer.last_seen_at_ms",
      "AnswerMany.errors[].last_seen_age_ms",
      "Away.last_seen_age_ms",
      "Away.peer",
    ],
    from: "src/daemon/peers/memories.ts#seenAge",
    age: heard,
  },
  tailnet: {
    fields: ["Peer.tailnet.online", "Peer.tailnet.age_ms"],
    from: "src/daemon/peers/memories.ts#tailnetSaid",
    age: "Peer.tailnet.age_ms",
  },
  address: {
    fields: ["Peer.address", "PairedPeer.address", "Peer.round_trip_ms"],
    from: "src/daemon/links/calls.ts#reached",
    age: heard,
  },
  version: { fields: ["Peer.version"], from: "src/daemon/peers/memory.ts#told", age: heard },
  watches: {
    fields: ["Peer.watches"],
    from: "src/daemon/peers/memory.ts#watches",
    age: "at most 90 s: a hello's word is good for that long",
  },
  "rights there": {
    fields: [
      ...under("BothGrants", "ours[] our_paused"),
      "ToldEntry.scope",
      "ToldEntry.names[]",
      "ToldEntry.expires_in_ms",
    ],
    from: "src/daemon/peers/grants.ts#bothGrants",
    age: heard,
  },
  "rights here": {
    fields: ["BothGrants.theirs[]", "BothGrants.mine", "BothGrants.hold", "BothGrants.paused"],
    from: "src/core/grants.ts#permits",
    age: decided,
  },
  owner: {
    fields: ["PairedPeer.yours"],
    from: "src/daemon/pairing/typed.ts#yours",
    age: now,
  },
  witness: {
    fields: ["Peer.witness", "audit/verify.witnesses"],
    from: "src/core/witness.ts#judgeWitness",
    age: heard,
  },
  handle: {
    fields: [
      "RemoteHandle.handle",
      "RemoteHandle.project",
      "RemoteHandle.harness",
      "RemoteHandle.branch",
      "RemoteHandle.sha",
      "RemoteHandle.dirty",
      "RemoteHandle.summary",
      "RemoteHandle.expires_in_ms",
      "RemoteHandle.hidden[]",
    ],
    from: "src/daemon/peers/memory.ts#handles",
    age: heard,
  },
  state: {
    fields: ["RemoteHandle.state", "RemoteHandle.state_for_ms"],
    from: "src/daemon/peers/memory.ts#handles",
    age: "RemoteHandle.state_for_ms",
  },
  "last known": {
    fields: ["Peer.last_known.age_ms"],
    from: "src/daemon/peers/memory.ts#lastKnown",
    age: "Peer.last_known.age_ms",
  },
  "answer: git": {
    fields: under(
      "Answer.git",
      "sha subject branch dirty ahead behind worktree repository observed_at_ms age_ms",
    ),
    from: "src/core/ask.ts#factsOf",
    age: "Answer.git.age_ms",
  },
  "answer: summary": {
    fields: under("Answer.summary", "text age_ms observed_at_ms"),
    from: "src/core/ask.ts#factsOf",
    age: "Answer.summary.age_ms",
  },
  "answer: session": {
    fields: [
      ...under("Answer.session", "harness state state_for_ms age_ms observed_at_ms"),
      ...under("Answer.session", "started_at_ms started_age_ms"),
      ...under("Answer.lease", "renewed_age_ms expires_in_ms"),
    ],
    from: "src/core/ask.ts#factsOf",
    age: "Answer.session.age_ms",
  },
  answer: {
    fields: [
      ...under("Answer", "status handle thread_id answered_by project git_why message"),
      ...under("Answer", "untrusted[] notice answered_at_ms round_trip_ms hidden[]"),
      ...under("AnswerMany", "answered asked"),
    ],
    from: "src/core/ask.ts#answerOf",
    age: "Answer.answered_at_ms",
  },
  "no answer": {
    fields: [
      "AnswerMany.errors[].handle",
      "AnswerMany.errors[].error.code",
      "AnswerMany.errors[].error.message",
      "AnswerMany.errors[].error.hint",
    ],
    from: "src/daemon/ask/errors.ts#askError",
    age: heard,
  },
  wait: {
    fields: [
      ...under("WaitEnd", "event wait_id handle outcome reason"),
      ...under("wait", "event wait_id handle state ends_in_ms"),
      ...under("wait_for_peer", "message outcome reason wait_id waiting"),
    ],
    from: "src/core/waits.ts#judge",
    age: now,
  },
  candidate: {
    fields: [
      ...under("Candidate", "name source address fingerprint window_open paired login refusal"),
      "DiscoverOutput.unreachable",
    ],
    from: "src/daemon/links/finder.ts#candidateOf",
    age: now,
  },
  probe: {
    fields: under("ProbeOutput", "address fingerprint open paired"),
    from: "src/daemon/pairing/typed.ts#joiningHandlers",
    age: now,
  },
  attempt: {
    fields: under("pair/open", "from from[] login reason"),
    from: "src/daemon/pairing/window.ts#refusedOrigin",
    age: now,
  },
  unpaired: {
    fields: ["UnpairOutput.name", "UnpairOutput.told", "UnpairOutput.ended_there"],
    from: "src/daemon/peers/handlers.ts#peerHandlers",
    age: now,
  },
  record: {
    fields: under(
      "AuditRecord",
      "peer_name peer_fingerprint origin_address origin_transport origin_node origin_login " +
        "handle outcome verb direction at_ms seq from_handle harness text thread_id subject_id " +
        "content_sha256 details count prev_hash hash",
    ),
    from: "src/core/audit-chain.ts#seal",
    age: "AuditRecord.at_ms",
  },
  outbox: {
    fields: ["PeerQueue.entries", "PeerQueue.stuck", "DropOutput.outcome"],
    from: "src/daemon/watch/status.ts#queuesOf",
    age: "of the moment: the queue lies on this machine",
  },
  change: {
    fields: ["watch.greeted", "watch.fingerprint", "watch.direction", "watch.outcome"],
    from: "src/daemon/watch/things.ts#eventOf",
    age: now,
  },
  "list of peers": {
    fields: ["list_peers.message", "peernet_status.message"],
    from: "src/mcp/ask/asking.ts#standings",
    age: heard,
  },
  message: {
    fields: under(
      "ShownMessage",
      "by direction excerpt from peer text at_ms age_ms quiet reply_to thread_id message_id to " +
        "mailbox unread expires_in_ms reason stage topic",
    ),
    from: "src/daemon/messages/shown.ts#shownMessage",
    age: "ShownMessage.age_ms",
  },
  stage: {
    fields: [
      ...under("ProvenStage", "at_ms evidence reason stage"),
      ...under("StageEvent", "at_ms evidence reason stage message_id next"),
      ...under("StageEvent.answer", "from by message_id text"),
      ...under(
        "ReceiptsOutput",
        "answer_id from message_id next thread_id to answer.from answer.by",
      ),
    ],
    from: "src/daemon/messages/stages.ts#raise",
    age: "ProvenStage.at_ms",
  },
  ...readFacts,
  ...taskFacts,
  ...reachFacts,
} as const satisfies Readonly<Record<string, Evidence>>;

/** A fact, by its row. */
export type Fact = keyof typeof facts;

/** Schemas and operations whose other fields state nothing about another machine. */
export const local: readonly string[] = [
  "ActivateOutput",
  "AuditOutput",
  "AuditSegment",
  "Check",
  "DeactivateOutput",
  "DiscoverOutput",
  "DropOutput",
  "GitFacts",
  "InboxOutput",
  "LocalHandle",
  "MailboxCount",
  "PairOutput",
  "PreviewOutput",
  "Searched",
  "SessionHere",
  "ShowOutput",
  "ShownEntry",
  "ShownOutboxEntry",
  "Status",
  "SummaryOutput",
  "UnpairOutput",
  "activate_session",
  ...policyOutputs,
  ...taskOutputs,
  ...mailOutputs,
  "audit/verify",
  "deactivate_session",
  "list_peers",
  "pair/close",
  "pair/open",
  "peernet_status",
  "set_summary",
  "stop",
  "watch",
];
