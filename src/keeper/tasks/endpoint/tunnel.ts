/**
 * Tunnels to the hosts that a policy names. Each is a way out, and nothing in it is read or
 * metered. The host of the model is never one of them: another's key would work there.
 */

import type { Timers } from "../../../platform/effects.ts";
import { listedMax, tunnelMs } from "./limits.ts";
import { type Held, hold, join, type Peer } from "./peer.ts";
import type { EndpointPlan } from "./plan.ts";

/** The tunnels of an endpoint. */
export interface Tunnels {
  /** Carries a connection to a host until either end is gone; the reason where it may not. */
  open(target: string, peer: Peer, reached: Set<string>): Promise<string | null>;
}

/** Tunnels by a plan. */
export function tunnels({ hosts, model }: EndpointPlan, timers: Timers): Tunnels {
  const ofModel = model === null ? null : new URL(model.origin).hostname;
  return {
    open: async (target, peer, reached) => {
      const host = target.toLowerCase();
      const at = host.lastIndexOf(":");
      const name = host.slice(0, at);
      if (!hosts.includes(host) || name === ofModel) return `CONNECT ${target.slice(0, 200)}`;
      const address = await addressOf(name);
      if (address === null) return `CONNECT ${host}: no address outside of this machine`;
      const far = await reach({ hostname: address, port: Number(host.slice(at + 1)) }, timers);
      if (far === null) return `CONNECT ${host}: not reached`;
      if (reached.size < listedMax) reached.add(host);
      await carry(far, peer);
      return null;
    },
  };
}

/** A host's address. A name that leads to this machine, or to a link's own addresses, has none. */
async function addressOf(name: string): Promise<string | null> {
  const found = await Bun.dns.lookup(name).catch(() => []);
  const near = /^(127\.|0\.|169\.254\.|::1?$|fe[89ab]|::ffff:(127|0|169\.254)\.)/i;
  return found.find(({ address }) => !near.test(address))?.address ?? null;
}

interface Place {
  readonly hostname: string;
  readonly port: number;
}

/** A connection to a host; null when there is none in time. */
async function reach(place: Place, timers: Timers): Promise<Held | null> {
  const late = Promise.withResolvers<null>();
  const cancel = timers.after(tunnelMs, () => late.resolve(null));
  const connecting = Bun.connect<{ held: Held } | undefined>({
    ...place,
    socket: {
      open: (socket) => {
        socket.data = { held: hold(socket, { bytes: 0 }) };
      },
      data: ({ data }, bytes) => data?.held.take(bytes),
      drain: ({ data }) => data?.held.drained(),
      close: ({ data }) => data?.held.closed(),
      error: ({ data }) => data?.held.closed(),
    },
  }).catch(() => null);
  const socket = await Promise.race([connecting, late.promise]);
  cancel();
  if (socket === null) void connecting.then((unwanted) => unwanted?.end());
  return socket?.data?.held ?? null;
}

async function carry(far: Peer, near: Peer): Promise<void> {
  if (await near.write("HTTP/1.1 200 Connected\r\n\r\n")) await join(far, near);
  far.end();
}
