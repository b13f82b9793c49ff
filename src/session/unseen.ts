/** Takes the acts that no person has seen yet. */

import { existsSync, readFileSync, renameSync, rmSync } from "node:fs";
import { type Act, actOf, unseenName } from "../contract/acts.ts";
import type { Caller } from "./caller.ts";
import { agentAbove } from "./person.ts";

/**
 * The acts since a person last saw some, which from now on count as seen; empty while a coding
 * agent runs the command.
 */
export function takeUnseen(folder: string, caller: Caller): readonly Act[] {
  const path = `${folder}/${unseenName}`;
  if (!existsSync(path) || agentAbove(caller) !== null) return [];
  const taken = `${path}.shown`;
  try {
    // Renamed first, then read: the daemon's later notes go into a new file.
    renameSync(path, taken);
    return readFileSync(taken, "utf8")
      .split("\n")
      .map(actOf)
      .filter((act) => act !== null);
  } catch {
    return [];
  } finally {
    rmSync(taken, { force: true });
  }
}
