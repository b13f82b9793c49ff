/**
 * Landlock (landlock(7)): the kernel's restriction of a thread, and of all that it starts, to named
 * files. It holds the calling thread alone: threads that exist already stay outside, so a process
 * must become itself again by `execve` before the restriction holds for all of it.
 */

import { fstatSync } from "node:fs";
import { addressOf, call, callFailed, errnoNow, libc, textBytes } from "./calls.ts";
import { forbidNewPrivileges } from "./limits.ts";

/** Access to a path and to all below it: reading, reading and running, reading and writing. */
export type Access = "read" | "run" | "write";

/** A path that stays accessible. */
export interface Rule {
  readonly path: string;
  readonly access: Access;
}

const execute = 0x1n;
const writeFile = 0x2n;
const readFile = 0x4n;
const readFolder = 0x8n;

const rights: Readonly<Record<Access, bigint>> = {
  read: readFile | readFolder,
  run: readFile | readFolder | execute,
  write: readFile | writeFile,
};

/** Version of Landlock in this kernel, asked of the kernel itself; 0 when it has none. */
export function landlockVersion(): number {
  if (process.platform !== "linux") return 0;
  const versionFlag = 1;
  const { value } = call("landlock_create_ruleset", 0, 0, versionFlag);
  return Math.max(0, value);
}

/** The rights over files that a version governs: all of them. */
function governed(version: number): bigint {
  if (version >= 5) return 0xffffn;
  if (version >= 3) return 0x7fffn;
  return version >= 2 ? 0x3fffn : 0x1fffn;
}

/** `O_PATH | O_CLOEXEC` of open(2), equal on both architectures. */
const openPath = 0o12000000;

/**
 * Restricts the calling thread, and all that it starts from now on, to these paths: no TCP port, no
 * signal or abstract socket of another process either, where the kernel knows of them.
 * @throws when the kernel refuses, or a path is absent
 */
export function restrictFiles(rules: readonly Rule[]): void {
  const version = landlockVersion();
  if (version === 0) throw new Error("this kernel has no Landlock");
  const attributes = new BigUint64Array([
    governed(version),
    version >= 4 ? 0x3n : 0n,
    version >= 6 ? 0x3n : 0n,
  ]);
  const size = version >= 6 ? 24 : version >= 4 ? 16 : 8;
  const bytes = new Uint8Array(attributes.buffer);
  const made = call("landlock_create_ruleset", addressOf(bytes), size, 0);
  if (made.value < 0) throw callFailed("landlock_create_ruleset", made.errno);
  for (const rule of rules) addRule(made.value, rule, governed(version));
  forbidNewPrivileges();
  const restricted = call("landlock_restrict_self", made.value, 0);
  if (restricted.value < 0) throw callFailed("landlock_restrict_self", restricted.errno);
  libc().close(made.value);
}

function addRule(ruleset: number, { path, access }: Rule, known: bigint): void {
  const name = textBytes(path);
  const descriptor = libc().open(name, openPath);
  if (descriptor < 0) throw callFailed(`open ${path}`, errnoNow());
  const isFolder = fstatSync(descriptor).isDirectory();
  const granted = (isFolder ? rights[access] : rights[access] & ~readFolder) & known;
  // `struct landlock_path_beneath_attr` is packed: the rights, then the descriptor.
  const attribute = new Uint8Array(12);
  const view = new DataView(attribute.buffer);
  view.setBigUint64(0, granted, true);
  view.setInt32(8, descriptor, true);
  const pathBeneath = 1;
  const added = call("landlock_add_rule", ruleset, pathBeneath, addressOf(attribute), 0);
  libc().close(descriptor);
  if (added.value < 0) throw callFailed(`landlock_add_rule ${path}`, added.errno);
}
