/**
 * One ask over the network, on the asking side. It writes two records of one subject. `asked` is
 * queued as the call leaves and durable before its answer is delivered; the outcome is written
 * after that.
 */

import type { Answer } from "../../contract/ask.ts";
import { accept, type Outcome, PeernetError, refuseWith } from "../../contract/errors.ts";
import { answerOf } from "../../core/ask.ts";
import { instantOf } from "../../platform/effects.ts";
import type { PeerRow } from "../../store/peers.ts";
import { type Context, digestOf } from "../context/context.ts";
import { askBegun } from "../context/events.ts";
import { notPaired } from "../context/expected.ts";
import type { LateRecords } from "../context/late-records.ts";
import type { Ways } from "../context/ports.ts";
import type { Links } from "../links/links.ts";
import type { PeerMemories } from "../peers/memories.ts";
import { askError } from "./errors.ts";
import type { SeenFacts } from "./waits-begin.ts";

/** Dependencies of asking. */
export interface AskingParts {
  readonly context: Context;
  readonly links: Links;
  readonly memories: PeerMemories;
  readonly late: LateRecords;
  /** Facts that an ask saw: a later wait begins from them. */
  readonly seen: SeenFacts;
  readonly ways: Ways;
}

/** One ask: about a name here, or a peer's. */
export interface OneAsk {
  readonly machine: string;
  readonly name: string;
  readonly peer: PeerRow | null;
  readonly question: string | null;
  /** The handle of the asking session, or null. */
  readonly from: string | null;
  readonly threadId: string;
  readonly deadlineMs: number;
}

/** Asks a peer, and reports the beginning and end to listeners. */
export async function askPeer(parts: AskingParts, asked: OneAsk): Promise<Outcome<Answer>> {
  const { peer, threadId } = asked;
  if (peer === null) return refuseWith(notPaired(parts.context, asked.machine));
  const askId = parts.context.effects.random.uuid();
  const ended = askBegun(parts.context, {
    ask_id: askId,
    direction: "out",
    fingerprint: peer.fingerprint,
    handle: `${asked.machine}/${asked.name}`,
    thread_id: threadId,
  });
  try {
    const outcome = await askOver(parts, { ...asked, peer, askId });
    ended(outcome.ok ? "ok" : outcome.error.code);
    return outcome;
  } catch (error) {
    ended(error instanceof PeernetError ? error.code : "internal");
    throw error;
  }
}

interface RemoteAsk extends OneAsk {
  readonly peer: PeerRow;
  readonly askId: string;
}

/** The fields that both records of an ask share. */
const recordOf = ({ peer, machine, name, from, threadId, askId }: RemoteAsk) =>
  ({
    direction: "out",
    verb: "ask",
    peer_fingerprint: peer.fingerprint,
    peer_name: peer.name,
    handle: `${machine}/${name}`,
    from_handle: from,
    thread_id: threadId,
    subject_id: askId,
  }) as const;

/** Asks a peer over the network, and records the question and its outcome. */
async function askOver(parts: AskingParts, asked: RemoteAsk): Promise<Outcome<Answer>> {
  const { context, links, memories, late } = parts;
  const { clock } = context.effects;
  const { peer, name, question, threadId, deadlineMs } = asked;
  const startedMs = clock.monotonicMs();
  const body = { ask_id: asked.askId, thread_id: threadId, handle: name, question };
  const input = () => ({ ...body, takes_null: true });
  const call = links.call(peer.fingerprint, "ask", { input, deadlineMs, isAwaited: true });
  const recorded = context.transact(instantOf(clock), (work) => {
    work.record({ ...recordOf(asked), text: question, outcome: "asked" });
    return { value: undefined };
  });
  recorded.catch((error: unknown) => {
    // The question may have left: the trail shows it once the disk has space again.
    if (!(error instanceof PeernetError) || error.code !== "storage_full") return;
    late.add({ ...recordOf(asked), text: question, outcome: error.code });
  });
  const replied = call.then(accept, (error: unknown) => {
    if (!(error instanceof PeernetError)) throw error;
    const shown = memories.shown(peer, instantOf(clock));
    const of = { name, deadlineMs, own: context.config.machine.name };
    return refuseWith(askError(error, shown, of));
  });
  const [reply] = await Promise.all([replied, recorded]);
  if (!reply.ok) {
    late.add({ ...recordOf(asked), outcome: reply.error.code });
    return reply;
  }
  const { output, bytes, reverse } = reply.value;
  const { harness } = output.session;
  const content_sha256 = digestOf(context, bytes);
  late.add({
    ...recordOf(asked),
    harness,
    outcome: "ok",
    content_sha256,
    ...(reverse ? { reverse } : {}),
  });
  const roundTripMs = Math.round((clock.monotonicMs() - startedMs) * 10) / 10;
  const receivedAtMs = Math.floor(clock.wallMs());
  const receipt = { handle: `${asked.machine}/${name}`, threadId, receivedAtMs, roundTripMs };
  const answer = answerOf(output, receipt);
  parts.seen.note(`${peer.fingerprint} ${name}`, answer, clock.bootMs());
  const overlaps = memories.shared(peer.fingerprint, instantOf(clock)).get(name);
  return accept(overlaps === undefined ? answer : { ...answer, overlaps: [...overlaps] });
}
