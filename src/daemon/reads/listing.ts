/** Lists the repositories that one machine lets another read, on both sides. Opens none. */

import { accept, refuse } from "../../contract/errors.ts";
import type { OutputOf } from "../../contract/operation/operation.ts";
import type { ToldRepositories } from "../../contract/reads/told.ts";
import type { Wire } from "../../contract/wire.ts";
import type { Details } from "../../core/audit-chain.ts";
import type { IncomingReadParts, ReadCall } from "./held.ts";
import { listedFor } from "./open.ts";

/** The details of a list's record. */
export const listedDetails = ({ repositories }: ToldRepositories): Details => ({
  act: "list",
  repositories: repositories.length,
});

/** Lists for a peer what it may read; a peer that may read nothing learns of no repository. */
export const listRepositories = (
  { policy, counts }: IncomingReadParts,
  id: string,
  { asPeer, originOf, now }: ReadCall,
): Promise<OutputOf<Wire["read/repositories"]>> =>
  asPeer((peer, work) => {
    const current = peer.grants.paused ? null : policy.of(peer.fingerprint);
    const listed = current === null ? null : listedFor(current);
    const origin = originOf(peer);
    const draft = { direction: "in", verb: "read", subject_id: id, ...origin } as const;
    if (listed === null || listed.repositories.length === 0) {
      counts.refused(work, { ...draft, peer, outcome: "scope_denied" }, now);
      return refuse("scope_denied");
    }
    work.record({ ...draft, outcome: "ok", details: listedDetails(listed) });
    work.after(() => counts.answered(peer.fingerprint, now, "pieces"));
    return accept(listed);
  });
