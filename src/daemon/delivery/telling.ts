/**
 * Tells sessions of their mail: in the answers of their hooks, by waking idle ones, and by giving
 * them the text when they ask. Looks when something happened or is due, and at no other time.
 */

import type { Control } from "../../contract/control.ts";
import type { Notice } from "../../contract/delivery/turn.ts";
import type { Way } from "../../contract/delivery/way.ts";
import type { Handlers } from "../../contract/operation/operation.ts";
import type { Mailbox } from "../../core/messages/message.ts";
import { wayOf } from "../../core/messages/telling.ts";
import { liveLeases, shownState } from "../../core/sessions/lease.ts";
import { type Cancel, type Instant, instantOf } from "../../platform/effects.ts";
import { type Context, type LocalCaller, nowOf, type Work } from "../context/context.ts";
import { detach } from "../context/detached.ts";
import type { Notices, TurnEvent, Turns } from "../context/ports.ts";
import { deciding } from "../sessions/leases.ts";
import { Doubts } from "./doubts.ts";
import { type TellingParts, wakeableFacts } from "./parts.ts";
import { takeMail } from "./taking.ts";
import { followTurn } from "./turns.ts";
import { armWaker, orphans } from "./wakers.ts";
import { wakeAll } from "./waking.ts";

/** Tells the sessions of a daemon of their mail. */
export class Telling implements Turns, Notices {
  readonly #parts: TellingParts;
  readonly #doubts: Doubts;
  #cancelDue: Cancel = () => {};
  #leave: Cancel = () => {};
  #isLooking = false;
  #isAskedAgain = false;
  #isClosed = false;

  constructor(parts: TellingParts) {
    this.#parts = parts;
    this.#doubts = new Doubts(parts, () => this.look());
  }

  /** The handlers of its rows. */
  handlers(): Pick<Handlers<Control, LocalCaller>, "messages/take" | "waker"> {
    const { context } = this.#parts;
    const decided = deciding(context);
    return {
      "messages/take": decided(takeMail(this.#parts)),
      waker: async (input, caller) => {
        const output = await decided(armWaker(context))(input, caller);
        // Mail may have come while nothing waited to wake the session.
        if (output.armed) this.look();
        return output;
      },
    };
  }

  /** Begins: doubts and mail from before a start are looked at too. */
  begin(): void {
    this.#leave = this.#parts.context.events.listen(({ of }) => {
      if (of === "renewed" || of === "memory") this.look();
    });
    this.look();
  }

  close(): void {
    this.#isClosed = true;
    this.#leave();
    this.#cancelDue();
  }

  follow(work: Work, event: TurnEvent): Notice | null {
    const notice = followTurn(this.#parts, work, event);
    work.after(() => this.look());
    return notice;
  }

  arrived(_mailbox: Mailbox): void {
    this.look();
  }

  wayTo(work: Work, mailbox: Mailbox, now: Instant): Way | null {
    const { context, mail } = this.#parts;
    const live = liveLeases(work.tables.leases.all(), nowOf(context, now));
    const lease = live.find(({ name }) => name === mailbox.name);
    if (lease === undefined) return null;
    const unread = mail.waiting(work, mailbox, now);
    const facts = wakeableFacts(this.#parts, work, { lease, unread });
    return wayOf(facts, shownState(lease, nowOf(context, now)));
  }

  /** Looks what is due, once more if it is called meanwhile. */
  look(): void {
    const { context } = this.#parts;
    if (this.#isClosed || !hasWork(context)) return;
    this.#isAskedAgain = true;
    if (this.#isLooking) return;
    detach(context.effects.log, "telling", () => this.#lookOn());
  }

  async #lookOn(): Promise<void> {
    this.#isLooking = true;
    try {
      while (this.#isAskedAgain && !this.#isClosed) {
        this.#isAskedAgain = false;
        await this.#once();
      }
    } finally {
      this.#isLooking = false;
    }
  }

  async #once(): Promise<void> {
    const { clock, timers } = this.#parts.context.effects;
    const now = instantOf(clock);
    const due = [this.#doubts.judgeAll(now), await wakeAll(this.#parts, now)];
    const inMs = Math.min(...due.flatMap((ms) => ms ?? []));
    this.#cancelDue();
    if (this.#isClosed || !Number.isFinite(inMs)) return;
    this.#cancelDue = timers.after(Math.ceil(inMs), () => this.look());
  }
}

/** True when there is unread mail, a doubt, or a process that waits for nothing. */
function hasWork(context: Context): boolean {
  const { messages, handovers } = context.tables;
  if (messages.waitingInAll() > 0 || handovers.doubtful().length > 0) return true;
  return orphans(context).length > 0;
}
