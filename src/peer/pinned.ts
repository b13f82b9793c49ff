/**
 * Connections to one paired machine, pinned to its certificate and kept while they last. Sends no
 * byte of a request to any other key; trusts nothing in a reply.
 */

import { type Body, type Called, type CallOptions, type CallsOver, callOver } from "./call-over.ts";
import { cut, type PeerAddress, type Pin, pinnedSocket } from "./pinned-socket.ts";

/** Connections to one machine. */
export interface Pinned {
  /** Calls on a kept connection, or on a new one. @throws Error, for a cut one as in `isCut` */
  call(address: PeerAddress, sent: Sent, options: CallOptions): Promise<Called>;
  /** Closes kept connections. Present calls end by their signal. */
  close(): void;
}

/** The path and the JSON of a call. */
export interface Sent {
  readonly path: string;
  readonly body: Body;
}

/** Makes connections on demand. */
export function pinned(pin: Pin): Pinned {
  let kept: { readonly at: string; readonly calls: CallsOver }[] = [];
  let isClosed = false;
  const close = (): void => {
    for (const { calls } of kept) calls.close();
    kept = [];
  };
  const taken = (at: string): CallsOver | undefined => {
    kept = kept.filter(({ calls }) => calls.isOpen());
    const index = kept.findLastIndex((each) => each.at === at);
    return index < 0 ? undefined : kept.splice(index, 1)[0]?.calls;
  };
  const call: Pinned["call"] = async (address, { path, body }, options) => {
    const at = `${address.host} ${address.port}`;
    const calls =
      taken(at) ?? callOver(await pinnedSocket(pin, { address, signal: options.signal }));
    try {
      const called = await calls.call(path, body, options);
      if (isClosed) calls.close();
      else if (calls.isOpen()) kept.push({ at, calls });
      return called;
    } catch (error) {
      if (calls.isOpen()) {
        // No byte has left: another call may use it.
        if (isClosed) calls.close();
        else kept.push({ at, calls });
        throw error;
      }
      // The kept connections may have died of the same cause.
      close();
      throw calls.wasCut() ? cut() : error;
    }
  };
  return {
    call,
    close: () => {
      isClosed = true;
      close();
    },
  };
}
