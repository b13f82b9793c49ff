/**
 * The network of a run: delays, drops, repeats and reorders what machines send each other, and is
 * cut at times. A machine is proven to be who it is, as TLS does it.
 */

import { PeernetError } from "../../src/contract/errors.ts";
import type { InputOf, OutputOf } from "../../src/contract/operation.ts";
import { type Wire, wire } from "../../src/contract/wire.ts";
import { type CallBounds, type PeerClient, type Reply, refusalOf } from "../../src/peer/client.ts";
import type { Owner, Schedule } from "./schedule.ts";

/** A request as it arrives. */
export interface Arrived {
  /** Index of the machine whose key the connection proved. */
  readonly from: number;
  readonly path: keyof Wire;
  readonly token: string;
  readonly body: string;
}

/** A reply as it leaves. */
export interface Left {
  readonly status: number;
  readonly body: string;
}

/** Takes a request in; null when the machine is not there or ends before it replies. */
export type Serve = (arrived: Arrived) => Promise<Left | null>;

/** The network of a run. */
export interface Network {
  /** Who answers at a machine's address from now on; null is nobody. */
  attach(machine: number, serve: Serve | null): void;
  /** A pinned client of one machine for another. */
  client(from: { readonly index: number; readonly process: Owner }, to: number): PeerClient;
  /** Cuts two machines apart for a time. */
  cut(one: number, other: number, ms: number): void;
}

/** The address a machine listens at. */
export const hostOf = (machine: number): string => `10.0.0.${machine + 1}`;

/** A network without machines. */
export function network(
  schedule: Schedule,
  replied: (one: number, other: number) => void,
): Network {
  const { draw } = schedule;
  const everyone: Owner = { isOver: false };
  const serving = new Map<number, Serve>();
  const cutUntil = new Map<string, number>();
  const pair = (one: number, other: number): string => [one, other].sort().join("-");
  const isCut = (one: number, other: number): boolean =>
    (cutUntil.get(pair(one, other)) ?? 0) > schedule.nowMs;
  /** Sends something, or loses it, or brings it twice, in whatever order. */
  const carry = (ends: readonly [number, number], deliver: () => void): void => {
    const copies = draw.oneIn(12) ? 2 : 1;
    for (let copy = 0; copy < copies; copy += 1) {
      if (draw.oneIn(20)) continue;
      const slow = draw.oneIn(10) ? 3_000 : 40;
      schedule.after(1 + draw.below(slow) + copy * draw.below(8_000), everyone, () => {
        if (!isCut(...ends)) deliver();
      });
    }
  };
  const send = (from: number, to: number, arrived: Arrived, taken: (left: Left) => void) =>
    carry([from, to], () => {
      const serve = serving.get(to);
      void serve?.(arrived).then((left) => {
        if (left !== null) carry([from, to], () => taken(left));
      });
    });
  return {
    attach: (machine, serve) => {
      if (serve === null) serving.delete(machine);
      else serving.set(machine, serve);
    },
    cut: (one, other, ms) => {
      cutUntil.set(pair(one, other), schedule.nowMs + ms);
    },
    client: ({ index, process }, to) => ({
      call: <K extends keyof Wire>(path: K, input: InputOf<Wire[K]>, bounds: CallBounds) =>
        new Promise<Reply<OutputOf<Wire[K]>>>((resolve, reject) => {
          const cancel = schedule.after(bounds.deadlineMs, process, () =>
            reject(new PeernetError("peer_timeout")),
          );
          if (!serving.has(to) || isCut(index, to)) {
            schedule.after(1 + draw.below(100), process, () => {
              cancel();
              reject(new PeernetError("peer_unreachable"));
            });
            return;
          }
          const body = JSON.stringify(input);
          send(index, to, { from: index, path, token: bounds.token, body }, (left) => {
            if (process.isOver) return;
            cancel();
            if (left.status === 200) replied(index, to);
            try {
              resolve(replyOf(path, left));
            } catch (error) {
              reject(error);
            }
          });
        }),
      close: () => {},
    }),
  };
}

/** A reply as the product's client reads it. */
function replyOf<K extends keyof Wire>(path: K, { status, body }: Left): Reply<OutputOf<Wire[K]>> {
  const reply: unknown = JSON.parse(body);
  if (status !== 200) throw refusalOf(path, reply);
  const output = wire[path].output.parse(reply);
  // The schema that parsed it is the row's own; the compiler cannot follow K through the table.
  return { output: output as OutputOf<Wire[K]>, bytes: new TextEncoder().encode(body) };
}
