/** The tool that asks about one session, and the words about paired machines. */

import type { Answer } from "../../contract/ask.ts";
import { PeernetError } from "../../contract/errors.ts";
import type { Tools } from "../../contract/mcp.ts";
import type { InputOf, OutputOf } from "../../contract/operation/operation.ts";
import type { Peer } from "../../contract/peer.ts";
import { standingOf } from "../../contract/text/standing.ts";
import { questionKept, stateLong } from "../../contract/text/words.ts";
import { asMeant } from "../../session/handles/meant.ts";
import { started } from "../../session/started.ts";
import type { Call } from "../server/parts.ts";
import { callerOf } from "../sessions/caller.ts";

/** Asks for the facts of one session. @throws the errors of the ask, {daemon_not_running} */
export async function askPeer(
  { handle, question }: InputOf<Tools["ask_peer"]>,
  call: Call,
): Promise<OutputOf<Tools["ask_peer"]>> {
  const { parts, signal } = call;
  const input = { question: question ?? null, thread_id: null, ...callerOf(call) };
  const ask = (asked: string) =>
    started(parts, () => parts.calls().ask({ ...input, handle: asked }, { signal }));
  try {
    const answer = await asMeant(parts.calls(), handle, { run: ask });
    // A handle belongs to one session: only a bare machine name, or no target, has several answers.
    if ("answers" in answer) throw new PeernetError("internal");
    return { message: answered(answer, question !== undefined), ...answer };
  } catch (cause) {
    throw await withPeers(cause, parts);
  }
}

function answered({ handle, session, hidden }: Answer, questioned: boolean): string {
  const [machine] = handle.split("/");
  const here = machine === handle;
  const state = stateLong(session, hidden);
  const held = `${handle}: ${state}. Facts held by ${here ? "this machine" : machine}'s daemon.`;
  return questioned ? `${held} ${questionKept(here)}` : held;
}

/** Adds the existing peers' names to the error when no peer has the given name. */
async function withPeers(cause: unknown, parts: Call["parts"]): Promise<unknown> {
  if (!(cause instanceof PeernetError) || cause.code !== "peer_unknown") return cause;
  const { peers } = await parts.calls().peers({});
  if (peers.length === 0) return new PeernetError("peer_unknown", nonePaired);
  const names = peers.map((peer) => peer.name);
  return new PeernetError("peer_unknown", {
    message: cause.message,
    hint: "peernet peers",
    details: { peers: names },
  });
}

/** The message when no machine is paired, and a person's remedy. */
export const nonePaired = {
  message: "no machine is paired with this one",
  hint: "on both machines a person types in a terminal: peernet pair",
} as const;

/** Counts of peers by their links: `3 paired machines: 2 up, 4 live handles; 1 down`. */
export function standings(peers: readonly Pick<Peer, "link" | "handles">[]): string {
  const machines = `${peers.length} paired machine${peers.length === 1 ? "" : "s"}`;
  const links = [...Map.groupBy(peers, ({ link }) => link)].map(([link, of]) => {
    if (link !== "up") return `${of.length} ${link}`;
    const live = of.reduce((sum, { handles }) => sum + handles.length, 0);
    const handles = live === 1 ? "1 live handle" : `${live} live handles`;
    return `${of.length} up, ${live === 0 ? "no live handle" : handles}`;
  });
  return `${machines}: ${links.join("; ")}`;
}

/** A peer's link, and the phrases and remedy that the command line shows for it. */
export function standingShown(peer: Peer) {
  const { phrases, fix } = standingOf(peer);
  return { name: peer.name, link: peer.link, standing: [...phrases], fix };
}
