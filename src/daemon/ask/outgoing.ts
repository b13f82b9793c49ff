/**
 * Handlers by which this machine's sessions ask: about a name here, a peer's name, or every live
 * handle. No session receives an answer that the trail does not hold.
 */

import type { Answer } from "../../contract/ask.ts";
import type { Control } from "../../contract/control.ts";
import { accept, type Outcome, settle } from "../../contract/errors.ts";
import type { Handlers } from "../../contract/operation/operation.ts";
import { machineHalf, nameHalf } from "../../contract/text/handle.ts";
import { answerHere, answerOf } from "../../core/ask.ts";
import type { Instant } from "../../platform/effects.ts";
import { digestOf, type LocalCaller, nowOf } from "../context/context.ts";
import { askBegun } from "../context/events.ts";
import { notPaired } from "../context/expected.ts";
import { handleOfCaller } from "../sessions/leases.ts";
import { askMany } from "./many.ts";
import { type AskingParts, askPeer, type OneAsk } from "./over.ts";
import { withWay } from "./ways.ts";

/** Handlers of the rows that ask. */
export function askingHandlers(parts: AskingParts): Pick<Handlers<Control, LocalCaller>, "ask"> {
  const { context } = parts;
  return {
    ask: async (input, { now }) => {
      const threadId = input.thread_id ?? context.effects.random.uuid();
      const { handle } = input;
      // A bare word is a handle here; null asks every machine.
      const machine = handle === null ? null : (machineHalf(handle) ?? context.config.machine.name);
      const name = nameHalf(handle ?? "");
      const from = handleOfCaller(context, input.from, now);
      const one = { question: input.question, from, threadId, deadlineMs: input.timeout_ms };
      if (machine === null || name === "") {
        const untilMs = context.effects.clock.monotonicMs() + input.timeout_ms;
        return askMany(
          {
            ...parts,
            askHere: (ask) => askHere(parts, ask, now),
            askPeer: (ask) => askPeer(parts, ask),
          },
          machine,
          { ...one, untilMs, now },
        );
      }
      const isOwn = machine === context.config.machine.name;
      const peer = isOwn ? null : context.tables.peers.named(machine);
      if (!isOwn && peer === null) throw notPaired(context, machine);
      const asked = { ...one, machine, name, peer };
      return settle(await (isOwn ? askHere(parts, asked, now) : askPeer(parts, asked)));
    },
  };
}

function askHere(
  { context, ways }: AskingParts,
  asked: OneAsk,
  now: Instant,
): Promise<Outcome<Answer>> {
  const handle = `${asked.machine}/${asked.name}`;
  return context.transact(now, (work) => {
    const at = nowOf(context, now);
    const leases = work.tables.leases.all();
    const lease = leases.find(({ name }) => name === asked.name);
    const facts = answerHere(asked.name, leases, at);
    const way = lease === undefined ? null : ways.here(lease, now);
    const found = facts.ok ? accept(withWay(facts.value, way)) : facts;
    const askId = context.effects.random.uuid();
    work.record({
      direction: "local",
      verb: "ask",
      origin_transport: "control",
      handle,
      from_handle: asked.from,
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
