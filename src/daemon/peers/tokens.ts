/** The tokens this machine mints for a peer: at most one in use and one about to replace it. */

import { tokenLifeMs } from "../../contract/limits.ts";
import { hex } from "../../contract/text/encoding.ts";
import { isTokenAged } from "../../core/peers/link.ts";
import { mint } from "../../peer/token.ts";
import type { Instant } from "../../platform/effects.ts";
import type { TokenRow } from "../../store/peers.ts";
import type { Context, Work } from "../context/context.ts";

/** A token for a peer, and the row that makes it valid. */
export interface Minted {
  readonly token: string;
  readonly row: TokenRow;
  /** True when the row existed already: the same bytes once more. */
  readonly again: boolean;
}

/** Mints a token that has no row yet. */
export async function mintToken(
  context: Pick<Context, "identity" | "effects">,
  peer: string,
  now: Instant,
): Promise<Minted> {
  const jti = context.effects.random.uuid();
  return mintAs(context, { peer, jti, issuedAtMs: wholeSecond(now) });
}

/** The instant of a token, which counts in whole seconds. */
export const wholeSecond = ({ wallMs }: Pick<Instant, "wallMs">): number =>
  Math.floor(wallMs / 1_000) * 1_000;

/** Mints the token of an id and an instant: always the same bytes. */
export async function mintAs(
  context: Pick<Context, "identity" | "effects">,
  issued: { readonly peer: string; readonly jti: string; readonly issuedAtMs: number },
): Promise<Minted> {
  const { peer, jti, issuedAtMs } = issued;
  const token = await mint(context.identity, issued);
  const row = {
    jti,
    fingerprint: peer,
    sha256: hex(context.effects.sha256(new TextEncoder().encode(token))),
    issued_at_ms: issuedAtMs,
    expires_at_ms: issuedAtMs + tokenLifeMs,
    used: false,
  };
  return { token, row, again: false };
}

/**
 * The token to give to a peer: the last one in the same bytes if it was never used, so that an
 * exchange may be repeated; else a new one.
 */
async function tokenToHand(
  context: Pick<Context, "identity" | "effects" | "tables">,
  peer: string,
  now: Instant,
): Promise<Minted> {
  const waiting = context.tables.peers.tokens(peer).find((row) => !row.used);
  // An unused token ages as well: an unreachable peer keeps it unused.
  const isFresh =
    waiting !== undefined &&
    !isTokenAged({ issuedAtMs: waiting.issued_at_ms, lifeMs: tokenLifeMs }, now.wallMs);
  if (!isFresh) return mintToken(context, peer, now);
  const issued = { peer, jti: waiting.jti, issuedAtMs: waiting.issued_at_ms };
  return { token: await mint(context.identity, issued), row: waiting, again: true };
}

/**
 * Chooses the token to give to a peer and stores it, with no other change of its tokens in between.
 * Null when the peer was removed.
 */
export function handToken(context: Context, peer: string, now: Instant): Promise<Minted | null> {
  return context.minting.run(peer, async () => {
    const minted = await tokenToHand(context, peer, now);
    return context.transact(now, (work) => {
      const isPeer = work.tables.peers.get(peer) !== null;
      return { value: isPeer && keepToken(work, minted) ? minted : null };
    });
  });
}

/**
 * Makes a minted token valid, in place of any other that was never used. False when it was a
 * repeated one and is no longer wanted: used, replaced or revoked since.
 */
export function keepToken(work: Work, minted: Minted): boolean {
  const { peers } = work.tables;
  const rows = peers.tokens(minted.row.fingerprint);
  if (minted.again) return rows.some((row) => row.jti === minted.row.jti);
  for (const row of rows) if (!row.used) peers.removeToken(row.jti);
  peers.putToken(minted.row);
  return true;
}
