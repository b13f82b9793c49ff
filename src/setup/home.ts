/**
 * The state folder as setup finds it, which may not exist yet, and this program as agents shall
 * register it. Makes no file or folder.
 */

import {
  accessSync,
  constants,
  existsSync,
  readdirSync,
  realpathSync,
  rmdirSync,
  rmSync,
} from "node:fs";
import { PeernetError } from "../contract/errors.ts";
import { stateNames } from "../contract/text/state-names.ts";
import type { Registered } from "../harness/events.ts";
import { requireSocketPath, stateFiles } from "../platform/files.ts";
import { emptyLedger, type Ledger, readLedger } from "./apply/ledger.ts";
import { programPath, type RunningParts } from "./apply/running.ts";

/** Setup's changes until now; makes no folder in order to look. @throws {state_unsafe} */
export const ledgerIn = (folder: string): Ledger =>
  existsSync(folder) ? readLedger(stateFiles(folder)) : emptyLedger;

/** True when a state folder exists. */
export const isHome = (folder: string): boolean => existsSync(folder);

/** True when a folder is peernet's, or empty. */
const isOurs = (folder: string): boolean =>
  [stateNames.ledger, stateNames.database, stateNames.lock, stateNames.identity].some((name) =>
    existsSync(`${folder}/${name}`),
  ) || readdirSync(folder).every((name) => stateName.test(name));

/** The names of a state folder's files, with the remains of SQLite and of an interrupted write. */
const stateName = new RegExp(
  `^(${namesIn((name) => name.endsWith(".db"))}(-journal|-shm|-wal)?|` +
    `${namesIn((name) => !name.includes("/") && !name.endsWith(".db"))}|` +
    "daemon\\.log.*|dashboard-[0-9]+\\.html|reading-\\w{6})(\\.next)?$",
);

function namesIn(isMeant: (name: string) => boolean): string {
  const names = Object.values<string>(stateNames).filter(isMeant);
  return `(${names.map((name) => name.replaceAll(".", "\\.")).join("|")})`;
}

/** Refuses a folder that is not peernet's, whatever PEERNET_HOME says. @throws {bad_request} */
export function requireHome(folder: string): void {
  if (!existsSync(folder) || isOurs(folder)) return;
  throw new PeernetError("bad_request", {
    message: `${folder} is not a state folder of peernet`,
    hint: "look at what PEERNET_HOME is set to",
  });
}

/** Removes a state folder, except files that are not peernet's. */
export function removeHome(folder: string): void {
  if (!existsSync(folder)) return;
  const names = readdirSync(folder);
  for (const name of names.filter((each) => stateName.test(each))) {
    rmSync(`${folder}/${name}`, { recursive: true, force: true });
  }
  if (readdirSync(folder).length === 0) rmdirSync(folder);
}

/**
 * The command by which agents shall start this program. A name on PATH that leads here is
 * preferred, since it survives an update to a new version.
 */
export function registeredAs(
  parts: Pick<RunningParts, "environment">,
  command: readonly string[],
  folder: string,
): Registered {
  const [program = "", ...rest] = command;
  const named = programPath(parts, "peernet");
  const isSame = named !== null && realpathSync(named) === program;
  return {
    command: [isSame ? named : program, ...rest],
    home: parts.environment.PEERNET_HOME === undefined ? null : folder,
  };
}

/** The peernet that PATH leads to when it is another one; else null. */
export function shadowing(
  parts: Pick<RunningParts, "environment">,
  command: readonly string[],
): string | null {
  const named = programPath(parts, "peernet");
  return named === null || realpathSync(named) === command[0] ? null : named;
}

const { database, socket, checkpoints, log, keys, archive } = stateNames;
const secrets = [database, socket, checkpoints, log, keys, archive];

/** The reason why no daemon can run with a state folder, or null. */
export function unusable(folder: string): PeernetError | null {
  try {
    requireSocketPath(`${folder}/${socket}`);
    if (!existsSync(folder) || isWritable(folder)) return null;
    return new PeernetError("state_unsafe", {
      message: `${folder} is read-only`,
      hint: `make ${folder} writable`,
    });
  } catch (error) {
    if (error instanceof PeernetError) return error;
    throw error;
  }
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Returns the refusal for the first path in a state folder that others can open or that another
 * user owns, with the command that mends it; null when there is none.
 */
export function unsafeIn(folder: string): PeernetError | null {
  try {
    const files = stateFiles(folder);
    for (const name of secrets) files.check(name);
    for (const inner of [keys, archive].filter((name) => files.has(name))) {
      for (const name of readdirSync(`${folder}/${inner}`)) files.check(`${inner}/${name}`);
    }
    return null;
  } catch (error) {
    if (error instanceof PeernetError) return error;
    return new PeernetError("state_unsafe", { message: `${folder} cannot be read` });
  }
}
