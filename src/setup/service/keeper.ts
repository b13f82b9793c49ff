/**
 * The service that runs the keeper from login on, where the settings need one without a session.
 * Programs that the keeper starts outlive it, and have none of the daemon's restrictions.
 */

import type { Places } from "../../harness/agents.ts";
import type { Registered } from "../../harness/events.ts";
import {
  agentOf,
  argument,
  escaped,
  expanded,
  type Manager,
  nameFor,
  pathOf,
  type Service,
} from "./service.ts";

/** The keeper's service of a state folder. */
export function keeperServiceOf(
  manager: Manager,
  registered: Registered,
  { places, folder }: { readonly places: Places; readonly folder: string },
): Service {
  const name = nameFor("peernet-keeper", registered);
  const path = pathOf(manager, name, places);
  // A process that the keeper started, such as a task's, ends by its own rules.
  const more = ["<key>AbandonProcessGroup</key><true/>"];
  const text =
    manager === "systemd"
      ? unit(registered, folder)
      : agentOf({ name, mode: "keeper", folder, more }, registered);
  return { manager, name, path, text };
}

/**
 * A unit without restrictions of namespaces or system calls: its children would inherit them, and a
 * sandbox needs both.
 */
function unit(registered: Registered, folder: string): string {
  const { command, home } = registered;
  const [program = "", ...words] = command;
  return `${[
    "[Unit]",
    "Description=peernet: the helper of this machine's daemon",
    `After=${nameFor("peernet", registered)}.service`,
    `ConditionPathExists=!${escaped(`${folder}/stopped`)}`,
    "",
    "[Service]",
    `ExecStart=${[argument(program), ...[...words, "keeper"].map(expanded)].join(" ")}`,
    ...(home === null ? [] : [`Environment=${argument(`PEERNET_HOME=${home}`)}`]),
    "UnsetEnvironment=BUN_OPTIONS BUN_BE_BUN",
    "KillMode=process",
    "Restart=on-failure",
    "RestartSec=5",
    "UMask=0077",
    "",
    "[Install]",
    "WantedBy=default.target",
  ].join("\n")}\n`;
}
