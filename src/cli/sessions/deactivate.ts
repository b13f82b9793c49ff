/** `peernet deactivate`. */

import { PeernetError } from "../../contract/errors.ts";
import { nameHalf } from "../../contract/text/handle.ts";
import { stateNames } from "../../contract/text/state-names.ts";
import { selectorOf } from "../../session/caller.ts";
import { command } from "../frame/command.ts";
import type { Io } from "../terminal/io.ts";
import { note, printJson, printLine, prompt } from "../terminal/output.ts";
import { counted } from "../terminal/text.ts";

/** Releases a session's lease; with `--always`, also those of later sessions in this folder. */
export const deactivate = command({
  flags: {
    always: {
      kind: "switch",
      summary: "no session in this work tree takes a handle by itself any more",
    },
  },
  examples: ["peernet deactivate", "peernet deactivate hydrate", "peernet deactivate --always"],
  async run({ io, flags, words, json }) {
    const excluded = flags.always ? await exclude(io) : null;
    const output = await released(io, { name: words[0], mayBeNone: flags.always });
    if (json) printJson(io, flags.always ? { ...output, excluded } : output);
    else if (output.handle !== null) printLine(io, `${output.handle} is no longer live`);
    if (!json && output.handle !== null) await askAboutMail(io, nameHalf(output.handle));
    if (excluded !== null && !json) {
      printLine(io, `no session in ${excluded} takes a handle by itself from now on`);
      note(io, "to undo that: take it out of sessions.exclude in config.toml");
    }
    return 0;
  },
});

interface Releasing {
  readonly name: string | undefined;
  /** True when a session without a lease is no error. */
  readonly mayBeNone: boolean;
}

async function released(io: Io, { name, mayBeNone }: Releasing) {
  try {
    return await io.calls().deactivate(selectorOf(io, name));
  } catch (error) {
    const none = ["handle_unknown", "daemon_not_running"];
    const isNone = error instanceof PeernetError && none.includes(error.code);
    if (!mayBeNone || !isNone) throw error;
    return { handle: null };
  }
}

/**
 * Asks a person at a terminal about unread mail of a released handle. Everywhere else it stays, as
 * without an answer.
 */
async function askAboutMail(io: Io, handle: string): Promise<void> {
  const { stdin, stderr } = io.terminal();
  if (!stdin || !stderr) return;
  const isPerson = await io.requirePerson("peernet inbox").then(
    () => true,
    () => false,
  );
  if (!isPerson) return;
  const { messages } = await io.calls().inbox({ handle });
  const waiting = messages.filter(({ direction, unread, stage }) => {
    return direction === "in" && (unread || stage === "held");
  });
  if (waiting.length === 0) return;
  const count = counted(waiting.length, "message");
  note(io, `${count} of ${handle} ${waiting.length === 1 ? "is" : "are"} unread: peernet inbox`);
  const them = waiting.length === 1 ? "it" : "them";
  const question = `Keep ${them} 7 days for the next session of that name here? [Y/n] `;
  if ((await prompt(io, question))?.trim().toLowerCase() !== "n") return;
  for (const { message_id: id } of waiting) await io.calls()["inbox/refuse"]({ id });
  printLine(io, `refused ${count}: each sender is told`);
}

/** Adds the work tree of the current folder to the excluded folders; returns it. */
async function exclude(io: Io): Promise<string> {
  const { workTreeOf } = await import("../../session/folder.ts");
  const { find, replace, requireWritable, settled } = await import("../../setup/apply/files.ts");
  const { withExcluded } = await import("../../setup/plan/settings.ts");
  const folder = (await workTreeOf(io.cwd())) ?? io.cwd();
  const path = `${io.home}/${stateNames.config}`;
  return settled(path, io.timers, () => {
    const found = find(path);
    const text = withExcluded(found.text, folder);
    if (text !== found.text) requireWritable(found);
    return text === found.text || replace(found, text) ? folder : null;
  });
}
