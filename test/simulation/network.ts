/**
 * The network of a run: delays, drops, repeats and reorders what machines send each other, and is
 * cut at times. A machine is proven to be who it is, as TLS does it.
 */

import { PeernetError } from "../../src/contract/errors.ts";
import type { OutputOf } from "../../src/contract/operation/operation.ts";
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
  /** True on a connection that the called machine dialled. */
  readonly isReverse?: boolean;
}

/** A reply as it leaves. */
export interface Left {
  readonly status: number;
  readonly body: string;
}

/** Takes a request in; null when the machine is not there or ends before it replies. */
export type Serve = (arrived: Arrived) => Promise<Left | null>;

/** A daemon of a machine, as long as it lives. */
export interface Caller {
  readonly index: number;
  readonly process: Owner;
}

/** The network of a run. */
export interface Network {
  /** Who answers at a machine's address from now on; null is nobody. */
  attach(machine: number, serve: Serve | null): void;
  /** A pinned client of one machine for another. */
  client(from: Caller, to: number): PeerClient;
  /** Cuts two machines apart for a time. */
  cut(one: number, other: number, ms: number): void;
  /** Loses and cuts nothing from now on. */
  heal(): void;
  /** The machine that nobody can dial, if there is one. */
  readonly hidden: number | null;
  /** The hidden machine keeps connections for calls of it, or lets them go. */
  join(isJoined: boolean): void;
  /** True while there are such connections to a machine. */
  isJoined(to: number): boolean;
}

/** The address a machine listens at. */
export const hostOf = (machine: number): string => `10.0.0.${machine + 1}`;

/** Is told of what goes over a network. */
export interface Observer {
  /** A machine sends a request. */
  sent(arrived: Arrived, to: number): void;
  /** A machine dials another for what waits for it. */
  dialling(from: number, dialMs: number): void;
  /** A reply came back. */
  replied(one: number, other: number): void;
}

/** A network without machines. */
export class SimulatedNetwork implements Network {
  readonly #schedule: Schedule;
  readonly #observer: Observer;
  readonly #everyone: Owner = { isOver: false };
  readonly #serving = new Map<number, Serve>();
  #isHealed = false;
  #isJoined = false;
  readonly #cutUntil = new Map<string, number>();

  constructor(
    schedule: Schedule,
    observer: Observer,
    readonly hidden: number | null = null,
  ) {
    this.#schedule = schedule;
    this.#observer = observer;
  }

  join(isJoined: boolean): void {
    this.#isJoined = isJoined;
  }

  isJoined(to: number): boolean {
    return this.#isJoined && to === this.hidden;
  }

  attach(machine: number, serve: Serve | null): void {
    // With a daemon its connections end.
    this.#isJoined = false;
    if (serve === null) this.#serving.delete(machine);
    else this.#serving.set(machine, serve);
  }

  cut(one: number, other: number, ms: number): void {
    this.#cutUntil.set(pairOf(one, other), this.#schedule.nowMs + ms);
  }

  heal(): void {
    this.#isHealed = true;
    this.#cutUntil.clear();
  }

  client(from: Caller, to: number): PeerClient {
    return {
      call: (path, input, bounds) =>
        new Promise((resolve, reject) => {
          const made = (): unknown =>
            typeof input === "function" ? input(() => new Uint8Array(32)) : input;
          this.#call({ from, to, path, bounds }, made, {
            take: (left) => resolve(replyOf(path, left)),
            fail: reject,
          });
        }),
      close: () => {},
    };
  }

  #call({ from, to, path, bounds }: Call, made: () => unknown, { take, fail }: Ending): void {
    const { index, process } = from;
    const isReverse = "carry" in bounds.way;
    const cancel = this.#schedule.after(bounds.deadlineMs, process, () =>
      fail(new PeernetError("peer_timeout")),
    );
    const ended = (error: unknown): void => {
      cancel();
      fail(error);
    };
    const { mayLeave } = bounds;
    const leave = (): void => {
      try {
        if (mayLeave?.() === false) throw withheld();
        const body = JSON.stringify(made());
        const arrived = { from: index, path, token: bounds.token, body, isReverse };
        this.#leave({ from, to, cancel }, arrived, { take, fail });
      } catch (error) {
        ended(error);
      }
    };
    // A dial takes its time, and what was to leave may no longer be current when it stands.
    const { draw } = this.#schedule;
    const dialMs = draw.oneIn(mayLeave === undefined ? 12 : 4) ? draw.below(4_000) : draw.below(10);
    if (mayLeave !== undefined || draw.oneIn(60)) this.#observer.dialling(index, dialMs);
    this.#schedule.after(dialMs, process, leave);
  }

  /** A request leaves, and its reply is taken. */
  #leave({ from, to, cancel }: Leaving, arrived: Arrived, { take, fail }: Ending): void {
    const { index, process } = from;
    this.#observer.sent(arrived, to);
    const hasWay = to !== this.hidden || (arrived.isReverse === true && this.#isJoined);
    if (!this.#serving.has(to) || this.#isCut(index, to) || !hasWay) {
      this.#schedule.after(1 + this.#schedule.draw.below(100), process, () => {
        cancel();
        fail(new PeernetError("peer_unreachable"));
      });
      return;
    }
    this.#send([index, to], arrived, (left) => {
      if (process.isOver) return;
      cancel();
      if (left.status === 200) this.#observer.replied(index, to);
      try {
        take(left);
      } catch (error) {
        fail(error);
      }
    });
  }

  #send(ends: readonly [number, number], arrived: Arrived, taken: (left: Left) => void): void {
    this.#carry(ends, () => {
      const serve = this.#serving.get(ends[1]);
      void serve?.(arrived).then((left) => {
        if (left !== null) this.#carry(ends, () => taken(left));
      });
    });
  }

  /** Sends something, or loses it, or brings it twice, in whatever order. */
  #carry(ends: readonly [number, number], deliver: () => void): void {
    const { draw } = this.#schedule;
    const copies = draw.oneIn(12) ? 2 : 1;
    for (let copy = 0; copy < copies; copy += 1) {
      if (draw.oneIn(20) && !this.#isHealed) continue;
      const slow = draw.oneIn(10) ? 3_000 : 40;
      const ms = 1 + draw.below(slow) + copy * draw.below(8_000);
      this.#schedule.after(ms, this.#everyone, () => {
        if (!this.#isCut(...ends)) deliver();
      });
    }
  }

  #isCut(one: number, other: number): boolean {
    return (this.#cutUntil.get(pairOf(one, other)) ?? 0) > this.#schedule.nowMs;
  }
}

interface Call {
  readonly from: Caller;
  readonly to: number;
  readonly path: keyof Wire;
  readonly bounds: CallBounds;
}

interface Leaving {
  readonly from: Caller;
  readonly to: number;
  /** Ends the deadline. */
  readonly cancel: () => void;
}

/** The error of the product's client for a request that was not to leave. */
const withheld = (): Error =>
  Object.assign(new Error("it was not to leave"), { code: "PEERNET_WITHHELD" });

interface Ending {
  readonly take: (left: Left) => void;
  readonly fail: (error: unknown) => void;
}

const pairOf = (one: number, other: number): string => [one, other].sort().join("-");

/** A reply as the product's client reads it. */
function replyOf<K extends keyof Wire>(path: K, { status, body }: Left): Reply<OutputOf<Wire[K]>> {
  const reply: unknown = JSON.parse(body);
  if (status !== 200) throw refusalOf(path, reply, status);
  const output = wire[path].output.parse(reply);
  // The schema that parsed it is the row's own; the compiler cannot follow K through the table.
  return { output: output as OutputOf<Wire[K]>, bytes: new TextEncoder().encode(body) };
}
