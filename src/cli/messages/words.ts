/** Words for people about messages: stages, reasons and ways. Claims no more than is proven. */

import type { Next, Stage, StageReason } from "../../contract/messages/message.ts";
import type { Sent } from "../../contract/messages/sending.ts";
import { machineHalf } from "../../contract/text/handle.ts";
import { ageText, took } from "../../contract/text/words.ts";

/** A stage as a list shows it. */
export const stageWords: Readonly<Record<Stage, string>> = {
  queued: "queued",
  held: "held",
  stored: "stored",
  announced: "told",
  handed: "handed over",
  surfaced: "in context",
  answered: "answered",
  refused: "refused",
  expired: "expired",
};

/** The machine of a recipient. */
export const machineOf = (to: string): string => machineHalf(to) ?? to;

/** The end of a message, or its progress, in a sentence. */
export function stageSentence(stage: Stage, to: string): string {
  const machine = machineOf(to);
  switch (stage) {
    case "queued":
      return "queued here";
    case "held":
      return `held on ${machine}: its person decides`;
    case "stored":
      return `stored on ${machine}`;
    case "announced":
      return "its session was told";
    case "handed":
      return "its session has the text";
    case "surfaced":
      return "in the model's context";
    case "answered":
      return `answered by ${to}`;
    case "refused":
      return `refused by ${machine}`;
    case "expired":
      return "expired, and nobody read it";
    default:
      return stage satisfies never;
  }
}

const reasonWords: Readonly<Record<StageReason, string>> = {
  hops: "the sessions answered each other too often without a person",
  person: "its person refused it",
  full: "that mailbox is full",
  unpaired: "the pairing ended",
  unread: "nobody read it in time",
  held: "nobody approved it in time",
  unknown: "no such handle is known to this machine",
  grant: "this machine may not leave messages there",
  unsent: "it did not arrive in time",
  dropped: "it was dropped from the outbox here",
  restored: "that machine was restored from an older state",
  other: "it does not say why",
};

/** The reason of a refusal or an expiry. */
export const reasonSentence = (reason: StageReason): string => reasonWords[reason];

const nextWords: Readonly<Record<Next, string>> = {
  wake: "its session is idle and will be woken",
  turn: "its session works, and is told in this turn",
  prompt: "its session is told at its next prompt",
  quiet: "its session is told with the next message",
};

/** The outcome of one message, in a line: `stored on mini, 9 ms · …`. */
export function sentSentence({ to, stage, took_ms, next, away }: Sent): string {
  if (stage === "queued") {
    const { last_seen_age_ms: age = null } = away ?? {};
    const since = age === null || ageText(age) === "now" ? "" : ` since ${ageText(age)}`;
    const why = away === null ? `${machineOf(to)} has not answered yet` : `${away.peer} is down`;
    return `queued: ${why}${since}; it is sent when it is back (7 days)`;
  }
  const done = `${stageSentence(stage, to)}, ${took(took_ms)}`;
  const whom = to.includes("/") ? [] : [`for the person at ${to}`];
  const told = next === null ? [] : [nextWords[next]];
  return [done, ...whom, ...told].join(" · ");
}

/** The machine or handle in a list, short where it is on this machine. */
export const ownName = (mailbox: string | null): string => mailbox ?? "you";
