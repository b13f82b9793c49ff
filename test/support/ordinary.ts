/**
 * An ordinary user for tests of the sandbox, which refuses root. Where the tests run as root, as in
 * a container or under sudo, programs are run as a user of no name instead, so that no test is
 * skipped for it.
 */

import { chmodSync, chownSync, copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hasProgram } from "./skip.ts";

const isRoot = process.getuid?.() === 0;
/** The number of a user whom no machine has by another way. */
const uid = 43_217;

/** Words before a command that make it an ordinary user's; empty for an ordinary user. */
export const ordinarily: readonly string[] = isRoot
  ? ["setpriv", `--reuid=${uid}`, `--regid=${uid}`, "--clear-groups"]
  : [];

const canRun = (program: string): boolean =>
  Bun.spawnSync([...ordinarily, program, "--version"], { cwd: "/" }).success;

/** True where such a user can run the tests' programs. */
export const canBeOrdinary = process.platform === "linux" && (!isRoot || hasProgram("setpriv"));

/** The runtime at a path that this user can reach: a copy where it lies in another's home. */
export const ordinaryRuntime: string =
  canBeOrdinary && !canRun(process.execPath) ? copiedRuntime() : process.execPath;

function copiedRuntime(): string {
  const folder = mkdtempSync(join(tmpdir(), "peernet-runtime-"));
  chmodSync(folder, 0o755);
  copyFileSync(process.execPath, join(folder, "bun"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  return join(folder, "bun");
}

/** Makes a folder that belongs to that user. */
export function ordinaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "peernet-ordinary-"));
  giveTo(folder);
  return folder;
}

/** Gives a file or folder to that user. */
export function giveTo(path: string): void {
  if (isRoot) chownSync(path, uid, uid);
}
