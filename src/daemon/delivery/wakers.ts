/**
 * The processes that wait to wake sessions: registers them, and ends those that have no session any
 * more. The newest of a session stays; the others are ended, for each would start a turn.
 */

import { wakerWords } from "../../contract/delivery/notices.ts";
import type { WakerInput, WakerOutput } from "../../contract/delivery/waker.ts";
import { accept, type Outcome } from "../../contract/errors.ts";
import { stateNames } from "../../contract/text/state-names.ts";
import { leaseOf } from "../../core/sessions/activate.ts";
import { type Lease, sameProcess } from "../../core/sessions/lease.ts";
import type { Waker } from "../../store/delivery/readers.ts";
import type { Context, Work } from "../context/context.ts";
import type { Given } from "../sessions/leases.ts";

/** Registers a waker of a session that holds a handle; ends the older ones after the commit. */
export const armWaker =
  (context: Context) =>
  (waker: WakerInput, { leases, work }: Given): Outcome<WakerOutput> => {
    const holds = leases.some((lease) => isFor(waker, lease));
    if (!holds || context.config.messages.wake === "never") return accept({ armed: false });
    for (const older of work.tables.readers.wakers()) {
      // After a session began again without its memory, the old waker is in the same process.
      const isOlder = isOfSession(older, waker) || sameProcess(older.process, waker.process);
      if (isOlder && older.harness === waker.harness) endWaker(context, work, older);
    }
    work.tables.readers.addWaker(waker);
    return accept({ armed: true });
  };

/** True when a lease is of the session that a waker waits for, or of its process's next one. */
const isFor = (waker: Waker, lease: Lease): boolean =>
  leaseOf([lease], { ...waker, sole: true }) !== undefined;

const isOfSession = (
  one: Pick<Waker, "harness" | "session_id">,
  other: Pick<Waker, "harness" | "session_id">,
): boolean => one.harness === other.harness && one.session_id === other.session_id;

/** Forgets a waker, and ends its process after the commit. */
export function endWaker({ effects }: Context, work: Work, { pipe }: Waker): void {
  work.tables.readers.removeWaker(pipe);
  work.after(() => ring(effects, pipe, wakerWords.end));
}

/** The wakers whose session holds no handle, and will not take one back after sleep. */
export function orphans({ expired, tables }: Pick<Context, "expired" | "tables">) {
  const leases = [...tables.leases.all(), ...[...expired.values()].map(({ lease }) => lease)];
  return tables.readers.wakers().filter((waker) => !leases.some((lease) => isFor(waker, lease)));
}

/** Writes a word to a waker's pipe; false when no process reads it. Removes a pipe without one. */
export function ring(
  { files, log }: Pick<Context["effects"], "files" | "log">,
  pipe: string,
  word: string,
): boolean {
  const name = `${stateNames.wakers}/${pipe}`;
  try {
    if (files.ring(name, word)) return true;
    files.remove(name);
  } catch {
    // Another file is in its place: it is left alone, and the person finds out by the log.
    log.warn("waker_unsafe", { name });
  }
  return false;
}
