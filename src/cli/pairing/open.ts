/** Opens a pairing window, shows its code, and follows it to its end. */

import { PeernetError } from "../../contract/errors.ts";
import { attemptsMax } from "../../contract/limits.ts";
import type { OpenEvent, Paired } from "../../contract/pairing.ts";
import type { Scope } from "../../contract/terms.ts";
import { listed } from "../../contract/text/words.ts";
import { type Countdown, countdown } from "../terminal/countdown.ts";
import { interruptedExit, interruptible } from "../terminal/interrupt.ts";
import type { Io } from "../terminal/io.ts";
import { failure, note, printBlock, printJson, printLine } from "../terminal/output.ts";
import { reasons } from "./find.ts";
import { askedMine } from "./mine.ts";
import { named } from "./name.ts";
import { printPaired } from "./paired.ts";

/** The parameters of a window. */
export interface Opening {
  /** The name for the machine here, or null for its own proposal. */
  readonly called: string | null;
  /** The rights of the machine that pairs. */
  readonly grant: Scope[];
  /** The only source that may pair, or null for any. */
  readonly from: string | null;
  /** True to admit tailnet machines of other users. */
  readonly any_user: boolean;
}

/**
 * Opens a window and returns once it is paired (0), closed (1), burned (4) or expired (5). An
 * interrupt closes it (130).
 */
export async function openWindow(io: Io, opening: Opening, json: boolean): Promise<number> {
  const { called, ...input } = opening;
  const shown: Shown = { countdown: null, paired: null };
  const exit = await interruptible(io, async (signal) => {
    try {
      for await (const event of io.calls()["pair/open"](input, { signal })) {
        if (event.event === "paired") shown.paired = event;
        else if (json) printJson(io, event);
        const exit = json ? exitOf(event) : show(io, event, shown);
        if (exit !== null) return exit;
      }
    } finally {
      shown.countdown?.end();
    }
    throw new PeernetError("window_closed", {
      message: "the window closed: the daemon ended",
      hint: "peernet pair --open",
    });
  });
  if (shown.paired !== null && exit === 0) {
    const asks = !json && io.terminal().stdin;
    const known = await named(io, shown.paired, { name: called, asks });
    const paired = await askedMine(io, known, { asks });
    if (json) printJson(io, paired);
    else await printPaired(io, paired);
  }
  if (exit === interruptedExit && !json) note(io, "the window is closed");
  return exit;
}

interface Shown {
  countdown: Countdown | null;
  /** The pairing that ended the window. */
  paired: Paired | null;
}

/** The exit code of an event that ends the window; null for any other. */
function exitOf({ event }: Pick<OpenEvent, "event">): number | null {
  switch (event) {
    case "paired":
      return 0;
    case "closed":
      return 1;
    case "burned":
      return 4;
    case "expired":
      return 5;
    case "opened":
    case "attempt_failed":
    case "evicted":
    case "origin_refused":
    case "unacknowledged":
      return null;
    default:
      // An event of a newer daemon is ignored.
      event satisfies never;
      return null;
  }
}

function show(io: Io, event: OpenEvent, shown: Shown): number | null {
  const exit = exitOf(event);
  if (exit !== null) shown.countdown?.end();
  switch (event.event) {
    case "opened":
      printOpened(io, event);
      shown.countdown = countdown(io, event.expires_in_ms);
      break;
    case "attempt_failed":
      shown.countdown?.happened(`wrong code from ${event.from}`, event.attempts_left);
      break;
    case "evicted":
      shown.countdown?.happened(`an unfinished attempt from ${event.from} was dropped`);
      break;
    case "origin_refused":
      shown.countdown?.happened(originPhrase(event));
      break;
    case "unacknowledged":
      shown.countdown?.happened(`right code from ${event.from}, silent since; it can pair again`);
      break;
    case "paired":
      // Printed once the machine has its name.
      break;
    case "burned":
    case "expired":
    case "closed":
      failure(io, endOf(event));
      break;
    default:
      event satisfies never;
  }
  return exit;
}

/** The reason why a tailnet machine was refused an attempt, and its remedy. */
function originPhrase({ from, login, reason }: Extract<OpenEvent, { event: "origin_refused" }>) {
  const who = login === null ? from : `${from} (${login})`;
  return `refused ${who}: ${reasons[reason] ?? reason}; to let it: peernet pair --open --any-user`;
}

const isLoopback = (address: string): boolean => /^(127\.|\[::1\])/.test(address);

function printOpened(io: Io, event: Extract<OpenEvent, { event: "opened" }>): void {
  const [first = "ADDRESS", ...others] = event.addresses;
  const rows = [
    ["on the other machine", "peernet pair"],
    ["or, by address", [first, ...others].map((to) => `peernet pair --to ${to}`).join(", ")],
    ["this machine is", event.fingerprint],
  ];
  printBlock(
    io,
    rows.map((cells) => ({ cells })),
    [{ gap: 3 }],
  );
  printLine(io);
  printBlock(io, [{ cells: [{ text: spaced(event.code), style: "bold" }], indent: 4 }], []);
  printLine(io);
  if (event.addresses.every(isLoopback)) {
    note(io, "only this machine can reach it; to let others: peernet setup");
  }
}

/** A code in two halves, as people read it out. */
const spaced = (code: string): string =>
  `${code.slice(0, code.length / 2)}-${code.slice(code.length / 2)}`;

function endOf(event: Extract<OpenEvent, { event: "burned" | "expired" | "closed" }>) {
  switch (event.event) {
    case "burned":
      return {
        message:
          `the window burned after ${attemptsMax} wrong codes, ` +
          `from ${listed([...new Set(event.from)])}`,
        hint: "peernet pair --open --from ADDRESS",
      };
    case "expired":
      return {
        message: "the window closed: no machine paired in time",
        hint: "peernet pair --open",
      };
    case "closed":
      return {
        message: "the window closed: another was opened here, or the daemon stopped",
        hint: "peernet pair --open",
      };
    default:
      return event satisfies never;
  }
}
