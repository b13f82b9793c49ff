/**
 * The files that install.sh put on this machine, as its receipt beside the executable lists them,
 * and their removal. Trusts a receipt only in acts that an installer performs. Removes no
 * executable but the running one, only the one line of a shell's file, and only empty folders.
 */

import { lstatSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { basename, dirname } from "node:path";
import type { Timers } from "../../platform/effects.ts";
import { find, remove, replace, requireWritable, settled } from "../apply/files.ts";
import type { RunningParts } from "../apply/running.ts";
import type { Undone } from "../apply/undo.ts";

/** The receipt's name, in the folder of the executable. */
const receiptName = ".peernet-receipt";

/** An installer's change to a file that a shell reads when it starts. */
interface ShellFile {
  readonly path: string;
  readonly how: "appended" | "appended-after-break" | "created";
}

/** An installed executable, and the changes that were made for it. */
export interface Installed {
  /** Its path, with symbolic links resolved. */
  readonly executable: string;
  /** The folder of the executable, as the installer wrote it into files. */
  readonly folder: string;
  readonly home: string;
  readonly shellFiles: readonly ShellFile[];
  /** Folders that the installer made. */
  readonly folders: readonly string[];
  /** The manual pages that the installer wrote; empty when it found no folder for them. */
  readonly manuals: readonly string[];
}

/**
 * The installation for the user whose default state folder this is. Returns null when there is
 * none, or when the receipt is not this user's own. @throws {bad_request} when a file cannot be
 * changed
 */
export function installedBy(
  command: readonly string[],
  { environment }: Pick<RunningParts, "environment">,
): Installed | null {
  const [program = "", ...rest] = command;
  const receipt = `${dirname(program)}/${receiptName}`;
  // A state folder elsewhere runs beside the one that the executable is installed for.
  if (rest.length > 0 || environment.PEERNET_HOME !== undefined) return null;
  if (!isOwn(program) || !isOwn(receipt)) return null;
  const installed = parsed(readFileSync(receipt, "utf8"));
  if (installed === null || installed.home !== environment.HOME) return null;
  if (realPath(installed.executable) !== program) return null;
  for (const { path } of installed.shellFiles) {
    const found = find(path);
    if (lineIn(installed, found.text) !== null) requireWritable(found);
  }
  return { ...installed, executable: program };
}

/** Removes the line, the executable and the folders. @throws {bad_request} */
export async function takeOut(installed: Installed, timers: Timers): Promise<readonly Undone[]> {
  const { executable, folders, manuals, shellFiles } = installed;
  const undone: Undone[] = [];
  for (const file of shellFiles) {
    undone.push(await settled(file.path, timers, () => takeLineOut(installed, file)));
  }
  for (const path of manuals) if (isOwn(path)) remove(find(path), []);
  rmSync(executable, { force: true });
  remove(find(`${dirname(executable)}/${receiptName}`), folders);
  return [...undone, { path: executable, outcome: "removed" }];
}

/** Returns null, with nothing done, when another program wrote the file meanwhile. */
function takeLineOut(installed: Installed, { path, how }: ShellFile): Undone | null {
  const found = find(path);
  if (found.text === null) return { path, outcome: "gone" };
  const line = lineIn(installed, found.text);
  if (line === null) return { path, outcome: "left" };
  const at = `\n${found.text}`.lastIndexOf(`\n${line}\n`);
  const after = found.text.slice(at + line.length + 1);
  const before = found.text.slice(0, at);
  // The line break before our line now ends another line, if text was added after ours.
  const isBreakOurs = how === "appended-after-break" && after === "";
  const text = (isBreakOurs ? before.replace(/\n$/, "") : before) + after;
  if (text === "" && how === "created") {
    return remove(found, []) ? { path, outcome: "removed" } : null;
  }
  return replace(found, text) ? { path, outcome: "cleaned" } : null;
}

/** The line that an installer added to a text; null when the text does not contain it. */
function lineIn({ home, folder }: Installed, text: string | null): string | null {
  const written = folder.startsWith(`${home}/`) ? `$HOME${folder.slice(home.length)}` : folder;
  const lines = [`export PATH="${written}:$PATH"`, `fish_add_path "${written}"`];
  return (
    lines
      .map((line) => `${line} # peernet`)
      .find((line) => `\n${text ?? ""}`.includes(`\n${line}\n`)) ?? null
  );
}

/** True when the user owns the file and no other user may write to it. */
function isOwn(path: string): boolean {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats?.isFile() !== true || stats.uid !== process.geteuid?.()) return false;
  return (stats.mode & 0o022) === 0;
}

const shellFileNames = [".zprofile", ".bashrc", ".bash_profile", ".profile", "config.fish"];

/** Reads a receipt; returns null unless an installer can have written it. */
function parsed(text: string): Installed | null {
  const records = text.split("\n").slice(0, -1).map(recordOf);
  const pathsOf = (word: string): readonly string[] =>
    records.flatMap((record) => (record?.word === word ? [record.path] : []));
  const [[home, ...homes], [executable, ...others]] = [pathsOf("home"), pathsOf("installed")];
  if (home === undefined || executable === undefined) return null;
  if (homes.length > 0 || others.length > 0 || records.includes(null)) return null;
  const files = new Map<string, ShellFile>();
  for (const record of records) {
    const how = record?.word;
    if (how !== "appended" && how !== "appended-after-break" && how !== "created") continue;
    if (!shellFileNames.includes(basename(record?.path ?? ""))) return null;
    // The last entry of the receipt shows the line's present form.
    files.set(record?.path ?? "", { path: record?.path ?? "", how });
  }
  const shellFiles = [...files.values()];
  const folders = pathsOf("made");
  const manuals = pathsOf("manual");
  const manual = `${dirname(dirname(executable))}/share/man/man1/peernet.1`;
  if (!manuals.every((path) => path === manual)) return null;
  const inside = [executable, ...manuals, ...shellFiles.map(({ path }) => path)];
  const isOnTheWay = (made: string): boolean => inside.some((path) => path.startsWith(`${made}/`));
  if (basename(executable) !== "peernet" || !folders.every(isOnTheWay)) return null;
  return { executable, folder: dirname(executable), home, shellFiles, folders, manuals };
}

const words = /^(home|installed|made|manual|appended|appended-after-break|created) (\/.*)$/;

function recordOf(line: string): { readonly word: string; readonly path: string } | null {
  const [, word = "", path = ""] = words.exec(line) ?? [];
  return word === "" || path.split("/").includes("..") ? null : { word, path };
}

function realPath(path: string): string | null {
  try {
    return realpathSync(path);
  } catch {
    return null;
  }
}
