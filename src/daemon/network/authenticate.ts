/**
 * Turns a connection and a token into a credential, and a credential into a peer's row. Refuses in
 * one way: unknown, expired, revoked and missing look the same from outside.
 */

import { accept, type Outcome, refuse } from "../../contract/errors.ts";
import { hex } from "../../contract/text/encoding.ts";
import type { Caller } from "../../contract/wire/rows.ts";
import { verify } from "../../peer/token.ts";
import type { Instant } from "../../platform/effects.ts";
import type { Tables } from "../../store/database.ts";
import type { PeerRow, TokenRow } from "../../store/peers.ts";
import type { Context } from "../context/context.ts";
import { type Connection, recordedOrigin } from "./connection.ts";

/** A token that was ours and is bound to the connection's key, not yet compared with its row. */
export interface Credential {
  readonly fingerprint: string;
  readonly jti: string;
  readonly sha256: string;
}

/** A caller over the network. */
export interface RemoteCaller {
  readonly now: Instant;
  readonly connection: Connection;
  /** Null when the row needs none. */
  readonly credential: Credential | null;
}

/** Judges a caller by the row's requirements. Refuses with {unauthenticated}. */
export async function authenticate(
  context: Pick<Context, "identity" | "effects">,
  caller: Caller,
  shown: { readonly connection: Connection; readonly token: string | null },
): Promise<Outcome<Credential | null>> {
  const { fingerprint } = shown.connection;
  switch (caller) {
    case "anyone":
      return accept(null);
    case "certificate":
      return fingerprint === null ? refuse("unauthenticated") : accept(null);
    case "peer":
    case "exchange": {
      if (fingerprint === null || shown.token === null) return refuse("unauthenticated");
      const claims = await verify(context.identity, shown.token, {
        nowMs: context.effects.clock.wallMs(),
        expired: caller === "exchange" ? "allow" : "refuse",
      });
      if (claims === null || claims.peer !== fingerprint) return refuse("unauthenticated");
      const digest = context.effects.sha256(new TextEncoder().encode(shown.token));
      return accept({ fingerprint, jti: claims.jti, sha256: hex(digest) });
    }
    default:
      return caller satisfies never;
  }
}

/** The row of a credential's token: null when it was revoked or replaced, or its peer removed. */
function tokenOf(tables: Tables, { fingerprint, jti, sha256 }: Credential): TokenRow | null {
  const row = tables.peers.token(jti);
  return row?.fingerprint === fingerprint && row.sha256 === sha256 ? row : null;
}

/** True when a credential is valid now; changes nothing. */
export const isGood = (tables: Tables, credential: Credential): boolean =>
  tokenOf(tables, credential) !== null;

/**
 * The peer of a credential, read inside the transaction that decides: removed peers, revoked and
 * replaced tokens end here. The first use of a new token ends the old one. Refuses with
 * {unauthenticated}.
 */
export function peerOf(tables: Tables, credential: Credential | null): Outcome<PeerRow> {
  const token = credential === null ? null : tokenOf(tables, credential);
  const peer = token === null ? null : tables.peers.get(token.fingerprint);
  if (token === null || peer === null) return refuse("unauthenticated");
  if (!token.used) {
    const tokens = tables.peers.tokens(token.fingerprint);
    for (const other of tokens) if (other.jti !== token.jti) tables.peers.removeToken(other.jti);
    tables.peers.putToken({ ...token, used: true });
  }
  return accept(peer);
}

/** The asker, as the trail records it: from the connection and this machine's own row alone. */
export const originOf = (peer: PeerRow, { connection }: RemoteCaller) => ({
  peer_fingerprint: peer.fingerprint,
  peer_name: peer.name,
  ...recordedOrigin(connection.origin),
  ...(connection.isReverse ? ({ reverse: "ours" } as const) : {}),
});
