/**
 * The changed files of this machine's sessions, as the keeper last read them. In memory alone: a
 * daemon that starts has none until the next reading.
 */

import type { Changed } from "../../core/overlap/answer.ts";
import { liveLeases } from "../../core/sessions/lease.ts";
import type { Instant } from "../../platform/effects.ts";
import { type Context, nowOf } from "../context/context.ts";
import type { ChangedBy, ChangedReading } from "../context/ports.ts";

interface Noted extends ChangedReading {
  readonly generation: number;
  readonly text: string;
  readonly bootMs: number;
}

/** A live session, its changed files, and the age of their reading. */
export interface Read extends Changed {
  readonly ageMs: number;
}

/** The changed files of live sessions. */
export class LocalChanges implements ChangedBy {
  readonly #context: Context;
  readonly #noted = new Map<string, Noted>();
  #known: readonly (string | number | null)[] = [];
  #epoch = 0;

  constructor(context: Context) {
    this.#context = context;
  }

  /** Notes a reading for some sessions. */
  noted(
    sessions: readonly { readonly name: string; readonly generation: number }[],
    { files, why }: ChangedReading,
  ): void {
    const text = files === null ? "" : JSON.stringify(files);
    const bootMs = this.#context.effects.clock.bootMs();
    for (const { name, generation } of sessions) {
      this.#noted.set(name, { generation, files, why, text, bootMs });
    }
  }

  /** The live sessions whose changed files are known. */
  live(now: Instant): readonly Read[] {
    return this.#read(now).flatMap(({ lease, files, bootMs }) =>
      files === null ? [] : [{ lease, files, ageMs: Math.max(0, now.bootMs - bootMs) }],
    );
  }

  /** The live sessions whose files cannot be compared, and the reason for each. */
  uncompared(now: Instant): readonly { readonly name: string; readonly why: string }[] {
    return this.#read(now).flatMap(({ lease: { name }, why }) =>
      why === null ? [] : [{ name, why }],
    );
  }

  #read(now: Instant) {
    const leases = liveLeases(this.#context.tables.leases.all(), nowOf(this.#context, now));
    return leases.flatMap((lease) => {
      const noted = this.#noted.get(lease.name);
      return noted?.generation === lease.generation ? [{ ...noted, lease }] : [];
    });
  }

  /** A count that grows with each change of what `live` returns, or of a session's branch. */
  epoch(now: Instant): number {
    const live = this.live(now).flatMap(({ lease: { name, generation, git } }) => [
      name,
      generation,
      git?.branch ?? null,
      this.#noted.get(name)?.text ?? null,
    ]);
    const isSame =
      live.length === this.#known.length && live.every((value, at) => value === this.#known[at]);
    if (!isSame) {
      this.#known = live;
      this.#epoch += 1;
    }
    return this.#epoch;
  }
}
