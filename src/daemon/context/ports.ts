/**
 * The verbs that one capability of the daemon has of another, as types: no capability imports
 * another, `daemon.ts` hands them down.
 */

import type {
  ErrandFailure,
  ErrandInputOf,
  ErrandOutputOf,
  ErrandWord,
} from "../../contract/errands/errands.ts";

/** The reason that an errand was not done. */
export type Undone =
  | ErrandFailure
  /** No keeper takes errands. */
  | "no_keeper"
  /** As many are open as are bounded. */
  | "full"
  /** Its keeper ended in the middle: it may have been done, and is not repeatable. */
  | "lost"
  /** Another errand has this id. */
  | "conflict";

/** The end of an errand. */
export type Ended<K extends ErrandWord> =
  | { readonly done: true; readonly output: ErrandOutputOf<K> }
  | { readonly done: false; readonly why: Undone };

/** Has the keeper do what the daemon may not. */
export interface Errands {
  /**
   * Hands an errand to the keeper; resolves when it is done or will not be, within the deadline of
   * its kind. Of an id that is open already there is one errand, whose end both callers are told.
   * Throws nothing. Refusals are values: what they mean to a caller, the caller knows.
   */
  run<K extends ErrandWord>(errand: {
    readonly kind: K;
    readonly input: ErrandInputOf<K>;
    /** A UUIDv7; a new one unless given. */
    readonly id?: string;
  }): Promise<Ended<K>>;
}

/** Tells of the keeper. */
export interface KeeperSeen {
  /** True where the keeper has to be there though no lease is live. */
  isWanted(): boolean;
  /** The time for which no keeper has taken errands; null while one does. */
  awayMs(): number | null;
}

/** Hands the head of this machine's trail to its peers. */
export interface Witness {
  /** Resolves once each peer that is up holds the latest checkpoint, or a bound is over. */
  handHead(): Promise<void>;
}
