/**
 * Serves one commit inside the walls: reads a request a line, and answers with a line. The first
 * request opens the commit. Knows no network, no policy and no peer.
 */

import type { Operation, OperationEnd } from "../../contract/reads/reads.ts";
import type { Clock } from "../../platform/effects.ts";
import { denying } from "./deny.ts";
import type { Readable } from "./file.ts";
import { readFile } from "./file.ts";
import type { Objects } from "./git.ts";
import { listPaths } from "./glob.ts";
import { search } from "./grep.ts";
import type { Lines } from "./lines.ts";
import { type Commit, isReachable, openCommit, type Unopened, whyUnopened } from "./tree.ts";

/** The first request. */
export interface OpenRequest {
  readonly sha: string;
  /** Commits of which it must be an ancestor; null when it is a tip itself. */
  readonly tips: readonly string[] | null;
}

/** The answer to it. */
export type OpenReply =
  | {
      readonly opened: true;
      readonly sha: string;
      readonly files: number;
      readonly committedAtMs: number;
    }
  | { readonly opened: false; readonly why: Unopened };

/** Each further request. */
export interface OperationRequest {
  readonly operation: Operation;
  /** The rule's patterns of denied paths, read again for each operation. */
  readonly deny: readonly string[];
}

/** Dependencies of serving. */
export interface ServingParts {
  readonly lines: Lines;
  readonly write: (line: string) => Promise<void>;
  readonly objects: Objects;
  readonly clock: Clock;
}

/** Serves until the end of its input. @throws as git and the pipes do */
export async function serve({ lines, write, objects, clock }: ServingParts): Promise<void> {
  const first = await lines.next();
  if (first === null) return;
  // The keeper of this build writes the lines.
  const opened = await open(objects, JSON.parse(first) as OpenRequest);
  if ("why" in opened) {
    await write(JSON.stringify({ opened: false, why: opened.why } satisfies OpenReply));
    return;
  }
  const { sha, entries, committedAtMs } = opened;
  const reply: OpenReply = { opened: true, sha, files: entries.size, committedAtMs };
  await write(JSON.stringify(reply));
  for (let line = await lines.next(); line !== null; line = await lines.next()) {
    // As above.
    const { operation, deny } = JSON.parse(line) as OperationRequest;
    const readable = { objects, commit: opened, isDenied: denying(deny) };
    await write(JSON.stringify(await carriedOut(readable, operation, clock)));
  }
}

async function open(
  objects: Objects,
  { sha, tips }: OpenRequest,
): Promise<Commit | { readonly why: Unopened }> {
  try {
    const isAllowed = tips === null || (await isReachable(objects, sha, tips));
    return isAllowed ? await openCommit(objects, sha) : { why: "missing" };
  } catch (error) {
    return { why: whyUnopened(error) };
  }
}

/** Carries out one operation. */
export function carriedOut(
  readable: Readable,
  operation: Operation,
  clock: Clock,
): OperationEnd | Promise<OperationEnd> {
  switch (operation.op) {
    case "file":
      return readFile(readable, operation);
    case "glob":
      return listPaths(readable, operation, clock);
    case "grep":
      return search(readable, operation, clock);
    default:
      return operation satisfies never;
  }
}
