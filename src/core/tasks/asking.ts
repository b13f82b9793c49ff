/** Decides about a task before it leaves: who asks, and whether a model may. Pure. */

import { accept, type Outcome, refuse } from "../../contract/errors.ts";
import type { Sender } from "../../contract/messages/sending.ts";
import { mailboxOf } from "../messages/mailbox.ts";
import { type Mailbox, personsMailbox } from "../messages/message.ts";
import { decide } from "../policy/deciding.ts";
import type { Lease } from "../sessions/lease.ts";
import { select } from "../sessions/select.ts";
import type { PolicyFor } from "./deciding.ts";

/** The asker of a task. */
export interface Asker {
  readonly handle: string | null;
  readonly person: boolean;
  /** The mailbox that learns of the end. */
  readonly mailbox: Mailbox;
}

/**
 * The asker of a command. A coding agent's command is its session's, never a person's. Refuses an
 * agent's session without a handle with {no_handle}, and one with several with {bad_request}.
 */
export function askerOf(leases: readonly Lease[], { session, by }: Sender): Outcome<Asker> {
  const found = session === undefined ? null : select(leases, session);
  if (found?.ok) {
    const { name, harness } = found.value;
    const person = by === "person" && harness === "shell";
    return accept({ handle: name, person, mailbox: mailboxOf(found.value) });
  }
  if (found !== null && found.error.code === "bad_request") return found;
  if (by === "session") return refuse("no_handle");
  return accept({ handle: null, person: true, mailbox: personsMailbox });
}

/** A task that wants to leave. */
export interface Leaving {
  readonly asker: Asker;
  readonly machine: string;
  readonly repository: string;
  readonly profile: string;
  /** True when commits go along. */
  readonly bundled: boolean;
  /** The policy of this machine for the other one; null where there is none. */
  readonly policy: PolicyFor | null;
}

/** The right to leave, with the wish to be woken at the end. */
export interface LetOut {
  readonly wakes: boolean;
}

/** Lets a task out. What a person types is consent. Refuses with {outbound_refused}. */
export function letTaskOut(leaving: Leaving): Outcome<LetOut> {
  const { asker, machine, repository, profile, bundled, policy } = leaving;
  if (asker.person) return accept({ wakes: false });
  const refused = refuse("outbound_refused", {
    message: `a model here may not delegate this to ${machine}`,
    hint: "a person may: peernet run, in a terminal; or a rule in peernet policy edit",
  });
  if (policy === null || asker.handle === null) return refused;
  const { document, peers } = policy;
  const session = asker.handle;
  const decision = decide(document, { act: "outbound", peers, repository, profile, session });
  if (!decision.allowed) return refused;
  const rules = document.allow.outbound.filter(({ name }) => decision.rules.includes(name));
  if (bundled && !rules.every(({ send }) => send === "bundle")) {
    return refuse("outbound_refused", {
      message: `a model here may not send commits to ${machine}`,
      hint: "push them first, or a person runs: peernet run --send",
    });
  }
  return accept({ wakes: rules.every(({ wake }) => wake === true) });
}
