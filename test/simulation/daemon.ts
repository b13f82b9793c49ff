/** A daemon of a run: the product's own parts, put together as `daemon/assemble.ts` does it. */

import { PeernetError } from "../../src/contract/errors.ts";
import { reverseConnectionsMax } from "../../src/contract/limits/reverse.ts";
import type { Handlers } from "../../src/contract/operation/operation.ts";
import type { Wire } from "../../src/contract/wire.ts";
import { askingHandlers } from "../../src/daemon/ask/outgoing.ts";
import { Trail } from "../../src/daemon/audit/trail.ts";
import { type Context, createContext } from "../../src/daemon/context/context.ts";
import { lateRecords } from "../../src/daemon/context/late-records.ts";
import type { Mail } from "../../src/daemon/context/ports.ts";
import type { Delegating } from "../../src/daemon/delegating.ts";
import { waysOf } from "../../src/daemon/delivery/ways.ts";
import { Finder } from "../../src/daemon/links/finder.ts";
import { Links } from "../../src/daemon/links/links.ts";
import { type ReverseWanting, wantsReverse } from "../../src/daemon/links/reverse-dials.ts";
import type { RemoteCaller } from "../../src/daemon/network/authenticate.ts";
import type { Listener } from "../../src/daemon/network/listener.ts";
import { RefusalCounts } from "../../src/daemon/network/refusals.ts";
import { answeringOverlap } from "../../src/daemon/overlap/incoming.ts";
import { LocalChanges } from "../../src/daemon/overlap/local.ts";
import { pairingHandlers } from "../../src/daemon/pairing/shown.ts";
import { PairingWindow } from "../../src/daemon/pairing/window.ts";
import { answeringHandlers } from "../../src/daemon/peer-handlers.ts";
import { peerHandlers } from "../../src/daemon/peers/handlers.ts";
import { PeerMemories } from "../../src/daemon/peers/memories.ts";
import { PeerMemory } from "../../src/daemon/peers/memory.ts";
import { noNotices, type Post, postOf } from "../../src/daemon/post.ts";
import { type Reach, type ReachParts, reachOf } from "../../src/daemon/reach.ts";
import { sessionHandlers } from "../../src/daemon/sessions/handlers.ts";
import { hookHandlers } from "../../src/daemon/sessions/hooks.ts";
import { keepingHandlers } from "../../src/daemon/sessions/keeping.ts";
import { sweep } from "../../src/daemon/sweep.ts";
import type { TaskParts } from "../../src/daemon/tasks/parts.ts";
import { meetHandlers } from "../../src/daemon/trust/incoming.ts";
import { Meetings } from "../../src/daemon/trust/meetings.ts";
import type { Carrier } from "../../src/peer/client.ts";
import { type Effects, type Instant, instantOf } from "../../src/platform/effects.ts";
import { noTasks } from "../support/no-tasks.ts";
import { noReads } from "../support/readers.ts";
import type { Disk } from "./crashing-store.ts";
import { configOf, filesOf } from "./daemon-parts.ts";
import type { Network } from "./network.ts";
import type { Owner } from "./schedule.ts";
import type { Variant } from "./variant.ts";
import { identityOf, machineOf, port } from "./who.ts";

type Local = ReturnType<typeof sessionHandlers> &
  ReturnType<typeof keepingHandlers> &
  ReturnType<typeof hookHandlers> &
  ReturnType<typeof askingHandlers> &
  ReturnType<typeof peerHandlers> &
  Reach["handlers"] &
  Post["handlers"] &
  Delegating["handlers"];

/** One life of a machine's daemon. */
export interface Daemon extends Owner {
  readonly run: string;
  readonly context: Context;
  readonly window: PairingWindow;
  readonly trail: Trail;
  readonly memories: PeerMemories;
  /** The mail of its sessions, as the parts read it that tell sessions of it. */
  readonly mail: Mail;
  readonly tasks: Delegating;
  /** The calls of its own user. */
  readonly local: Local;
  /** The calls over the network. */
  readonly remote: Handlers<Wire, RemoteCaller>;
  sweep(): Promise<void>;
}

/** Dependencies of a run's daemon. */
export interface DaemonParts {
  readonly index: number;
  readonly network: Network;
  readonly variant: Variant;
  readonly effects: Effects;
  readonly disk: Disk;
  readonly process: Owner;
  /** The tasks of its daemon; none unless given. */
  readonly delegating?: DelegatingOf | undefined;
}

/** Makes the tasks of one life of a daemon. */
export type DelegatingOf = (
  parts: Pick<TaskParts, "context" | "links" | "memories" | "wake" | "tidings">,
  machine: { readonly index: number; readonly process: Owner },
) => Delegating;

const noListener = { sweep: () => {} } satisfies Partial<Listener>;
const never = (): number => Number.POSITIVE_INFINITY;

/** Calls over connections that the hidden machine keeps: the network carries them. */
const reverseOver = (network: Network) => ({
  carrier: (fingerprint: string): Carrier | null =>
    network.isJoined(machineOf(fingerprint)) ? { carry: uncalled } : null,
  dueForHello: () => [],
  dueInMs: never,
});

const uncalled = (): Promise<never> => Promise.reject(new Error("the network carries it"));

/** The hidden machine's connections, kept as the product decides. */
const dialsOver = ({ network, index }: DaemonParts, parts: ReverseWanting) => ({
  dueInMs: never,
  sweep: () => {
    const [peer] = parts.context.tables.peers.all();
    if (peer === undefined) return;
    const memory = parts.memories.of(peer.fingerprint);
    if (index === network.hidden) network.join(wantsReverse(parts, peer.fingerprint) !== null);
    const count = (to: number): number => (network.isJoined(to) ? reverseConnectionsMax : 0);
    memory.reversed("ours", count(index));
    memory.reversed("theirs", count(machineOf(peer.fingerprint)));
  },
});

// The sweep asks nothing else of a listener.
const unswept = noListener as never;

/** Nobody looks at it, and it has no policy. */
const silentOf = ({ counts }: RefusalCounts) => ({
  ...{ counts, isWatching: () => false, scopesByPolicy: () => [] },
});

/** Nothing is found: every machine stays where it is. */
const notFound = { found: null, searched: true };

/** Puts a daemon together, as `daemon/assemble.ts` does, without sockets. */
export function assemble(parts: DaemonParts): Omit<Daemon, "isOver"> {
  const { index, network, process, variant } = parts;
  const config = configOf(index);
  const effects = { ...parts.effects, files: filesOf(parts.effects.files, process) };
  const started = { id: effects.random.uuid(), started_boot_ms: effects.clock.bootMs() };
  const run = variant.run?.(started) ?? started;
  const store = parts.disk.open(process, run.id, () => trail.sign(instantOf(effects.clock)));
  const identity = identityOf(index);
  const context = createContext({ effects, config, identity, version: "0", run, store });
  const memories = memoriesOf(parts, context);
  const window = windowOf(parts, context);
  const refusals = new RefusalCounts();
  const trail: Trail = new Trail(context, () => Promise.resolve());
  // Queued before anything else is: a process that ends before the commit has written nothing.
  trail.begin(instantOf(effects.clock), { isAfterAbruptEnd: true }).catch(() => {});
  const finder = new Finder(context, []);
  Object.assign(finder, { locate: async () => notFound, seen: async () => {} });
  const unwatched = { ...silentOf(refusals), ...aloneOf(context), memories, trail, finder };
  const greeting = { context, ...unwatched, port: () => port };
  const calling = { reverse: reverseOver(network), onRefused: never };
  const links = new Links({ ...greeting, ...calling });
  // A token that is refused stays refused: its exchange signs, outside of the schedule.
  links.exchange = () => Promise.reject(new PeernetError("peer_refused"));
  const pairing = { ...greeting, window, refusals, greet: async () => {} };
  const endConnectionsOf = memories.forget.bind(memories);
  const { post, reach, mailed, tasks } = deliveriesOf({ context, links, memories }, parts);
  beginAll({ reach, tasks }, instantOf(effects.clock));
  const answering = answeringHandlers({ ...pairing, endConnectionsOf, ...mailed });
  const meetings = new Meetings({ ...pairing, locate: async () => null });
  const dials = dialsOver(parts, pairing);
  const held = { ...pairing, reading: { tasks }, links, dials, trail, reach };
  const swept = { ...held, post, meetings, listener: unswept };
  return {
    ...{ run: run.id, context, window, trail, memories, mail: post.mail },
    local: localOf({ context, memories, window, links, variant, reach, post, tasks, ...calling }),
    remote: {
      ...pairingHandlers(pairing),
      ...meetHandlers(pairing),
      ...answering,
      hello: async (input, caller) => {
        const reply = await answering.hello(input, caller);
        return variant.hello?.(reply, { bootMs: caller.now.bootMs, run: run.id }) ?? reply;
      },
    },
    tasks,
    sweep: () => sweep(swept, instantOf(effects.clock)),
  };
}

/** Goes on with everything from before a start. */
function beginAll(
  { reach, tasks }: { readonly reach: Reach; readonly tasks: Delegating },
  now: Instant,
): void {
  const begun = reach.begin(now).then(() => tasks.begin());
  // The process may end before.
  begun.catch(() => {});
}

function memoriesOf({ index, network, process, variant }: DaemonParts, context: Context) {
  const memories = new PeerMemories(context);
  memories.client = (peer) => network.client({ index, process }, machineOf(peer.fingerprint));
  showBy(memories, variant);
  return memories;
}

function windowOf({ variant }: DaemonParts, context: Context): PairingWindow {
  const window = new PairingWindow(context, () => []);
  if (variant.forgetsAttempts === true) window.spend = () => {};
  return window;
}

/** Lets a variant choose the instant by which links are shown. */
function showBy(memories: PeerMemories, { shown, countsReverse }: Variant): void {
  const show = memories.shown.bind(memories);
  if (shown !== undefined) memories.shown = (peer, now) => show(peer, shown(now));
  if (countsReverse !== true) return;
  const of = memories.of.bind(memories);
  memories.of = (fingerprint) => {
    const memory = of(fingerprint);
    const { carried } = PeerMemory.prototype;
    memory.carried = (took) => {
      memory.carried = carried;
      memory.reached(took);
    };
    return memory;
  };
}

/** Parts of a simulation that stay alone: nobody watches, reads or compares. */
function aloneOf(context: Context) {
  const changed = new LocalChanges(context);
  const answerOverlap = answeringOverlap(context, changed);
  const ways = waysOf(context);
  return { reads: noReads(context), changed, answerOverlap, ways };
}

/** The mail of a machine, and the deliveries that carry it. */
function deliveriesOf(
  parts: Pick<ReachParts, "context" | "links" | "memories">,
  { delegating = ({ context }) => noTasks(context), index, process }: DaemonParts,
) {
  const wake = (peer: string): void => reach.delivery.wake(peer);
  const tidings = () => post.tidings;
  const tasks = delegating({ ...parts, wake, tidings }, { index, process });
  const post = postOf({ ...parts, notices: noNotices(parts.context), wake });
  const greet = (peer: string): Promise<void> => parts.links.greet(peer);
  const reach: Reach = reachOf({ ...parts, greet, kinds: { ...post.kinds, ...tasks.kinds } });
  const mailed = { waits: reach.outgoing, mail: post.parts, tasks: tasks.answers };
  return { post, reach, tasks, mailed };
}

interface LocalParts extends Pick<Daemon, "context" | "memories" | "window"> {
  readonly links: Links;
  readonly variant: Variant;
  readonly reach: Reach;
  readonly post: Post;
  readonly tasks: Delegating;
  readonly reverse: ReturnType<typeof reverseOver>;
}

/** The calls of its own user. */
function localOf(parts: LocalParts): Local {
  const { context, memories, variant } = parts;
  const keeping = keepingHandlers(context, { isWanted: () => false }, { noted: () => {} });
  const served = {
    listen: () => [],
    startedAtMs: 0,
    closeConnectionsOf: () => 0,
    expected: () => [],
    closeReverseOf: () => 0,
  };
  return {
    ...sessionHandlers(context),
    ...keeping,
    "leases/resume": async (input, caller) => {
      const output = await keeping["leases/resume"](input, caller);
      variant.woken?.(context, output.taken, caller.now);
      return output;
    },
    ...hookHandlers({
      ...{ context, peers: (now) => memories.all(now), environment: {} },
      turns: { follow: () => null },
    }),
    ...askingHandlers({
      ...parts,
      ways: waysOf(context),
      late: lateRecords(context),
      seen: parts.reach.seen,
    }),
    ...parts.reach.handlers,
    ...parts.post.handlers,
    ...parts.tasks.handlers,
    ...peerHandlers({ ...parts, ...served }),
  };
}
