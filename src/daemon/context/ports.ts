/**
 * The functions that one capability of the daemon needs of another, as types: no capability imports
 * another, `assemble.ts` passes them down.
 */

import type {
  ErrandFailure,
  ErrandInputOf,
  ErrandOutputOf,
  ErrandWord,
} from "../../contract/errands/errands.ts";

/** The reason why an errand was not carried out. */
export type Undone =
  | ErrandFailure
  /** No keeper takes errands. */
  | "no_keeper"
  /** The limit of open errands is reached. */
  | "full"
  /** Its keeper ended in the middle: it may have been carried out, and is not repeatable. */
  | "lost"
  /** Another errand has this id. */
  | "conflict";

/** The end of an errand. */
export type Ended<K extends ErrandWord> =
  | { readonly done: true; readonly output: ErrandOutputOf<K> }
  | { readonly done: false; readonly why: Undone };

/** Lets the keeper do work that the daemon may not. */
export interface Errands {
  /**
   * Gives an errand to the keeper; resolves when it has ended, within the deadline of its kind.
   * Callers with the same open id share one errand and its end. Never throws. Refusals are values,
   * whose meaning each caller decides.
   */
  run<K extends ErrandWord>(errand: {
    readonly kind: K;
    readonly input: ErrandInputOf<K>;
    /** A UUIDv7; a new one unless given. */
    readonly id?: string;
  }): Promise<Ended<K>>;
}

/** Reports the keeper's presence. */
export interface KeeperSeen {
  /** True when a keeper must run although no lease is live. */
  isWanted(): boolean;
  /** The time without a keeper that takes errands; null while one does. */
  awayMs(): number | null;
}

/** Sends the head of this machine's trail to its peers. */
export interface Witness {
  /** Resolves once each reachable peer holds the latest checkpoint, or the time is up. */
  handHead(): Promise<void>;
}
