/** Decides which events a webhook is told: by what was known before, and what is known now. */

/** A session, here or on a peer. */
export interface SeenSession {
  readonly handle: string;
  readonly state: string | null;
}

/** A peer, and whether this machine hears of it. */
export interface SeenPeer {
  readonly peer: string;
  readonly isUp: boolean;
}

/** The facts whose changes are events. */
export interface Seen {
  /** The sessions of this machine, and of each peer that is up. */
  readonly sessions: readonly SeenSession[];
  readonly peers: readonly SeenPeer[];
}

/** An event: its kind, and its data. */
export interface WebhookNews {
  readonly type: "session.waiting" | "session.gone" | "peer.up" | "peer.down";
  readonly data: { readonly handle: string } | { readonly peer: string };
}

/** The events between two looks. A session of a peer that went down is not called gone. */
export function newsBetween(before: Seen, now: Seen): readonly WebhookNews[] {
  const known = new Map(before.sessions.map(({ handle, state }) => [handle, state]));
  const live = new Set(now.sessions.map(({ handle }) => handle));
  const down = new Set(now.peers.flatMap(({ peer, isUp }) => (isUp ? [] : [peer])));
  const waiting = now.sessions
    .filter(({ handle, state }) => state === "waiting" && known.get(handle) !== "waiting")
    .map(({ handle }): WebhookNews => ({ type: "session.waiting", data: { handle } }));
  const gone = before.sessions
    .filter(({ handle }) => !live.has(handle) && !down.has(machineOf(handle)))
    .map(({ handle }): WebhookNews => ({ type: "session.gone", data: { handle } }));
  const were = new Map(before.peers.map(({ peer, isUp }) => [peer, isUp]));
  const moved = now.peers
    .filter(({ peer, isUp }) => were.has(peer) && were.get(peer) !== isUp)
    .map(
      ({ peer, isUp }): WebhookNews => ({
        type: isUp ? "peer.up" : "peer.down",
        data: { peer },
      }),
    );
  return [...moved, ...waiting, ...gone];
}

/** The facts to compare with later: sessions of a peer that is down stay as they were. */
export function seenAfter(before: Seen, now: Seen): Seen {
  const down = new Set(now.peers.flatMap(({ peer, isUp }) => (isUp ? [] : [peer])));
  const kept = before.sessions.filter(({ handle }) => down.has(machineOf(handle)));
  return { ...now, sessions: [...now.sessions, ...kept] };
}

/** A round of a task, as far as its end is an event. */
export interface SeenRound {
  readonly direction: "in" | "out";
  readonly task_id: string;
  readonly round: number;
  readonly ended_ms: number | null;
}

/** The key of a round among those that were told. */
export const roundKey = ({ direction, task_id, round }: SeenRound): string =>
  [direction, task_id, round].join(" ");

/** The rounds that ended since an instant, in elapsed time, and were not told. */
export const endedSince = <T extends SeenRound>(
  rounds: readonly T[],
  { fromMs, told }: { readonly fromMs: number; readonly told: ReadonlySet<string> },
): readonly T[] =>
  rounds.filter(
    (each) => each.ended_ms !== null && each.ended_ms >= fromMs && !told.has(roundKey(each)),
  );

const machineOf = (handle: string): string => handle.split("/")[0] ?? "";
