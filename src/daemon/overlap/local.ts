/**
 * The changed files of this machine's sessions, as the keeper last read them. In memory alone: a
 * daemon that starts has none until the next reading.
 */

import type { ChangedFiles } from "../../contract/overlap/files.ts";
import type { Changed } from "../../core/overlap/answer.ts";
import { liveLeases } from "../../core/sessions/lease.ts";
import type { Instant } from "../../platform/effects.ts";
import { type Context, nowOf } from "../context/context.ts";
import type { ChangedBy } from "../context/ports.ts";

interface Noted {
  readonly generation: number;
  readonly files: ChangedFiles;
  readonly text: string;
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

  /** Notes a reading for some sessions; null when their files cannot be compared. */
  noted(
    sessions: readonly { readonly name: string; readonly generation: number }[],
    files: ChangedFiles | null,
  ): void {
    const text = files === null ? "" : JSON.stringify(files);
    for (const { name, generation } of sessions) {
      if (files === null) this.#noted.delete(name);
      else this.#noted.set(name, { generation, files, text });
    }
  }

  /** The live sessions whose changed files are known. */
  live(now: Instant): readonly Changed[] {
    const { tables } = this.#context;
    return liveLeases(tables.leases.all(), nowOf(this.#context, now)).flatMap((lease) => {
      const noted = this.#noted.get(lease.name);
      return noted?.generation === lease.generation ? [{ lease, files: noted.files }] : [];
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
