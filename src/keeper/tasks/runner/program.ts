/**
 * Finds a runner's program: never by PATH, which a work tree may have set. Judges its file, reads
 * its digest and its version, and remembers both while the file stays the same.
 */

import { open, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Manifest } from "../../../contract/tasks/manifest.ts";
import { runner as commands } from "../../../platform/process/run.ts";
import { soundProgram, systemProgram } from "../../../session/git/program.ts";

/** A runner's program as it stands on this machine. */
export interface FoundProgram {
  /** Its real path. */
  readonly path: string;
  readonly sha256: string;
  readonly version: string;
}

/** The reason why a program does not run here. */
export interface NoProgram {
  readonly why: "missing" | "script" | "version";
  readonly detail: string;
}

/** Folders of a home in which makers' installers put programs. */
const homeFolders = [".local/bin", "bin", ".npm-global/bin", ".bun/bin", ".claude/local"];

/** Finds and judges a manifest's program; the signal ends it. */
export async function findProgram(
  { program, versions }: Pick<Manifest, "program" | "versions">,
  home: string,
  signal: AbortSignal,
): Promise<FoundProgram | NoProgram> {
  const path = await pathOf(program, home);
  if (path === null) return missing(program);
  if (!(await isNative(path))) {
    return {
      why: "script",
      detail: `${path} is a script; its maker's own installer has a program`,
    };
  }
  const { sha256, version } = await identityOf(path, versions.argv, signal);
  if (version === null) return { why: "version", detail: `${path} does not name its version` };
  if (!Bun.semver.satisfies(version, versions.range)) {
    const detail = `${path} is ${version}, and its manifest is for ${versions.range}`;
    return { why: "version", detail };
  }
  return { path, sha256, version };
}

const missing = (program: string): NoProgram => ({
  why: "missing",
  detail: `no ${program} is where only you and the system can write: ~/.local/bin, /usr/bin, …`,
});

async function pathOf(program: string, home: string): Promise<string | null> {
  if (program.startsWith("/")) return soundProgram(program);
  for (const folder of homeFolders) {
    const sound = await soundProgram(join(home, folder, program));
    if (sound !== null) return sound;
  }
  return systemProgram(program);
}

/** The first bytes of programs for Linux and macOS. */
const magics = ["7f454c46", "cffaedfe", "cafebabe"];

/** True for a program that needs no interpreter: a script's would not be in the sandbox. */
async function isNative(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { buffer } = await file.read(Buffer.alloc(4), 0, 4, 0);
    return magics.includes(buffer.toString("hex"));
  } finally {
    await file.close();
  }
}

interface Identity {
  readonly sha256: string;
  readonly version: string | null;
}

const known = new Map<string, Identity>();

/** The digest and the version of a file; both are read again once the file is another. */
async function identityOf(
  path: string,
  argv: readonly string[],
  signal: AbortSignal,
): Promise<Identity> {
  const { dev, ino, size, mtimeMs, ctimeMs } = await stat(path);
  const key = [path, dev, ino, size, mtimeMs, ctimeMs, ...argv].join("\n");
  const before = known.get(key);
  if (before !== undefined) return before;
  const identity = { sha256: await digestOf(path), version: await versionOf(path, argv, signal) };
  if (identity.version !== null) known.set(key, identity);
  return identity;
}

async function digestOf(path: string): Promise<string> {
  const hasher = new Bun.CryptoHasher("sha256");
  for await (const chunk of Bun.file(path).stream()) hasher.update(chunk);
  return hasher.digest("hex");
}

async function versionOf(
  path: string,
  argv: readonly string[],
  signal: AbortSignal,
): Promise<string | null> {
  // It gets no variable of this process, and no home to read settings from.
  const plain = { PATH: "/usr/bin:/bin", HOME: "/nonexistent", LC_ALL: "C" };
  const ran = await commands(plain, signal)([path, ...argv]);
  const text = ran?.exit === 0 ? new TextDecoder().decode(ran.output).slice(0, 4_096) : "";
  return /\b\d{1,6}\.\d{1,6}\.\d{1,6}\b/.exec(text)?.[0] ?? null;
}

/** The folder that is shown with a program; null where the program's file is enough. */
export async function folderOf(
  { folder }: Pick<Manifest, "folder">,
  path: string,
): Promise<string | null> {
  if (folder === undefined) return null;
  let at = path;
  for (let step = 0; step < folder.up; step++) at = dirname(at);
  // Without its marker it could be any folder, and all of it would be shown.
  return (await Bun.file(join(at, folder.marker)).exists()) ? at : null;
}
