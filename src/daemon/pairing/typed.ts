/**
 * Pairing on the machine where the code is typed. One typed code sends at most one confirm, to the
 * one machine that the person saw; no earlier message reveals the code.
 */

import type { Control } from "../../contract/control.ts";
import { accept, type Outcome, PeernetError, refuse, settle } from "../../contract/errors.ts";
import { askDeadlineMs, pairDeadlineMs, peersMax } from "../../contract/limits.ts";
import type { Handlers, InputOf, OutputOf } from "../../contract/operation/operation.ts";
import { formatAddress } from "../../contract/text/address.ts";
import { base64url, fromBase64url } from "../../contract/text/encoding.ts";
import { grouped } from "../../contract/text/numeral.ts";
import { protocols, type Wire } from "../../contract/wire.ts";
import { grantsOf, scopesAt } from "../../core/grants.ts";
import type { PeerName } from "../../core/peers/naming.ts";
import { addressOf } from "../../discovery/sources.ts";
import { beginInitiator, type Confirmation } from "../../peer/cpace.ts";
import type { Dialled } from "../../peer/dial.ts";
import { whyNotDialable } from "../../peer/dialable.ts";
import type { Instant } from "../../platform/effects.ts";
import type { PeerRow } from "../../store/peers.ts";
import { noteAct } from "../context/acts.ts";
import type { Context, LocalCaller } from "../context/context.ts";
import { aboutOf } from "../peers/about.ts";
import { hasRoomFor, newPeer, scopesText } from "../peers/grants.ts";
import { namedHere } from "../peers/names.ts";
import { keepToken, type Minted, mintToken } from "../peers/tokens.ts";
import { post, withConnection } from "./reach.ts";
import { exporterLabel, type PairingParts, pairedEvent } from "./shown.ts";

type Rows = "pair/probe" | "pair";

/** Dependencies of joining. */
export interface JoiningParts extends Omit<PairingParts, "window" | "refusals"> {
  /** The address of a MagicDNS name; any other host unchanged. */
  readonly resolve: (host: string) => Promise<string>;
  /** True when the tailnet shows a machine of the same user at an address. */
  readonly isOfSameUser: (host: string, port: number) => Promise<boolean>;
}

/** Handlers of the rows by which this machine joins another. */
export function joiningHandlers(parts: JoiningParts): Pick<Handlers<Control, LocalCaller>, Rows> {
  const { context } = parts;
  return {
    "pair/probe": async (input) => {
      const { host, port } = addressOf(input.to);
      const to = formatAddress(await parts.resolve(host), port);
      const reach = { to, deadlineMs: askDeadlineMs, presents: false };
      const look = (dialled: Dialled) => post({ dialled }, "window", {});
      return withConnection(context, { ...reach, first: look }, async (dialled, { open }) => {
        const { fingerprint } = dialled;
        const paired = context.tables.peers.get(fingerprint)?.name ?? null;
        return { address: to, fingerprint, open, paired };
      });
    },
    pair: (input, caller) => {
      const { now } = caller;
      // Checked before the code leaves: otherwise the other machine would have paired with this
      // one.
      if (!hasRoomFor(context.tables, input.fingerprint)) throw new PeernetError("peer_limit");
      const reach = { to: input.to, deadlineMs: pairDeadlineMs, presents: true };
      const first = (dialled: Dialled) => share(context, { dialled, input, now });
      return withConnection(context, { ...reach, first }, async (dialled, finished) => {
        const minted = await mintToken(context, dialled.fingerprint, now);
        const confirmed = await prove(parts, { dialled, input, now, finished });
        const stored = await storePeer(parts, { dialled, input, caller, confirmed, minted });
        const peer = await handOver(parts, { dialled, now, stored: stored.peer, minted });
        const { host, port } = addressOf(input.to);
        const [yours] = await Promise.all([
          parts.isOfSameUser(host, port),
          parts.greet(peer.fingerprint),
        ]);
        return pairedEvent(context, peer, { ...stored.naming, yours });
      });
    },
  };
}

interface Joining {
  readonly dialled: Dialled;
  readonly input: InputOf<Control["pair"]>;
  readonly now: Instant;
}

interface Proving extends Joining {
  readonly finished: Confirmation;
}

type Confirmed = OutputOf<Wire["pair/confirm"]>;

/** Sends this machine's share and takes the other's; neither reveals the code. */
async function share(context: Context, { dialled, input, now }: Joining): Promise<Confirmation> {
  if (dialled.fingerprint !== input.fingerprint) throw new PeernetError("fingerprint_mismatch");
  const reason = whyNotDialable(dialled.certificate, now.wallMs);
  if (reason !== null) throw new PeernetError("certificate_unusable", { details: { reason } });
  const fingerprints = {
    initiator: context.identity.fingerprint,
    responder: dialled.fingerprint,
  };
  const run = settle(
    beginInitiator({
      code: input.code,
      fingerprints,
      sid: dialled.exporter(exporterLabel),
      random64: context.effects.random.bytes(64),
      protocols,
    }),
  );
  const shared = await post({ dialled }, "pair/share", {
    share: base64url(run.share),
    document: base64url(run.document),
  });
  const [share, document] = [fromBase64url(shared.share), fromBase64url(shared.document)];
  if (share === null || document === null) throw new PeernetError("version_unsupported");
  return settle(run.finish(share, document));
}

/** Proves that this machine knows the code; to one machine, once. */
async function prove(
  { context }: JoiningParts,
  { dialled, input, now, finished }: Proving,
): Promise<Confirmed> {
  const { tag, accepts } = finished;
  try {
    const confirmed = await post({ dialled }, "pair/confirm", { tag: base64url(tag) });
    const told = fromBase64url(confirmed.tag);
    if (told !== null && accepts(told)) return confirmed;
    throw new PeernetError("code_rejected", {
      message: "the other machine could not prove that it knows the code",
      hint: "compare the fingerprints on both machines, then pair again",
    });
  } catch (error) {
    const named = error instanceof PeernetError ? error : new PeernetError("internal");
    await recordRefusal(context, { dialled, input, now }, named);
    throw told(named);
  }
}

/** The error with the texts that a person needs after typing a code. */
function told(error: PeernetError): PeernetError {
  const look = "look at `peernet peers` on the machine that showed the code";
  switch (error.code) {
    case "window_closed":
      return new PeernetError("window_closed", {
        message: "the window closed before the code was used: someone else may have used it",
        hint: look,
      });
    case "peer_limit":
      return new PeernetError("peer_limit", {
        message: `that machine has ${grouped(peersMax)} peers already`,
        hint: "on that machine run: peernet unpair NAME",
      });
    case "rate_limited":
      return new PeernetError("rate_limited", {
        message: "too many machines tried to pair there at once",
        hint: "type the code again",
      });
    case "peer_unreachable":
    case "peer_timeout":
      return new PeernetError(error.code, {
        message: "the connection ended after the code was sent: it may have paired there",
        hint: `${look}, then pair again`,
      });
    default:
      return error;
  }
}

async function recordRefusal(
  context: Context,
  { dialled, input, now }: Joining,
  error: PeernetError,
): Promise<void> {
  await context.transact(now, (work) => {
    work.record({
      direction: "out",
      verb: "confirm",
      outcome: error.code,
      peer_fingerprint: dialled.fingerprint,
      origin_address: addressOf(input.to).host,
    });
    return { value: undefined };
  });
}

interface Storing extends Omit<Joining, "now"> {
  readonly caller: LocalCaller;
  readonly confirmed: Confirmed;
  readonly minted: Minted;
}

/** Stores the peer with its token, and the token that it will receive. */
async function storePeer(
  { context }: JoiningParts,
  { dialled, input, caller, confirmed, minted }: Storing,
): Promise<StoredPeer> {
  const { fingerprint, certificate } = dialled;
  const { now } = caller;
  const outcome = await context.transact<Outcome<StoredPeer>>(now, (work) => {
    const known = work.tables.peers.get(fingerprint);
    if (!hasRoomFor(work.tables, fingerprint)) return { value: refuse("peer_limit") };
    const told = { name: confirmed.about.name, fingerprint };
    const naming = namedHere(context, { tables: work.tables, told, now });
    const peer: PeerRow = {
      ...(known ?? newPeer),
      ...addressOf(input.to),
      fingerprint,
      certificate,
      name: naming.name,
      grants: grantsOf(input.grant, now),
      their_scopes: confirmed.about.scopes,
      token_key: confirmed.about.token_key,
      bearer: confirmed.token,
      bearer_at_ms: Math.floor(now.wallMs),
      acknowledged: true,
      exchanged: false,
      refused: false,
      paired_at_ms: Math.floor(now.wallMs),
      last_seen_at_ms: Math.floor(now.wallMs),
    };
    work.tables.peers.put(peer);
    work.tables.peers.removeTokens(fingerprint);
    keepToken(work, minted);
    work.record({
      direction: "out",
      verb: "pair",
      outcome: "ok",
      peer_fingerprint: fingerprint,
      peer_name: peer.name,
      details: { scopes: input.grant },
      origin_address: peer.host,
    });
    const { name } = peer;
    const act = { verb: "pair", name, fingerprint, may: scopesText(input.grant) } as const;
    work.after(() => noteAct(context, caller, act));
    return { value: accept({ peer, naming }) };
  });
  return settle(outcome);
}

interface StoredPeer {
  readonly peer: PeerRow;
  readonly naming: PeerName;
}

interface HandingOver {
  readonly dialled: Dialled;
  readonly now: Instant;
  readonly stored: PeerRow;
  readonly minted: Minted;
}

/**
 * Gives the peer its token on the connection that was just proven. The next hello mends a failure
 * here: both sides have stored the peer already.
 */
async function handOver(
  { context, port }: JoiningParts,
  { dialled, now, stored, minted }: HandingOver,
): Promise<PeerRow> {
  const about = aboutOf(context, port, scopesAt(stored.grants, now));
  const handed = { token: minted.token, about };
  try {
    const received = await post({ dialled, token: stored.bearer ?? "" }, "token", handed);
    return await context.transact(now, (work) => {
      const peer = work.tables.peers.get(stored.fingerprint);
      // Unpaired in the same moment.
      if (peer === null) return { value: stored };
      const exchanged = { ...peer, bearer: received.token, exchanged: true };
      work.tables.peers.put(exchanged);
      return { value: exchanged };
    });
  } catch (error) {
    if (!(error instanceof PeernetError)) throw error;
    context.effects.log.warn("token_not_handed_over", { code: error.code });
    return stored;
  }
}
