/**
 * Pairs with a machine that shows a code: checks that a window is open there, asks for the code,
 * and sends each typed code once, to the displayed machine. Never takes the code as an argument.
 */

import type { Control } from "../../contract/control.ts";
import { PeernetError } from "../../contract/errors.ts";
import { attemptsMax } from "../../contract/limits.ts";
import type { OutputOf } from "../../contract/operation/operation.ts";
import type { Scope } from "../../contract/terms.ts";
import { started } from "../../session/started.ts";
import { parsePairingCode } from "../frame/grammar.ts";
import type { Io } from "../terminal/io.ts";
import { failure, note, printJson, prompt } from "../terminal/output.ts";
import { counted } from "../terminal/text.ts";
import type { Target as Found } from "./find.ts";
import { askedMine } from "./mine.ts";
import { named } from "./name.ts";
import { printPaired } from "./paired.ts";

/** The machine to pair with, and the source of the code. */
export interface Joining extends Found {
  /** The rights of that machine here. */
  readonly grant: Scope[];
  /** The name for the machine here, or null for its own proposal. */
  readonly called: string | null;
  /** True to read the code from the first line of stdin; otherwise the terminal asks for it. */
  readonly fromStdin: boolean;
  readonly json: boolean;
}

/** Malformed codes in a row before the command gives up. */
const malformedMax = 20;

/** Pairs, and returns the exit code. @throws the daemon's errors */
export async function join(io: Io, joining: Joining): Promise<number> {
  const { to, json } = joining;
  const window = await started(io, () => io.calls()["pair/probe"]({ to }));
  if (!window.open) {
    throw new PeernetError("window_closed", {
      message: `no pairing window is open at ${to}`,
      hint: `on ${window.paired ?? to} run: peernet pair --open`,
    });
  }
  const name = window.paired ?? joining.name ?? to;
  const where = joining.whence === null ? window.address : `${joining.whence}, ${window.address}`;
  note(io, `${name} has a pairing window open (${where})`);
  note(io, `its identity is ${window.fingerprint}`);
  if (window.paired !== null) note(io, "it is paired already; this renews the pairing");
  const outcome = await rounds(io, { ...joining, ...window, name });
  if (outcome === "burned") return burned(io, name, json);
  const asks = !(joining.fromStdin || json);
  const known = await named(io, outcome, { name: joining.called, asks });
  const paired = await askedMine(io, known, { asks });
  if (json) printJson(io, paired);
  else await printPaired(io, paired);
  return 0;
}

interface Target extends Omit<Joining, "name"> {
  /** The machine's name in the output. */
  readonly name: string;
  /** The probed address and key, the only receivers of the code. */
  readonly address: string;
  readonly fingerprint: string;
}

/** Asks for a code until one is right: each is a pairing run of its own. */
async function rounds(io: Io, target: Target): Promise<OutputOf<Control["pair"]> | "burned"> {
  const { to, address, grant, fingerprint, name } = target;
  let question = `Code shown on ${name}: `;
  for (;;) {
    const code = await (target.fromStdin ? givenCode(io, to) : typedCode(io, target, question));
    try {
      return await io.calls().pair({ code, to: address, fingerprint, grant });
    } catch (cause) {
      if (!(cause instanceof PeernetError)) throw cause;
      if (cause.code === "code_burned") return "burned";
      if (cause.code === "window_closed") throw usedElsewhere(name);
      if (cause.code !== "code_rejected" || target.fromStdin) throw cause;
      question = `Not the code shown on ${name}${remaining(cause)}. Code shown on ${name}: `;
    }
  }
}

function remaining({ details }: PeernetError): string {
  const attempts = details?.attempts_left;
  return typeof attempts === "number" ? `; ${counted(attempts, "attempt")} left` : "";
}

/** The error when another machine with the code was faster: the displaying machine knows which. */
const usedElsewhere = (name: string): PeernetError =>
  new PeernetError("window_closed", {
    message: `the window on ${name} closed meanwhile; another machine may have used the code`,
    hint: `on ${name} run: peernet peers`,
  });

async function givenCode(io: Io, to: string): Promise<string> {
  const code = parsePairingCode((await io.readLine()) ?? "");
  if (code !== null) return code;
  throw malformed("the code on stdin is not 6 digits", `peernet pair --to ${to} -`);
}

async function typedCode(io: Io, { to, name }: Target, question: string): Promise<string> {
  let asked = question;
  for (let malformedCount = 0; malformedCount < malformedMax; malformedCount++) {
    const line = await prompt(io, asked);
    if (line === null) throw malformed("no code was typed", `peernet pair --to ${to}`);
    const code = parsePairingCode(line);
    if (code !== null) return code;
    asked = `A code is 6 digits, as 027-674. Code shown on ${name}: `;
  }
  throw malformed(
    `no code of 6 digits was typed in ${malformedMax} tries`,
    `peernet pair --to ${to}`,
  );
}

const malformed = (message: string, hint: string): PeernetError =>
  new PeernetError("bad_request", { message, hint });

/** Reports a burned window like a lost permission: another attempt needs a new window there. */
function burned(io: Io, name: string, json: boolean): number {
  const error = new PeernetError("code_burned", {
    message: `${name}'s window burned after ${attemptsMax} wrong codes`,
    hint: `on ${name} run: peernet pair --open`,
  });
  if (json) printJson(io, { error: error.body });
  else failure(io, error);
  return 4;
}
