/** Serves the dashboard page for a command, and reads the tailnet for setup. */

import type { ServedPageOptions } from "../cli/terminal/io.ts";
import { stateNames } from "../contract/text/state-names.ts";
import { clocks } from "../platform/clock/clock.ts";
import { timers } from "../platform/clock/timers.ts";
import type { TailnetSeen } from "../setup/plan/survey.ts";
import { stateFolder } from "./home.ts";

/** Serves the page of the dashboard on loopback. @throws {state_unsafe} {storage_full} */
export async function servePage(
  command: readonly string[],
  { onSecondUse, opens }: ServedPageOptions,
) {
  const { serveDashboard } = await import("../dashboard/server.ts");
  const { stateFiles } = await import("../platform/files.ts");
  const { random } = await import("../platform/real.ts");
  const { freshLoopback, loopback } = await import("../platform/network/loopback.ts");
  // Elsewhere, and for a browser behind a tunnel or on Windows, there is only one address.
  const isLocal = opens && process.platform === "linux" && !process.env.WSL_DISTRO_NAME;
  const hostname = isLocal ? freshLoopback(random) : loopback;
  const files = stateFiles(stateFolder());
  const socketPath = `${files.folder}/${stateNames.socket}`;
  const program = Bun.isStandaloneExecutable ? process.execPath : "peernet";
  const { registrations } = await import("../dashboard/registrations.ts");
  const { registeredAs } = await import("../setup/home.ts");
  const registered = registeredAs({ environment: process.env }, command, files.folder);
  return serveDashboard({
    ...{ socketPath, files, random, hostname, timers, onSecondUse },
    // The page is a person's, unless an agent has it served.
    attends: (await import("../cli/frame/attending.ts")).attending({
      caller: { environment: process.env, pid: process.pid },
      folder: stateFolder,
      isAtTerminal: () => true,
    }).attends,
    command: program,
    registrations: registrations(registered, process.env),
  });
}

/** This machine on its tailnet, read without a daemon: setup runs before there is one. */
export async function tailnetSeen(): Promise<TailnetSeen> {
  const { tailnet } = await import("../discovery/tailscale.ts");
  const { runner } = await import("../platform/process/run.ts");
  const status = await tailnet({
    environment: process.env,
    run: (words, given) => runner(given.environment, given.signal)(words),
    timers,
    clock: clocks,
  }).status();
  if (status.state !== "running") {
    return { state: status.state, addresses: [], login: null, machines: 0 };
  }
  const { addresses, login } = status.own;
  // A refusal means another user's machine, or a tagged one.
  const machines = 1 + status.nodes.filter(({ refusal }) => refusal === null).length;
  return { state: "running", addresses, login, machines };
}
