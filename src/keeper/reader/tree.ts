/**
 * The files of one commit, from git's own objects. Names in a tree are any bytes: those that could
 * mean another place, or command a terminal, are left out.
 */

import {
  historyCommitsMax,
  treeBytesMax,
  treeDepthMax,
  treeEntriesMax,
} from "../../contract/reads/limits.ts";
import type { Objects } from "./git.ts";

/** One file of a commit. */
export interface Entry {
  readonly path: string;
  readonly kind: "file" | "link" | "submodule";
  readonly name: string;
}

/** A commit's files, in the order of its trees. */
export interface Commit {
  readonly sha: string;
  readonly entries: ReadonlyMap<string, Entry>;
  readonly committedAtMs: number;
}

/** The reason why a commit is not opened. */
export type Unopened = "missing" | "too_many" | "odd";

/** An error that holds the reason as its message. */
const unopened = (why: Unopened): Error => new Error(why);

/** The reason of such an error; `odd` for any other. */
export function whyUnopened(error: unknown): Unopened {
  const message = error instanceof Error ? error.message : "";
  return message === "missing" || message === "too_many" ? message : "odd";
}

const textBytesMax = 1_048_576;

interface CommitHead {
  /** The commit itself, also where a tag led to it. */
  readonly sha: string;
  readonly tree: string;
  readonly parents: readonly string[];
  readonly committedAtMs: number;
}

/** Tags of tags that are followed. */
const tagsMax = 5;

async function commitHead(objects: Objects, name: string, tags = tagsMax): Promise<CommitHead> {
  const [head] = await objects.heads([name]);
  if (head === null || head === undefined) throw unopened("missing");
  const isTag = head.type === "tag" && tags > 0;
  if ((head.type !== "commit" && !isTag) || head.bytes > textBytesMax) throw unopened("odd");
  let text = "";
  for await (const object of objects.contents([name])) text = object?.body.toString("latin1") ?? "";
  const header = text.slice(0, text.indexOf("\n\n") + 1);
  if (isTag) {
    const target = /^object ([0-9a-f]+)$/m.exec(header)?.[1];
    if (target === undefined) throw unopened("odd");
    return commitHead(objects, target, tags - 1);
  }
  const tree = /^tree ([0-9a-f]+)$/m.exec(header)?.[1];
  if (tree === undefined) throw unopened("odd");
  const parents = [...header.matchAll(/^parent ([0-9a-f]+)$/gm)].map(([, parent = ""]) => parent);
  const seconds = Number(/^committer .* (\d+) [+-]\d{4}$/m.exec(header)?.[1] ?? 0);
  return { sha: name, tree, parents, committedAtMs: seconds * 1_000 };
}

/** True when a commit is one of some tips, or an ancestor of one. */
export async function isReachable(
  objects: Objects,
  sha: string,
  tips: readonly string[],
): Promise<boolean> {
  const seen = new Set(tips);
  const waiting = [...tips];
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    if (next === sha) return true;
    if (seen.size > historyCommitsMax) return false;
    // A shallow repository ends at a commit whose parents are not there.
    const head = await commitHead(objects, next).catch(() => null);
    if (head?.sha === sha) return true;
    for (const parent of head?.parents ?? []) {
      if (seen.has(parent)) continue;
      seen.add(parent);
      waiting.push(parent);
    }
  }
  return false;
}

interface Tree {
  readonly name: string;
  readonly prefix: string;
  readonly depth: number;
}

/** Reads the files of a commit. @throws with the reason why not */
export async function openCommit(objects: Objects, name: string): Promise<Commit> {
  const { sha, tree, committedAtMs } = await commitHead(objects, name);
  const entries = new Map<string, Entry>();
  let seen = 0;
  let level: readonly Tree[] = [{ name: tree, prefix: "", depth: 0 }];
  while (level.length > 0) {
    const heads = await objects.heads(level.map(({ name }) => name));
    for (const head of heads) {
      if (head === null) throw unopened("missing");
      if (head.type !== "tree") throw unopened("odd");
      if (head.bytes > treeBytesMax) throw unopened("too_many");
    }
    const next: Tree[] = [];
    let at = 0;
    for await (const object of objects.contents(level.map(({ name }) => name))) {
      const parent = level[at++];
      if (object === null || parent === undefined) throw unopened("missing");
      for (const { mode, name, file } of recordsOf(object.body, sha.length / 2)) {
        seen += 1;
        if (seen > treeEntriesMax) throw unopened("too_many");
        if (file === null) continue;
        const path = `${parent.prefix}${file}`;
        if (mode === "40000") {
          if (parent.depth >= treeDepthMax) throw unopened("too_many");
          next.push({ name, prefix: `${path}/`, depth: parent.depth + 1 });
        } else if (!entries.has(path)) entries.set(path, { path, kind: kindOf(mode), name });
      }
    }
    level = next;
  }
  return { sha, entries, committedAtMs };
}

const kindOf = (mode: string): Entry["kind"] =>
  mode === "120000" ? "link" : mode === "160000" ? "submodule" : "file";

interface TreeRecord {
  readonly mode: string;
  readonly name: string;
  /** Null for a name that never leaves as a path. */
  readonly file: string | null;
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

function* recordsOf(body: Buffer, nameBytes: number): Generator<TreeRecord> {
  for (let at = 0; at < body.length; ) {
    const space = body.indexOf(32, at);
    const end = body.indexOf(0, space);
    if (space < 0 || end < 0 || end + 1 + nameBytes > body.length) throw unopened("odd");
    const mode = body.toString("latin1", at, space);
    const name = body.toString("hex", end + 1, end + 1 + nameBytes);
    yield { mode, name, file: fileOf(body.subarray(space + 1, end)) };
    at = end + 1 + nameBytes;
  }
}

/** A file's name as part of a path; null for one that could mean another place. */
function fileOf(bytes: Buffer): string | null {
  let name: string;
  try {
    name = utf8.decode(bytes);
  } catch {
    return null;
  }
  const isOdd =
    name === "" || name === "." || name === ".." || name.length > 255 || name.startsWith("\ufeff");
  return isOdd || /[/\\\p{Cc}\p{Zl}\p{Zp}]/u.test(name) || name.toLowerCase() === ".git"
    ? null
    : name;
}
