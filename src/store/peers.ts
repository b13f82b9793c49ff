/** Paired machines, the tokens minted for them, and the asks answered recently. */

import type { Database, SQLQueryBindings } from "bun:sqlite";
import type { ToldEntry } from "../contract/grants.ts";
import type { Checkpoint } from "../contract/peer.ts";
import type { ToldScope } from "../contract/terms.ts";
import type { Grants } from "../core/grants.ts";
import { type DisagreementTable, disagreementTable } from "./disagreements.ts";
import { type FormerNameTable, formerNameTable } from "./former-names.ts";
import { insertSql, parsed, replaceSql } from "./stored.ts";

/** A paired machine. */
export interface PeerRow {
  readonly fingerprint: string;
  readonly name: string;
  /** The chooser of the name: a person here, or the machine itself. */
  readonly named_by: "person" | "itself";
  /** PEM; every connection to the peer is pinned to it. */
  readonly certificate: string;
  readonly host: string | null;
  readonly port: number | null;
  readonly grants: Grants;
  /** This machine's rights there, as last received. */
  readonly their_scopes: readonly ToldScope[];
  /**
   * The grants behind them, as last received, with the time; null from a machine that sends none.
   */
  readonly their_grants: ToldGrants | null;
  /** Ed25519 key that signs its checkpoints. */
  readonly token_key: string | null;
  /** The token it minted for this machine. */
  readonly bearer: string | null;
  readonly bearer_at_ms: number | null;
  /** True when the peer has sent anything since the pairing. */
  readonly acknowledged: boolean;
  /** True when both sides have the tokens minted for them. */
  readonly exchanged: boolean;
  /** True when the peer said, with its proven key, that it no longer accepts this machine. */
  readonly refused: boolean;
  readonly paired_at_ms: number;
  readonly last_seen_at_ms: number | null;
  /** The peer's latest checkpoint, kept here as a witness. */
  readonly checkpoint: Checkpoint | null;
  /** This machine's latest checkpoint that the peer keeps. */
  readonly witness: Checkpoint | null;
}

/** Grants that a peer sent, and the wall-clock instant of their arrival. */
export interface ToldGrants {
  readonly entries: readonly ToldEntry[];
  readonly told_at_ms: number;
  /** True when the peer had paused them. */
  readonly paused?: boolean;
}

/** A token this machine minted. */
export interface TokenRow {
  readonly jti: string;
  readonly fingerprint: string;
  readonly sha256: string;
  readonly issued_at_ms: number;
  readonly expires_at_ms: number;
  readonly used: boolean;
}

/** The outcome of an ask, as JSON text of the reply. */
export interface AnsweredRow {
  readonly fingerprint: string;
  readonly ask_id: string;
  readonly boot_ms: number;
  readonly outcome: string;
}

/** Peers, their tokens and their answered asks. */
export interface PeerTable extends DisagreementTable, FormerNameTable {
  all(): readonly PeerRow[];
  /** Each peer's grants, in the order of `all`: far cheaper than reading the full rows. */
  grants(): readonly Pick<PeerRow, "fingerprint" | "grants">[];
  get(fingerprint: string): PeerRow | null;
  named(name: string): PeerRow | null;
  put(peer: PeerRow): void;
  /** Removes a peer with its tokens and answered asks. */
  remove(fingerprint: string): void;
  tokens(fingerprint: string): readonly TokenRow[];
  token(jti: string): TokenRow | null;
  putToken(token: TokenRow): void;
  removeToken(jti: string): void;
  removeTokens(fingerprint: string): void;
  answered(fingerprint: string, askId: string): AnsweredRow | null;
  putAnswered(row: AnsweredRow): void;
  /** When the first and the last of the recent asks were answered; null when there are none. */
  answeredSpan(): BootSpan | null;
  /** Removes the answered asks outside a span. */
  forgetAnsweredOutside(span: BootSpan): void;
}

/** Instants by the boot clock, both included. */
export interface BootSpan {
  readonly fromBootMs: number;
  readonly toBootMs: number;
}

type Flag = "acknowledged" | "exchanged" | "refused";
type Text = "grants" | "their_scopes" | "their_grants" | "checkpoint" | "witness";
type StoredPeer = Omit<PeerRow, Flag | Text> &
  Record<Flag, number> &
  Record<"grants" | "their_scopes", string> &
  Record<"their_grants" | "checkpoint" | "witness", string | null>;
type StoredToken = Omit<TokenRow, "used"> & { readonly used: number };

const columns = [
  ...["fingerprint", "name", "named_by", "certificate", "host", "port", "grants", "their_scopes"],
  ...["their_grants", "token_key", "bearer", "bearer_at_ms", "acknowledged", "exchanged"],
  ...["refused", "paired_at_ms", "last_seen_at_ms", "checkpoint", "witness"],
];
const putPeerSql = `${insertSql("peer", columns.join(" "))}
  ON CONFLICT (fingerprint) DO UPDATE SET
    ${columns.map((column) => `${column} = $${column}`).join(", ")}`;

/** The peer table of a database. */
export function peerTable(database: Database): PeerTable {
  const read = <R, P extends SQLQueryBindings[]>(sql: string) => database.query<R, P>(sql);
  const all = read<StoredPeer, []>("SELECT * FROM peer ORDER BY name");
  const grants = read<Pick<StoredPeer, "fingerprint" | "grants">, []>(
    "SELECT fingerprint, grants FROM peer ORDER BY name",
  );
  const get = read<StoredPeer, [string]>("SELECT * FROM peer WHERE fingerprint = ?");
  const named = read<StoredPeer, [string]>("SELECT * FROM peer WHERE name = ?");
  const put = database.query(putPeerSql);
  const remove = database.query("DELETE FROM peer WHERE fingerprint = ?");
  return {
    all: () => all.all().map(peerOf),
    grants: () => grants.all().map((row) => ({ ...row, grants: parsed(row.grants) })),
    get: (fingerprint) => optional(get.get(fingerprint), peerOf),
    named: (name) => optional(named.get(name), peerOf),
    put: (peer) => {
      put.run(storedPeer(peer));
    },
    remove: (fingerprint) => {
      remove.run(fingerprint);
    },
    ...tokenTable(database),
    ...answeredTable(database),
    ...disagreementTable(database),
    ...formerNameTable(database),
  };
}

function tokenTable(database: Database) {
  const tokens = database.query<StoredToken, [string]>(
    "SELECT * FROM token WHERE fingerprint = ? ORDER BY issued_at_ms, jti",
  );
  const token = database.query<StoredToken, [string]>("SELECT * FROM token WHERE jti = ?");
  const put = database.query(
    replaceSql("token", "jti fingerprint sha256 issued_at_ms expires_at_ms used"),
  );
  const removeOne = database.query("DELETE FROM token WHERE jti = ?");
  const removeAll = database.query("DELETE FROM token WHERE fingerprint = ?");
  return {
    tokens: (fingerprint: string): readonly TokenRow[] => tokens.all(fingerprint).map(tokenOf),
    token: (jti: string): TokenRow | null => optional(token.get(jti), tokenOf),
    putToken: (token: TokenRow): void => {
      put.run({ ...token, used: Number(token.used) });
    },
    removeToken: (jti: string): void => {
      removeOne.run(jti);
    },
    removeTokens: (fingerprint: string): void => {
      removeAll.run(fingerprint);
    },
  };
}

const tokenOf = (row: StoredToken): TokenRow => ({ ...row, used: row.used === 1 });

function answeredTable(database: Database) {
  const get = database.query<AnsweredRow, [string, string]>(
    "SELECT * FROM answered WHERE fingerprint = ? AND ask_id = ?",
  );
  const put = database.query(insertSql("answered", "fingerprint ask_id boot_ms outcome"));
  // Two selects: each is one look into the index, where both in one would read every row.
  const span = database.query<{ [K in keyof BootSpan]: BootSpan[K] | null }, []>(
    `SELECT (SELECT min(boot_ms) FROM answered) AS fromBootMs,
      (SELECT max(boot_ms) FROM answered) AS toBootMs`,
  );
  const forget = database.query(
    "DELETE FROM answered WHERE boot_ms < $fromBootMs OR boot_ms > $toBootMs",
  );
  return {
    answered: (fingerprint: string, askId: string): AnsweredRow | null =>
      get.get(fingerprint, askId),
    putAnswered: (row: AnsweredRow): void => {
      put.run({ ...row });
    },
    answeredSpan: (): BootSpan | null => {
      const { fromBootMs = null, toBootMs = null } = span.get() ?? {};
      return fromBootMs === null || toBootMs === null ? null : { fromBootMs, toBootMs };
    },
    forgetAnsweredOutside: (span: BootSpan): void => {
      forget.run({ ...span });
    },
  };
}

const optional = <A, B>(value: A | null, of: (value: A) => B): B | null =>
  value === null ? null : of(value);

function peerOf(row: StoredPeer): PeerRow {
  return {
    ...row,
    grants: parsed(row.grants),
    their_scopes: parsed(row.their_scopes),
    their_grants: optional(row.their_grants, parsed<ToldGrants>),
    acknowledged: row.acknowledged === 1,
    exchanged: row.exchanged === 1,
    refused: row.refused === 1,
    checkpoint: optional(row.checkpoint, parsed<Checkpoint>),
    witness: optional(row.witness, parsed<Checkpoint>),
  };
}

function storedPeer(peer: PeerRow): Record<string, string | number | null> {
  return {
    ...peer,
    grants: JSON.stringify(peer.grants),
    their_scopes: JSON.stringify(peer.their_scopes),
    their_grants: optional(peer.their_grants, JSON.stringify),
    acknowledged: Number(peer.acknowledged),
    exchanged: Number(peer.exchanged),
    refused: Number(peer.refused),
    checkpoint: optional(peer.checkpoint, JSON.stringify),
    witness: optional(peer.witness, JSON.stringify),
  };
}
