/** Lists the paths of a commit that match a pattern. A denied path is not listed. */

import { listedPathsMax, operationMs, readReplyBytesMax } from "../../contract/reads/limits.ts";
import type { GlobInput, Incomplete, OperationEnd } from "../../contract/reads/reads.ts";
import type { Clock } from "../../platform/effects.ts";
import { encodedBytes, type Readable } from "./file.ts";

/** Lists paths, a page at a time. */
export function listPaths(
  { commit, isDenied }: Readable,
  { pattern, cursor }: GlobInput,
  clock: Clock,
): OperationEnd {
  const untilMs = clock.monotonicMs() + operationMs;
  const glob = new Bun.Glob(pattern);
  const from = Number(cursor ?? 0);
  const paths: string[] = [];
  let total = 0;
  let left = readReplyBytesMax;
  let incomplete: Incomplete | null = null;
  for (const path of commit.entries.keys()) {
    if (clock.monotonicMs() > untilMs) {
      incomplete = "deadline";
      break;
    }
    if (!glob.match(path) || isDenied(path)) continue;
    total += 1;
    const bytes = encodedBytes(path) + 1;
    const isFull = paths.length >= listedPathsMax || left < bytes;
    if (total <= from || incomplete === "more") continue;
    if (isFull) incomplete = "more";
    else {
      left -= bytes;
      paths.push(path);
    }
  }
  const isMore = incomplete === "more";
  const whole = incomplete === "deadline" ? null : total;
  const next = isMore ? String(from + paths.length) : null;
  return { end: "glob", value: { paths, incomplete, total: whole, cursor: next } };
}
