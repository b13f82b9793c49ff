/**
 * Takes the token a peer minted for this machine and gives the one minted for it. So two paired
 * machines get each other's credentials, and learn each other's names.
 */

import { accept, refuse, settle } from "../../contract/errors.ts";
import type { InputOf, OutputOf } from "../../contract/operation/operation.ts";
import type { Wire } from "../../contract/wire.ts";
import { scopesAt } from "../../core/grants.ts";
import { isPlaceholder } from "../../core/peers/naming.ts";
import type { PeerRow } from "../../store/peers.ts";
import type { Work } from "../context/context.ts";
import { detach } from "../context/detached.ts";
import { originOf, peerOf, type RemoteCaller } from "../network/authenticate.ts";
import { aboutOf } from "../peers/about.ts";
import type { PeerMemories } from "../peers/memories.ts";
import { namedHere } from "../peers/names.ts";
import { handToken } from "../peers/tokens.ts";
import {
  isOfSameUser,
  type PairingParts,
  pairedEvent,
  type Remarks,
  unremarkable,
} from "./shown.ts";

/** Dependencies of the exchange of tokens. */
export interface ExchangingParts extends PairingParts {
  readonly memories: PeerMemories;
}

/**
 * Exchanges tokens, so that one reachable direction serves both; a repeated exchange gives the same
 * token. @throws {unauthenticated}
 */
export async function exchange(
  parts: ExchangingParts,
  input: InputOf<Wire["token"]>,
  caller: RemoteCaller,
): Promise<OutputOf<Wire["token"]>> {
  const { context, window, memories } = parts;
  const minted = await handToken(context, caller.credential?.fingerprint ?? "", caller.now);
  const outcome = await context.transact(caller.now, (work) => {
    const found = peerOf(work.tables, caller.credential);
    if (!found.ok || minted === null) return { value: refuse("unauthenticated") };
    const { peer, naming } = received(parts, { work, input, caller, peer: found.value });
    const about = aboutOf(context, parts.port, scopesAt(peer.grants, caller.now));
    work.after(() => {
      memories.of(peer.fingerprint).heard(caller.now.bootMs);
      memories.rejections.exchanged(peer.fingerprint, caller.now.monotonicMs);
      if (!window.awaits(peer.fingerprint)) return;
      const yours = isOfSameUser(caller.connection.origin);
      const tell = () => tellOpener(parts, peer, { ...naming, yours });
      detach(context.effects.log, "telling of a pairing", tell);
    });
    return { value: accept({ token: minted.token, about }) };
  });
  if (!outcome.ok) caller.connection.closeSoon = true;
  return settle(outcome);
}

/** Greets the machine that has just called, then informs the person who opened the window. */
async function tellOpener(parts: ExchangingParts, peer: PeerRow, remarks: Remarks): Promise<void> {
  await parts.greet(peer.fingerprint);
  parts.window.heardOf(pairedEvent(parts.context, peer, remarks));
}

interface Receiving {
  readonly work: Work;
  readonly input: InputOf<Wire["token"]>;
  readonly caller: RemoteCaller;
  readonly peer: PeerRow;
}

function received({ context }: ExchangingParts, { work, input, caller, peer }: Receiving) {
  const { about, token } = input;
  const told = { name: about.name, fingerprint: peer.fingerprint };
  const named = namedHere(context, { tables: work.tables, told, now: caller.now });
  const isNew = isPlaceholder(peer.name);
  // The received port belongs to the address of the peer's own connection. It serves only while
  // there is no other address: a person may have typed a forwarded port. Another address replaces
  // it once proven, not before.
  const { origin, isReverse } = caller.connection;
  const isUnknown = peer.host === null && about.port !== null && !isReverse;
  const { address } = origin;
  const reached = isUnknown ? { host: address, port: about.port } : {};
  const row: PeerRow = {
    ...peer,
    ...reached,
    name: isNew ? named.name : peer.name,
    bearer: token,
    bearer_at_ms: Math.floor(caller.now.wallMs),
    token_key: about.token_key,
    their_scopes: about.scopes,
    acknowledged: true,
    exchanged: true,
    refused: false,
    last_seen_at_ms: Math.floor(caller.now.wallMs),
  };
  work.tables.peers.put(row);
  // The pairing was recorded before the machine sent its name.
  if (isNew)
    work.record({ direction: "in", verb: "rename", outcome: "ok", ...originOf(row, caller) });
  return { peer: row, naming: isNew ? named : unremarkable };
}
