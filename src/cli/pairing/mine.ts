/**
 * Asks a person, once and by one key, whether a newly paired machine is their own. Yes grants all
 * that a machine of one's own may do here.
 */

import type { Paired } from "../../contract/pairing.ts";
import { listed } from "../../contract/text/words.ts";
import { scopes } from "../frame/grammar.ts";
import type { Io } from "../terminal/io.ts";
import { prompt } from "../terminal/output.ts";

/** A pairing after the answer; without a person, or for a machine that may nothing, unchanged. */
export async function askedMine(
  io: Io,
  paired: Paired,
  { asks }: { readonly asks: boolean },
): Promise<Paired> {
  const { name, grants, yours = false } = paired.peer;
  if (!asks || grants.mine || grants.theirs.length === 0) return paired;
  const line = await prompt(io, mineQuestion(name, { yours, scopes }));
  if (line === null) return paired;
  const answer = line.trim().toLowerCase();
  const isWanted = answer === "" ? yours : /^y(es)?$/.test(answer);
  if (!isWanted) return paired;
  const given = { entries: [], hide: [], for_ms: null };
  const peer = await io.calls()["peers/grant"]({ name, mine: true, ...given });
  return { ...paired, peer: { ...paired.peer, grants: peer.grants } };
}

/** The facts of the question. */
interface Asked {
  readonly yours: boolean;
  /** The scopes of this version. */
  readonly scopes: readonly string[];
}

/** The question; Enter is yes only where the tailnet shows the machine as the same user's. */
export function mineQuestion(name: string, { yours, scopes }: Asked): string {
  const offer = `also ${rightsOf(scopes)}?`;
  return yours
    ? `${name} is yours. Let it ${offer} [Y/n] `
    : `If ${name} is yours: let it ${offer} [y/N] `;
}

/** The rights of a machine of one's own, beyond asking, in words. */
function rightsOf(scopes: readonly string[]): string {
  const verbs = ["message", "wake"].filter((scope) => scopes.includes(scope));
  const rights = [
    ...(verbs.length === 0 ? [] : [`${listed(verbs)} sessions here`]),
    ...(scopes.includes("overlap") ? ["compare changed files"] : []),
  ];
  return rights.length === 0 ? "see each change here at once" : rights.join(", and ");
}
