/**
 * Assembles a daemon: the capabilities do not know each other, and each gets here the functions
 * that it needs of another.
 */

import { greetingMs, revokeMs } from "../contract/limits.ts";
import { comparableAddress } from "../contract/text/address.ts";
import { instantOf } from "../platform/effects.ts";
import type { PeerRow } from "../store/peers.ts";
import { controlApi } from "./api/control-api.ts";
import { askingHandlers } from "./ask/outgoing.ts";
import { previewHandlers } from "./ask/preview.ts";
import { Trail } from "./audit/trail.ts";
import type { Context } from "./context/context.ts";
import { detach } from "./context/detached.ts";
import { type LateRecords, lateRecords } from "./context/late-records.ts";
import type { Notices } from "./context/ports.ts";
import { Telling } from "./delivery/telling.ts";
import { waysOf } from "./delivery/ways.ts";
import { errandHandlers } from "./errands/handlers.ts";
import { PendingErrands } from "./errands/pending.ts";
import { type Fleet, fleetOf } from "./fleet.ts";
import { observingHandlers } from "./links/doctor.ts";
import { Finder, findingHandlers } from "./links/finder.ts";
import { Links } from "./links/links.ts";
import { ReverseDials } from "./links/reverse-dials.ts";
import { Listening } from "./network/addresses.ts";
import type { Listener } from "./network/listener.ts";
import type { Networks } from "./network/networks.ts";
import { placing } from "./network/origin.ts";
import { peerApi } from "./network/peer-api.ts";
import { RefusalCounts } from "./network/refusals.ts";
import { ReverseCalls } from "./network/reverse-calls.ts";
import { noteStop } from "./notes.ts";
import { type HandlerParts, overlapHandlers } from "./overlap/handlers.ts";
import { answeringOverlap } from "./overlap/incoming.ts";
import { LocalChanges } from "./overlap/local.ts";
import { type OverlapParts, PeerOverlaps } from "./overlap/outgoing.ts";
import { type PairingParts, pairingHandlers } from "./pairing/shown.ts";
import { joiningHandlers } from "./pairing/typed.ts";
import { PairingWindow } from "./pairing/window.ts";
import { type AnsweringParts, answeringHandlers } from "./peer-handlers.ts";
import { peerHandlers } from "./peers/handlers.ts";
import { PeerMemories } from "./peers/memories.ts";
import { policyFile } from "./policy/policy.ts";
import { type Post, postOf } from "./post.ts";
import { type Reach, type ReachParts, reachOf } from "./reach.ts";
import { type Reading, readingOf, scopesOf } from "./reading.ts";
import { recordHandlers } from "./record.ts";
import { sessionHandlers } from "./sessions/handlers.ts";
import { hookHandlers } from "./sessions/hooks.ts";
import { keepingHandlers } from "./sessions/keeping.ts";
import type { SweptInTurn } from "./sweep.ts";
import { expectedNow } from "./trust/handlers.ts";
import { meetHandlers } from "./trust/incoming.ts";
import { Watching } from "./watch/feed.ts";
import { type StatusParts, statusHandlers } from "./watch/status.ts";

/** The assembled parts of a daemon, before their start. */
export interface Assembled extends SweptInTurn, Fleet {
  readonly memories: PeerMemories;
  readonly dials: ReverseDials;
  readonly reverse: ReverseCalls;
  readonly errands: PendingErrands;
  readonly telling: Telling;
  readonly late: LateRecords;
  readonly reach: Reach;
  readonly post: Post;
  readonly reading: Reading;
  readonly listening: Listening;
  readonly networks: Networks;
  /** Binds the control API; resolves to its close function. */
  readonly control: (socketPath: string) => Promise<() => Promise<void>>;
}

/** Outside dependencies of the parts. */
export interface Wiring {
  /** Runs a function after the requests that have already arrived. */
  readonly defer: (run: () => void) => void;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly networks: Networks;
  readonly onStop: () => void;
}

/** Assembles the parts of a daemon. Nothing listens or runs before its start. */
export function assemble(context: Context, wiring: Wiring): Assembled {
  const { networks } = wiring;
  const window = new PairingWindow(context, () => listening.listen);
  const refusals = new RefusalCounts();
  const { counts } = refusals;
  const memories = new PeerMemories(context);
  const late = lateRecords(context);
  const trail = new Trail(context, () => new Promise((resolve) => wiring.defer(resolve)));
  const finder = new Finder(context, networks.sources(), (online) => memories.tailnetSaid(online));
  const port = (): number | null => listening.port;
  const isWatching = (): boolean => watching.isRead;
  const policy = policyFile(context);
  const scopesByPolicy = (peer: PeerRow) => scopesOf(policy, peer);
  const own = { changed: new LocalChanges(context), ways: waysOf(context) };
  const greeted = { memories, trail, finder, counts, isWatching, scopesByPolicy, ...own };
  const reverse = reverseCallsOf(context, memories);
  const onRefused = (fingerprint: string): number => listener.closeReverseOf(fingerprint);
  const links = new Links({ context, ...greeted, port, reverse, onRefused });
  const compared = comparedOf({ context, links, memories, local: own.changed });
  const greet = (fingerprint: string): Promise<void> =>
    links.greet(fingerprint, { deadlineMs: greetingMs });
  const errands = new PendingErrands(context);
  const known = { context, links, memories, errands, counts, policy, mail: () => mail };
  const reading: Reading = readingOf(known);
  const { mailed, ...mail } = deliveriesOf({ context, links, memories, greet, ...reading });
  const pairing = { context, window, refusals, port, greet };
  /** Ends a former peer's connections; the reply to its last call gets half of the time. */
  const endConnectionsOf = (fingerprint: string): void => {
    memories.forget(fingerprint);
    compared.overlaps.forget(fingerprint);
    reading.review();
    endSoon(context, listener.connectionsOf(fingerprint));
  };
  const answers = { ...reading.answers, answerOverlap: answeringOverlap(context, own.changed) };
  const called = { ...greeted, endConnectionsOf, ...mailed, ...answers };
  const listener: Listener = listenerOf({ ...pairing, ...called, reverse }, networks);
  const dials = new ReverseDials({ context, memories, serve: listener.serveDialled });
  const listening = listeningOf({ context, listener, networks, memories, dials, links });
  const startedAtMs = Math.floor(context.effects.clock.wallMs());
  const bound = { listen: () => listening.listen, taken: () => listening.taken };
  const shown = { context, memories, window, ...bound, startedAtMs, keeper: errands, ...own };
  const onReading = (): void => links.tellWatching(instantOf(context.effects.clock));
  const watching: Watching = new Watching({ ...shown, trail, onReading });
  const kept = { context, window, refusals, memories, trail, links, late, errands, ...mail };
  const fleet = fleetOf({ ...pairing, memories, finder, errands, startedAtMs });
  const held = { ...kept, reading, ...fleet, compared, dials, reverse };
  const shared = { ...held, listener, listening, watching, ways: own.ways };
  const control = controlOf({ ...shared, ...wiring, finder, pairing, shown });
  return { ...shared, networks, control };
}

interface ListeningParts {
  readonly context: Context;
  readonly listener: Listener;
  readonly networks: Networks;
  readonly memories: PeerMemories;
  readonly dials: ReverseDials;
  readonly links: Links;
}

/** The addresses of the listener; a change is announced, and peers are greeted from it. */
const listeningOf = ({ context, listener, networks, ...moving }: ListeningParts): Listening =>
  new Listening({
    effects: context.effects,
    config: context.config.listen,
    listener,
    lanAddresses: () => networks.lanAddresses(),
    tailnetAddresses: () => networks.tailnetAddresses(),
    onChange: (listen) => {
      detach(context.effects.log, "announcing", () => networks.listensOn(listen));
      moving.memories.hurry();
      moving.dials.hurry();
      context.events.tell({ of: "memory" });
      moving.links.sweep(instantOf(context.effects.clock));
    },
  });

/** The changed files of peers' sessions, which lists of peers show too. */
function comparedOf(parts: OverlapParts): HandlerParts {
  const overlaps = new PeerOverlaps(parts);
  parts.memories.shared = (fingerprint, now) => overlaps.shared(fingerprint, now);
  return { ...parts, overlaps };
}

/** Ends connections once their last replies had time to leave. */
function endSoon({ effects }: Context, ended: ReturnType<Listener["connectionsOf"]>): void {
  effects.timers.after(revokeMs / 2, () => {
    for (const connection of ended) connection.destroy();
  });
}

/** Calls over connections that peers made for that. */
const reverseCallsOf = (context: Context, memories: PeerMemories): ReverseCalls =>
  new ReverseCalls({
    ...context.effects,
    onChange: (fingerprint, connections) => {
      // An unpaired machine's connections end here too, and it is not remembered.
      if (context.tables.peers.get(fingerprint) === null) return;
      memories.of(fingerprint).reversed("theirs", connections);
      context.events.tell({ of: "memory" });
    },
  });

interface ListenerParts extends AnsweringParts {
  readonly reverse: ReverseCalls;
}

/** The mail of this machine, and the deliveries that carry it. */
function deliveriesOf(parts: Omit<ReachParts, "kinds"> & Pick<Reading, "errands" | "kinds">) {
  const { context, links, memories, errands } = parts;
  const wake = (fingerprint: string): void => reach.delivery.wake(fingerprint);
  // Mail and the telling of sessions need each other.
  const notices: Notices = {
    arrived: (mailbox) => telling.arrived(mailbox),
    wayTo: (work, mailbox, now) => telling.wayTo(work, mailbox, now),
  };
  const post: Post = postOf({ context, links, memories, notices, wake });
  const telling: Telling = new Telling({ context, mail: post.mail, errands });
  const reach: Reach = reachOf({ ...parts, kinds: { ...post.kinds, ...parts.kinds } });
  return { post, reach, telling, mailed: { waits: reach.outgoing, mail: post.parts } };
}

/** The peer listener, which answers the wire table. */
const listenerOf = (answering: ListenerParts, { tailnet }: Networks): Listener =>
  peerApi({
    context: answering.context,
    refusals: answering.refusals,
    reverse: answering.reverse,
    place: placing((ends) => tailnet.originOf(ends)),
    handlers: {
      ...pairingHandlers(answering),
      ...meetHandlers(answering),
      ...answeringHandlers(answering),
    },
  });

interface ControlParts extends Omit<Assembled, "control">, Wiring {
  readonly shown: StatusParts;
  readonly finder: Finder;
  readonly pairing: PairingParts;
  readonly compared: HandlerParts;
}

/** The control API of a daemon. */
function controlOf(parts: ControlParts): Assembled["control"] {
  const { context, memories, window, links, finder, networks, shown, compared } = parts;
  const observed = { ...shown, finder, networks };
  return controlApi(context, {
    ...sessionHandlers(context),
    ...{ ...keepingHandlers(context, parts.errands, compared.local), ...overlapHandlers(compared) },
    ...errandHandlers(parts.errands),
    ...parts.telling.handlers(),
    ...hookHandlers({
      context,
      peers: (now) => memories.all(now),
      environment: parts.environment,
      turns: parts.telling,
    }),
    ...joiningHandlers({
      ...parts.pairing,
      resolve: (host) => networks.resolve(host),
      isOfSameUser: (host, port) => networks.isOfSameUser(host, port),
    }),
    ...askingHandlers({ ...shown, links, late: parts.late, seen: parts.reach.seen }),
    ...parts.reach.handlers,
    ...parts.post.handlers,
    ...parts.reading.handlers,
    ...previewHandlers(context, shown.ways),
    ...recordHandlers(parts),
    ...statusHandlers({ ...shown, expected: (now) => expectedNow(context, now) }),
    ...peerHandlers({
      ...shown,
      ...{ closeReverseOf: parts.listener.closeReverseOf, reverse: parts.reverse },
      closeConnectionsOf: (fingerprint) => {
        parts.reading.review();
        return parts.listener.closeConnectionsOf(fingerprint);
      },
      expected: (now) => expectedNow(context, now),
    }),
    ...{ ...parts.fleetHandlers, ...findingHandlers(context, finder) },
    ...observingHandlers({ ...observed, changed: compared.local, webhooks: parts.webhooks }),
    "pair/open": ({ from, ...input }, { now, attended }) =>
      window.open(
        { ...input, attended, from: from === null ? null : comparableAddress(from) },
        now,
      ),
    "pair/close": async (_input, { now }) => ({ closed: await window.closeNow(now) }),
    watch: (input) => parts.watching.open(input),
    stop: async (_input, { now }) => {
      parts.defer(parts.onStop);
      return { stopping: true, unremembered: noteStop(context.effects.files, now.wallMs) };
    },
  });
}
