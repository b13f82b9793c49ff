/** Finds the local ref of a branch's upstream by the repository's own config. Pure. */

import { lastOf, type Settings } from "./settings.ts";

/**
 * The full name of the ref that tracks a branch's upstream, as `git fetch` would write it; null
 * when there is none. The branch is given by its full name.
 */
export function upstreamRef(own: Settings, branch: string): string | null {
  const name = /^refs\/heads\/(.+)$/.exec(branch)?.[1];
  if (name === undefined) return null;
  const remote = lastOf(own, `branch.${name}.remote`);
  const merge = lastOf(own, `branch.${name}.merge`);
  if (remote === undefined || merge === undefined) return null;
  if (remote === ".") return merge;
  for (const refspec of own.get(`remote.${remote}.fetch`) ?? []) {
    const [from = "", to = ""] = refspec.replace(/^\+/, "").split(":");
    const mapped = to === "" ? null : mappedBy(from, to, merge);
    if (mapped !== null) return mapped;
  }
  return null;
}

/** Maps a ref by one refspec, in which a `*` stands for any text. */
function mappedBy(from: string, to: string, ref: string): string | null {
  const star = from.indexOf("*");
  if (star < 0) return from === ref ? to : null;
  const before = from.slice(0, star);
  const after = from.slice(star + 1);
  const isLong = ref.length >= before.length + after.length;
  if (!isLong || !ref.startsWith(before) || !ref.endsWith(after)) return null;
  return to.replace("*", () => ref.slice(before.length, ref.length - after.length));
}
