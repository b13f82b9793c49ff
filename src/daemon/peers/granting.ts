/** Handlers that change a peer's rights here, and the one way to change a peer's row. */

import type { Control } from "../../contract/control.ts";
import { accept, type Outcome, PeernetError, refuseWith, settle } from "../../contract/errors.ts";
import { lasting, rightsHere } from "../../contract/grants/words.ts";
import type { GrantInput } from "../../contract/grants.ts";
import type { Handlers } from "../../contract/operation/operation.ts";
import type { Peer } from "../../contract/peer.ts";
import { factGroups } from "../../contract/text/fact-groups.ts";
import {
  type At,
  type Grants,
  scopesAt,
  shownEntries,
  withEntries,
  withoutScopes,
} from "../../core/grants.ts";
import type { Instant } from "../../platform/effects.ts";
import type { PeerRow } from "../../store/peers.ts";
import { noteAct } from "../context/acts.ts";
import type { Context, LocalCaller, Work } from "../context/context.ts";
import { notPaired } from "../context/expected.ts";
import { dropUngranted } from "../context/ungranted.ts";
import type { PeerMemories } from "./memories.ts";

/** Dependencies of the handlers that change a peer. */
export interface ChangingParts {
  readonly context: Context;
  readonly memories: PeerMemories;
}

type Change = (
  name: string,
  now: Instant,
  run: (peer: PeerRow, work: Work) => Outcome<PeerRow>,
) => Promise<Peer>;

/** Changes the row of a named peer in one transaction, and returns its new form. */
export const changing =
  ({ context, memories }: ChangingParts): Change =>
  async (name, now, run) => {
    const outcome = await context.transact(now, (work) => {
      const peer = work.tables.peers.named(name);
      const changed: Outcome<PeerRow> =
        peer === null ? refuseWith(notPaired(context, name)) : run(peer, work);
      if (changed.ok) work.tables.peers.put(changed.value);
      return { value: changed };
    });
    return memories.shown(settle(outcome), now);
  };

type Rows = "peers/grant" | "peers/revoke" | "peers/pause" | "peers/resume";

/** Handlers of the rows about grants. */
export function grantHandlers(parts: ChangingParts): Pick<Handlers<Control, LocalCaller>, Rows> {
  const change = changing(parts);
  const regrant = (
    name: string,
    caller: LocalCaller,
    decide: (grants: Grants, at: At) => Grants,
  ): Promise<Peer> =>
    change(name, caller.now, (peer, work) => {
      const grants = decide(peer.grants, caller.now);
      dropUngranted(work, { fingerprint: peer.fingerprint, grants }, caller.now);
      recordChange(work, "grant", { peer: { ...peer, grants }, at: caller.now });
      const { mine, hold, paused } = grants;
      const their_entries = shownEntries(grants, caller.now);
      const may = rightsHere({ their_entries, mine, hold, paused }, lasting);
      const act = { verb: "grant", name, may, fingerprint: peer.fingerprint } as const;
      work.after(() => noteAct(parts.context, caller, act));
      return accept({ ...peer, grants });
    });
  return {
    "peers/grant": async ({ name, ...input }, caller) => {
      requireNames(name, input);
      return regrant(name, caller, (grants, at) => withEntries(grants, input, at));
    },
    "peers/revoke": ({ name, scopes }, caller) =>
      regrant(name, caller, (grants) => withoutScopes(grants, scopes)),
    "peers/pause": ({ name }, caller) =>
      regrant(name, caller, (grants) => ({ ...grants, paused: true })),
    "peers/resume": ({ name }, caller) =>
      regrant(name, caller, (grants) => ({ ...grants, paused: false })),
  };
}

/**
 * Another person's machine compares files only in named repositories: a name that it knows lets it
 * guess at files. @throws {bad_request}
 */
function requireNames(name: string, { entries, mine }: Pick<GrantInput, "entries" | "mine">): void {
  const isOpen = entries.some(({ scope, names }) => scope === "overlap" && names === null);
  if (!isOpen || mine) return;
  throw new PeernetError("bad_request", {
    message: "overlap names its repositories, unless the machine is your own",
    hint: `peernet peers grant ${name} overlap:REPOSITORY`,
  });
}

/** A change of a peer in the form of its record. */
export interface Recorded {
  readonly peer: PeerRow;
  readonly at: At;
}

/** Records this machine's user's change of a peer. */
export function recordChange(
  work: Work,
  verb: "rename" | "grant" | "unpair",
  { peer, at }: Recorded,
): void {
  work.record({
    direction: "local",
    verb,
    outcome: "ok",
    peer_fingerprint: peer.fingerprint,
    peer_name: peer.name,
    details: verb === "grant" ? grantDetails(peer.grants, at) : null,
    origin_transport: "control",
  });
}

/** A grant in the form of its record: the scopes, and any limits. */
function grantDetails(grants: Grants, at: At) {
  const entries = shownEntries(grants, at).map(({ scope, names, show, expires_at_ms }) => ({
    scope,
    names,
    hidden: factGroups.filter((group) => !show.includes(group)),
    expires_at_ms,
  }));
  const { mine, hold, paused } = grants;
  return { scopes: scopesAt(grants, at), entries, mine, hold, paused };
}
