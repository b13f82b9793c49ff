/** `peernet completions`: the scripts that shells load, and the answers to them. */

import { PeernetError } from "../../contract/errors.ts";
import { completionDeadlineMs } from "../../contract/limits.ts";
import type { Status } from "../../contract/peer.ts";
import { command } from "../frame/command.ts";
import type { Io } from "../terminal/io.ts";
import { printJson, printLine } from "../terminal/output.ts";
import { complete } from "./completion.ts";
import { filesLine, foldersLine, scripts, shells } from "./completion-scripts.ts";

/** Prints the script of a shell. */
export const completions = command({
  flags: {},
  examples: [
    'eval "$(peernet completions bash)"',
    'eval "$(peernet completions zsh)"',
    "peernet completions fish | source",
  ],
  async run({ io, words: [word], json }) {
    const shell = shells.find((known) => known === word);
    if (shell === undefined) {
      throw new PeernetError("bad_request", {
        message: `there are no completions for ${word}`,
        hint: `peernet completions ${shells.join("|")}`,
      });
    }
    const script = scripts[shell];
    if (json) printJson(io, { shell, script });
    else for (const line of script.trimEnd().split("\n")) printLine(io, line);
    return 0;
  },
});

/** Prints the completions of the last word. */
export const words = command({
  flags: {},
  examples: ["peernet completions words -- peers show ''"],
  async run({ io, words: typed, json, commands }) {
    const completion = await complete(typed, commands, () => statusAtOnce(io));
    if (json) printJson(io, completion);
    else if (completion.kind === "words") {
      for (const { word, meaning } of completion.candidates) {
        printLine(io, meaning === "" ? word : `${word} ${meaning}`);
      }
    } else printLine(io, completion.kind === "folders" ? foldersLine : filesLine);
    return 0;
  },
});

/** The daemon's status; null when none answers while a person waits for a key. */
async function statusAtOnce(io: Io): Promise<Status | null> {
  const late = Promise.withResolvers<null>();
  const cancel = io.timers.after(completionDeadlineMs, () => late.resolve(null));
  try {
    return await Promise.race([io.calls().status({}), late.promise]);
  } catch {
    return null;
  } finally {
    cancel();
  }
}
