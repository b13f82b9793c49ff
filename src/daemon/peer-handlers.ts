/**
 * Handlers for calls of a paired machine. Each reads the peer's row again inside the transaction
 * that decides and records, and no byte of an answer leaves before that is durable.
 */

import { accept, type Outcome, settle } from "../contract/errors.ts";
import type { Handlers } from "../contract/operation/operation.ts";
import type { Wire } from "../contract/wire.ts";
import { noGrants } from "../core/grants.ts";
import type { PeerRow } from "../store/peers.ts";
import { answerAsk } from "./ask/incoming.ts";
import { answerWait, endWaits } from "./ask/waits-incoming.ts";
import type { OutgoingWaits } from "./ask/waits-outgoing.ts";
import type { Work } from "./context/context.ts";
import { dropAll } from "./context/ungranted.ts";
import { answerHello, heard, type IncomingParts } from "./links/incoming.ts";
import { answerMessage } from "./messages/incoming/answering.ts";
import { takeReceipts } from "./messages/incoming/receipts.ts";
import type { MessageParts } from "./messages/parts.ts";
import { originOf, peerOf, type RemoteCaller } from "./network/authenticate.ts";
import type { AnswerOverlap, Asked as AskedOverlap } from "./overlap/incoming.ts";
import { exchange } from "./pairing/exchange.ts";
import type { PairingParts } from "./pairing/shown.ts";
import { readHandlers } from "./reads/handlers.ts";
import type { ReadCall } from "./reads/held.ts";
import type { IncomingReads } from "./reads/incoming.ts";
import { answerSubjects } from "./subjects/incoming.ts";
import { type TaskAnswers, type TaskCall, type TaskRow, taskHandlers } from "./tasks/calls.ts";

/** Dependencies of the handlers that peers call. */
export interface AnsweringParts extends PairingParts, IncomingParts {
  /** Closes a former peer's connections, both ways, after the reply to its last call. */
  readonly endConnectionsOf: (fingerprint: string) => void;
  readonly waits: Pick<OutgoingWaits, "reached">;
  readonly mail: MessageParts;
  readonly reads: IncomingReads;
  readonly tasks: TaskAnswers;
  readonly answerOverlap: AnswerOverlap;
}

type Rows =
  | ("token" | "hello" | "ask" | "wait" | "wait/end" | "reached" | "unpair")
  | ("message" | "receipt" | "overlap" | "subjects")
  | TaskRow
  | ("read/repositories" | "read/open" | "read/file" | "read/glob" | "read/grep" | "read/close");

/** Handlers of the authenticated rows of the wire table. */
export function answeringHandlers(parts: AnsweringParts): Pick<Handlers<Wire, RemoteCaller>, Rows> {
  const { context } = parts;
  const { counts } = parts.refusals;
  /** Decides for a machine that is still a peer; notes its call. */
  const asPeer = async <T>(
    caller: RemoteCaller,
    decide: (peer: PeerRow, work: Work) => Outcome<T>,
  ): Promise<T> => {
    const outcome = await context.transact(caller.now, (work) => {
      const peer = peerOf(work.tables, caller.credential);
      if (!peer.ok) return { value: peer };
      work.after(() => heard(parts, peer.value, caller));
      return { value: decide(peer.value, work) };
    });
    if (!outcome.ok && outcome.error.code === "unauthenticated") caller.connection.closeSoon = true;
    return settle(outcome);
  };
  const callOf = callsBy(asPeer);
  return {
    token: (input, caller) => exchange(parts, input, caller),
    hello: (input, caller) =>
      asPeer(caller, (peer, work) => {
        work.after(() => counts.count({ peer, verb: "hello", outcome: "ok" }, caller.now));
        return answerHello(parts, { peer, work, input, caller });
      }),
    ask: (input, caller) =>
      asPeer(caller, (peer, work) => {
        const asking = { peer, work, input, now: caller.now, origin: originOf(peer, caller) };
        return answerAsk(context, { ...asking, counts, ways: parts.ways });
      }),
    ...waitHandlers(parts, asPeer),
    ...messageHandlers(parts, asPeer),
    ...readHandlers<RemoteCaller>(parts.reads, callOf),
    ...taskHandlers<RemoteCaller>(parts.tasks, callOf),
    ...comparingHandlers(parts, asPeer),
    unpair: (_input, caller) =>
      asPeer(caller, (peer, work) => {
        work.tables.peers.removeTokens(peer.fingerprint);
        dropAll(work, peer.fingerprint, caller.now);
        work.tables.peers.put({ ...peer, grants: noGrants, bearer: null, refused: true });
        work.record({ direction: "in", verb: "unpair", outcome: "ok", ...originOf(peer, caller) });
        work.after(() => parts.endConnectionsOf(peer.fingerprint));
        caller.connection.closeSoon = true;
        return accept({ ok: true } as const);
      }),
  };
}

/** Handlers of the rows that compare changed files and trails. */
function comparingHandlers(
  { context, refusals, answerOverlap }: AnsweringParts,
  asPeer: AsPeer,
): Pick<Handlers<Wire, RemoteCaller>, "overlap" | "subjects"> {
  const { counts } = refusals;
  return {
    overlap: (input, caller) =>
      asPeer(caller, (peer, work) => answerOverlap(comparing(caller, { peer, work, input }))),
    subjects: (input, caller) =>
      asPeer(caller, (peer, work) => {
        work.after(() => counts.count({ peer, verb: "compare", outcome: "ok" }, caller.now));
        return answerSubjects(context, { peer, input, now: caller.now });
      }),
  };
}

/** A question about changed files, with the key of the connection that carries it. */
const comparing = (
  caller: RemoteCaller,
  asked: Pick<AskedOverlap, "peer" | "work" | "input">,
): AskedOverlap => ({
  ...asked,
  now: caller.now,
  exporter: caller.connection.exporter,
  origin: originOf(asked.peer, caller),
});

/** Decides for a machine that is still a peer. */
type AsPeer = <T>(
  caller: RemoteCaller,
  decide: (peer: PeerRow, work: Work) => Outcome<T>,
) => Promise<T>;

/** Makes a peer's call as readings and tasks take it. */
const callsBy =
  (asPeer: AsPeer) =>
  (caller: RemoteCaller): ReadCall & TaskCall => ({
    now: caller.now,
    asPeer: (decide) => asPeer(caller, decide),
    originOf: (peer) => originOf(peer, caller),
  });

/** Handlers of the rows about waits. */
function waitHandlers(
  parts: AnsweringParts,
  asPeer: AsPeer,
): Pick<Handlers<Wire, RemoteCaller>, "wait" | "wait/end" | "reached"> {
  const { context, refusals } = parts;
  const { counts } = refusals;
  return {
    wait: (input, caller) =>
      asPeer(caller, (peer, work) => {
        const { now } = caller;
        const origin = originOf(peer, caller);
        return answerWait(context, { peer, work, input, now, origin, counts });
      }),
    "wait/end": (input, caller) => asPeer(caller, (peer, work) => endWaits(work, peer, input)),
    reached: (input, caller) =>
      asPeer(caller, (peer, work) => {
        const taken = parts.waits.reached(peer, {
          ...{ work, input, now: caller.now },
          isReverse: caller.connection.isReverse,
        });
        const refusal = { direction: "in", verb: "wait", subject_id: input.wait_id } as const;
        if (!taken.ok) {
          const { code } = taken.error;
          counts.refused(work, { ...refusal, peer, outcome: code }, caller.now);
        }
        return taken;
      }),
  };
}

/** Handlers of the rows about messages. */
function messageHandlers(
  { mail, refusals }: AnsweringParts,
  asPeer: AsPeer,
): Pick<Handlers<Wire, RemoteCaller>, "message" | "receipt"> {
  return {
    message: (input, caller) =>
      asPeer(caller, (peer, work) => {
        const doing = { work, now: caller.now };
        const { counts } = refusals;
        const isOthers = caller.connection.origin.refusal !== null;
        const leaving = { peer, doing, input, origin: originOf(peer, caller), counts, isOthers };
        return answerMessage(mail, leaving);
      }),
    receipt: ({ receipts }, caller) =>
      asPeer(caller, (peer, work) => {
        takeReceipts(mail, { work, now: caller.now }, { peer, receipts });
        return accept({});
      }),
  };
}
