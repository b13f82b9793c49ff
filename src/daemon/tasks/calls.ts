/** The calls of peers about tasks, each with the means to decide for a machine that is a peer. */

import type { Outcome } from "../../contract/errors.ts";
import type { Handlers, InputOf, OutputOf } from "../../contract/operation/operation.ts";
import type { Wire } from "../../contract/wire.ts";
import type { AuditDraft } from "../../core/audit-chain.ts";
import type { Instant } from "../../platform/effects.ts";
import type { PeerRow } from "../../store/peers.ts";
import type { Work } from "../context/context.ts";

/** A peer's call: its instant, its origin, and a decision while it is still a peer. */
export interface TaskCall {
  readonly now: Instant;
  readonly asPeer: <T>(decide: (peer: PeerRow, work: Work) => Outcome<T>) => Promise<T>;
  readonly originOf: (peer: PeerRow) => Partial<AuditDraft>;
}

/** Rows of the wire table about tasks. */
export type TaskRow =
  | ("task/submit" | "task/say" | "task/check" | "task/stop" | "task/discard")
  | ("task/event" | "task/result" | "blob/put" | "blob/get");

/** The answers to peers about tasks. */
export type TaskAnswers = {
  readonly [K in TaskRow]: (input: InputOf<Wire[K]>, call: TaskCall) => Promise<OutputOf<Wire[K]>>;
};

/** The handlers; `callOf` makes a peer's call of a caller of the network. */
export function taskHandlers<C>(
  answers: TaskAnswers,
  callOf: (caller: C) => TaskCall,
): Pick<Handlers<Wire, C>, TaskRow> {
  return {
    "task/submit": (input, caller) => answers["task/submit"](input, callOf(caller)),
    "task/say": (input, caller) => answers["task/say"](input, callOf(caller)),
    "task/check": (input, caller) => answers["task/check"](input, callOf(caller)),
    "task/stop": (input, caller) => answers["task/stop"](input, callOf(caller)),
    "task/discard": (input, caller) => answers["task/discard"](input, callOf(caller)),
    "task/event": (input, caller) => answers["task/event"](input, callOf(caller)),
    "task/result": (input, caller) => answers["task/result"](input, callOf(caller)),
    "blob/put": (input, caller) => answers["blob/put"](input, callOf(caller)),
    "blob/get": (input, caller) => answers["blob/get"](input, callOf(caller)),
  };
}
