/**
 * Handlers of what a paired machine may call here. Each reads the peer's row again inside the
 * transaction that decides and records, and no byte of an answer leaves before that is durable.
 */

import type { WireAnswer } from "../contract/ask.ts";
import {
  accept,
  type ErrorBody,
  type Outcome,
  PeernetError,
  refuse,
  settle,
} from "../contract/errors.ts";
import type { Handlers, InputOf, OutputOf } from "../contract/operation/operation.ts";
import { hex } from "../contract/text/encoding.ts";
import { protocols, type Wire } from "../contract/wire.ts";
import { type Bucket, takeAsk } from "../core/admission.ts";
import { answerPeer } from "../core/ask.ts";
import { sight } from "../core/peers/sighting.ts";
import type { PeerRow } from "../store/peers.ts";
import type { Trail } from "./audit/trail.ts";
import { type Context, nowOf, type Work } from "./context/context.ts";
import { askBegun } from "./context/events.ts";
import type { Finder } from "./links/finder.ts";
import { handlesFor } from "./links/handles.ts";
import { originOf, peerOf, type RemoteCaller } from "./network/authenticate.ts";
import type { Connection } from "./network/connection.ts";
import { exchange } from "./pairing/exchange.ts";
import type { PairingParts } from "./pairing/shown.ts";
import { hasAddress, isNews, later, type PeerMemories, remember, told } from "./peers/memory.ts";

/** What answering needs of the daemon. */
export interface AnsweringParts extends PairingParts {
  readonly memories: PeerMemories;
  readonly finder: Finder;
  /** Closes a former peer's connections, both ways, once the reply to its last call has gone. */
  readonly endConnectionsOf: (fingerprint: string) => void;
  readonly trail: Trail;
}

type Rows = "token" | "hello" | "ask" | "unpair";

/** Handlers of the authenticated rows of the wire table. */
export function answeringHandlers(parts: AnsweringParts): Pick<Handlers<Wire, RemoteCaller>, Rows> {
  const { context } = parts;
  const paced = pacing(parts);
  /** Decides as a peer that is still one; notes that it was heard of. */
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
  return {
    token: async (input, caller) => {
      paced(caller);
      return exchange(parts, input, caller);
    },
    hello: async (input, caller) => {
      paced(caller);
      return asPeer(caller, (peer, work) => hello(parts, { peer, work, input, caller }));
    },
    ask: async (input, caller) => {
      paced(caller);
      return asPeer(caller, (peer, work) => ask(context, { peer, work, input, caller }));
    },
    unpair: (_input, caller) =>
      asPeer(caller, (peer, work) => {
        work.tables.peers.removeTokens(peer.fingerprint);
        work.tables.peers.put({ ...peer, scopes: [], bearer: null, refused: true });
        work.record({ direction: "in", verb: "unpair", outcome: "ok", ...originOf(peer, caller) });
        work.after(() => parts.endConnectionsOf(peer.fingerprint));
        caller.connection.closeSoon = true;
        return accept({ ok: true } as const);
      }),
  };
}

/** One quota for all that a peer may call, since each writes something durable. */
function pacing({ refusals }: AnsweringParts): (caller: RemoteCaller) => void {
  const buckets = new Map<string, Bucket>();
  return ({ credential, connection, now }) => {
    const fingerprint = credential?.fingerprint ?? "";
    const bucket = takeAsk(buckets.get(fingerprint), now.monotonicMs);
    buckets.set(fingerprint, bucket);
    if (bucket.passes) return;
    refusals.count("rate_limited", connection, now);
    throw new PeernetError("rate_limited");
  };
}

/** Notes that a peer dialled this machine just now. */
function heard(
  { context, memories, finder }: AnsweringParts,
  { fingerprint, port }: PeerRow,
  { connection, now }: RemoteCaller,
): void {
  // It may have been unpaired by what was just decided.
  if (context.tables.peers.get(fingerprint) === null) {
    memories.forget(fingerprint);
    return;
  }
  const memory = memories.of(fingerprint);
  // It dialled this machine just now, whatever it said of its last try before.
  memory.link = { ...memory.link, lastInboundMs: now.bootMs, dialledBack: true };
  memory.sightings = sight(memory.sightings, connection.origin.address, now.bootMs);
  // It reached this machine: the other direction is worth a try now, not at its next turn.
  if (memory.link.dialled === false) memory.nextHelloMs = 0;
  // Where it listens is told by its hello; until then, at the port it had.
  sighted({ memories, finder }, { fingerprint, port: memory.seenAt?.port ?? port }, connection);
}

/** Takes note of where a peer's own connection came from: a lead to it, should it have moved. */
function sighted(
  { memories, finder }: Pick<AnsweringParts, "memories" | "finder">,
  { fingerprint, port }: Pick<PeerRow, "fingerprint" | "port">,
  { origin }: Connection,
): void {
  if (port === null) return;
  const seenAt = { host: origin.address, port };
  memories.of(fingerprint).seenAt = seenAt;
  void finder.seen(fingerprint, seenAt);
}

interface Asking {
  readonly peer: PeerRow;
  readonly work: Work;
  readonly input: InputOf<Wire["ask"]>;
  readonly caller: RemoteCaller;
}

type Stored =
  | { readonly ok: true; readonly value: WireAnswer }
  | { readonly ok: false; readonly error: ErrorBody };

function ask(context: Context, { peer, work, input, caller }: Asking): Outcome<WireAnswer> {
  const now = nowOf(context, caller.now);
  // All of them, whichever is asked for: how long a query by name takes tells whether it is there.
  const leases = work.tables.leases.all();
  const outcome = answerPeer({ scopes: peer.scopes, name: input.handle }, leases, now);
  const repeated = work.tables.peers.answered(peer.fingerprint, input.ask_id);
  // What may be told no more is not told again, and that it was asked for again is recorded.
  const before = repeated === null ? null : restored(repeated.outcome);
  if (before !== null && (outcome.ok || !before.ok)) return before;
  const answer = outcome.ok ? JSON.stringify(outcome.value) : null;
  work.record({
    direction: "in",
    verb: "ask",
    ...originOf(peer, caller),
    handle: input.handle,
    harness: outcome.ok ? outcome.value.session.harness : null,
    question: input.question,
    outcome: outcome.ok ? "ok" : outcome.error.code,
    thread_id: input.thread_id,
    answer_sha256: answer === null ? null : digestOf(context, answer),
  });
  work.after(() => {
    const { fingerprint } = peer;
    const { ask_id, thread_id } = input;
    const handle = `${context.config.machine.name}/${input.handle}`;
    // Asked and answered in one: whoever watches is told once that is durable.
    const ended = askBegun(context, { ask_id, direction: "in", fingerprint, handle, thread_id });
    ended(outcome.ok ? "ok" : outcome.error.code);
  });
  const stored: Stored = outcome.ok ? outcome : { ok: false, error: outcome.error.body };
  if (before === null)
    work.tables.peers.putAnswered({
      fingerprint: peer.fingerprint,
      ask_id: input.ask_id,
      boot_ms: caller.now.bootMs,
      outcome: JSON.stringify(stored),
    });
  return outcome;
}

/** SHA-256 of an answer's bytes on the wire. */
export const digestOf = (context: Pick<Context, "effects">, answer: string | Uint8Array): string =>
  hex(
    context.effects.sha256(typeof answer === "string" ? new TextEncoder().encode(answer) : answer),
  );

function restored(text: string): Outcome<WireAnswer> {
  const stored: Stored = JSON.parse(text);
  return stored.ok ? accept(stored.value) : refuse(stored.error.code, stored.error);
}

interface Greeting {
  readonly peer: PeerRow;
  readonly work: Work;
  readonly input: InputOf<Wire["hello"]>;
  readonly caller: RemoteCaller;
}

function hello(
  { context, memories, finder, trail }: AnsweringParts,
  { peer, work, input, caller: { connection, now } }: Greeting,
): Outcome<OutputOf<Wire["hello"]>> {
  if (!input.protocols.some((version) => protocols.includes(version))) {
    return refuse("version_unsupported");
  }
  const ownKey = context.identity.signing.publicKey;
  const row = { ...told(peer, input, now), witness: later(peer.witness, input.witness, ownKey) };
  if (isNews(peer, row)) work.tables.peers.put(row);
  const memory = memories.of(peer.fingerprint);
  memory.version = input.version;
  if (input.handles !== undefined) remember(memory, input.handles, now);
  const { fingerprint } = peer;
  work.after(() => {
    sighted({ memories, finder }, { fingerprint, port: input.port }, connection);
    context.events.tell({ of: "greeted", fingerprint, direction: "in" });
  });
  return accept({
    version: context.version,
    protocols: [...protocols],
    scopes: [...peer.scopes],
    checkpoint: trail.latest,
    witness: row.checkpoint,
    dialled: hasAddress(peer) ? memory.link.dialled : false,
    handles: handlesFor(peer, work.tables.leases.all(), nowOf(context, now)),
  });
}
