/**
 * Handlers of pairing on the machine that shows the code. An attempt is claimed before the tag is
 * compared, and window, peer and record change in one transaction.
 */

import { accept, type Outcome, PeernetError, refuse, settle } from "../../contract/errors.ts";
import type { Handlers, OutputOf } from "../../contract/operation/operation.ts";
import type { Paired } from "../../contract/pairing.ts";
import { formatAddress } from "../../contract/text/address.ts";
import { base64url, fromBase64url } from "../../contract/text/encoding.ts";
import { protocols, type Wire } from "../../contract/wire.ts";
import { grantsOf, permits, scopesAt } from "../../core/grants.ts";
import { claimAttempt, isOpenTo, refuseConfirm } from "../../core/pairing.ts";
import { type PeerName, placeholderName, shownName } from "../../core/peers/naming.ts";
import { respond } from "../../peer/cpace.ts";
import { whyNotDialable } from "../../peer/dialable.ts";
import { type Instant, instantOf } from "../../platform/effects.ts";
import type { PeerRow } from "../../store/peers.ts";
import { noteAct } from "../context/acts.ts";
import type { Context, Work } from "../context/context.ts";
import type { RemoteCaller } from "../network/authenticate.ts";
import { type Connection, type Origin, recordedOrigin } from "../network/connection.ts";
import type { RefusalCounts } from "../network/refusals.ts";
import { aboutOf, type BoundPort } from "../peers/about.ts";
import { bothGrants, hasRoomFor, newPeer, scopesText } from "../peers/grants.ts";
import { keepToken, mintToken } from "../peers/tokens.ts";
import { namesOfLive } from "../sessions/leases.ts";
import type { PairingExchange, PairingWindow } from "./window.ts";

/** The TLS exporter's label for a pairing exchange. */
export const exporterLabel = "EXPORTER-peernet-pair-v1";

/** Dependencies of the pairing handlers. */
export interface PairingParts {
  readonly context: Context;
  readonly window: PairingWindow;
  readonly refusals: RefusalCounts;
  readonly port: BoundPort;
  /** Says hello to a newly stored peer, so that its handles are known. */
  readonly greet: (fingerprint: string) => Promise<void>;
}

type Rows = "window" | "pair/share" | "pair/confirm";

/** Handlers of the pairing rows of the wire table. */
export function pairingHandlers(parts: PairingParts): Pick<Handlers<Wire, RemoteCaller>, Rows> {
  const { window } = parts;
  return {
    window: async (_input, { connection, now }) => ({
      open: isOpenTo(window.current, connection.origin.address, now.monotonicMs),
    }),
    "pair/share": async (input, caller) =>
      settle(await share(parts, caller, [bytesOf(input.share), bytesOf(input.document)])),
    "pair/confirm": async (input, caller) =>
      settle(await confirm(parts, caller, bytesOf(input.tag))),
  };
}

/** Bytes of a field whose schema requires base64url. @throws {bad_request} */
export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  const bytes = fromBase64url(text);
  if (bytes === null) throw new PeernetError("bad_request", { message: "not base64url" });
  return bytes;
}

/** The certificate of an admitted connection. @throws {unauthenticated} */
function proven(connection: Connection): { fingerprint: string; certificate: string } {
  const { fingerprint, certificate } = connection;
  if (fingerprint === null || certificate === null) throw new PeernetError("unauthenticated");
  return { fingerprint, certificate };
}

async function share(
  parts: PairingParts,
  caller: RemoteCaller,
  [initiatorShare, initiatorDocument]: readonly [Uint8Array, Uint8Array],
): Promise<Outcome<{ share: string; document: string }>> {
  const { context, window, refusals } = parts;
  const { connection, now } = caller;
  const { fingerprint, certificate } = proven(connection);
  // An exchange is its connection: a second share on it would be a second guess for one exporter.
  if (connection.requests !== 1) return counted(parts, caller, refuse("bad_request"));
  const opened = window.current;
  if (opened === null || !isOpenTo(opened, connection.origin.address, now.monotonicMs)) {
    return counted(parts, caller, refuse("window_closed"));
  }
  const reason = whyNotDialable(certificate, now.wallMs);
  if (reason !== null) {
    return counted(parts, caller, refuse("certificate_unusable", { details: { reason } }));
  }
  const { refusal } = connection.origin;
  if (refusal !== null && context.config.tailnet.sameUserOnly && !opened.any_user) {
    window.refusedOrigin(connection.origin, refusal);
    const refused = refuse("origin_unverified", { details: { reason: refusal } });
    return counted(parts, caller, refused);
  }
  const exchange = {
    code: opened.code,
    fingerprints: { initiator: fingerprint, responder: context.identity.fingerprint },
    sid: connection.exporter(exporterLabel),
    random64: context.effects.random.bytes(64),
    protocols,
  };
  const responded = respond(exchange, initiatorShare, initiatorDocument);
  if (!responded.ok) return counted(parts, caller, responded);
  const minted = await mintToken(context, fingerprint, now);
  const pending: PairingExchange = {
    confirmation: responded.value,
    minted,
    address: connection.origin.address,
    since: now.monotonicMs,
  };
  // The window may have ended, or another may have opened, while the token was minted.
  if (window.current?.code !== opened.code) return ending(connection, refuse("window_closed"));
  const evicted = window.begin(connection, pending);
  if (evicted !== null) refusals.count("evicted", evicted, now);
  return accept({
    share: base64url(responded.value.share),
    document: base64url(responded.value.document),
  });
}

function ending<T>(connection: Connection, outcome: Outcome<T>): Outcome<T> {
  connection.closeSoon = true;
  return outcome;
}

function confirm(
  parts: PairingParts,
  { connection, now }: RemoteCaller,
  tag: Uint8Array,
): Promise<Outcome<Confirmed>> {
  const { context, window } = parts;
  const { address } = connection.origin;
  const decided = context.transact<Outcome<Confirmed>>(now, (work) => {
    const exchange = window.takeExchange(connection);
    if (exchange === null) {
      // The window has gone with all its exchanges, or this one gave way to another.
      const refused =
        window.current === null ? refuse("window_closed") : refuse("rate_limited", noExchange);
      return { value: counted(parts, { connection, now }, refused) };
    }
    const claimed = claimAttempt(window.current, address, now.monotonicMs);
    if (!claimed.ok) return { value: counted(parts, { connection, now }, claimed) };
    window.spend(claimed.value);
    if (!exchange.confirmation.accepts(tag)) {
      const refused = refuseConfirm(claimed.value);
      recordConfirm(work, connection, refused);
      window.refused(work, claimed.value, address);
      return { value: ending(connection, refused) };
    }
    const stored = storePeer(parts, work, { connection, exchange, now });
    if (!stored.ok) {
      recordConfirm(work, connection, stored);
      return { value: ending(connection, stored) };
    }
    const about = aboutOf(context, parts.port, scopesAt(stored.value.grants, now));
    const reply = {
      tag: base64url(exchange.confirmation.tag),
      token: exchange.minted.token,
      about,
    };
    return { value: accept(reply) };
  });
  // The opener of the window must not wait for a record that could not be written.
  decided.catch(() => window.fail());
  return decided;
}

/** Texts for a confirm without an exchange: their reader is the author of another client. */
const noExchange = {
  message: "this connection has no exchange: it sent no share, waited too long, or made place",
  hint: "send a share on a new connection",
} as const;

type Confirmed = OutputOf<Wire["pair/confirm"]>;

/** A refusal without a record of its own: it is counted, and the connection ends. */
function counted<T>(
  { refusals }: PairingParts,
  { connection, now }: Pick<RemoteCaller, "connection" | "now">,
  outcome: Outcome<T>,
): Outcome<T> {
  // A request that no row accepts was counted at its refusal.
  const isCounted = !outcome.ok && outcome.error.code === "bad_request";
  if (!isCounted) refusals.count("refused", connection, now);
  return ending(connection, outcome);
}

function recordConfirm(work: Work, connection: Connection, refused: Outcome<unknown>): void {
  work.record({
    direction: "in",
    verb: "confirm",
    outcome: refused.ok ? "ok" : refused.error.code,
    peer_fingerprint: connection.fingerprint,
    ...recordedOrigin(connection.origin),
  });
}

interface Proven {
  readonly connection: Connection;
  readonly exchange: PairingExchange;
  readonly now: Instant;
}

function storePeer(
  parts: PairingParts,
  work: Work,
  { connection, exchange, now }: Proven,
): Outcome<PeerRow> {
  const { context, window } = parts;
  const { fingerprint, certificate } = proven(connection);
  const { address } = connection.origin;
  const known = work.tables.peers.get(fingerprint);
  if (!hasRoomFor(work.tables, fingerprint)) return refuse("peer_limit");
  const unique = context.effects.sha256(new TextEncoder().encode(fingerprint));
  const peer: PeerRow = {
    ...(known ?? newPeer),
    fingerprint,
    name: known?.name ?? placeholderName(unique),
    certificate,
    grants: grantsOf(window.current?.grant ?? [], now),
    acknowledged: false,
    exchanged: false,
    refused: false,
    paired_at_ms: Math.floor(exchange.minted.row.issued_at_ms),
  };
  // Its own name comes later, in the exchange of tokens.
  const name = shownName(peer);
  work.tables.peers.put(peer);
  // A new pairing ends all earlier credentials.
  work.tables.peers.removeTokens(fingerprint);
  keepToken(work, exchange.minted);
  work.record({
    direction: "in",
    verb: "pair",
    outcome: "ok",
    peer_fingerprint: fingerprint,
    peer_name: name,
    details: { scopes: scopesAt(peer.grants, now) },
    ...recordedOrigin(connection.origin),
  });
  const attended = window.isAttended;
  const may = scopesText(scopesAt(peer.grants, now));
  work.after(() => noteAct(context, { now, attended }, { verb: "pair", name, fingerprint, may }));
  const yours = isOfSameUser(connection.origin);
  const paired = (): Paired =>
    pairedEvent(context, context.tables.peers.get(fingerprint) ?? peer, { ...unremarkable, yours });
  window.use(work, { fingerprint, address, paired });
  return accept(peer);
}

/** True when the tailnet shows an origin as a machine of the same user as this one. */
export const isOfSameUser = ({ transport, refusal }: Origin): boolean =>
  transport === "tailnet" && refusal === null;

/** The facts about the name of a peer: the name that it sent, and the peers it resembles. */
export type Naming = Omit<PeerName, "name">;

/** The remarks of the event of a pairing. */
export interface Remarks extends Naming {
  /** True when the tailnet shows it as a machine of the same user as this one. */
  readonly yours: boolean;
}

/** The naming of a peer that has the name it sent. */
export const unremarkable: Naming = { told_name: null, look_alike: null, former: null };

/** The event of a new pairing. */
export const pairedEvent = (
  context: Context,
  peer: PeerRow,
  { told_name, look_alike, former, yours }: Remarks,
): Paired => ({
  event: "paired",
  peer: {
    name: peer.name,
    fingerprint: peer.fingerprint,
    address: peer.host === null ? null : formatAddress(peer.host, peer.port),
    grants: bothGrants(peer, instantOf(context.effects.clock)),
    named_by: peer.named_by,
    ...{ told_name, look_alike, former },
    ...(yours ? { yours } : {}),
  },
  visible: visibleNames(context, peer),
});

/** The live handles here that a peer may ask about. */
function visibleNames(context: Context, { grants }: PeerRow): string[] {
  const now = instantOf(context.effects.clock);
  return namesOfLive(context, now).filter(
    (name) => permits(grants, { scope: "ask", name }, now).permitted,
  );
}
