/**
 * The hellos over reverse connections of peers, each with one of its own, and the rare dials of
 * those peers. The link's own hellos go on beside them.
 */

import { PeernetError } from "../../contract/errors.ts";
import { dialAgainMs } from "../../contract/limits/reverse.ts";
import { askDeadlineMs, helloJitter } from "../../contract/limits.ts";
import type { InputOf, OutputOf } from "../../contract/operation/operation.ts";
import type { Wire } from "../../contract/wire.ts";
import type { Exporter } from "../../peer/call-over.ts";
import type { Instant } from "../../platform/effects.ts";
import { detach } from "../context/detached.ts";
import type { DueLine, ReverseCalls } from "../network/reverse-calls.ts";
import type { PeerCalls, Replied } from "./calls.ts";
import { type GreetingParts, introductionTo, noteGreeting } from "./greeting.ts";
import { type HelloKeys, noteKey } from "./topics.ts";

/** Dependencies of these hellos. */
export interface ReverseHelloParts extends GreetingParts {
  readonly calls: PeerCalls;
  readonly reverse: Pick<ReverseCalls, "dueForHello" | "dueInMs">;
  /** Notes that the peer's proven key rejected this machine's credential. */
  readonly onRejected: (fingerprint: string) => Promise<void>;
}

/** The hellos over the connections of every peer. */
export class ReverseHellos {
  readonly #parts: ReverseHelloParts;
  /** The monotonic instants at which peers with such connections are dialled. */
  readonly #dialAtMs = new Map<string, number>();

  constructor(parts: ReverseHelloParts) {
    this.#parts = parts;
  }

  /** Says hello over each connection that is due, and dials the peers that are. */
  sweep(now: Instant): void {
    const { context, memories, reverse } = this.#parts;
    const { log } = context.effects;
    for (const line of reverse.dueForHello()) {
      detach(log, "greeting", () => this.#over(line));
    }
    for (const { fingerprint } of context.tables.peers.grants()) {
      const isCarried = memories.of(fingerprint).link.reverse.theirs > 0;
      const dialAtMs = isCarried ? this.#dialAtMs.get(fingerprint) : undefined;
      if (!isCarried) this.#dialAtMs.delete(fingerprint);
      else if (dialAtMs === undefined || dialAtMs <= now.monotonicMs) {
        this.#dialAtMs.set(fingerprint, now.monotonicMs + this.#pauseMs());
        // The first connection came because a dial had failed just before.
        if (dialAtMs !== undefined) detach(log, "dialling", () => this.#dial(fingerprint));
      }
    }
  }

  /** Milliseconds until a hello over a connection is due. */
  dueInMs({ monotonicMs }: Instant): number {
    return this.#parts.reverse.dueInMs(monotonicMs);
  }

  #pauseMs(): number {
    const { random } = this.#parts.context.effects;
    return dialAgainMs * (1 - helloJitter + (2 * helloJitter * random.integer(1_000)) / 1_000);
  }

  #over({ fingerprint, carrier }: DueLine): Promise<void> {
    const keys: HelloKeys = [];
    const asked = { input: this.#input(fingerprint, keys), deadlineMs: askDeadlineMs };
    return this.#greeted(fingerprint, keys, () =>
      this.#parts.calls.carried(fingerprint, carrier, { ...asked, path: "hello" }),
    );
  }

  #dial(fingerprint: string): Promise<void> {
    const { calls } = this.#parts;
    const keys: HelloKeys = [];
    const asked = { input: this.#input(fingerprint, keys), deadlineMs: askDeadlineMs };
    return this.#greeted(fingerprint, keys, async () =>
      calls.direct(calls.dialable(fingerprint), "hello", asked),
    );
  }

  #input(fingerprint: string, keys: HelloKeys): (exporter: Exporter) => InputOf<Wire["hello"]> {
    return (exporter) => {
      noteKey(keys, exporter);
      return introductionTo(this.#parts, this.#parts.calls.callable(fingerprint), exporter);
    };
  }

  /** Keeps the answer to a hello; a failed one ends its connection, and the link's own repair. */
  async #greeted(
    fingerprint: string,
    keys: HelloKeys,
    greet: () => Promise<Replied<OutputOf<Wire["hello"]>>>,
  ): Promise<void> {
    try {
      const { output } = await greet();
      await noteGreeting(this.#parts, fingerprint, { output, keys });
    } catch (error) {
      if (!(error instanceof PeernetError)) throw error;
      if (error.code === "peer_refused") await this.#parts.onRejected(fingerprint);
    }
  }
}
