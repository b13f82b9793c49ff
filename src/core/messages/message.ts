/** A message as it is stored, and the mailbox that it lies in. Decides nothing about sending. */

import type { By, Next, Stage, StageReason } from "../../contract/messages/message.ts";

/** The mail of one handle in one work tree, or of this machine's person. */
export interface Mailbox {
  /** The handle's name; null for the person. */
  readonly name: string | null;
  /** The folder of the session that held the handle; null for the person, or when unknown. */
  readonly tree: string | null;
}

/** The mailbox of this machine's person. */
export const personsMailbox: Mailbox = { name: null, tree: null };

/** The three parts of a message's identity. */
export interface MessageKey {
  readonly direction: "in" | "out";
  /** The peer's fingerprint; this machine's own between sessions of this machine. */
  readonly fingerprint: string;
  readonly message_id: string;
}

/** The right by which a message may start a turn. */
export type Waking =
  /** The scope `wake` of its sender, which is judged again at each wake. */
  | "grant"
  /** It answers a message of its reader, or comes from this machine. */
  | "always"
  | "never";

/** One message. Times in `_ms` are elapsed time; `_at_ms` is the wall clock's. */
export interface Message extends MessageKey {
  readonly thread_id: string;
  readonly reply_to: string | null;
  /** This machine's name for the peer when the message was stored; null within this machine. */
  readonly peer_name: string | null;
  /** The handle at this end: the reader of an incoming message, the writer of an outgoing one. */
  readonly name: string | null;
  readonly tree: string | null;
  /** The handle at the other end; null for that machine's person. */
  readonly other: string | null;
  readonly by: By;
  /** The topic that it was sent to; null for a message to one recipient. */
  readonly topic: string | null;
  /** Its id at the sender, of a message that is stored here once for each subscriber. */
  readonly sent_id: string | null;
  /** Null once the text was removed; the salt goes with it. */
  readonly text: string | null;
  readonly salt: string | null;
  readonly content_sha256: string;
  /** Answers before it without a person's act at this end. */
  readonly hops: number;
  /** True when it is counted in notices of other messages, and starts none. */
  readonly quiet: boolean;
  readonly waking: Waking;
  readonly stage: Stage;
  readonly reason: StageReason | null;
  /** The number of stages that were proven: the version of the next receipt. */
  readonly version: number;
  /** The version up to which the sender has its receipts. */
  readonly told: number;
  readonly next: Next | null;
  /** True until its reader has it; a lost handover makes it true again. */
  readonly unread: boolean;
  /** The handover that holds it. */
  readonly handover: string | null;
  readonly stored_at_ms: number;
  readonly stored_ms: number;
  readonly expires_ms: number;
}

/** A stage of a message, with the evidence for it. */
export interface StageProof extends MessageKey {
  readonly stage: Stage;
  readonly reason: StageReason | null;
  readonly at_ms: number;
  readonly evidence: string;
}

/** The memory of a message that was removed. */
export interface Tombstone extends MessageKey {
  readonly content_sha256: string;
  readonly stage: Stage;
  readonly until_ms: number;
}

/**
 * True when a session in one folder reads the mail that was left for the other: they are the same,
 * or the reader's folder lies inside. Unknown folders match each other alone.
 */
export const readsTree = (reader: string | null, tree: string | null): boolean =>
  reader === tree || (reader !== null && tree !== null && reader.startsWith(`${tree}/`));

/** The key of a message, without its other fields. */
export const keyOf = ({ direction, fingerprint, message_id }: MessageKey): MessageKey => ({
  direction,
  fingerprint,
  message_id,
});
