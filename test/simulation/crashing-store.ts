/**
 * The real store, whose commits come when the schedule says, and whose process may end before,
 * in the midst of, or right after one. What was committed stays; what was not is gone.
 */

import { PeernetError } from "../../src/contract/errors.ts";
import { seal } from "../../src/core/audit-chain.ts";
import { sha256 } from "../../src/platform/real.ts";
import { type Decided, openStore, type Store, type Tables } from "../../src/store/database.ts";
import type { Owner, Schedule } from "./schedule.ts";
import type { Variant } from "./variant.ts";

/** How a process ends at a commit. */
export type CommitEnd = "before" | "amidst" | "after";

/** What a process that ended would have thrown. */
export class Crashed extends Error {}

/** A disk with one database, and the process that has it open. */
export interface Disk {
  /** The store as one process sees it. */
  open(process: Owner, run: string, signs: () => void): Store;
  /** Committed tables, for whoever judges. */
  readonly tables: Tables;
  /** Whether there is space. */
  isFull: boolean;
  /** Ends the process: nothing that waits is committed. */
  crash(): void;
  /** Has the process end at its next commit. */
  crashAt(end: CommitEnd, ended: () => void): void;
  close(): void;
}

/** What a disk is made of. */
export interface DiskParts {
  /** `:memory:`, or the path of a file that is opened anew by each process. */
  readonly path: string;
  readonly schedule: Schedule;
  readonly variant: Variant;
}

interface Ending {
  readonly end: CommitEnd;
  readonly ended: () => void;
}

/** Makes a disk. */
export function disk({ path, schedule, variant }: DiskParts): Disk {
  let flush: (() => void) | null = null;
  let ending: Ending | null = null;
  let isLost = false;
  const machine: Owner = { isOver: false };
  const commit = (): void => {
    const run = flush;
    flush = null;
    if (run === null) return;
    const now = ending;
    ending = null;
    isLost = now !== null && now.end !== "after";
    run();
    isLost = false;
    now?.ended();
  };
  const openInner = (): Store =>
    openStore({
      path,
      seal: (previous, draft) => seal(previous, draft, sha256),
      defer: (run) => {
        flush = run;
        const ms = schedule.draw.oneIn(20) ? schedule.draw.below(2_000) : schedule.draw.below(6);
        schedule.after(ms, machine, () => commit());
      },
    });
  let inner = openInner();
  const made: Disk = {
    get tables() {
      return inner.tables;
    },
    isFull: false,
    open: (process, run, signs) => {
      if (path !== ":memory:") {
        inner.close();
        inner = openInner();
      }
      const see = (tables: Tables): Tables => variant.tables?.(tables, run) ?? tables;
      /** The process may be over by the time it is its turn. */
      const decided = <T>(decide: (tables: Tables) => Decided<T>, tables: Tables): Decided<T> => {
        if (process.isOver) throw new Crashed();
        if (made.isFull) throw new PeernetError("storage_full");
        const { value, after } = decide(see(tables));
        if (variant.signsEarly === true) signs();
        if (isLost) throw new Crashed();
        return after === undefined ? { value } : { value, after };
      };
      const tables = see(inner.tables);
      const transact: Store["transact"] = (decide) => {
        if (process.isOver) return Promise.reject(new Crashed());
        const kept = inner.transact((tables) => decided(decide, tables));
        if (variant.answersEarly !== true) return kept;
        kept.catch(() => {});
        return early(inner, decide, see);
      };
      return { tables, transact, close: () => {} };
    },
    crash: () => {
      isLost = true;
      commit();
      isLost = false;
    },
    crashAt: (end, ended) => {
      ending = { end, ended };
    },
    close: () => {
      machine.isOver = true;
      made.crash();
      inner.close();
    },
  };
  return made;
}

/** Decides, takes it back, and tells it all the same: what no daemon may do. */
function early<T>(
  store: Store,
  decide: (tables: Tables) => Decided<T>,
  see: (tables: Tables) => Tables,
): Promise<T> {
  const { leases, peers } = store.tables;
  // What an ask decides reads these alone; the record of it is what comes too late.
  const audit = { ...store.tables.audit, append: () => store.tables.audit.at(1) };
  const readOnly = {
    ...store.tables,
    leases: { ...leases, put: () => {}, remove: () => {} },
    peers: { ...peers, put: () => {}, putAnswered: () => {}, putToken: () => {} },
    // Nobody looks at the record that an ask appends.
    audit: audit as unknown as Tables["audit"],
  };
  return Promise.resolve(decide(see(readOnly)).value);
}
