/**
 * Stores a machine that proved an expected fingerprint. Both machines may call at once, and a reply
 * may be lost: in either role, and each time, a machine gives the same token.
 */

import { accept, type Outcome, refuse } from "../../contract/errors.ts";
import { tokenLifeMs } from "../../contract/limits.ts";
import type { InputOf } from "../../contract/operation/operation.ts";
import type { Wire } from "../../contract/wire.ts";
import { scopesAt } from "../../core/grants.ts";
import { type ExpectedRow, grantsOfGiven, isMeetable } from "../../core/trust.ts";
import type { Instant } from "../../platform/effects.ts";
import type { PeerRow } from "../../store/peers.ts";
import type { Context, Work } from "../context/context.ts";
import { elapsedAt } from "../context/elapsed.ts";
import { hasRoomFor, newPeer } from "../peers/grants.ts";
import { namedHere } from "../peers/names.ts";
import { keepToken, type Minted, mintAs, wholeSecond } from "../peers/tokens.ts";

/** A token for one meeting is used again for this long: a crossing lasts seconds. */
const sameTokenMs = tokenLifeMs / 30;

/** The expectation of a fingerprint while its meeting may happen; null otherwise. */
export function meetable(
  context: Context,
  { tables }: Pick<Work, "tables">,
  { fingerprint, now }: { readonly fingerprint: string; readonly now: Instant },
): ExpectedRow | null {
  const row = tables.expected.get(fingerprint);
  if (row === null) return null;
  const peer = tables.peers.get(fingerprint);
  return isMeetable(row, peer, elapsedAt(context, now)) ? row : null;
}

/** The token for a machine to meet; null when it is not expected, and then nothing is minted. */
export async function meetingToken(
  context: Context,
  fingerprint: string,
  now: Instant,
): Promise<Minted | null> {
  const issued = await context.transact(now, (work) => {
    const row = meetable(context, work, { fingerprint, now });
    if (row === null) return { value: null };
    const { jti, issued_at_ms } = row;
    if (jti !== null && issued_at_ms !== null && now.wallMs - issued_at_ms < sameTokenMs) {
      return { value: { jti, issuedAtMs: issued_at_ms } };
    }
    const made = { jti: context.effects.random.uuid(), issuedAtMs: wholeSecond(now) };
    work.tables.expected.put({ ...row, jti: made.jti, issued_at_ms: made.issuedAtMs });
    return { value: made };
  });
  return issued === null ? null : mintAs(context, { peer: fingerprint, ...issued });
}

/** A machine that was met. */
export interface Met {
  readonly fingerprint: string;
  /** PEM of the certificate that it proved. */
  readonly certificate: string;
  /** Its description of itself, and the token that it minted for this machine. */
  readonly told: InputOf<Wire["meet"]>;
  readonly minted: Minted;
  /** True when this machine called: the other one has its token by now. */
  readonly isCalled: boolean;
  /** The address at which it is called; null when it told no port. */
  readonly place: { readonly host: string; readonly port: number } | null;
  readonly origin: object;
  readonly now: Instant;
}

/** Stores it in the transaction that uses the expectation up. Refuses with {unauthenticated} */
export function storeMet(context: Context, work: Work, met: Met): Outcome<PeerRow> {
  const { fingerprint, minted, now, isCalled } = met;
  const { tables } = work;
  const row = meetable(context, work, { fingerprint, now });
  if (row === null) return refuse("unauthenticated");
  if (!hasRoomFor(tables, fingerprint)) return refuse("peer_limit");
  const known = tables.peers.get(fingerprint);
  const isRepeated = row.met_ms !== null && known !== null;
  const peer = peerOf(context, work, { ...met, row, known: known ?? null, isRepeated });
  tables.peers.put(peer);
  // A new meeting ends all earlier credentials, except its own.
  if (!isRepeated) {
    for (const { jti } of tables.peers.tokens(fingerprint)) tables.peers.removeToken(jti);
  }
  if (tables.peers.token(minted.row.jti) === null) keepToken(work, minted);
  if (isRepeated) return accept(peer);
  tables.expected.put({ ...row, met_ms: elapsedAt(context, now) });
  work.record({
    direction: isCalled ? "out" : "in",
    verb: "pair",
    outcome: "ok",
    peer_fingerprint: fingerprint,
    peer_name: peer.name,
    details: { by: "fingerprint", scopes: scopesAt(peer.grants, now) },
    ...met.origin,
  });
  return accept(peer);
}

interface Storing extends Met {
  readonly row: ExpectedRow;
  readonly known: PeerRow | null;
  readonly isRepeated: boolean;
}

function peerOf(context: Context, work: Work, storing: Storing): PeerRow {
  const { row, known, isRepeated, told, now, fingerprint, certificate } = storing;
  const proposed = { name: row.name ?? told.about.name, fingerprint };
  const { name } = namedHere(context, { tables: work.tables, told: proposed, now });
  const isGiven = row.name === name && known === null;
  return {
    ...(known ?? newPeer),
    fingerprint,
    certificate,
    name,
    named_by: isGiven ? "person" : (known?.named_by ?? "itself"),
    grants: isRepeated || known !== null ? (known?.grants ?? newPeer.grants) : granted(row, now),
    their_scopes: told.about.scopes,
    token_key: told.about.token_key,
    bearer: told.token,
    bearer_at_ms: Math.floor(now.wallMs),
    // Until the other machine has this one's token, no call of this one would be accepted.
    acknowledged: storing.isCalled || (isRepeated && known?.acknowledged === true),
    exchanged: true,
    refused: false,
    paired_at_ms: known?.paired_at_ms ?? Math.floor(now.wallMs),
    last_seen_at_ms: Math.floor(now.wallMs),
    // An address of a peer's own connection replaces another one only once its key is proven there.
    ...(storing.isCalled || known === null || known.host === null ? storing.place : {}),
  };
}

/** A peer that was there already got the rights when it was trusted again. */
const granted = ({ given }: ExpectedRow, now: Instant) => grantsOfGiven(given, now);
