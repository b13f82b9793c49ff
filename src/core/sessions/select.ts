/** Decides which lease a caller means that may not know its name. */

import { accept, type Outcome, PeernetError, refuse, refuseWith } from "../../contract/errors.ts";
import type { Selector } from "../../contract/lease.ts";
import { type Lease, sameProcess } from "./lease.ts";

/**
 * Finds the lease that a caller means: by name, else by session id, else by the nearest ancestor
 * process that holds one. Refuses with {handle_unknown} {bad_request} {lease_lost}.
 */
export function select(leases: readonly Lease[], selector: Selector): Outcome<Lease> {
  const found = matching(leases, selector);
  if (found.length > 1) {
    const names = found.map((lease) => lease.name);
    return refuse("bad_request", {
      message: `several handles are this session's: ${names.join(", ")}`,
      hint: `name one of them: ${names[0]}`,
      details: { names },
    });
  }
  const [lease] = found;
  if (lease === undefined) return refuseWith(noneFound(leases, selector));
  if (selector.generation !== undefined && selector.generation !== lease.generation) {
    return refuse("lease_lost");
  }
  return accept(lease);
}

function matching(leases: readonly Lease[], selector: Selector): readonly Lease[] {
  if (selector.name !== undefined) return leases.filter((lease) => lease.name === selector.name);
  const bySession = leases.filter(
    (lease) => lease.session_id !== null && lease.session_id === selector.session_id,
  );
  if (bySession.length > 0) return bySession;
  for (const ancestor of selector.processes ?? []) {
    const byProcess = leases.filter((lease) => sameProcess(lease.process, ancestor));
    if (byProcess.length > 0) return byProcess;
  }
  return [];
}

function noneFound(leases: readonly Lease[], selector: Selector): PeernetError {
  const live = leases.map((lease) => lease.name);
  const message = noneOf(live.length, selector);
  const hint = live.length > 0 ? `name one of them: ${live.join(", ")}` : "peernet activate";
  return new PeernetError("handle_unknown", { message, hint, details: { live } });
}

function noneOf(liveCount: number, { name, session_id, processes }: Selector): string {
  if (name !== undefined) return `no live handle here is called ${name}`;
  const isOfSession = session_id !== undefined || processes !== undefined;
  if (isOfSession || liveCount < 2) return "this session has no handle";
  return `${liveCount} handles are live here`;
}
