/** Ends the processes that wait to wake sessions, once no daemon is left that would. */

import { existsSync, readdirSync } from "node:fs";
import { wakerWords } from "../../contract/delivery/notices.ts";
import { stateNames } from "../../contract/text/state-names.ts";
import type { StateFiles } from "../../platform/effects.ts";

/** Ends each waker of a home, and removes its pipe; leaves alone what is no pipe of ours. */
export function endWakers(files: Pick<StateFiles, "folder" | "ring" | "remove">): void {
  const folder = `${files.folder}/${stateNames.wakers}`;
  if (!existsSync(folder)) return;
  for (const pipe of readdirSync(folder).filter((name) => /^[0-9a-f]{32}$/.test(name))) {
    const name = `${stateNames.wakers}/${pipe}`;
    try {
      files.ring(name, wakerWords.end);
      files.remove(name);
    } catch {
      // Somebody put another file in its place; a purge removes it with the folder.
    }
  }
}
