/**
 * The functions that one capability of the daemon needs of another, as types: no capability imports
 * another, `assemble.ts` passes them down.
 */

import type { Notice } from "../../contract/delivery/turn.ts";
import type { Way } from "../../contract/delivery/way.ts";
import type {
  ErrandFailure,
  ErrandInputOf,
  ErrandOutputOf,
  ErrandWord,
} from "../../contract/errands/errands.ts";
import type { HookInput } from "../../contract/lease.ts";
import type { GivenMessage } from "../../contract/messages/handover.ts";
import type { ChangedFiles } from "../../contract/overlap/files.ts";
import type { PolicyDocument } from "../../contract/policy/document.ts";
import type { PolicyFault } from "../../contract/policy/reading.ts";
import type { Mailbox } from "../../core/messages/message.ts";
import type { Lease } from "../../core/sessions/lease.ts";
import type { Instant } from "../../platform/effects.ts";
import type { PeerRow } from "../../store/peers.ts";
import type { Work } from "./context.ts";

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

/** The policy as it stands. */
export type PolicyNow =
  | { readonly state: "absent" }
  | {
      readonly state: "invalid";
      readonly digest: string;
      readonly text: string;
      readonly fault: PolicyFault;
    }
  | {
      readonly state: "valid";
      readonly digest: string;
      readonly text: string;
      readonly document: PolicyDocument;
    };

/** The policy of this machine, for a decision about a peer. */
export interface Policies {
  /** The rules now, and the names that count for a key; null while nothing is allowed. */
  of(fingerprint: string): {
    readonly document: PolicyDocument;
    readonly digest: string;
    readonly peers: readonly string[];
  } | null;
}

/** Reports the keeper's presence. */
export interface KeeperSeen {
  /** True when a keeper must run although no lease is live. */
  isWanted(): boolean;
  /** The time without a keeper that takes errands; null while one does. */
  awayMs(): number | null;
  /** The end of the last errand of a kind; null before the first. */
  lastEnd(kind: ErrandWord): "done" | Undone | null;
}

/** Sends the head of this machine's trail to its peers. */
export interface Witness {
  /** Resolves once each reachable peer holds the latest checkpoint, or the time is up. */
  handHead(): Promise<void>;
}

/** The unread messages of a mailbox, as a notice may count them. */
export interface UnreadMail {
  /** Messages that a session is told of; quiet ones count too. */
  readonly count: number;
  /** Messages for which a notice of their own is due: 0 when all of them are quiet. */
  readonly loud: number;
  /** Messages that may start a turn now, by the grants and the setting of this instant. */
  readonly waking: number;
  /** Milliseconds until the budgets allow a wake: 0 now, null not before a person acts. */
  readonly wakesInMs: number | null;
  /** The id of the newest; null when there is none. */
  readonly newest: string | null;
  /** Every unread id, oldest first. */
  readonly ids: readonly string[];
  /** The machines that they come from: names that a person here chose, null for any other. */
  readonly peers: readonly (string | null)[];
  /** The machines of those messages that may start a turn. */
  readonly wakers: readonly (string | null)[];
}

/**
 * The mail of this machine's sessions, for the parts that tell sessions of it. Each function runs
 * inside the caller's transaction.
 */
export interface Mail {
  /** The mailbox of a session that holds a handle. */
  mailboxOf(lease: Lease): Mailbox;
  waiting(work: Work, mailbox: Mailbox, now: Instant): UnreadMail;
  /**
   * Puts unread messages into a handover, oldest first, within the bounds of one reading; `left`
   * ones stay unread.
   */
  take(
    work: Work,
    mailbox: Mailbox,
    taking: { readonly nonce: string; readonly now: Instant },
  ): { readonly messages: readonly GivenMessage[]; readonly left: number };
  /** A session was told of these messages and went on; `evidence` names the hook event. */
  announced(
    work: Work,
    ids: readonly string[],
    proof: { readonly evidence: string; readonly now: Instant },
  ): void;
  /** The messages of a handover reached a stage. */
  raised(
    work: Work,
    nonce: string,
    proof: { readonly stage: "handed" | "surfaced"; readonly now: Instant },
  ): void;
  /** A handover is lost: its messages are unread again. */
  givenBack(work: Work, nonce: string, now: Instant): void;
  /** A turn was started for a mailbox: it counts in the budgets. */
  woken(work: Work, mailbox: Mailbox, now: Instant): void;
  /** A person acted at a handle: its budgets and hops begin again. */
  personActed(work: Work, mailbox: Mailbox, now: Instant): void;
}

/** The end of a task, for the session or the person that asked for it. */
export interface TaskEnd {
  readonly peer: Pick<PeerRow, "fingerprint" | "name">;
  readonly task_id: string;
  readonly mailbox: Mailbox;
  readonly text: string;
  /** True when it may start a turn. */
  readonly wakes: boolean;
}

/** Leaves the end of a task in a mailbox, inside the caller's transaction. */
export interface Tidings {
  ended(work: Work, end: TaskEnd, now: Instant): void;
}

/** The ways by which the sessions of this machine learn of their mail. */
export interface Ways {
  /** The way of a session, for this machine's user. */
  here(lease: Lease, now: Instant): Way;
  /** The same for a peer; null when its grants do not let it know. */
  toPeer(lease: Lease, at: { readonly peer: PeerRow; readonly now: Instant }): Way | null;
}

/** Tells sessions of their mail. Called after the commit. */
export interface Notices {
  /** Messages arrived or were approved for a mailbox. */
  arrived(mailbox: Mailbox): void;
  /** The way of a live session; null when none holds the handle. Runs inside a transaction. */
  wayTo(work: Work, mailbox: Mailbox, now: Instant): Way | null;
}

/** An event of a session that holds a handle. */
export interface TurnEvent {
  readonly event: HookInput;
  readonly lease: Lease;
  readonly now: Instant;
}

/** Follows the turns of sessions. */
export interface Turns {
  /** Notes an event, in the transaction of its hook; returns the notice for the hook's answer. */
  follow(work: Work, event: TurnEvent): Notice | null;
}

/** A reading of a folder: its changed files, or the reason why they cannot be compared. */
export interface ChangedReading {
  readonly files: ChangedFiles | null;
  /** Null with files, and for a folder in no repository. */
  readonly why: string | null;
}

/** The changed files of this machine's sessions, for the parts that read and tell of them. */
export interface ChangedBy {
  /** Notes a reading for some sessions. */
  noted(
    sessions: readonly { readonly name: string; readonly generation: number }[],
    reading: ChangedReading,
  ): void;
  /** The live sessions whose files cannot be compared, and the reason for each. */
  uncompared(now: Instant): readonly { readonly name: string; readonly why: string }[];
  /** A count that grows with each change. */
  epoch(now: Instant): number;
}
