/** Takes the acts, and the mail, that no person has seen yet. */

import { existsSync, readFileSync, renameSync, rmSync } from "node:fs";
import { type Act, actOf, unseenName } from "../contract/acts.ts";
import { type UnseenMail, unseenMailName, unseenMailOf } from "../contract/messages/unseen.ts";
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
