/** Takes the acts, and the mail, that no person has seen yet. */

import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { type Act, actOf, unseenName } from "../contract/acts.ts";
import { typedNotedMs } from "../contract/messages/limits.ts";
import { type UnseenMail, unseenMailName, unseenMailOf } from "../contract/messages/unseen.ts";
import { stateNames } from "../contract/text/state-names.ts";
import type { Caller } from "./caller.ts";
import { agentAbove } from "./person.ts";

/**
 * The acts since a person last saw some, which from now on count as seen; empty while a coding
 * agent runs the command.
 */
export function takeUnseen(folder: string, caller: Caller): readonly Act[] {
  const text = take(`${folder}/${unseenName}`, caller) ?? "";
  return text
    .split("\n")
    .map(actOf)
    .filter((act) => act !== null);
}

/**
 * The mail since a person's last command, which from now on counts as seen; null without any, and
 * while a coding agent runs the command.
 */
export function takeUnseenMail(folder: string, caller: Caller): UnseenMail | null {
  const text = take(`${folder}/${unseenMailName}`, caller);
  return text === null ? null : unseenMailOf(text);
}

/**
 * True once a day: when a person typed a message's text as an argument, and did not learn within a
 * day that others can read it there. That counts as learned from now on; never for a coding agent.
 */
export function isTypedDue(folder: string, caller: Caller, nowMs: number): boolean {
  if (agentAbove(caller) !== null) return false;
  const path = `${folder}/${stateNames.typedNoted}`;
  try {
    const noted = existsSync(path) ? Number(readFileSync(path, "utf8")) : 0;
    // A time of the future is of a clock that was set back since.
    if (nowMs >= noted && nowMs - noted < typedNotedMs) return false;
    writeFileSync(path, `${Math.floor(nowMs)}`, { mode: 0o600 });
    return true;
  } catch {
    // Without a place for the time it would come with every message.
    return false;
  }
}

/** Takes a file of the daemon's notes away, and returns its text. */
function take(path: string, caller: Caller): string | null {
  if (!existsSync(path) || agentAbove(caller) !== null) return null;
  const taken = `${path}.shown`;
  try {
    // Renamed first, then read: the daemon's later notes go into a new file.
    renameSync(path, taken);
    return readFileSync(taken, "utf8");
  } catch {
    return null;
  } finally {
    rmSync(taken, { force: true });
  }
}
