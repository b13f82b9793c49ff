/** The content of a hello to a peer, and the keeping of its answer. Calls nobody. */

import { PeernetError } from "../../contract/errors.ts";
import type { InputOf, OutputOf } from "../../contract/operation/operation.ts";
import type { PolicyScope } from "../../contract/terms.ts";
import { features, protocols, speaksWith, type Wire } from "../../contract/wire.ts";
import { hiddenFrom, scopesToTell, toldEntries } from "../../core/grants.ts";
import { topicsTold } from "../../core/topics/topics.ts";
import type { Exporter } from "../../peer/call-over.ts";
import { instantOf } from "../../platform/effects.ts";
import type { PeerRow } from "../../store/peers.ts";
import type { Trail } from "../audit/trail.ts";
import { hearWitness } from "../audit/witness.ts";
import { type Context, nowOf } from "../context/context.ts";
import type { PeerCounts } from "../context/peer-counts.ts";
import type { ChangedBy, Ways } from "../context/ports.ts";
import type { BoundPort } from "../peers/about.ts";
import { isWorthStoring, rowAfterHello } from "../peers/hello-row.ts";
import type { PeerMemories } from "../peers/memories.ts";
import { handlesFor, overlapFor } from "./handles.ts";
import { type HelloKeys, topicsFor } from "./topics.ts";
import { noteWatching } from "./watching.ts";

/** Dependencies of hellos. */
export interface GreetingParts {
  readonly context: Context;
  readonly memories: PeerMemories;
  readonly trail: Trail;
  readonly port: BoundPort;
  readonly counts: PeerCounts;
  /** True while a person here looks at sessions of other machines. */
  readonly isWatching: () => boolean;
  /** The rights that the policy gives to a peer. */
  readonly scopesByPolicy: (peer: PeerRow) => readonly PolicyScope[];
  readonly changed: Pick<ChangedBy, "epoch">;
  readonly ways: Ways;
}

/** The hello to a peer. */
export function introductionTo(
  parts: GreetingParts,
  peer: PeerRow,
  exporter: Exporter,
): InputOf<Wire["hello"]> {
  const { context, memories, trail, ways } = parts;
  const now = instantOf(context.effects.clock);
  const theirs = memories.of(peer.fingerprint).features;
  return {
    version: context.version,
    protocols: [...protocols],
    features: [...features],
    scopes: [...scopesToTell(peer.grants, theirs, now), ...parts.scopesByPolicy(peer)],
    grants: toldEntries(peer.grants, now),
    ...(peer.grants.paused ? { paused: true } : {}),
    hidden: hiddenFrom(peer.grants, now),
    checkpoint: trail.toTell(theirs),
    witness: peer.checkpoint,
    ...(peer.grants.mine ? { watching: parts.isWatching() } : {}),
    ...overlapFor(peer, parts.changed, now),
    ...topicsFor(context, peer, { exporter, now }),
    port: parts.port(),
    handles: handlesFor(
      { grants: peer.grants, takesNull: theirs.includes("grants") },
      context.tables.leases.all(),
      {
        ...{ now: nowOf(context, now), at: now },
        wayOf: (lease) => ways.toPeer(lease, { peer, now }),
      },
    ),
  };
}

/** Keeps a peer's answer to a hello. @throws {version_unsupported} */
export async function noteGreeting(
  { context, memories, trail, counts }: GreetingParts,
  fingerprint: string,
  { output, keys }: { readonly output: OutputOf<Wire["hello"]>; readonly keys: HelloKeys },
): Promise<void> {
  const now = instantOf(context.effects.clock);
  const memory = memories.of(fingerprint);
  if (!memory.compared(speaksWith(output.protocols))) {
    throw new PeernetError("version_unsupported");
  }
  memory.answeredHello(output, now.bootMs);
  memory.topics = topicsTold(output.topics, keys);
  await context.transact(now, (work) => {
    const { tables } = work;
    const row = tables.peers.get(fingerprint);
    if (row === null) return { value: undefined };
    noteWatching({ memory, counts }, row, { isWatching: output.watching === true, now });
    const witness = hearWitness(context, work, { peer: row, witness: output.witness });
    const after = { ...rowAfterHello(row, output, now), witness };
    if (isWorthStoring(row, after)) tables.peers.put(after);
    return { value: undefined };
  });
  trail.sweep(now);
  context.events.tell({ of: "greeted", fingerprint, direction: "out" });
}
