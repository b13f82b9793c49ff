/** Assembles one hook of a coding agent. */

import { connect } from "../client.ts";
import { PeernetError } from "../contract/errors.ts";
import { stateNames } from "../contract/text/state-names.ts";
import { clocks } from "../platform/clock/clock.ts";
import { timers } from "../platform/clock/timers.ts";
import { stateFolder } from "./home.ts";
import { ensureKeeper, write } from "./io.ts";

/**
 * Runs one hook of a coding agent. Its failures never disturb the agent; only a person who typed it
 * is refused. @throws {bad_request}
 */
export async function hookMode([harness, flag]: readonly string[]): Promise<number> {
  const { isTerminal } = await import("../platform/terminal/terminal.ts");
  if (isTerminal(0)) {
    throw new PeernetError("bad_request", {
      message: "a coding agent runs this, and hands it what happened in a session",
      hint: "peernet setup",
    });
  }
  if (harness === "claude-code" && flag === "--waker") return wakerMode();
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
  return 0;
}

/** Waits to wake a session of Claude Code. Its failures end it, and disturb nobody. */
async function wakerMode(): Promise<number> {
  const { runWaker } = await import("../hook/waker.ts");
  const { random } = await import("../platform/real.ts");
  try {
    await runWaker({
      environment: process.env,
      pid: process.pid,
      input: Bun.stdin.stream(),
      calls: () => connect(`${stateFolder()}/${stateNames.socket}`, { timers }).calls,
      newPipe: () => random.bytes(16).toHex(),
      makePipe: await pipeMaker(),
      timers,
    });
  } catch {
    // A hook that fails would be shown to the person, who can do nothing about it.
  }
  return 0;
}

async function pipeMaker() {
  const { existsSync, mkdirSync, rmSync } = await import("node:fs");
  const { become, makePipe } = await import("../platform/process/become.ts");
  return (pipe: string) => {
    // Without a daemon's socket there is no home yet, and a hook creates none.
    if (!existsSync(`${stateFolder()}/${stateNames.socket}`)) return null;
    const folder = `${stateFolder()}/${stateNames.wakers}`;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const path = `${folder}/${pipe}`;
    const opened = makePipe(path);
    const environment = { PATH: "/usr/bin:/bin" };
    return {
      path,
      become: (words: readonly string[]) =>
        become({ program: "/bin/sh", words, environment, pipe: opened }),
      remove: () => rmSync(path, { force: true }),
    };
  };
}
