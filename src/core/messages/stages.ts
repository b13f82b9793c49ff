/**
 * Decides which stage of a message may follow which: a stage only rises, and an end is final.
 * Knows no evidence; each caller has it.
 */

import type { Stage } from "../../contract/messages/message.ts";
import { plainStages } from "../../contract/messages/stages.ts";

const rank: Readonly<Record<Stage, number>> = {
  queued: 0,
  held: 1,
  stored: 2,
  announced: 3,
  handed: 4,
  surfaced: 5,
  answered: 6,
  refused: 7,
  expired: 7,
};

/** Stages after which no reader can lose the text: such a message is not refused or expired. */
const read: ReadonlySet<Stage> = new Set(["handed", "surfaced", "answered"]);
const ends: ReadonlySet<Stage> = new Set(["refused", "expired"]);

/** True when a message at one stage may be raised to another. */
export function rises(from: Stage, to: Stage): boolean {
  if (ends.has(from)) return false;
  if (ends.has(to)) return !read.has(from);
  return rank[to] > rank[from];
}

/** True for a stage at which a message is over without a reader. */
export const isEnd = (stage: Stage): boolean => ends.has(stage);

/**
 * The stage that a peer may learn; null when it learns nothing new. Without the right to ask about
 * the handle, a peer learns that its message is stored, and not who was told of it.
 */
export function toldStage(stage: Stage, mayAsk: boolean): Stage | null {
  if (mayAsk || plainStages.has(stage)) return stage;
  return null;
}
