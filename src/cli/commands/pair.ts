/** `peernet pair`: opens a window here, or takes the code of one that is open elsewhere. */

import { PeernetError } from "../../contract/errors.ts";
import { type Context, command } from "../command.ts";
import { started } from "../daemon.ts";
import type { Flags } from "../flags.ts";
import { codeOf, scopesOf } from "../grammar.ts";
import type { Io } from "../io.ts";
import { join } from "../pair-join.ts";
import { openWindow } from "../pair-open.ts";

const flags = {
  open: { kind: "switch", summary: "open a window here and show its code" },
  to: {
    kind: "text",
    value: "HOST[:PORT]",
    summary: "take the code shown on that machine; - reads it from stdin",
  },
  grant: {
    kind: "text",
    value: "SCOPES",
    summary: "what the other machine may do here: ask, or none; ask unless given",
  },
  from: { kind: "text", value: "ADDRESS", summary: "with --open: open to that address alone" },
} as const satisfies Flags;

type PairContext = Context<typeof flags>;

/** Pairs this machine with another. */
export const pair = command({
  flags,
  examples: ["peernet pair --open", "peernet pair --to mini", "peernet pair --to mini -"],
  refuse: (words) => refuseCode([...words, words.join("")]),
  async run({ io, flags, words, json }: PairContext) {
    refuseCode([flags.to ?? ""]);
    const [word] = words;
    if (word !== undefined && word !== "-") throw usage(`pair does not take the word ${word}`);
    const fromStdin = word === "-";
    const grant = scopesOf(flags.grant ?? "ask");
    if (flags.open) {
      if (flags.to !== null || fromStdin) throw usage("--open shows a code and takes none");
      // A stream cannot be made twice: the daemon is looked for by a call before.
      await started(io, () => io.calls().status({}));
      return openWindow(io, { grant, from: flags.from }, json);
    }
    if (flags.from !== null) throw usage("--from goes with --open");
    if (flags.to === null) throw usage("pair needs --open, or --to and a machine");
    if (!fromStdin) requireTerminal(io, flags.to);
    return join(io, { to: flags.to, grant, fromStdin, json });
  },
});

/** Refuses a code among the arguments, without repeating it. */
function refuseCode(given: readonly string[]): void {
  if (given.every((word) => codeOf(word) === null)) return;
  throw new PeernetError("bad_request", {
    message: "a code is not given as an argument: any user of this machine can read it there",
    hint: "type it when asked, or give it on stdin: peernet pair --to HOST -",
  });
}

const usage = (message: string): PeernetError =>
  new PeernetError("bad_request", {
    message,
    hint: "peernet pair --open, or peernet pair --to HOST",
  });

function requireTerminal(io: Io, to: string): void {
  if (io.terminal().stdin) return;
  throw new PeernetError("bad_request", {
    message: "without a terminal, pair needs - (the code on stdin) or --open",
    hint: `peernet pair --to ${to} -`,
  });
}
