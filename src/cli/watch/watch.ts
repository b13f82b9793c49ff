/** `peernet watch`: all sessions of all machines on one screen that stays open. */

import { PeernetError } from "../../contract/errors.ts";
import { started } from "../../session/started.ts";
import { command } from "../frame/command.ts";
import { interruptible } from "../terminal/interrupt.ts";
import type { Io } from "../terminal/io.ts";
import { printJson, printLine, printTable } from "../terminal/output.ts";
import { listOf } from "./list.ts";
import { columns, headOf, rowsOf } from "./rows.ts";
import { watchScreen } from "./screen.ts";
import { stateOfStatus } from "./state.ts";

/** Shows every session, those waiting for a person first, and each change as it happens. */
export const watch = command({
  flags: {
    once: { kind: "switch", summary: "print the list once, and end" },
    notify: {
      kind: "switch",
      summary: "ring when a session or a task begins to wait, once a minute at most",
    },
  },
  examples: ["peernet watch", "peernet watch --notify", "peernet watch --once"],
  async run({ io, flags, json }) {
    if (json && flags.once) {
      printJson(io, await started(io, () => io.calls().status({})));
      return 0;
    }
    if (json) return interruptible(io, (signal) => printEvents(io, signal));
    if (flags.once) return printOnce(io);
    requireTerminal(io);
    await started(io, () => io.calls().status({}));
    return watchScreen(io, { notify: flags.notify });
  },
});

async function printOnce(io: Io): Promise<number> {
  const status = await started(io, () => io.calls().status({}));
  const nowMs = io.clock.monotonicMs();
  const list = listOf(stateOfStatus(status, nowMs), nowMs);
  const { stdout, columns: width } = io.terminal();
  printLine(io, headOf(list));
  printTable(io, rowsOf(list, stdout ? width : Number.POSITIVE_INFINITY).flat(), columns);
  return 0;
}

async function printEvents(io: Io, signal: AbortSignal): Promise<number> {
  await started(io, () => io.calls().status({}));
  for await (const event of io.calls().watch({}, { signal })) printJson(io, event);
  throw new PeernetError("daemon_not_running", { message: "the daemon ended" });
}

/** @throws {bad_request} when there is no terminal for a permanent screen */
function requireTerminal(io: Io): void {
  const { stdin, stdout } = io.terminal();
  if (stdin && stdout && io.environment.TERM !== "dumb") return;
  throw new PeernetError("bad_request", {
    message: "watch draws on a terminal, and there is none here",
    hint: "peernet watch --once, or --json for a program",
  });
}
