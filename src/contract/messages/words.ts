/**
 * The words for a message's stages, the same on every surface. Each says what was observed and no
 * more: nothing here is called delivered, sent or seen. Loads nothing.
 */

import { machineHalf } from "../text/handle.ts";
import { past } from "../text/words.ts";
import type { NextWord, ReasonWord, StageWord } from "./stages.ts";

/** The writer of an answer: a session or a machine's person, as people here write them. */
export interface Answerer {
  readonly from: string;
  readonly by: "person" | "session";
}

/** A stage and the facts that complete its words. */
export interface StageFacts {
  readonly stage: StageWord;
  readonly reason: ReasonWord | null;
  /** The receiving machine, or any handle of it; null within this machine. */
  readonly peer: string | null;
  /** The writer of the answer, where it is known. */
  readonly answer?: Answerer | null;
}

/** The words of a stage as the message's writer reads them. */
export function stageText({ stage, reason, peer, answer = null }: StageFacts): string {
  const there = peer === null ? "this machine" : machineOf(peer);
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
      return answer === null ? "answered" : `answered by ${answererText(answer)}`;
    case "refused":
      return refusedText(reason, there);
    case "expired":
      return reason === null ? "expired" : `expired: ${reasonText(reason)}`;
    default:
      return stage satisfies never;
  }
}

/** A person answers for a machine, and a session by its own handle. */
const answererText = ({ from, by }: Answerer): string =>
  by === "person" ? `the person at ${machineOf(from)}` : from;

/** Some messages end here, and no machine refused them. */
function refusedText(reason: ReasonWord | null, there: string): string {
  if (reason === "dropped") return "dropped from the outbox here";
  if (reason === "unpaired") return "given up: the pairing ended";
  return reason === null ? `refused by ${there}` : `refused by ${there}: ${reasonText(reason)}`;
}

/** The machine of a recipient. */
export const machineOf = (to: string): string => machineHalf(to) ?? to;

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
  hops: "the sessions answered each other too often without a person",
  person: "its person refused it",
  full: "that mailbox is full",
  unpaired: "the pairing ended",
  unread: "nobody read it in time",
  held: "no person approved it in time",
  unknown: "it has no such handle that this machine may write to",
  grant: "this machine may not leave messages there",
  unsent: "it did not arrive in time",
  dropped: "a person here dropped it",
  restored: "that machine was restored from an older state",
  other: "it does not say why",
};

/** The words of the reason why a message ended. */
export const reasonText = (reason: ReasonWord): string => reasons[reason];

/** The next thing that happens to a stored message, as its writer reads it. */
export const nextText: Readonly<Record<NextWord, string>> = {
  wake: "its session is idle and will be woken",
  turn: "its session works, and is told in this turn",
  prompt: "its session is told at its next prompt",
  quiet: "its session is told with other mail",
  inbox: "a shell, which nothing tells: read there with peernet inbox",
  call: "its agent is told when it calls read_messages",
};

/** The reason why a message waits in the outbox: the machine is away. */
export const awayText = (peer: string, sinceMs: number | null): string =>
  sinceMs === null ? `${peer} was not reached yet` : `${peer} is down, last heard ${past(sinceMs)}`;
