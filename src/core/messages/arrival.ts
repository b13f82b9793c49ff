/**
 * Decides about a message as it arrives: whether it is taken, held for a person, or quiet. Reads
 * the receiver's own rows; nothing that the sender says opens a way.
 */

import { accept, type Outcome, refuse } from "../../contract/errors.ts";
import { mailboxesMax, mailboxMax } from "../../contract/messages/limits.ts";
import type { Verdict } from "../grants.ts";
import { areHopsSpent, isOverBudget, type Taken } from "./budgets.ts";
import type { Waking } from "./message.ts";

/** The facts about an arriving message. */
export interface Arriving {
  /** The machine that it comes from: this one, or a peer with its grant on the mailbox. */
  readonly source:
    | { readonly is: "here" }
    | {
        readonly is: "peer";
        readonly verdict: Verdict;
        /** True when its messages wait for a person. */
        readonly holds: boolean;
      };
  /** True for the mailbox of this machine's person. */
  readonly isPersons: boolean;
  /** True when it answers a recent message of this mailbox to that machine. */
  readonly isReply: boolean;
  /** True when the sender may know that the handle exists. */
  readonly isKnown: boolean;
  readonly hops: number;
  readonly taken: Taken;
  /** Messages that wait: in the mailbox, and in all of this machine. */
  readonly waiting: { readonly mailbox: number; readonly all: number };
  /** True when the sender wants that it starts no turn. */
  readonly isQuiet: boolean;
  /** The time that the sender still gives it. */
  readonly expiresInMs: number;
}

/** A message that is taken. */
export interface Taking {
  readonly stage: "stored" | "held";
  readonly quiet: boolean;
  readonly waking: Waking;
}

/**
 * Takes a message. Refuses with {scope_denied} {handle_unknown} {message_expired}
 * {message_refused} {inbox_full}.
 */
export function arrive(arriving: Arriving): Outcome<Taking> {
  const { source, isReply, isPersons, waiting } = arriving;
  const needsGrant = source.is === "peer" && !isReply;
  if (needsGrant && !source.verdict.permitted) {
    return refuse(source.verdict.why === "scope" ? "scope_denied" : "handle_unknown");
  }
  if (!arriving.isKnown && !isReply) return refuse("handle_unknown");
  if (arriving.expiresInMs <= 0) return refuse("message_expired");
  if (!isPersons && areHopsSpent(arriving.hops)) {
    return refuse("message_refused", {
      message: "the two sessions have answered each other too often without a person",
      hint: "a person there goes on: a prompt, or peernet reply",
      details: { reason: "hops" },
    });
  }
  if (waiting.mailbox >= mailboxMax || waiting.all >= mailboxesMax) return refuse("inbox_full");
  // No model reads a person's mailbox: there is nothing to hold.
  const isHeld = needsGrant && source.holds && !isPersons;
  const waking = wakingOf(arriving);
  const quiet = waking === "never" || (!isPersons && isOverBudget(arriving.taken));
  return accept({ stage: isHeld ? "held" : "stored", quiet, waking });
}

function wakingOf({ source, isReply, isQuiet, isPersons }: Arriving): Waking {
  if (isPersons || isQuiet) return isPersons ? "always" : "never";
  return source.is === "here" || isReply ? "always" : "grant";
}
