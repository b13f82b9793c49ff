/** Judges the folders above the state folder, for a file in it that gives rights. */

import { statSync } from "node:fs";
import { dirname } from "node:path";
import { PeernetError } from "../contract/errors.ts";

const writableByOthers = 0o022;
const sticky = 0o1000;

/**
 * Judges each folder above the state folder: another user who may replace one could put a file of
 * theirs in place of ours. @throws {state_unsafe}
 */
export function checkAbove(folder: string): void {
  for (let place = dirname(folder); ; place = dirname(place)) {
    const { uid, mode } = statSync(place);
    if (uid !== 0 && uid !== process.geteuid?.()) {
      throw unsafe(`${place} belongs to another user`, "set PEERNET_HOME to a folder of your own");
    }
    // In a sticky folder others can add names, but replace none.
    if ((mode & writableByOthers) !== 0 && (mode & sticky) === 0) {
      throw unsafe(`${place} can be written by others`, `chmod go-w ${place}`);
    }
    if (place === dirname(place)) return;
  }
}

const unsafe = (message: string, hint: string): PeernetError =>
  new PeernetError("state_unsafe", { message, hint });
