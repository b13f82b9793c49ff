/**
 * Keys of runners: one file each in the state folder, for the user alone. A key is read for an
 * endpoint outside of the sandbox, and for the search of what leaves; it is never shown.
 */

import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { PeernetError } from "../../../contract/errors.ts";
import type { StateFiles } from "../../../platform/effects.ts";

/** The folder of the keys, in the state folder. */
const keysFolder = "keys/runners";
/** A shorter one would be found by chance in what leaves. */
const keyCharactersMin = 16;
const keyCharactersMax = 4_096;

const fileOf = (name: string): string => `${keysFolder}/${name}`;

type Files = Pick<StateFiles, "readTrusted" | "write" | "remove" | "has">;

/** True when a runner has a key. */
export const hasKey = (files: Pick<Files, "has">, name: string): boolean => files.has(fileOf(name));

/** A runner's key; null when it has none. @throws {state_unsafe} */
export const keyOf = (files: Pick<Files, "readTrusted">, name: string): string | null =>
  files.readTrusted(fileOf(name));

/** Keeps a runner's key, as it was typed or piped. @throws {bad_request} {state_unsafe} */
export function keepKey(files: Pick<Files, "write">, name: string, typed: string): void {
  const key = typed.trim();
  const isKey =
    key.length >= keyCharactersMin && key.length <= keyCharactersMax && /^[\x21-\x7e]+$/.test(key);
  if (!isKey) {
    throw new PeernetError("bad_request", {
      message: "that is no API key: a key is one word of 16 to 4,096 characters",
      hint: `peernet runner add ${name} < FILE, with the key alone in the file`,
    });
  }
  files.write(fileOf(name), key);
}

/** Removes a runner's key; false when it had none. */
export function removeKey(files: Pick<Files, "has" | "remove">, name: string): boolean {
  if (!hasKey(files, name)) return false;
  files.remove(fileOf(name));
  return true;
}

/** Every key of every runner, for the search of what leaves. @throws {state_unsafe} */
export const keysOf = (files: Pick<StateFiles, "readTrusted" | "folder">): readonly string[] =>
  namesIn(files, keysFolder).flatMap((name) => files.readTrusted(`${keysFolder}/${name}`) ?? []);

/** The names of the files in a folder of the state folder; none where there is no folder. */
export function namesIn({ folder }: Pick<StateFiles, "folder">, name: string): readonly string[] {
  const path = join(folder, name);
  return existsSync(path) ? readdirSync(path) : [];
}
