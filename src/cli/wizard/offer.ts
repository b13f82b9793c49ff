/** The end of setup: offers to pair with a machine that it found, as `peernet pair` would. */

import * as clack from "@clack/prompts";
import type { Candidate } from "../../contract/discovery.ts";
import { printable } from "../../contract/text/printable.ts";
import { lineAfterKeys } from "../../platform/terminal/terminal.ts";
import { whence } from "../pairing/find.ts";
import { join } from "../pairing/join.ts";
import { openWindow } from "../pairing/open.ts";
import type { Io } from "../terminal/io.ts";

interface ThisMachine {
  /** The outcome of setup, in words. */
  readonly outcome: string;
  /** The next step when no machine to pair with is found. */
  readonly next: string;
}

/** Offers to pair with an unpaired machine; returns the exit code. */
export async function offerPairing(io: Io, here: ThisMachine): Promise<number> {
  const { outcome, next } = here;
  const { candidates } = await io.calls().discover({});
  const fit = candidates.filter(({ paired, refusal }) => paired === null && refusal === null);
  const found = fit.find(({ window_open }) => window_open) ?? fit[0];
  if (found === undefined) {
    clack.outro(`${outcome}. ${next}`);
    return 0;
  }
  const wanted = await clack.confirm({ message: question(found) });
  if (clack.isCancel(wanted) || !wanted) {
    clack.outro(`${outcome}. To pair, on both machines: peernet pair`);
    return 0;
  }
  const exit = await pairWith(io, found);
  await io.flushed();
  clack.outro(exit === 0 ? `${outcome}. Try: peernet ask` : `${outcome}, not paired.`);
  return exit;
}

const question = (found: Candidate): string =>
  printable(
    found.window_open
      ? `${found.name} has a pairing window open (${whence(found)}, ${found.address}). Pair now?`
      : `${found.name} runs peernet (${whence(found)}, ${found.address}), not paired. Pair now?`,
  );

function pairWith(io: Io, found: Candidate): Promise<number> {
  if (!found.window_open) {
    return openWindow(io, { grant: ["ask"], from: null, any_user: false, called: null }, false);
  }
  return join(
    { ...io, readLine: lineAfterKeys },
    {
      ...{ to: found.address, name: found.name, whence: whence(found) },
      ...{ grant: ["ask"], called: null, fromStdin: false, json: false },
    },
  );
}
