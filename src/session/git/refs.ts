/**
 * Reads the commit of HEAD and of a branch from a repository's own files (gitrepository-layout(5)).
 * Follows no link, and no name that leads out. Runs no program.
 */

import { join } from "node:path";
import type { GitReason } from "../../contract/lease.ts";
import { packedRefsBytesMax, smallFileBytesMax } from "../../contract/limits.ts";
import { readInPlace } from "../bounded.ts";
import { refNamesIn } from "./names.ts";

/** The folders of a repository that hold refs. Both are real paths. */
export interface RefFolders {
  /** The work tree's own folder in its repository; the common one unless the tree is linked. */
  readonly gitDir: string;
  readonly commonDir: string;
}

/** The full name and the commit of the branch that HEAD is on; each null when there is none. */
export interface Head {
  readonly ref: string | null;
  readonly sha: string | null;
}

/** The refs of one repository, in either storage format. */
export interface Refs {
  head(): Promise<Head | GitReason>;
  /** The commit of a ref, by its full name; null when there is none. */
  commit(ref: string): Promise<string | null>;
  /** The full names of all refs. */
  names(): Promise<readonly string[]>;
}

/** The refs of a repository that keeps them in files. */
export const fileRefs = (folders: RefFolders): Refs => ({
  head: async () => headOf(folders),
  commit: async (ref) => commitOf(folders, ref),
  names: async () => refNamesIn(folders.commonDir),
});

/** Symbolic refs that HEAD may pass through; git follows as many. */
const stepsMax = 5;

const commitForm = /^([0-9a-f]{40}|[0-9a-f]{64})$/;
const symbolic = /^ref:\s*(.+)$/;

/** Reads HEAD, or returns the reason why it cannot be read. */
function headOf(folders: RefFolders): Head | GitReason {
  let text = textAt(join(folders.gitDir, "HEAD"));
  if (text === null) return "odd_layout";
  let ref: string | null = null;
  for (let step = 0; step <= stepsMax; step += 1) {
    if (commitForm.test(text)) return { ref, sha: text };
    const next: string | undefined = symbolic.exec(text)?.[1];
    if (next === undefined || !isRefName(next)) return "odd_layout";
    ref = next;
    text = refText(folders, ref);
    if (text === null) return { ref, sha: null };
  }
  return "odd_layout";
}

/** The commit of a ref, by its full name; null when there is none. */
function commitOf(folders: RefFolders, ref: string): string | null {
  const text = isRefName(ref) ? refText(folders, ref) : null;
  return text !== null && commitForm.test(text) ? text : null;
}

/** True for a ref's name that git allows, which never leads out of `refs`. */
function isRefName(name: string): boolean {
  const parts = name.split("/");
  const isPlain = parts.every((part) => part !== "" && !part.startsWith(".") && part.length < 256);
  return (
    parts.length > 1 && parts[0] === "refs" && isPlain && !/[\x00-\x1f\x7f ~^:?*[\\]/.test(name)
  );
}

/** Refs of a work tree that its repository's other work trees do not see. */
const ownRefs = /^refs\/(bisect|worktree|rewritten)\//;

function refText({ gitDir, commonDir }: RefFolders, ref: string): string | null {
  const folder = ownRefs.test(ref) ? gitDir : commonDir;
  return textAt(join(folder, ref)) ?? packed(commonDir, ref);
}

function textAt(path: string): string | null {
  const bytes = readInPlace(path, smallFileBytesMax);
  return bytes === null ? null : new TextDecoder().decode(bytes).trimEnd();
}

/** The commit of a ref in `packed-refs`, whose lines are `SHA NAME`. */
function packed(commonDir: string, ref: string): string | null {
  const bytes = readInPlace(join(commonDir, "packed-refs"), packedRefsBytesMax);
  if (bytes === null) return null;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = text.indexOf(` ${ref}\n`); at >= 0; at = text.indexOf(` ${ref}\n`, at + 1)) {
    const sha = text.toString("latin1", text.lastIndexOf("\n", at) + 1, at);
    if (commitForm.test(sha)) return sha;
  }
  return null;
}
