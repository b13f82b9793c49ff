/**
 * The real store, whose commits come when the schedule says, and whose process may end before,
 * in the midst of, or right after one. What was committed stays; what was not is gone.
 */

import { Database } from "bun:sqlite";
import { rmSync, writeFileSync } from "node:fs";
import { PeernetError } from "../../src/contract/errors.ts";
import { seal } from "../../src/core/audit-chain.ts";
import { sha256 } from "../../src/platform/real.ts";
import { type Decided, openStore, type Store, type Tables } from "../../src/store/database.ts";
import type { Owner, Schedule } from "./schedule.ts";
import type { Variant } from "./variant.ts";

/** The way in which a process ends at a commit. */
export type CommitEnd = "before" | "amidst" | "after";

/** The error of a process that has ended. */
export class Crashed extends Error {}

/** Dependencies of a disk. */
export interface DiskParts {
  /** `:memory:`, or the path of a file that each process opens again. */
  readonly path: string;
  readonly schedule: Schedule;
  readonly variant: Variant;
}

interface Ending {
  readonly end: CommitEnd;
  readonly ended: () => void;
}

/** A disk with one database, and the process that has it open. */
export class Disk {
  /** True when there is no space. */
  isFull = false;
  readonly #parts: DiskParts;
  readonly #always: Owner = { isOver: false };
  #inner: Store;
  #flush: (() => void) | null = null;
  #ending: Ending | null = null;
  #isLost = false;

  constructor(parts: DiskParts) {
    this.#parts = parts;
    this.#inner = this.#openInner();
  }

  /** Committed tables, for whoever judges. */
  get tables(): Tables {
    return this.#inner.tables;
  }

  /** The store as one process sees it; `signs` signs a checkpoint of it. */
  open(process: Owner, run: string, signs: () => void): Store {
    const { path, variant } = this.#parts;
    if (path !== ":memory:") {
      this.#inner.close();
      this.#inner = this.#openInner();
    }
    const see = (tables: Tables): Tables => variant.tables?.(tables, run) ?? tables;
    /** The process may be over by the time it is its turn. */
    const decided = <T>(decide: (tables: Tables) => Decided<T>, tables: Tables): Decided<T> => {
      if (process.isOver) throw new Crashed();
      if (this.isFull) throw new PeernetError("storage_full");
      const { value, after } = decide(see(tables));
      if (variant.signsEarly === true) signs();
      if (this.#isLost) throw new Crashed();
      return after === undefined ? { value } : { value, after };
    };
    const transact: Store["transact"] = (decide) => {
      if (process.isOver) return Promise.reject(new Crashed());
      const kept = this.#inner.transact((tables) => decided(decide, tables));
      if (variant.answersEarly !== true) return kept;
      kept.catch(() => {});
      return early(this.#inner, decide, see);
    };
    return { tables: see(this.#inner.tables), transact, close: () => {} };
  }

  /** Ends the process: nothing that waits is committed. */
  crash(): void {
    this.#isLost = true;
    this.#commit();
    this.#isLost = false;
  }

  /** Has the process end at its next commit. */
  crashAt(end: CommitEnd, ended: () => void): void {
    this.#ending = { end, ended };
  }

  /** Copies what is committed; returns what puts it back while no process has the disk open. */
  save(): () => void {
    const { path } = this.#parts;
    const database = new Database(path, { readonly: true });
    const bytes = database.serialize();
    database.close();
    return () => {
      this.#inner.close();
      for (const suffix of ["-wal", "-shm"]) rmSync(`${path}${suffix}`, { force: true });
      writeFileSync(path, bytes);
      this.#inner = this.#openInner();
    };
  }

  close(): void {
    this.#always.isOver = true;
    this.crash();
    this.#inner.close();
  }

  #openInner(): Store {
    const { path, schedule } = this.#parts;
    return openStore({
      path,
      seal: (previous, draft) => seal(previous, draft, sha256),
      defer: (run) => {
        this.#flush = run;
        const ms = schedule.draw.oneIn(20) ? schedule.draw.below(2_000) : schedule.draw.below(6);
        schedule.after(ms, this.#always, () => this.#commit());
      },
    });
  }

  #commit(): void {
    const run = this.#flush;
    this.#flush = null;
    if (run === null) return;
    const now = this.#ending;
    this.#ending = null;
    const isLost = this.#isLost;
    this.#isLost ||= now !== null && now.end !== "after";
    run();
    this.#isLost = isLost;
    now?.ended();
  }
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
