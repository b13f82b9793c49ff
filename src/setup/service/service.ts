/**
 * The service that runs the daemon from login on: a unit of systemd's user manager, or a launchd
 * agent. Knows their files and commands; does not decide when to use them.
 */

import { join } from "node:path";
import { serviceMs } from "../../contract/limits.ts";
import { hex } from "../../contract/text/encoding.ts";
import { named, type Places } from "../../harness/agents.ts";
import { quoted, type Registered } from "../../harness/events.ts";
import { sha256 } from "../../platform/real.ts";
import { printed, programPath, type RunningParts, runWithin } from "../apply/running.ts";

/** The program that runs a user's services here. */
export type Manager = "systemd" | "launchd";

/** The service of a state folder. */
export interface Service {
  readonly manager: Manager;
  /** The service's name in its manager. */
  readonly name: string;
  readonly path: string;
  readonly text: string;
}

/** The service manager that answers; null when none does, as in a container. */
export async function managerHere(parts: RunningParts): Promise<Manager | null> {
  if (process.platform === "darwin") return "launchd";
  const systemctl = programPath(parts, "systemctl");
  if (systemctl === null) return null;
  const ran = await runWithin(parts, [systemctl, "--user", "show-environment"], serviceMs);
  return ran?.exit === 0 ? "systemd" : null;
}

/** The service of a state folder; each folder but the default one has a service name of its own. */
export function serviceOf(
  manager: Manager,
  registered: Registered,
  { places, folder }: { readonly places: Places; readonly folder: string },
): Service {
  const name = nameFor("peernet", registered);
  const path = pathOf(manager, name, places);
  const text = manager === "systemd" ? unit(registered, folder) : plist(name, registered, folder);
  return { manager, name, path, text };
}

/** The name of a service; each folder but the default one has a name of its own. */
export function nameFor(word: string, { home }: Registered): string {
  if (home === null) return word;
  return `${word}-${hex(sha256(new TextEncoder().encode(home))).slice(0, 8)}`;
}

/** The file that defines a service. */
export const pathOf = (manager: Manager, name: string, places: Places): string =>
  manager === "systemd"
    ? join(configFolder(places), "systemd", "user", `${name}.service`)
    : join(places.home, "Library", "LaunchAgents", `${name}.plist`);

/** The user manager uses XDG_CONFIG_HOME as it was when the manager started. */
const configFolder = ({ home, environment }: Places): string =>
  named(environment.XDG_CONFIG_HOME, join(home, ".config"));

/** A unit whose limits need no namespace: not every system lets a user create one. */
function unit({ command, home }: Registered, folder: string): string {
  const [program = "", ...words] = command;
  return `${[
    "[Unit]",
    "Description=peernet: coding sessions on your machines, asking each other",
    // `peernet stop` lasts: neither login nor a crash starts the daemon after it.
    `ConditionPathExists=!${escaped(`${folder}/stopped`)}`,
    "",
    "[Service]",
    `ExecStart=${[argument(program), ...[...words, "daemon"].map(expanded)].join(" ")}`,
    ...(home === null ? [] : [`Environment=${argument(`PEERNET_HOME=${home}`)}`]),
    "UnsetEnvironment=BUN_OPTIONS BUN_BE_BUN",
    "Restart=on-failure",
    "RestartSec=5",
    // Stopped, already running, or its state folder unusable: a restart would not help.
    "RestartPreventExitStatus=3",
    "UMask=0077",
    "NoNewPrivileges=yes",
    "LockPersonality=yes",
    // Bun compiles code at run time.
    "MemoryDenyWriteExecute=no",
    "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK",
    "RestrictNamespaces=yes",
    "RestrictRealtime=yes",
    "RestrictSUIDSGID=yes",
    "SystemCallArchitectures=native",
    "",
    "[Install]",
    "WantedBy=default.target",
  ].join("\n")}\n`;
}

/** Text in a unit, systemd.unit(5): a percent sign begins a specifier. */
export const escaped = (text: string): string => text.replaceAll("%", "%%");

/**
 * An argument of a command, in which a dollar sign begins a variable; a program's path has no
 * variables.
 */
export const expanded = (word: string): string => argument(word.replaceAll("$", "$$$$"));

/** A word in a unit, systemd.syntax(7). */
export function argument(word: string): string {
  const plain = escaped(word);
  if (/^[\w@+=:,./%$-]+$/.test(plain)) return plain;
  return `"${plain.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}

/** launchd sets none of the folders where the `tailscale` command is installed. */
const launchdPath = "/usr/local/bin:/opt/homebrew/bin:/usr/bin:/bin:/usr/sbin:/sbin";

/** launchd has no such condition, so the shell checks whether the daemon was stopped. */
const plist = (name: string, registered: Registered, folder: string): string =>
  agentOf({ name, mode: "daemon", folder, more: [] }, registered);

/** A launchd agent that runs one mode of this program. */
export interface LaunchAgent {
  readonly name: string;
  readonly mode: "daemon" | "keeper";
  readonly folder: string;
  /** Further keys, as XML. */
  readonly more: readonly string[];
}

/** The property list of a launchd agent. */
export function agentOf(
  { name, mode, folder, more }: LaunchAgent,
  { command, home }: Registered,
): string {
  const words = [...command, mode].map(quoted).join(" ");
  const isStopped = `[ -e ${quoted(`${folder}/stopped`)} ]`;
  const line = `${isStopped} || exec env -u BUN_OPTIONS -u BUN_BE_BUN ${words}`;
  const set = { PATH: launchdPath, ...(home === null ? {} : { PEERNET_HOME: home }) };
  const variables = Object.entries(set).map(([key, value]) => `<key>${key}</key>${xml(value)}`);
  return `${[
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" ' +
      '"http://www.apple.com/DTDs/PropertyList-1.0.dtd">',
    '<plist version="1.0"><dict>',
    `<key>Label</key>${xml(name)}`,
    `<key>ProgramArguments</key><array>${["/bin/sh", "-c", line].map(xml).join("")}</array>`,
    `<key>EnvironmentVariables</key><dict>${variables.join("")}</dict>`,
    "<key>RunAtLoad</key><true/>",
    "<key>KeepAlive</key><dict><key>SuccessfulExit</key><false/></dict>",
    "<key>ThrottleInterval</key><integer>30</integer>",
    ...more,
    "<key>ProcessType</key><string>Background</string>",
    "</dict></plist>",
  ].join("\n")}\n`;
}

export const xml = (text: string): string =>
  `<string>${text.replaceAll("&", "&amp;").replaceAll("<", "&lt;")}</string>`;

/** Registers the service with the manager and starts it. @returns true when that worked */
export async function enable(
  parts: RunningParts,
  service: Pick<Service, "manager" | "name" | "path">,
): Promise<boolean> {
  if (service.manager === "systemd") {
    await systemctl(parts, "daemon-reload");
    return systemctl(parts, "enable", "--now", `${service.name}.service`);
  }
  await launchctl(parts, "bootout", target(service.name));
  return launchctl(parts, "bootstrap", domain(), service.path);
}

/** Stops the service and removes it from the manager's start list. */
export async function disable(
  parts: RunningParts,
  { manager, name }: Pick<Service, "manager" | "name">,
): Promise<void> {
  if (manager === "systemd") await systemctl(parts, "disable", "--now", `${name}.service`);
  else await launchctl(parts, "bootout", target(name));
}

/** Makes the manager notice removed files. */
export async function reload(parts: RunningParts, manager: Manager): Promise<void> {
  if (manager === "systemd") await systemctl(parts, "daemon-reload");
}

/** The service's state in the manager's own word: `active`, `failed`, … */
export async function serviceState(
  parts: RunningParts,
  { manager, name }: Pick<Service, "manager" | "name">,
): Promise<string> {
  if (manager === "launchd") {
    return (await launchctl(parts, "print", target(name))) ? "active" : "not loaded";
  }
  const program = programPath(parts, "systemctl");
  if (program === null) return "unknown";
  const words = [program, "--user", "is-active", `${name}.service`];
  return printed(await runWithin(parts, words, serviceMs)).trim() || "unknown";
}

/** True when the user's services outlive the last logout; null when the system does not say. */
export async function lingers(parts: RunningParts): Promise<boolean | null> {
  const text = printed(await loginctl(parts, ["show-user", "--property=Linger", "--value"]));
  return text.trim() === "" ? null : text.trim() === "yes";
}

/** Sets whether the user's services outlive the last logout. @returns true when that worked */
export async function setLinger(parts: RunningParts, on: boolean): Promise<boolean> {
  return (await loginctl(parts, [on ? "enable-linger" : "disable-linger"]))?.exit === 0;
}

async function loginctl(parts: RunningParts, words: readonly string[]) {
  const program = programPath(parts, "loginctl");
  const { USER } = parts.environment;
  if (program === null) return null;
  return runWithin(parts, [program, ...words, ...(USER === undefined ? [] : [USER])], serviceMs);
}

async function systemctl(parts: RunningParts, ...words: readonly string[]): Promise<boolean> {
  const program = programPath(parts, "systemctl");
  if (program === null) return false;
  return (await runWithin(parts, [program, "--user", ...words], serviceMs))?.exit === 0;
}

async function launchctl(parts: RunningParts, ...words: readonly string[]): Promise<boolean> {
  const program = programPath(parts, "launchctl");
  if (program === null) return false;
  return (await runWithin(parts, [program, ...words], serviceMs))?.exit === 0;
}

const domain = (): string => `gui/${process.getuid?.() ?? 0}`;
const target = (name: string): string => `${domain()}/${name}`;

/** The service that a file defines. */
export function serviceAt(path: string): Pick<Service, "manager" | "name"> {
  const file = path.slice(path.lastIndexOf("/") + 1);
  const manager = file.endsWith(".plist") ? "launchd" : "systemd";
  return { manager, name: file.replace(/\.(plist|service)$/, "") };
}
