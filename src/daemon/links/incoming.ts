/** Notes each peer that calls here, and answers its hellos. */

import { accept, type Outcome, refuse } from "../../contract/errors.ts";
import type { InputOf, OutputOf } from "../../contract/operation/operation.ts";
import type { PolicyScope } from "../../contract/terms.ts";
import { features, protocols, speaksWith, type Wire } from "../../contract/wire.ts";
import { hiddenFrom, scopesToTell, toldEntries } from "../../core/grants.ts";
import { topicLabel, topicsTold } from "../../core/topics/topics.ts";
import type { PeerRow } from "../../store/peers.ts";
import type { Trail } from "../audit/trail.ts";
import { hearWitness } from "../audit/witness.ts";
import { type Context, nowOf, type Work } from "../context/context.ts";
import { detach } from "../context/detached.ts";
import type { PeerCounts } from "../context/peer-counts.ts";
import type { ChangedBy, Ways } from "../context/ports.ts";
import type { RemoteCaller } from "../network/authenticate.ts";
import type { Connection } from "../network/connection.ts";
import { isWorthStoring, rowAfterHello } from "../peers/hello-row.ts";
import { hasAddress, type PeerMemories } from "../peers/memories.ts";
import type { Finder } from "./finder.ts";
import { handlesFor, overlapFor } from "./handles.ts";
import { topicsFor } from "./topics.ts";
import { noteWatching } from "./watching.ts";

/** Dependencies of the handlers that peers call. */
export interface IncomingParts {
  readonly context: Context;
  readonly memories: PeerMemories;
  readonly finder: Finder;
  readonly trail: Trail;
  readonly counts: PeerCounts;
  /** True while a person here looks at sessions of other machines. */
  readonly isWatching: () => boolean;
  /** The rights that the policy gives to a peer. */
  readonly scopesByPolicy: (peer: PeerRow) => readonly PolicyScope[];
  readonly changed: Pick<ChangedBy, "epoch">;
  readonly ways: Ways;
}

/** Notes that a peer dialled this machine just now. */
export function heard(
  { context, memories, finder }: IncomingParts,
  { fingerprint, port }: PeerRow,
  { connection, now }: RemoteCaller,
): void {
  // The present decision may have unpaired it.
  if (context.tables.peers.get(fingerprint) === null) {
    memories.forget(fingerprint);
    return;
  }
  const memory = memories.of(fingerprint);
  // This machine dialled it: the call shows neither the peer's dials nor another address of it.
  if (connection.isReverse) {
    memory.heard(now.bootMs);
    return;
  }
  memory.called(connection.origin.address, now.bootMs);
  // Its hello gives its port; until then, its former port counts.
  sighted(
    { context, memories, finder },
    { fingerprint, port: memory.seenAt?.port ?? port },
    connection,
  );
}

/** Notes the origin of a peer's own connection: a lead to it, in case it has moved. */
function sighted(
  { context, memories, finder }: Pick<IncomingParts, "context" | "memories" | "finder">,
  { fingerprint, port }: Pick<PeerRow, "fingerprint" | "port">,
  { origin, isReverse }: Connection,
): void {
  if (port === null || isReverse) return;
  const seenAt = { host: origin.address, port };
  memories.of(fingerprint).seen(seenAt);
  detach(context.effects.log, "looking for a peer", () => finder.seen(fingerprint, seenAt));
}

/** One hello of a peer, inside the transaction that decides it. */
export interface Greeting {
  readonly peer: PeerRow;
  readonly work: Work;
  readonly input: InputOf<Wire["hello"]>;
  readonly caller: RemoteCaller;
}

/** Answers a hello of a peer, and keeps its content. Refuses with {version_unsupported}. */
export function answerHello(
  parts: IncomingParts,
  { peer, work, input, caller: { connection, now } }: Greeting,
): Outcome<OutputOf<Wire["hello"]>> {
  const { context, memories, finder, trail, counts, isWatching, scopesByPolicy } = parts;
  const { changed, ways } = parts;
  const memory = memories.of(peer.fingerprint);
  if (!memory.compared(speaksWith(input.protocols))) return refuse("version_unsupported");
  const witness = hearWitness(context, work, { peer, witness: input.witness });
  const row = { ...rowAfterHello(peer, input, now), witness };
  if (isWorthStoring(peer, row)) work.tables.peers.put(row);
  memory.told(input, now.bootMs);
  const { exporter } = connection;
  memory.topics = topicsTold(input.topics, [exporter(topicLabel)]);
  noteWatching({ memory, counts }, peer, { isWatching: input.watching === true, now });
  const { fingerprint } = peer;
  work.after(() => {
    sighted({ context, memories, finder }, { fingerprint, port: input.port }, connection);
    context.events.tell({ of: "greeted", fingerprint, direction: "in" });
  });
  return accept({
    version: context.version,
    protocols: [...protocols],
    features: [...features],
    scopes: [...scopesToTell(peer.grants, memory.features, now), ...scopesByPolicy(peer)],
    grants: toldEntries(peer.grants, now),
    ...(peer.grants.paused ? { paused: true } : {}),
    hidden: hiddenFrom(peer.grants, now),
    checkpoint: trail.toTell(memory.features),
    // The checkpoint kept before this hello: a restored peer that grew past it must still learn of
    // it.
    witness: peer.checkpoint,
    ...(peer.grants.mine ? { watching: isWatching() } : {}),
    ...overlapFor(peer, changed, now),
    ...topicsFor(context, peer, { exporter, now }),
    dialled: hasAddress(peer) ? memory.link.dialled : false,
    handles: handlesFor(
      { grants: peer.grants, takesNull: memory.features.includes("grants") },
      work.tables.leases.all(),
      {
        ...{ now: nowOf(context, now), at: now },
        wayOf: (lease) => ways.toPeer(lease, { peer, now }),
      },
    ),
  });
}
