/** Assembles one hook of a coding agent. */

import { connect } from "../client.ts";
import { PeernetError } from "../contract/errors.ts";
import { stateNames } from "../contract/text/state-names.ts";
import { clocks } from "../platform/clock/clock.ts";
import { timers } from "../platform/clock/timers.ts";
import { outputs } from "../platform/terminal/outputs.ts";
import { stateFolder } from "./home.ts";
import { ensureKeeper, gone } from "./io.ts";

/**
 * Runs one hook of a coding agent. Its failures never disturb the agent; only a person who typed it
 * is refused. @throws {bad_request}
 */
export async function hookMode([harness]: readonly string[]): Promise<number> {
  const { isTerminal } = await import("../platform/terminal/terminal.ts");
  if (isTerminal(0)) {
    throw new PeernetError("bad_request", {
      message: "a coding agent runs this, and hands it what happened in a session",
      hint: "peernet setup",
    });
  }
  const { write, flushed } = outputs(gone);
  const { isHooked, runHook } = await import("../hook/hook.ts");
  if (!isHooked(harness)) return 0;
  await runHook(harness, {
    environment: process.env,
    pid: process.pid,
    input: Bun.stdin.stream(),
    out: (text) => write(1, text),
    calls: () => connect(`${stateFolder()}/${stateNames.socket}`, { timers }).calls,
    config: async () => {
      const file = Bun.file(`${stateFolder()}/${stateNames.config}`);
      return file.text().catch(() => null);
    },
    ensureKeeper,
    warn: async (event, fields) => {
      const { logName, fileLog } = await import("../platform/log.ts");
      // Without a log there is no home yet, and a hook creates none.
      if (!(await Bun.file(`${stateFolder()}/${logName}`).exists())) return;
      const { stateFiles } = await import("../platform/files.ts");
      fileLog(stateFiles(stateFolder()), clocks).warn(event, fields);
    },
    timers,
  });
  // The agent does not read it: that is no failure of the session.
  await flushed().catch(() => undefined);
  return 0;
}
