/** Handlers about peers: their names, their grants, and the end of a pairing. */

import type { Control } from "../../contract/control.ts";
import { accept, type Outcome, PeernetError } from "../../contract/errors.ts";
import { revokeNoticeMs } from "../../contract/limits/reverse.ts";
import type { Handlers, InputOf } from "../../contract/operation/operation.ts";
import type { Expected } from "../../contract/trust/expected.ts";
import { isPlaceholder } from "../../core/peers/naming.ts";
import type { Carrier } from "../../peer/client.ts";
import type { Instant } from "../../platform/effects.ts";
import type { PeerRow } from "../../store/peers.ts";
import { noteAct } from "../context/acts.ts";
import type { Context, LocalCaller } from "../context/context.ts";
import { notPaired } from "../context/expected.ts";
import { dropAll } from "../context/ungranted.ts";
import { changing, grantHandlers, recordChange } from "./granting.ts";
import type { PeerMemories } from "./memories.ts";
import { giveUpName } from "./names.ts";

/** Dependencies of the handlers about peers. */
export interface PeerParts {
  readonly context: Context;
  readonly memories: PeerMemories;
  readonly closeConnectionsOf: (fingerprint: string) => number;
  readonly closeReverseOf: (fingerprint: string) => number;
  /** Connections that peers made for calls of them. */
  readonly reverse: { readonly carrier: (fingerprint: string) => Carrier | null };
  /** The machines that are expected by their fingerprints. */
  readonly expected: (now: Instant) => readonly Expected[];
}

type Rows =
  | "peers"
  | "peers/show"
  | "peers/rename"
  | "peers/grant"
  | "peers/revoke"
  | "peers/pause"
  | "peers/resume"
  | "unpair";

/** Handlers of the rows about peers. */
export function peerHandlers(parts: PeerParts): Pick<Handlers<Control, LocalCaller>, Rows> {
  const { context, memories } = parts;
  const change = changing(parts);
  return {
    peers: async (_input, { now }) => {
      const expected = [...parts.expected(now)];
      return { peers: memories.all(now), ...(expected.length === 0 ? {} : { expected }) };
    },
    "peers/show": async ({ name }, { now }) => {
      const peer = context.tables.peers.named(name);
      if (peer === null) throw notPaired(context, name);
      return memories.shown(peer, now);
    },
    "peers/rename": ({ name, to }, caller) =>
      change(name, caller.now, (peer, work) => {
        const taken = work.tables.peers.named(to) !== null || to === context.config.machine.name;
        if (taken && to !== name) return refuseTaken(to);
        // The next hello would rename a peer with such a name.
        if (isPlaceholder(to)) return refusePlaceholder(to);
        const { now } = caller;
        const renamed = { ...peer, name: to, named_by: "person" } as const;
        if (to !== name) giveUpName(work, peer, now);
        recordChange(work, "rename", { peer: renamed, at: now });
        const { fingerprint } = peer;
        const act = { verb: "rename", name: to, fingerprint, may: "none" } as const;
        work.after(() => noteAct(context, caller, act));
        return accept(renamed);
      }),
    ...grantHandlers(parts),
    unpair: (input, caller) => unpair(parts, input, caller),
  };
}

const refusePlaceholder = (name: string): Outcome<never> => ({
  ok: false,
  error: new PeernetError("bad_request", {
    message: `${name} is how a machine is called that has not yet said its name`,
    hint: "choose another name",
  }),
});

const refuseTaken = (name: string): Outcome<never> => ({
  ok: false,
  error: new PeernetError("bad_request", {
    message: `${name} is another machine's name here`,
    hint: "choose another name",
  }),
});

/** Ends a pairing here at once, then notifies the peer if that is possible in time. */
async function unpair(parts: PeerParts, { name }: InputOf<Control["unpair"]>, caller: LocalCaller) {
  const { context, memories } = parts;
  const row = context.tables.peers.named(name);
  if (row === null) throw notPaired(context, name);
  const { fingerprint } = row;
  const records_kept = await context.transact(caller.now, (work) => {
    dropAll(work, fingerprint, caller.now);
    work.tables.peers.remove(fingerprint);
    giveUpName(work, row, caller.now);
    recordChange(work, "unpair", { peer: row, at: caller.now });
    const act = { verb: "unpair", name, fingerprint, may: "none" } as const;
    work.after(() => noteAct(context, caller, act));
    return { value: work.tables.audit.countOf(fingerprint) };
  });
  const served = parts.closeConnectionsOf(fingerprint);
  memories.forget(fingerprint);
  const told = await tell(parts, row);
  // The notice may go over one of these, which carry no call of the peer.
  const connections_closed = served + parts.closeReverseOf(fingerprint);
  // The peer may be paired again by now, and in use through connections that would end here.
  if (context.tables.peers.get(fingerprint) === null) memories.forget(fingerprint);
  const ended_there = row.refused && row.bearer === null;
  return { name: row.name, fingerprint, told, ended_there, connections_closed, records_kept };
}

/** Notifies a peer of the end of its pairing, if that is possible in time. */
async function tell({ memories, reverse }: PeerParts, peer: PeerRow): Promise<boolean> {
  const { host, port, bearer, fingerprint } = peer;
  const address = host === null || port === null ? null : { host, port };
  const way = reverse.carrier(fingerprint) ?? address;
  if (way === null || bearer === null) return false;
  const bounds = { way, token: bearer, deadlineMs: revokeNoticeMs };
  try {
    await memories.client(peer).call("unpair", {}, bounds);
    return true;
  } catch {
    // The peer learns it from the refusal of its next request.
    return false;
  }
}
