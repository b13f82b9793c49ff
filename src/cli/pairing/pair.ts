/** `peernet pair`: opens a window here, or takes the code of a window elsewhere. */

import { PeernetError } from "../../contract/errors.ts";
import { started } from "../../session/started.ts";
import { type Context, command } from "../frame/command.ts";
import type { Flags } from "../frame/flags.ts";
import { isName, parsePairingCode, scopesOf } from "../frame/grammar.ts";
import type { Io } from "../terminal/io.ts";
import { prompt } from "../terminal/output.ts";
import { findWindow } from "./find.ts";
import { join } from "./join.ts";
import { openWindow } from "./open.ts";
import { offerReach } from "./reachable.ts";

const flags = {
  open: { kind: "switch", summary: "open a window here and show its code" },
  to: {
    kind: "text",
    value: "NAME|HOST[:PORT]",
    summary: "take the code shown on that machine; without it, the one with an open window",
  },
  grant: {
    kind: "text",
    value: "SCOPES",
    summary: "what the other machine may do here: ask, or none; ask unless given",
  },
  name: {
    kind: "text",
    value: "NAME",
    summary: "what the other machine is called here; without it you are asked on a terminal",
  },
  from: { kind: "text", value: "ADDRESS", summary: "with --open: open to that address alone" },
  "any-user": {
    kind: "switch",
    summary: "with --open: also to another user's or a tagged machine of the tailnet",
  },
} as const satisfies Flags;

type PairContext = Context<typeof flags>;

/** Pairs this machine with another. */
export const pair = command({
  flags,
  examples: [
    "peernet pair",
    "peernet pair mini",
    "peernet pair --open",
    "peernet pair 192.168.1.20 -",
  ],
  refuse: (words) => refuseCode([...words, words.join("")]),
  async run({ io, flags, words, json }: PairContext) {
    refuseCode([flags.to ?? ""]);
    const { to, fromStdin } = meant(words, flags.to);
    const grant = scopesOf(flags.grant ?? "ask");
    const called = flags.name === null ? null : nameOf(flags.name);
    if (flags.open) {
      if (to !== null || fromStdin) throw usage("--open shows a code and takes none");
      // A stream cannot be repeated: a call looks for the daemon first.
      await started(io, () => io.calls().status({}));
      if (io.terminal().stdin && !json) await offerReach(io);
      return openWindow(io, { called, grant, from: flags.from, any_user: flags["any-user"] }, json);
    }
    if (flags.from !== null) throw usage("--from goes with --open");
    if (flags["any-user"]) throw usage("--any-user goes with --open");
    if (!fromStdin) requireTerminal(io);
    if (!fromStdin && to === null && !json) await offerReach(io);
    const target = await findWindow(io, { to, interactive: !fromStdin });
    if (target !== null) {
      return join(io, { ...target, called, grant, fromStdin, json }).catch(async (error) => {
        throw (await itself(io, to, error)) ?? error;
      });
    }
    if (!(await wantsOne(io))) return 1;
    return openWindow(io, { called, grant, from: null, any_user: false }, json);
  },
});

/** The named machine, by a word or by --to, and whether the code comes on stdin. */
function meant(words: readonly string[], flag: string | null) {
  const named = words.filter((word) => word !== "-");
  const [word = null, extra] = named;
  if (extra !== undefined) throw usage(`pair does not take the word ${extra}`);
  if (word !== null && flag !== null)
    throw usage("the machine is named once, by a word or by --to");
  if (word !== null && /^[^:[\]]+:[^:]+:[0-9]+:/.test(word)) {
    throw new PeernetError("bad_request", {
      message: "that is a peer code of another program",
      hint: "on both machines run: peernet pair",
    });
  }
  const to = flag ?? (word !== null && isName(word.toLowerCase()) ? word.toLowerCase() : word);
  return { to, fromStdin: words.length > named.length };
}

/** The name from a flag. @throws {bad_request} */
function nameOf(given: string): string {
  if (isName(given)) return given;
  throw new PeernetError("bad_request", {
    message: `--name does not take ${given}: a name has lowercase letters, digits and hyphens`,
    hint: "peernet pair --name mini",
  });
}

/** The refusal when no machine answers because the name is this machine's own; else null. */
async function itself(io: Io, to: string | null, error: unknown): Promise<PeernetError | null> {
  const isSilence = error instanceof PeernetError && silences.has(error.code);
  if (to === null || !isSilence) return null;
  const { machine } = await io.calls().status({});
  if (machine.name !== to) return null;
  return new PeernetError("bad_request", {
    message: `${to} is this machine, and a machine cannot pair with itself`,
    hint: "on the other machine run: peernet pair",
  });
}

const silences: ReadonlySet<string> = new Set(["peer_unreachable", "peer_timeout"]);

/** Refuses a code among the arguments, without repeating it. */
function refuseCode(given: readonly string[]): void {
  if (given.every((word) => parsePairingCode(word) === null)) return;
  throw new PeernetError("bad_request", {
    message: "a code is not given as an argument: any user of this machine can read it there",
    hint: "type it when asked, or give it on stdin: peernet pair -",
  });
}

/** True when a window shall be opened here, since there is none to join. */
async function wantsOne(io: Io): Promise<boolean> {
  const line = await prompt(io, "No pairing window was found. Open one here? [Y/n] ");
  return line !== null && /^(y(es)?)?$/i.test(line.trim());
}

const usage = (message: string): PeernetError =>
  new PeernetError("bad_request", {
    message,
    hint: "peernet help pair",
  });

function requireTerminal(io: Io): void {
  if (io.terminal().stdin) return;
  throw new PeernetError("bad_request", {
    message: "without a terminal, pair needs - (the code on stdin) or --open",
    hint: "peernet pair -",
  });
}
