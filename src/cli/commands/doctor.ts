/** `peernet doctor`: what can be observed, and one thing to do about each that is not well. */

import type { Check } from "../../contract/doctor.ts";
import { PeernetError } from "../../contract/errors.ts";
import { command } from "../command.ts";
import type { Io } from "../io.ts";
import { printBlock, printJson, printLine, type Row, type Style } from "../output.ts";
import { counted } from "../text.ts";

/** Shows every check; exits 1 when something has failed. Starts nothing. */
export const doctor = command({
  flags: {},
  async run({ io, json }) {
    const checks = await observed(io);
    if (json) printJson(io, { checks });
    else printChecks(io, checks);
    return checks.some(({ state }) => state === "failed") ? 1 : 0;
  },
});

async function observed(io: Io): Promise<readonly Check[]> {
  try {
    const [{ machine }, { checks }] = await Promise.all([
      io.calls().status({}),
      io.calls().doctor({}),
    ]);
    return [versionCheck(machine.version, io.version.version), ...checks];
  } catch (error) {
    if (!(error instanceof PeernetError) || error.code !== "daemon_not_running") throw error;
    return [{ name: "daemon", state: "failed", detail: error.message, fix: error.hint }];
  }
}

function versionCheck(running: string, own: string): Check {
  const name = "daemon";
  if (running === own) {
    return { name, state: "ok", detail: `${running}, as this command`, fix: null };
  }
  return {
    name,
    state: "warning",
    detail: `the daemon is ${running}, this command ${own}`,
    fix: "peernet stop, then peernet start",
  };
}

const marks: Readonly<Record<Check["state"], { readonly text: string; readonly style: Style }>> = {
  ok: { text: "✓", style: "good" },
  warning: { text: "!", style: "warning" },
  failed: { text: "✗", style: "bad" },
};

function printChecks(io: Io, checks: readonly Check[]): void {
  const rows = checks.flatMap(({ name, state, detail, fix }): Row[] => [
    { cells: [marks[state], name, detail] },
    ...(fix === null ? [] : [{ cells: [`fix: ${fix}`], indent: 2 }]),
  ]);
  printBlock(io, rows, [{ gap: 1 }, { gap: 3 }]);
  const count = (state: Check["state"]): number =>
    checks.filter((check) => check.state === state).length;
  const warnings = counted(count("warning"), "warning");
  printLine(io, `${count("failed")} failed, ${warnings}, ${count("ok")} ok`);
}
