/** Dependencies of setup, uninstall and doctor, from the Io of a command. */

import { join } from "node:path";
import { PeernetError } from "../../contract/errors.ts";
import { printable } from "../../contract/text/printable.ts";
import { stateNames } from "../../contract/text/state-names.ts";
import type { Places } from "../../harness/agents.ts";
import { readConfig } from "../../platform/config.ts";
import { requireSocketPath } from "../../platform/files.ts";
import { find } from "../../setup/apply/files.ts";
import type { RunningParts } from "../../setup/apply/running.ts";
import { ledgerIn, registeredAs } from "../../setup/home.ts";
import { type Networks, networksNow } from "../../setup/plan/networks.ts";
import type { Planning } from "../../setup/plan/plan.ts";
import { namesPort } from "../../setup/plan/settings.ts";
import { foundAgents, type TailnetSeen } from "../../setup/plan/survey.ts";
import { keeperServiceOf } from "../../setup/service/keeper.ts";
import { type Manager, managerHere, serviceOf } from "../../setup/service/service.ts";
import type { Io } from "../terminal/io.ts";

/** The folders and variables of the user who runs a command. */
export const placesOf = ({ environment }: Io): Places => ({
  home: environment.HOME ?? "/",
  environment,
});

/** Dependencies of running other programs. */
export const runningParts = ({ environment, timers }: Io): RunningParts => ({
  environment,
  timers,
});

/** The current folder of a command; null when that is gone. */
export function cwdOf(io: Io): string | null {
  try {
    return io.cwd();
  } catch {
    return null;
  }
}

/** The state of this machine before the first question. */
export interface Survey extends Planning {
  readonly tailnet: TailnetSeen;
  readonly manager: Manager | null;
  /** The text of config.toml; null when there is no file. */
  readonly config: string | null;
  readonly networks: Networks;
  /** True when no setting names the port, and no daemon of this home has one. */
  readonly takesPort: boolean;
}

/** Examines this machine, and changes nothing. @throws {bad_request} {state_unsafe} */
export async function survey(io: Io): Promise<Survey> {
  if (!io.environment.HOME?.startsWith("/")) {
    throw new PeernetError("bad_request", {
      message: "HOME is not set: no agent's files can be found",
      hint: "set HOME to your home folder",
    });
  }
  const [places, parts, folder] = [placesOf(io), runningParts(io), io.home];
  requireSocketPath(join(folder, stateNames.socket));
  const config = find(join(folder, stateNames.config)).text;
  const ledger = ledgerIn(folder);
  const registered = registeredAs(parts, io.command, folder);
  for (const path of [places.home, folder, ...registered.command]) requireOneLine(path);
  const [tailnet, found, manager, isDown] = await Promise.all([
    io.tailnet(),
    foundAgents(parts, places),
    managerHere(parts),
    isDaemonDown(io),
  ]);
  const service = manager === null ? null : serviceOf(manager, registered, { places, folder });
  const wantsKeeper = readConfig({ text: config, environment: {} }).notify.desktop;
  const keeper =
    manager === null || !wantsKeeper
      ? null
      : keeperServiceOf(manager, registered, { places, folder });
  const isPortOpen = io.environment.PEERNET_LISTEN_PORT === undefined && !namesPort(config);
  return {
    ...{ places, folder, registered, found, service, keeper, ledger, tailnet, manager, config },
    networks: networksNow(),
    takesPort: isPortOpen && isDown,
  };
}

async function isDaemonDown(io: Io): Promise<boolean> {
  try {
    await io.calls().status({});
    return false;
  } catch (error) {
    return error instanceof PeernetError && error.code === "daemon_not_running";
  }
}

/** A path is written into units and scripts, where a second line would be a setting. */
function requireOneLine(path: string): void {
  if (!/\p{Cc}/u.test(path)) return;
  throw new PeernetError("bad_request", {
    message: `the path ${printable(path)} holds a control character`,
    hint: "move it to a folder without one",
  });
}

/** A path in the form for people. */
export function shortPath({ environment }: Io, path: string): string {
  const home = environment.HOME ?? "";
  return home.length > 1 && path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path;
}
