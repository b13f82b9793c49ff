/** `peernet trust`: pairs by fingerprints that a person compared, or a fleet's tool wrote. */

import { PeernetError } from "../../contract/errors.ts";
import type { GivenEntry } from "../../contract/grants.ts";
import { trustAtOnceMax } from "../../contract/trust/limits.ts";
import type { TrustedMachine } from "../../contract/trust/trust.ts";
import { started } from "../../session/started.ts";
import { command } from "../frame/command.ts";
import { entryOf, isName } from "../frame/grammar.ts";
import type { Io } from "../terminal/io.ts";
import { note, printJson, printLine, prompt } from "../terminal/output.ts";
import { counted } from "../terminal/text.ts";
import { isFingerprint, linesOf } from "./lines.ts";

/** Trusts a machine, or those that the lines on stdin name. */
export const trust = command({
  flags: {
    name: { kind: "text", value: "NAME", summary: "what the machine is called here" },
    to: {
      kind: "text",
      value: "HOST[:PORT]",
      summary: "its address; without it, it is looked for by its fingerprint",
    },
    grant: {
      kind: "text",
      value: "SCOPES",
      summary: "what it may do here: scopes separated by commas, mine, or none; ask unless given",
    },
  },
  examples: [
    "peernet trust sha256:Jq3vKx9mPZ0c2LtR7yWb1HnUeXo4sDfG8aVhCiT5kQE --name mini",
    "peernet trust - < machines.txt",
  ],
  async run({ io, flags, words: [word = ""], json }) {
    const isStdin = word === "-";
    if (isStdin && (flags.name !== null || flags.to !== null || flags.grant !== null)) {
      throw new PeernetError("bad_request", {
        message: "with - each line names its machine, and no flag does",
        hint: "write lines as: sha256:… NAME ask message",
      });
    }
    const machines = isStdin ? await machinesOn(io) : [machineOf(word, flags)];
    if (!isStdin) await confirm(io, machines);
    const all: Trusted[] = [];
    for (let at = 0; at < machines.length; at += trustAtOnceMax) {
      const some = machines.slice(at, at + trustAtOnceMax);
      all.push(...(await started(io, () => io.calls().trust({ machines: some }))).machines);
    }
    if (json) printJson(io, { machines: all });
    else await show(io, all);
    return 0;
  },
});

type Trusted = Awaited<ReturnType<ReturnType<Io["calls"]>["trust"]>>["machines"][number];

/** The machines that stdin names: every line is read before any is trusted. */
async function machinesOn(io: Io): Promise<readonly TrustedMachine[]> {
  const lines: string[] = [];
  for (let line = await io.readLine(); line !== null; line = await io.readLine()) lines.push(line);
  const machines = linesOf(lines.join("\n"), { wide: false }).map(({ machine }) => machine);
  if (machines.length > 0) return machines;
  throw new PeernetError("bad_request", {
    message: "stdin names no machine",
    hint: "write lines as: sha256:… NAME ask message",
  });
}

interface Given {
  readonly name: string | null;
  readonly to: string | null;
  readonly grant: string | null;
}

function machineOf(fingerprint: string, { name, to, grant }: Given): TrustedMachine {
  if (!isFingerprint(fingerprint)) {
    throw new PeernetError("bad_request", {
      message: "a fingerprint is sha256: and 43 characters",
      hint: "on the other machine run: peernet id",
    });
  }
  if (name !== null && !isName(name)) {
    throw new PeernetError("bad_request", {
      message: "a name has lowercase letters, digits and hyphens",
      hint: `peernet trust ${fingerprint} --name mini`,
    });
  }
  const words = (grant ?? "ask").split(",").filter((word) => word !== "none");
  const entries: GivenEntry[] = words.filter((word) => word !== "mine").map(entryOf);
  return { fingerprint, name, to, entries, mine: words.includes("mine") };
}

/** Scopes that a command without a terminal may grant. */
const narrow: ReadonlySet<string> = new Set(["ask", "overlap", "message"]);

/** Asks before the rights of a paired machine change; refuses wide rights without a terminal. */
async function confirm(io: Io, [machine]: readonly TrustedMachine[]): Promise<void> {
  if (machine === undefined) return;
  const { fingerprint, mine, entries } = machine;
  const isAtTerminal = io.terminal().stdin;
  if (!isAtTerminal && (mine || entries.some(({ scope }) => !narrow.has(scope)))) {
    throw new PeernetError("not_a_person", {
      message: "without a terminal, trust grants at most ask, overlap and message",
      hint: `in a terminal type: peernet trust ${fingerprint}`,
    });
  }
  if (!isAtTerminal) return;
  const { peers } = await started(io, () => io.calls().peers({}));
  const paired = peers.find((peer) => peer.fingerprint === fingerprint);
  if (paired === undefined) return;
  const question = `${paired.name} is paired already. Set its rights, let it meet again? [y/N] `;
  if (/^y(es)?$/i.test((await prompt(io, question))?.trim() ?? "")) return;
  throw new PeernetError("bad_request", {
    message: `nothing changed: ${paired.name} is paired as before`,
    hint: `peernet peers show ${paired.name}`,
  });
}

async function show(io: Io, machines: readonly Trusted[]): Promise<void> {
  const paired = machines.filter(({ state }) => state === "paired");
  const expected = machines.filter(({ state }) => state === "expected");
  for (const { name, fingerprint } of machines.length === 1 ? machines : []) {
    printLine(io, name === null ? fingerprint : `${name}, ${fingerprint}`);
  }
  if (paired.length > 0) note(io, `${counted(paired.length, "machine")} already paired`);
  if (expected.length === 0) return;
  const { machine } = await io.calls().status({});
  note(io, `${counted(expected.length, "machine")} expected; pairs once it trusts this one, too:`);
  note(io, `on it run: peernet trust ${machine.fingerprint}`);
}
