/** The form in which a capability gives the outbox a kind of entry. */

import type { PeernetError } from "../../contract/errors.ts";
import type { InputOf } from "../../contract/operation/operation.ts";
import type { EntryKind } from "../../contract/reach/outbox.ts";
import type { Wire } from "../../contract/wire.ts";
import type { ReverseOf } from "../../core/peers/link.ts";
import type { Instant } from "../../platform/effects.ts";
import type { OutboxRow } from "../../store/outbox.ts";
import type { PeerRow } from "../../store/peers.ts";
import type { Work } from "../context/context.ts";

/** Calls a row of the entry's peer. */
export type CallPeer = <K extends keyof Wire>(path: K, input: InputOf<Wire[K]>) => Promise<unknown>;

/** The same, with the machine that dialled the reverse connection of the reply. */
export type CallOver = <K extends keyof Wire>(
  path: K,
  input: InputOf<Wire[K]>,
) => Promise<{ readonly output: unknown; readonly reverse?: ReverseOf }>;

/** An entry as it leaves, inside the transaction that reads all of it again. */
export interface Composing {
  readonly work: Work;
  readonly entry: OutboxRow;
  readonly peer: PeerRow;
  readonly now: Instant;
}

/** The end of an entry: its peer took it, refused it for good, or its time was up. */
export type EntryEnd = "done" | "refused" | "expired" | "dropped";

/** An entry's end, with the peer's reply to it. */
export interface Ending {
  readonly end: EntryEnd;
  /** The output of a call that was accepted. */
  readonly reply?: unknown;
  /** The error of a call that was refused. */
  readonly error?: PeernetError;
  /** The machine that dialled the reverse connection of the reply, if it came over one. */
  readonly reverse?: ReverseOf;
  readonly now: Instant;
}

/** A kind of entry. */
export interface Kind {
  /** Makes the call of an entry and records its content; null when there is nothing to send. */
  compose(composing: Composing): ((call: CallPeer) => Promise<unknown>) | null;
  /** Notes the end of an entry, in the transaction that removes it. */
  ended(work: Work, entry: OutboxRow, ending: Ending): void;
}

/** Every kind. */
export type Kinds = Readonly<Record<EntryKind, Kind>>;
