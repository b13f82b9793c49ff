/**
 * The words for a message's stages, the same on every surface. Each says what was observed and no
 * more: nothing here is called delivered, sent or seen. Loads nothing.
 */

import { ageText } from "../text/words.ts";
import type { ReasonWord, StageWord } from "./stages.ts";

/** A stage and the facts that complete its words. */
export interface StageFacts {
  readonly stage: StageWord;
  readonly reason: ReasonWord | null;
  /** The receiving machine; null within this machine. */
  readonly peer: string | null;
}

/** The words of a stage as the message's writer reads them. */
export function stageText({ stage, reason, peer }: StageFacts): string {
  const there = peer ?? "this machine";
  switch (stage) {
    case "queued":
      return "queued here";
    case "held":
      return `held for the person at ${there}`;
    case "stored":
      return `stored on ${there}`;
    case "announced":
      return "its session was told";
    case "handed":
      return "its session has the text";
    case "surfaced":
      return "in the model's context";
    case "answered":
      return "answered";
    case "refused":
      return reason === null ? "refused" : `refused: ${reasonText(reason)}`;
    case "expired":
      return reason === null ? "expired" : `expired: ${reasonText(reason)}`;
    default:
      return stage satisfies never;
  }
}

/** The same stages in a word or two, for a column. */
export const stageShort: Readonly<Record<StageWord, string>> = {
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

const reasons: Readonly<Record<ReasonWord, string>> = {
  hops: "too many answers in a row without a person",
  person: "a person refused it",
  full: "the mailbox is full",
  unpaired: "the pairing ended",
  unread: "nobody read it in time",
  held: "no person approved it in time",
  unknown: "no such handle is known there",
  grant: "the right is missing",
  unsent: "the machine was not reached in time",
  dropped: "a person here dropped it",
  restored: "the machine was restored from an older state",
  other: "the machine gave no reason known here",
};

/** The words of the reason why a message ended. */
export const reasonText = (reason: ReasonWord): string => reasons[reason];

/** The next thing that happens to a stored message, as its writer reads it. */
export const nextText: Readonly<Record<"wake" | "turn" | "prompt" | "quiet", string>> = {
  wake: "its session is idle and will be woken",
  turn: "its session is told in this turn",
  prompt: "its session is told at its next prompt",
  quiet: "its session is told with other mail",
};

/** The reason why a message waits in the outbox: the machine is away. */
export const awayText = (peer: string, sinceMs: number | null): string =>
  sinceMs === null ? `${peer} was not reached yet` : `${peer} is down since ${ageText(sinceMs)}`;
