/** The peer API: the wire table on the peer listener. Any other path is 404. */

import type { TLSSocket } from "node:tls";
import { accept, type Outcome, refuse } from "../../contract/errors.ts";
import { familiarMs } from "../../contract/limits.ts";
import type { Handlers } from "../../contract/operation/operation.ts";
import { comparableAddress } from "../../contract/text/address.ts";
import { isServedBack } from "../../contract/wire/reverse.ts";
import type { WireOperation } from "../../contract/wire/rows.ts";
import { type Wire, wire } from "../../contract/wire.ts";
import { type Instant, instantOf } from "../../platform/effects.ts";
import { mount, refusal } from "../api/mount.ts";
import type { Context } from "../context/context.ts";
import { complaining } from "../context/detached.ts";
import { authenticate, type Credential, isGood, type RemoteCaller } from "./authenticate.ts";
import { type Connection, originAt } from "./connection.ts";
import { createListener, type Listener } from "./listener.ts";
import type { Place } from "./origin.ts";
import { pacing } from "./pacing.ts";
import type { Counted, RefusalCounts, Refused } from "./refusals.ts";
import type { Asking } from "./request.ts";
import type { ReverseCalls } from "./reverse-calls.ts";

/** A request before it is read. */
interface Admitted {
  readonly connection: Connection;
  readonly credential: Credential | null;
}

/** Dependencies of the peer API. */
export interface PeerApiParts {
  readonly context: Context;
  readonly refusals: RefusalCounts;
  readonly handlers: Handlers<Wire, RemoteCaller>;
  /** Asks tailscaled about a connection, once. Refuses with {origin_unverified}. */
  readonly place: Place;
  readonly reverse: Pick<ReverseCalls, "take">;
}

/** Serves the wire table; the returned listener is unbound. */
export function peerApi(parts: PeerApiParts): Listener {
  const { context, refusals, handlers } = parts;
  const { effects, identity, tables, run } = context;
  const admitted = new WeakMap<Request, Admitted>();
  const pace = pacing(tables, refusals.counts);
  const caller = (request: Request, now: Instant): RemoteCaller => {
    const known = admitted.get(request);
    if (known === undefined) throw new TypeError("a request was not admitted");
    return { ...known, now };
  };
  const mounted = mount(wire, handlers, {
    effects,
    caller,
    head: () => ({ epoch: run.id, head: tables.audit.head().seq }),
  });
  const count = (why: Counted, connection: Refused): void =>
    refusals.count(why, connection, instantOf(effects.clock));
  return createListener<Admitted>({
    identity,
    clock: effects.clock,
    sha256: effects.sha256,
    draw: effects.random.integer,
    familiar: familiarAddresses(context),
    onDisplaced: ({ address }) => count("displaced", { origin: originAt(address) }),
    isPeer: (fingerprint) => tables.peers.get(fingerprint) !== null,
    takeReverse: (socket, connection) => takeReverse(parts, socket, connection),
    admit: (asked) => admit(parts, asked),
    answer: async (request, known) => {
      const { pathname } = new URL(request.url);
      const row = rowAt(pathname);
      const now = instantOf(effects.clock);
      const paced = row === null ? null : pace(row, { credential: known.credential, now });
      if (paced?.ok === false) return refusal(paced.error);
      admitted.set(request, known);
      const response = await mounted.handle(request);
      const isProbe = pathname === "/v1/window";
      if (isProbe) count("probed", known.connection);
      else if (isCounted(response.status)) count("refused", known.connection);
      return response;
    },
    refusal: (error, connection) => {
      count("refused", connection);
      return refusal(error);
    },
    onFailure: complaining(effects),
    onVisit: () => context.events.tell({ of: "visit" }),
  });
}

/** Takes a reverse connection of a live peer; false for any other machine's. */
function takeReverse(
  { context, refusals, reverse }: PeerApiParts,
  socket: TLSSocket,
  connection: Connection,
): boolean {
  const peer = context.tables.peers.get(connection.fingerprint ?? "");
  const isTaken = peer !== null && !peer.refused;
  if (isTaken) reverse.take(peer.fingerprint, socket);
  else refusals.count("refused", connection, instantOf(context.effects.clock));
  return isTaken;
}

/** Addresses of the peers that were seen in the last day. */
function familiarAddresses({ tables, effects }: Context): readonly string[] {
  const sinceMs = effects.clock.wallMs() - familiarMs;
  return tables.peers
    .all()
    .filter(({ last_seen_at_ms }) => (last_seen_at_ms ?? 0) >= sinceMs)
    .flatMap(({ host }) => (host === null ? [] : [comparableAddress(host)]));
}

/** Statuses that no handler records or counts: no row accepted the request. */
const isCounted = (status: number): boolean => [400, 401, 413, 415].includes(status);

async function admit(
  { context, place }: PeerApiParts,
  { method, path, connection, token }: Asking,
): Promise<Outcome<Admitted>> {
  const row = method === "POST" ? rowAt(path) : null;
  const isServed = row !== null && (!connection.isReverse || isServedBack(row));
  if (!isServed) return refuse("operation_unknown");
  if (row.caller !== "anyone") {
    const placed = await place(connection);
    if (!placed.ok) return placed;
  }
  const shown = await authenticate(context, row.caller, { connection, token });
  if (!shown.ok) return shown;
  // Looked up again in the transaction that decides; here, so that no body is read in vain.
  const isLive = shown.value === null || isGood(context.tables, shown.value);
  return isLive ? accept({ connection, credential: shown.value }) : refuse("unauthenticated");
}

function rowAt(path: string): WireOperation | null {
  const key = path.startsWith("/v1/") ? path.slice("/v1/".length) : "";
  const rows: Readonly<Record<string, WireOperation>> = wire;
  return Object.hasOwn(rows, key) ? (rows[key] ?? null) : null;
}
