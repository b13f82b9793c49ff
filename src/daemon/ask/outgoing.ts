/**
 * Handlers by which this machine's sessions ask: of a name here, of a peer's, or of every live
 * handle. Nothing is told to a session that the trail does not hold.
 */

import type { Answer, AnswerMany } from "../../contract/ask.ts";
import type { Control } from "../../contract/control.ts";
import {
  accept,
  type ErrorCode,
  type Outcome,
  PeernetError,
  settle,
} from "../../contract/errors.ts";
import { asksPerSecondMax, connectionsPerPeerMax } from "../../contract/limits.ts";
import type { Handlers } from "../../contract/operation/operation.ts";
import type { Peer } from "../../contract/peer.ts";
import { answerHere, answerOf } from "../../core/ask.ts";
import { liveLeases } from "../../core/sessions/lease.ts";
import { type Instant, instantOf } from "../../platform/effects.ts";
import {
  type Context,
  digestOf,
  type LocalCaller,
  nowOf,
  unknownPeer,
} from "../context/context.ts";
import { askBegun } from "../context/events.ts";
import { askError } from "./errors.ts";
import { type AskingParts, askPeer, type OneAsk } from "./over.ts";

/** Handlers of the rows that ask. */
export function askingHandlers(parts: AskingParts): Pick<Handlers<Control, LocalCaller>, "ask"> {
  const { context } = parts;
  return {
    ask: async (input, { now }) => {
      const threadId = input.thread_id ?? context.effects.random.uuid();
      const [machine, name] = splitHandle(input.handle, context.config.machine.name);
      const one = { question: input.question, threadId, deadlineMs: input.timeout_ms };
      if (machine === null || name === "") return askMany(parts, machine, { ...one, now });
      const isOwn = machine === context.config.machine.name;
      const peer = isOwn ? null : context.tables.peers.named(machine);
      if (!isOwn && peer === null) throw unknownPeer(machine);
      const asked = { ...one, machine, name, peer };
      return settle(await (isOwn ? askHere(context, asked, now) : askPeer(parts, asked)));
    },
  };
}

/** The machine and the name of a handle: a bare word is of this machine, null is everywhere. */
function splitHandle(handle: string | null, own: string): readonly [string | null, string] {
  if (handle === null) return [null, ""];
  const slash = handle.indexOf("/");
  return slash < 0 ? [own, handle] : [handle.slice(0, slash), handle.slice(slash + 1)];
}

function askHere(context: Context, asked: OneAsk, now: Instant): Promise<Outcome<Answer>> {
  const handle = `${asked.machine}/${asked.name}`;
  return context.transact(now, (work) => {
    const at = nowOf(context, now);
    const found = answerHere(asked.name, work.tables.leases.all(), at);
    const askId = context.effects.random.uuid();
    work.record({
      direction: "local",
      verb: "ask",
      origin_transport: "control",
      handle,
      harness: found.ok ? found.value.session.harness : null,
      text: asked.question,
      outcome: found.ok ? "ok" : found.error.code,
      thread_id: asked.threadId,
      subject_id: askId,
      content_sha256: found.ok ? digestOf(context, JSON.stringify(found.value)) : null,
    });
    work.after(() => {
      const ended = askBegun(context, {
        ask_id: askId,
        direction: "local",
        fingerprint: null,
        handle,
        thread_id: asked.threadId,
      });
      ended(found.ok ? "ok" : found.error.code);
    });
    if (!found.ok) return { value: found };
    const { threadId } = asked;
    const receipt = { handle, threadId, receivedAtMs: Math.floor(now.wallMs), roundTripMs: 0 };
    return { value: accept(answerOf(found.value, receipt)) };
  });
}

interface ManyAsk extends Pick<OneAsk, "question" | "threadId" | "deadlineMs"> {
  readonly now: Instant;
}

/** Asks every live handle of one peer, or of all: first which there are, then each. */
async function askMany(
  parts: AskingParts,
  machine: string | null,
  many: ManyAsk,
): Promise<AnswerMany> {
  const { context, links, memories } = parts;
  const own = context.config.machine.name;
  if (machine === own) return collect(await askOwn(context, many));
  const peer = machine === null ? null : context.tables.peers.named(machine);
  if (machine !== null && peer === null) throw unknownPeer(machine);
  const peers = peer === null ? context.tables.peers.all() : [peer];
  const { deadlineMs } = many;
  await Promise.all(
    peers.map((row) => {
      // One that was down before is looked for once: the others are not to wait for it.
      const isAwaited = memories.shown(row, many.now).link !== "down";
      return links.greet(row.fingerprint, { deadlineMs, isAwaited });
    }),
  );
  const now = instantOf(context.effects.clock);
  const asks: OneAsk[] = [];
  const errors: AnswerMany["errors"] = [];
  for (const row of peers) {
    const current = context.tables.peers.get(row.fingerprint) ?? row;
    const shown = memories.shown(current, now);
    const code = whyNot(shown, memories.of(row.fingerprint).link.dialled);
    if (code !== null) {
      const error = askError(new PeernetError(code), shown, { name: "", deadlineMs: 0 });
      const { last_seen_age_ms } = shown;
      errors.push({ handle: row.name, error: error.body, last_seen_age_ms });
      continue;
    }
    for (const { handle } of shown.handles) {
      const name = handle.slice(handle.indexOf("/") + 1);
      asks.push({ ...many, machine: row.name, name, peer: current });
    }
  }
  const byPeer = [...Map.groupBy(asks, (ask) => ask.machine).values()];
  const asked = await Promise.all(byPeer.map((own) => askAll(own, (ask) => paced(parts, ask))));
  return collect(asked.flat(), errors);
}

/** Why none of a peer's handles can be asked, or null. */
function whyNot(peer: Peer, dialled: boolean | null): ErrorCode | null {
  if (peer.link === "refused") return "peer_refused";
  if (dialled !== true) return "peer_unreachable";
  return peer.grants.ours.includes("ask") ? null : "scope_denied";
}

async function askOwn(context: Context, many: ManyAsk): Promise<readonly Asked[]> {
  const machine = context.config.machine.name;
  const live = liveLeases(context.tables.leases.all(), nowOf(context, many.now));
  const asks = live.map(({ name }) => ({ ...many, machine, name, peer: null }));
  return askAll(asks, (ask) => askHere(context, ask, many.now));
}

interface Asked {
  readonly handle: string;
  readonly outcome: Outcome<Answer>;
}

/** Asks the handles of one machine, as many at once as it gives connections, in their order. */
async function askAll(
  asks: readonly OneAsk[],
  ask: (asked: OneAsk) => Promise<Outcome<Answer>>,
): Promise<readonly Asked[]> {
  const waiting = asks.map((one, at) => ({ one, at }));
  const asked: Asked[] = [];
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const { one, at } = next;
      asked[at] = { handle: `${one.machine}/${one.name}`, outcome: await ask(one) };
    }
  };
  await Promise.all(Array.from({ length: connectionsPerPeerMax }, work));
  return asked;
}

/** Asks at the pace that a peer allows: beyond its burst, each ask waits for its turn. */
async function paced(parts: AskingParts, asked: OneAsk): Promise<Outcome<Answer>> {
  const { clock, timers } = parts.context.effects;
  const memory = parts.memories.of(asked.peer?.fingerprint ?? "");
  for (;;) {
    if (memory.takeAsk(clock.monotonicMs())) return askPeer(parts, asked);
    await new Promise<void>((resolve) => timers.after(1_000 / asksPerSecondMax, resolve));
  }
}

function collect(asked: readonly Asked[], errors: AnswerMany["errors"] = []): AnswerMany {
  const answers: Answer[] = [];
  const failed = [...errors];
  for (const { handle, outcome } of asked) {
    if (outcome.ok) answers.push(outcome.value);
    else failed.push({ handle, error: outcome.error.body, last_seen_age_ms: null });
  }
  return { answers, errors: failed, asked: asked.length, answered: answers.length };
}
