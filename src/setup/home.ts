/**
 * The state folder as setup comes upon it, which may not be there yet, and this program as it is
 * to be registered. Makes nothing.
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
import type { Registered } from "../harness/events.ts";
import { requireSocketPath, stateFiles } from "../platform/files.ts";
import { emptyLedger, type Ledger, readLedger } from "./apply/ledger.ts";
import { programPath, type RunningParts } from "./apply/running.ts";

/** What setup did until now; makes no folder to look. @throws {state_unsafe} */
export const ledgerIn = (folder: string): Ledger =>
  existsSync(folder) ? readLedger(stateFiles(folder)) : emptyLedger;

/** True where a state folder is there. */
export const isHome = (folder: string): boolean => existsSync(folder);

/** True where a folder is one of peernet's, or holds nothing. */
const isOurs = (folder: string): boolean =>
  ["setup.json", "state.db", "lock.db", "keys/identity.pem"].some((name) =>
    existsSync(`${folder}/${name}`),
  ) || readdirSync(folder).every((name) => stateName.test(name));

/** What a state folder holds, with what SQLite and a write that was cut leave beside it. */
const stateName = new RegExp(
  "^((state|lock|keeper|keeper-next)\\.db(-journal|-shm|-wal)?|config\\.toml|control\\.sock|" +
    "daemon\\.log.*|checkpoints|setup\\.json|stopped|unseen|process\\.json|trial|" +
    "keys|backups|archive|dashboard-[0-9]+\\.html|reading-\\w{6})(\\.next)?$",
);

/** Refuses a folder that is not peernet's, whatever PEERNET_HOME says. @throws {bad_request} */
export function requireHome(folder: string): void {
  if (!existsSync(folder) || isOurs(folder)) return;
  throw new PeernetError("bad_request", {
    message: `${folder} is not a state folder of peernet`,
    hint: "look at what PEERNET_HOME is set to",
  });
}

/** Removes a state folder, but for what is not peernet's in it. */
export function removeHome(folder: string): void {
  if (!existsSync(folder)) return;
  const names = readdirSync(folder);
  for (const name of names.filter((each) => stateName.test(each))) {
    rmSync(`${folder}/${name}`, { recursive: true, force: true });
  }
  if (readdirSync(folder).length === 0) rmdirSync(folder);
}

/**
 * This program as agents are to start it: by the name on PATH that leads to it where there is one,
 * since that stays when a new version is put beside the old.
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

/** The peernet that PATH leads to, where that is another than this one; else null. */
export function shadowing(
  parts: Pick<RunningParts, "environment">,
  command: readonly string[],
): string | null {
  const named = programPath(parts, "peernet");
  return named === null || realpathSync(named) === command[0] ? null : named;
}

const secrets = ["state.db", "control.sock", "checkpoints", "daemon.log", "keys", "archive"];

/** The reason why no daemon can run with a state folder; null where none is seen. */
export function unusable(folder: string): PeernetError | null {
  try {
    requireSocketPath(`${folder}/control.sock`);
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

/** The first thing in a state folder that is open to others or not ours, and how to mend it. */
export function unsafeIn(folder: string): PeernetError | null {
  try {
    const files = stateFiles(folder);
    for (const name of secrets) files.check(name);
    for (const inner of ["keys", "archive"].filter((name) => files.has(name))) {
      for (const name of readdirSync(`${folder}/${inner}`)) files.check(`${inner}/${name}`);
    }
    return null;
  } catch (error) {
    if (error instanceof PeernetError) return error;
    return new PeernetError("state_unsafe", { message: `${folder} cannot be read` });
  }
}
