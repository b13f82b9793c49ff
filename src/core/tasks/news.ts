/** Words the notification of held tasks: a peer chooses no word of it. */

import type { Notification } from "../../contract/errands/errands.ts";

/** A peer as far as its name is concerned. */
export interface NamedPeer {
  readonly name: string;
  readonly named_by: "person" | "itself";
}

/** The notification of some held tasks and the peers that ask for them. */
export function taskNotification(
  count: number,
  peers: readonly (NamedPeer | null)[],
): Notification {
  const named = peers.flatMap((peer) => (peer?.named_by === "person" ? [peer.name] : []));
  const from = [...new Set(named)].sort();
  const others = named.length < peers.length ? ["another machine"] : [];
  return {
    summary: `peernet: ${count} ${count === 1 ? "task" : "tasks"}`,
    body: `${count === 1 ? "waits" : "wait"} for your approval: ${[...from, ...others].join(", ")}`,
  };
}
