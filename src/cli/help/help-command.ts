/** `peernet help`. */

import { PeernetError } from "../../contract/errors.ts";
import { command, type Entry } from "../frame/command.ts";
import { nearest } from "../frame/suggest.ts";
import { printJson } from "../terminal/output.ts";
import { printCommands, printHelp } from "./help.ts";

/** Explains one command, or lists them all. */
export const help = command({
  flags: {},
  examples: ["peernet help ask", "peernet ask --help"],
  async run({ io, words, json, commands }) {
    const name = words.join(" ");
    const entry = commands.find((candidate) => candidate.name === name);
    if (name !== "" && entry === undefined) throw unknown(name, commands);
    if (json) {
      const shown = entry === undefined ? commands : [entry];
      printJson(io, {
        commands: shown.map(({ name, words, summary }) => ({ name, words, summary })),
      });
    } else if (entry === undefined) printCommands(io, commands);
    else await printHelp(io, entry, commands);
    return 0;
  },
});

function unknown(name: string, commands: readonly Entry[]): PeernetError {
  const meant = nearest(
    name,
    commands.map((entry) => entry.name),
  );
  return new PeernetError("bad_request", {
    message: `there is no command ${name}`,
    hint: meant === null ? "peernet help" : `did you mean peernet help ${meant}`,
  });
}
